/** As many random programs as are asked for, each run three ways, and what they were made of. */
import fc from 'fast-check'
import { derivative, type Float, type Functions, randomCases } from '../../../test/programs/random-programs.ts'
import { type Noise, reordered } from './noise.ts'
import { type Agreement, agree } from './three-ways.ts'

export const orders = {
  values: (f: Functions): Functions => f,
  'first derivatives': derivative,
  'second derivatives': (f: Functions): Functions => derivative(derivative(f)),
} as const

/** All operations that state how their entries come about; the programs have to reach them. */
export const lowered: readonly string[] = [
  'neg add sub mul scale div scaleDown pow hypot atan2 logAddExp square reciprocal abs sign floor ceil',
  'exp expm1 log log1p sqrt sin cos tan asin acos atan sinh cosh tanh sigmoid softplus erf erfc lgamma polygamma',
  'maximum minimum share greater greaterEqual less lessEqual equal notEqual logicalAnd logicalOr where finite',
  'cast stopGradient sum max min dot matmul broadcast reshape transpose slice flip split pad concatenate',
].flatMap((names) => names.split(' '))

export interface Found {
  readonly programs: number
  readonly steps: number
  readonly inWasm: number
  /** How WebAssembly was compared, and in how many programs. */
  readonly compared: Readonly<Record<Agreement['compared'], number>>
  /** In how many programs each operation stood. */
  readonly operations: ReadonlyMap<string, number>
  /** Operations that state it and are not in the list above. */
  readonly unlisted: ReadonlySet<string>
}

export interface Looking {
  readonly numRuns: number
  readonly seed?: number
  /** What is not compared bit by bit. */
  readonly noise?: Noise
  /** Half of the programs, unless it is said, have no jumps, so that those with matrix–vector products are compared too. */
  readonly isSmooth?: boolean
}

/** Fails (throws), with the smallest program that it finds, where two of the three differ. */
export const manyPrograms = (
  order: (f: Functions) => Functions,
  dtype: Float,
  { noise = reordered, isSmooth: all, ...parameters }: Looking,
): Found => {
  let [programs, steps, inWasm] = [0, 0, 0]
  const compared = { bits: 0, bounds: 0, 'not at all': 0 }
  const operations = new Map<string, number>()
  const unlisted = new Set<string>()
  const kinds = all === undefined ? fc.boolean() : fc.constant(all)
  const cases = kinds.chain((isSmooth) => fc.tuple(randomCases(dtype, { isSmooth }), fc.constant(isSmooth)))
  const holds = fc.property(cases, fc.constantFrom(undefined, 0, 1, 4), ([{ f, xs, others }, isSmooth], unrolled) => {
    const found = agree(order(f), [xs, others], { unrolled, isSmooth, noise })
    programs++
    steps += found.steps.length
    compared[found.compared]++
    if (found.target === 'webassembly') inWasm++
    for (const { primitive, params, args } of found.steps) {
      const kind = primitive.lower?.(params as never, args).kind ?? 'composed'
      if (kind !== 'composed' && !lowered.includes(primitive.name)) unlisted.add(primitive.name)
    }
    for (const name of new Set(found.steps.map(({ primitive }) => primitive.name)))
      operations.set(name, (operations.get(name) ?? 0) + 1)
  })
  fc.assert(holds, parameters)
  return { programs, steps, inWasm, compared, operations, unlisted }
}
