/** One program run by the evaluator, as JavaScript and in WebAssembly. */
import { evaluate, type Program, recordValues, type Step, show } from '@secant/autodiff'
import type { Tensor } from '@secant/linalg'
import type { Functions } from '../../../test/programs/random-programs.ts'
import { type Compiled, compileProgram, type Target } from '../src/index.ts'
import { type Bounds, boundsOf, type Noise } from './noise.ts'

/** What a run gives: results, or what it throws. */
type Outcome = readonly Tensor[] | string

const outcomeOf = (run: () => readonly unknown[]): Outcome => {
  try {
    return run() as readonly Tensor[]
  } catch (error) {
    return String(error)
  }
}

const textOfNumber = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))

/** Where an outcome is not the expected one, if anywhere. */
const difference = (found: Outcome, expected: Outcome, boundOf: Bounds = () => 0): string | undefined => {
  if (typeof found === 'string' || typeof expected === 'string')
    return found === expected ? undefined : `got ${JSON.stringify(found)}; needs ${JSON.stringify(expected)}`
  for (const [k, { dtype, shape, data }] of expected.entries()) {
    const result = found[k] as Tensor
    const types = [result.dtype, `[${result.shape}]`, result.data.constructor.name, result.data.length].join(' ')
    const needed = [dtype, `[${shape}]`, data.constructor.name, data.length].join(' ')
    if (types !== needed) return `result ${k}: got ${types}; needs ${needed}`
    for (let i = 0; i < data.length; i++) {
      const [a, b] = [result.data[i] as number, data[i] as number]
      if (Object.is(a, b)) continue
      const bound = boundOf(k, i)
      if (bound === 0 || (bound < Infinity && !(Math.abs(a - b) <= bound)))
        return `result ${k}, entry ${i} of [${shape}]: got ${textOfNumber(a)}; needs ${textOfNumber(b)}${bound > 0 ? ` within ${bound}` : ''}`
    }
  }
  return undefined
}

/** All steps, those of programs inside too. */
export const allSteps = (program: Program): readonly Step[] =>
  program.steps.flatMap((step) => {
    const parts = Object.values((step.params ?? {}) as object).flat() as readonly unknown[]
    const isProgram = (x: unknown): x is Program => typeof x === 'object' && x !== null && 'steps' in x
    return [step, ...parts.filter(isProgram).flatMap(allSteps)]
  })

export interface Agreement {
  readonly target: Compiled['target']
  readonly steps: readonly Step[]
  /** How WebAssembly was compared: all bits, what another order of sums may do, or not at all. */
  readonly compared: 'bits' | 'bounds' | 'not at all'
}

/** Texts of all entries, to see whether any was changed. */
const textOf = (places: readonly (readonly Tensor[])[]): string =>
  places.flatMap((xs) => xs.map(({ data }) => data.toString())).join('; ')

/**
 * Runs a function at some places by all three; throws where they differ. `isSmooth` says that a small change inside
 * changes results by little.
 */
export const agree = (
  f: Functions,
  places: readonly (readonly Tensor[])[],
  options: { readonly unrolled: number | undefined; readonly isSmooth: boolean; readonly noise: Noise },
): Agreement => {
  const { unrolled, isSmooth, noise } = options
  const { program } = recordValues(f, places[0] as readonly Tensor[])
  const fail = (what: string): never => {
    throw new Error(`${what}, unrolled to ${unrolled}\n\n${show(program)}`)
  }
  const steps = allSteps(program)
  const isExact = noise.isExact(steps, unrolled)
  const compiled = (target: Target): Compiled => compileProgram(program, { target, unrolled })
  const [javascript, webassembly, automatic] = [
    compiled('javascript'),
    compiled('webassembly'),
    compiled('automatic'),
  ] as const
  if (javascript.target !== 'javascript') fail(`got a program run by the ${javascript.target}; needs JavaScript`)

  // All runs first: a result that a later call overwrites is found when it is compared.
  const outcomes = (run: (xs: readonly Tensor[]) => readonly unknown[]): readonly Outcome[] =>
    places.map((xs) => outcomeOf(() => run(xs)))
  const before = textOf(places)
  const expected = outcomes(evaluate(program))
  const found: readonly (readonly [string, readonly Outcome[], boolean])[] = [
    ['JavaScript', outcomes(javascript.run), true],
    ['WebAssembly', outcomes(webassembly.run), isExact],
    ...(automatic.target === 'webassembly' ? [['partly WebAssembly', outcomes(automatic.run), isExact] as const] : []),
  ]
  if (before !== textOf(places)) fail('got arguments that were changed')
  places.forEach((xs, k) => {
    const exact = expected[k] as Outcome
    const bounds = isExact || !isSmooth || typeof exact === 'string' ? undefined : boundsOf(noise, program, xs, exact)
    for (const [name, results, hasAllBits] of found) {
      if (!hasAllBits && !isSmooth) continue
      const where = difference(results[k] as Outcome, exact, hasAllBits ? undefined : bounds)
      if (where !== undefined) fail(`${name}, place ${k}, ${where}`)
    }
  })
  return { target: webassembly.target, steps, compared: isExact ? 'bits' : isSmooth ? 'bounds' : 'not at all' }
}
