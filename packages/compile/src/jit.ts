import { currentInterpreter, evaluator, isTracer, recordValues, type Value } from '@secant/autodiff'
import { isTensor, type Tensor, type TensorType } from '@secant/linalg'
import { type Calling, type Compiled, type CompileOptions, compiledFor } from './compile-program.ts'
import { leavesAt, moved } from './donation.ts'
import { filledIn, type Leaf, matches, numberType, type Template, templateOf, withoutNumbers } from './template.ts'
import { type Entry, entryOf, otherKind, textOf } from './template-code.ts'

declare const performance: { readonly now: () => number }

export interface JitOptions extends CompileOptions {
  /** Positions of arguments whose tensors give up their memory to results; see `jit`. */
  readonly donate?: readonly number[]
  /** How many kinds of arguments are remembered; those not met for longest are dropped, with their programs. */
  readonly limit?: number
  /**
   * Calls of one kind run as they are until they have taken so many milliseconds: what runs a few times is not compiled.
   * Not where there is something to donate.
   */
  readonly patience?: number
}

/** What compiling has cost so far. */
export interface Statistics {
  readonly compilations: number
  readonly milliseconds: number
  /** Programs that are kept at present. */
  readonly programs: number
  /** Bytes of memory between the loops of these. */
  readonly arenaBytes: number
}

export type Jitted<F> = F & { readonly statistics: () => Statistics }

/** What is ready to be called with the leaves of some arguments, and the program in it. */
interface Ready {
  readonly compiled: Compiled<unknown>
  readonly call: (leaves: readonly Leaf[]) => unknown
  readonly entry: Entry
}

/** Arguments of one template. */
interface Kind {
  readonly template: Template
  entry: Entry
  compiled: Compiled<unknown> | undefined
  /** Milliseconds spent so far without a program. */
  spent: number
}

/** Up to so many leaves are parameters of the program, each by itself, and no list of them is made. */
const mostParameters = 1000

const scalars = {
  float64: (x: number): Tensor => ({ dtype: 'float64', shape: [], data: Float64Array.of(x) }),
  float32: (x: number): Tensor => ({ dtype: 'float32', shape: [], data: Float32Array.of(x) }),
}

/** Records `f` for arguments of a kind and compiles it. Fails (throws) where `f` cannot be recorded. */
const madeReady = (
  f: (...args: never[]) => unknown,
  template: Template,
  leaves: readonly Leaf[],
  donated: readonly number[],
  options: CompileOptions,
): Ready => {
  const handedOn = new Set<number>()
  const numbers = numberType(leaves)
  const types = leaves.map(
    (leaf): TensorType =>
      typeof leaf === 'number' ? { dtype: numbers, shape: [] } : { dtype: leaf.dtype, shape: leaf.shape },
  )
  let result: Template = template
  const { program, captured } = recordValues((xs) => {
    const outs: Leaf[] = []
    const found = templateOf(f(...(filledIn(template, xs, xs) as never[])), outs)
    result = withoutNumbers(found, outs, xs)
    for (const out of outs) if (typeof out !== 'number') handedOn.add(xs.indexOf(out))
    return outs.filter((out): out is Value => typeof out !== 'number' && !xs.includes(out))
  }, types)
  if (captured.length > 0)
    throw new Error(
      `jit: got a function that closes over ${captured.length} values of a finished transformation; needs them as arguments`,
    )
  const writable = donated.filter((leaf) => !handedOn.has(leaf))
  const isList = donated.length > 0 || leaves.length > mostParameters
  const signature: Calling<Leaf> = {
    isList,
    numbers: new Set(leaves.flatMap((leaf, i) => (typeof leaf === 'number' ? [i] : []))),
    returned: textOf(result),
    again: (run) => (given) => {
      const values = given.map((leaf) => (typeof leaf === 'number' ? scalars[numbers](leaf) : leaf))
      return filledIn(result, run(values as readonly Tensor[]), given)
    },
  }
  const compiled = compiledFor(signature, program, options, writable)
  const run = compiled.run as (...inputs: unknown[]) => unknown
  if (donated.length > 0) {
    const frozen = new Set(compiled.emitted.links.filter(isTensor).map(({ data }) => data.buffer))
    const call = (given: readonly Leaf[]): unknown => run(moved(given, donated, frozen))
    return { compiled, call, entry: entryOf(template, isList, call) }
  }
  const call = (given: readonly Leaf[]): unknown => (isList ? run(given) : run(...given))
  return { compiled, call, entry: entryOf(template, isList, run) }
}

/**
 * `f`, recorded once for every nesting and type of arguments and then run as generated code. Numbers among the
 * arguments are inputs like tensors (float32 where all tensors are); what is not a value (functions, texts, flags) is
 * compared by identity. Under a transformation `f` itself is called: write `jit(grad(f))`, not `grad(jit(f))`.
 * **What `f` closes over is frozen** when it is compiled for a kind of arguments; data that change have to be arguments.
 * Fails (throws) where `f` reads a number that depends on its arguments.
 *
 * **Arguments at the positions in `donate` give up their memory**: each result takes that of a donated tensor with the same
 * dtype and as many entries, instead of new memory, and the arrays that were given are empty afterwards, also where no result
 * takes them or the call fails. Operations and compiled functions refuse (throw) a tensor whose numbers are gone. Refused
 * is a tensor that has no memory of its own, that is also another argument, or that `f` closes over. Under a transformation
 * nothing is given up. It pays for states of some 100 kB; moving costs one or two microseconds for each tensor.
 *
 * @example
 * const slope = jit(grad((x: Value) => mul(x, mul(x, x))))
 * item(slope(scalar(2))) // => 12
 *
 * @example
 * const step = jit((x: Value, g: Value) => sub(x, mul(0.5, g)), { donate: [0] })
 * const x = tensor([1, 2])
 * const next = step(x, tensor([2, 2]))
 * x.data.length // => 0
 */
export const jit = <A extends readonly unknown[], B>(
  f: (...args: A) => B,
  { limit = 64, patience = 0, donate = [], ...options }: JitOptions = {},
): Jitted<(...args: A) => B> => {
  if (!donate.every((position) => Number.isInteger(position) && position >= 0))
    throw new Error(`jit: got [${donate}] to donate; needs positions of arguments, counted from 0`)
  const kinds: Kind[] = []
  let compilations = 0
  let milliseconds = 0

  /** Puts a kind first, the others one place further; nothing is allocated for one that is known. */
  const remember = (kind: Kind): void => {
    if (kinds[0] === kind) return
    const known = kinds.indexOf(kind)
    if (known < 0) kinds.push(kind)
    for (let i = known < 0 ? kinds.length - 1 : known; i > 0; i--) kinds[i] = kinds[i - 1] as Kind
    kinds[0] = kind
    if (kinds.length > limit) kinds.pop()
  }

  /** A call of a kind that has no program yet. */
  const unready = (...args: A): B => {
    const leaves: Leaf[] = []
    const template = templateOf(args, leaves)
    if (leaves.some(isTracer)) return f(...args)
    const known = kinds.find((kind) => kind.compiled === undefined && matches(kind.template, args, []))
    const kind: Kind = known ?? { template, entry: () => otherKind, compiled: undefined, spent: 0 }
    if (kind.spent < patience && donate.length === 0) {
      const start = performance.now()
      const result = f(...args)
      kind.spent += performance.now() - start
      remember(kind)
      return result
    }
    const ready = madeReady(f as (...args: never[]) => unknown, template, leaves, leavesAt(args, donate), options)
    kind.entry = ready.entry
    kind.compiled = ready.compiled
    compilations++
    milliseconds += ready.compiled.milliseconds
    remember(kind)
    return ready.call(leaves) as B
  }

  // The arguments are only handed on, and not even counted: an engine makes no list of them then.
  const jitted = (...args: A): B => {
    if (currentInterpreter() !== evaluator) return f(...args)
    for (let i = 0; i < kinds.length; i++) {
      const kind = kinds[i] as Kind
      const result = kind.entry(...args)
      if (result === otherKind) continue
      remember(kind)
      return result as B
    }
    return unready(...args)
  }

  const statistics = (): Statistics => {
    const programs = kinds.flatMap(({ compiled }) => compiled ?? [])
    const arenaBytes = programs.reduce((total, { emitted }) => total + emitted.arenaBytes, 0)
    return { compilations, milliseconds, programs: programs.length, arenaBytes }
  }
  return Object.assign(jitted, { statistics })
}
