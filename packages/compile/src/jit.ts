import { currentInterpreter, evaluator, isTracer, recordValues, type Value } from '@secant/autodiff'
import { isTensor, type Tensor, type TensorType } from '@secant/linalg'
import { type Compiled, type CompileOptions, compileProgram } from './compile-program.ts'
import { leavesAt, moved } from './donation.ts'
import { filledIn, type Leaf, matches, numberType, type Template, templateOf, withoutNumbers } from './template.ts'
import { type Filling, fillingOf, type Matching, matchingOf } from './template-code.ts'

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

/** A program, and the nesting of its results. */
interface Ready {
  readonly compiled: Compiled
  readonly result: Filling
  /** Which leaves of the arguments give up their memory. */
  readonly donated: readonly number[]
  /** The memory of what the function closes over. */
  readonly frozen: ReadonlySet<ArrayBufferLike>
}

/** Arguments of one template. */
interface Kind {
  readonly template: Template
  readonly numbers: 'float64' | 'float32'
  matches: Matching
  ready: Ready | undefined
  /** Milliseconds spent so far without a program. */
  spent: number
}

const scalars = {
  float64: (x: number): Tensor => ({ dtype: 'float64', shape: [], data: Float64Array.of(x) }),
  float32: (x: number): Tensor => ({ dtype: 'float32', shape: [], data: Float32Array.of(x) }),
}

/** Numbers as scalars; the same list where there are none. */
const valuesOf = (leaves: readonly Leaf[], numbers: Kind['numbers']): readonly Value[] =>
  leaves.every((leaf) => typeof leaf !== 'number')
    ? leaves
    : leaves.map((leaf) => (typeof leaf === 'number' ? scalars[numbers](leaf) : leaf))

/** Records `f` for arguments of a kind and compiles it. Fails (throws) where `f` cannot be recorded. */
const madeReady = (
  f: (...args: never[]) => unknown,
  { template, numbers }: Kind,
  leaves: readonly Leaf[],
  donated: readonly number[],
  options: CompileOptions,
): Ready => {
  const handedOn = new Set<number>()
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
  const compiled = compileProgram(program, options, writable)
  const frozen = donated.length === 0 ? [] : compiled.emitted.links.filter(isTensor).map(({ data }) => data.buffer)
  return { compiled, result: fillingOf(result), donated, frozen: new Set(frozen) }
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

  /** The kind of some arguments, put first among all; their leaves are put into a list. */
  const kindOf = (args: A, leaves: Leaf[]): Kind => {
    for (let i = 0; i < kinds.length; i++) {
      const kind = kinds[i] as Kind
      leaves.length = 0
      if (!kind.matches(args, leaves)) continue
      if (i > 0) {
        kinds.splice(i, 1)
        kinds.unshift(kind)
      }
      return kind
    }
    leaves.length = 0
    const template = templateOf(args, leaves)
    const found: Matching = (tree, into) => matches(template, tree, into)
    return { template, numbers: numberType(leaves), matches: found, ready: undefined, spent: 0 }
  }

  const jitted = (...args: A): B => {
    if (currentInterpreter() !== evaluator) return f(...args)
    const leaves: Leaf[] = []
    const kind = kindOf(args, leaves)
    if (kind.ready === undefined) {
      if (leaves.some(isTracer)) return f(...args)
      if (kind.spent < patience && donate.length === 0) {
        const start = performance.now()
        const result = f(...args)
        kind.spent += performance.now() - start
        remember(kind)
        return result
      }
      kind.matches = matchingOf(kind.template)
      kind.ready = madeReady(f as (...args: never[]) => unknown, kind, leaves, leavesAt(args, donate), options)
      compilations++
      milliseconds += kind.ready.compiled.milliseconds
      remember(kind)
    }
    const { compiled, result, donated, frozen } = kind.ready
    const given = donated.length === 0 ? leaves : moved(leaves, donated, frozen)
    return result(compiled.run(valuesOf(given, kind.numbers) as readonly Tensor[]), given) as B
  }
  const remember = (kind: Kind): void => {
    if (kinds[0] === kind) return
    kinds.unshift(kind)
    if (kinds.length > limit) kinds.pop()
  }

  const statistics = (): Statistics => {
    const programs = kinds.flatMap(({ ready }) => ready?.compiled ?? [])
    const arenaBytes = programs.reduce((total, { emitted }) => total + emitted.arenaBytes, 0)
    return { compilations, milliseconds, programs: programs.length, arenaBytes }
  }
  return Object.assign(jitted, { statistics })
}
