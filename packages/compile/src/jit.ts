import { currentInterpreter, evaluator, isTracer, recordValues, type Value } from '@secant/autodiff'
import type { DType, Tensor } from '@secant/linalg'
import { type Compiled, type CompileOptions, compileProgram } from './compile-program.ts'
import { filledIn, matches, numberType, type Template, templateOf } from './template.ts'

export interface JitOptions extends CompileOptions {
  /** How many programs are kept, for so many kinds of arguments; those not used for longest are dropped. */
  readonly limit?: number
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

/** A program for arguments of one template. */
interface Entry {
  readonly template: Template
  readonly numbers: 'float64' | 'float32'
  readonly compiled: Compiled
  readonly result: Template
}

const scalars = {
  float64: (x: number): Tensor => ({ dtype: 'float64', shape: [], data: Float64Array.of(x) }),
  float32: (x: number): Tensor => ({ dtype: 'float32', shape: [], data: Float32Array.of(x) }),
}

/** Numbers as scalars, in place. */
const valuesOf = (leaves: (Value | number)[], numbers: 'float64' | 'float32'): readonly Value[] => {
  for (let i = 0; i < leaves.length; i++) {
    const leaf = leaves[i]
    if (typeof leaf === 'number') leaves[i] = scalars[numbers](leaf)
  }
  return leaves as Value[]
}

/** Records `f` for arguments of a template and compiles it. Fails (throws) where `f` cannot be recorded. */
const compiledFor = (f: (...args: never[]) => unknown, args: readonly unknown[], options: CompileOptions): Entry => {
  const leaves: (Value | number)[] = []
  const template = templateOf(args, leaves)
  const numbers = numberType(leaves)
  const types = leaves.map((leaf) => {
    const type: { dtype: DType; shape: readonly number[] } =
      typeof leaf === 'number' ? { dtype: numbers, shape: [] } : { dtype: leaf.dtype, shape: leaf.shape }
    return type
  })
  let result: Template = template
  const { program, captured } = recordValues((xs) => {
    const outs: (Value | number)[] = []
    result = withoutNumbers(templateOf(f(...(filledIn(template, xs) as never[])), outs), outs)
    return outs.filter((out) => typeof out !== 'number')
  }, types)
  if (captured.length > 0)
    throw new Error(
      `jit: got a function that closes over ${captured.length} values of a finished transformation; needs them as arguments`,
    )
  return { template, numbers, compiled: compileProgram(program, options), result }
}

/** Numbers of a result do not depend on the arguments: they are part of the template. */
const withoutNumbers = (template: Template, leaves: readonly (Value | number)[]): Template => {
  let next = 0
  const walk = (node: Template): Template => {
    if (node.kind === 'number' || node.kind === 'value') {
      const leaf = leaves[next++]
      return node.kind === 'number' ? { kind: 'static', value: leaf } : node
    }
    return node.kind === 'static' ? node : { ...node, items: node.items.map(walk) }
  }
  return walk(template)
}

/**
 * `f`, recorded once for every nesting and type of arguments and then run as generated code, with the same results to
 * the bit. Numbers among the arguments are inputs like tensors (float32 where all tensors are); what is not a value
 * (functions, texts, flags) is compared by identity. Under a transformation `f` itself is called: write
 * `jit(grad(f))`, not `grad(jit(f))`. **What `f` closes over is frozen** at the first call for its kind of arguments; data
 * that change have to be arguments. Fails (throws) where `f` reads a number that depends on its arguments.
 *
 * @example
 * const slope = jit(grad((x: Value) => mul(x, mul(x, x))))
 * item(slope(scalar(2))) // => 12
 */
export const jit = <A extends readonly unknown[], B>(
  f: (...args: A) => B,
  { limit = 64, ...options }: JitOptions = {},
): Jitted<(...args: A) => B> => {
  const entries: Entry[] = []
  let compilations = 0
  let milliseconds = 0

  const found = (args: A, leaves: (Value | number)[]): Entry | undefined => {
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as Entry
      leaves.length = 0
      if (!matches(entry.template, args, leaves)) continue
      if (i > 0) {
        entries.splice(i, 1)
        entries.unshift(entry)
      }
      return entry
    }
    return undefined
  }

  const jitted = (...args: A): B => {
    if (currentInterpreter() !== evaluator) return f(...args)
    const leaves: (Value | number)[] = []
    const known = found(args, leaves)
    if (known !== undefined) return ranOn(known, leaves)
    leaves.length = 0
    templateOf(args, leaves)
    if (leaves.some(isTracer)) return f(...args)
    const entry = compiledFor(f as (...args: never[]) => unknown, args, options)
    compilations++
    milliseconds += entry.compiled.milliseconds
    entries.unshift(entry)
    if (entries.length > limit) entries.pop()
    return ranOn(entry, leaves)
  }
  const ranOn = ({ compiled, numbers, result }: Entry, leaves: (Value | number)[]): B =>
    filledIn(result, compiled.run(valuesOf(leaves, numbers) as readonly Tensor[])) as B

  const statistics = (): Statistics => ({
    compilations,
    milliseconds,
    programs: entries.length,
    arenaBytes: entries.reduce((total, { compiled }) => total + compiled.emitted.arenaBytes, 0),
  })
  return Object.assign(jitted, { statistics })
}
