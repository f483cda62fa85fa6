import { dot, matmul, mul, sub } from '@secant/autodiff'
import type { Tensor } from '@secant/linalg'
import fc from 'fast-check'
import { type KnownProblem, knownProblem } from './known-problem.ts'
import { eighths, turns, vector } from './numbers.ts'
import { callOf } from './printed.ts'
import { type Spectral, type SpectrumOptions, spectra, symmetric } from './spectrum.ts'

/** A problem `½ (x − x*)'A (x − x*)`. */
export interface KnownQuadratic extends KnownProblem {
  /** A, `[n, n]`. */
  readonly hessian: Tensor
  readonly spectrum: readonly number[]
}

export interface QuadraticParts extends Spectral {
  readonly minimizer?: readonly number[]
  readonly start?: readonly number[]
}

/**
 * The convex quadratic `½ (x − x*)'A (x − x*)` with A of a given spectrum: μ and L are its ends, the minimum is 0 and the
 * gradient at x* exactly 0.
 *
 * @example
 * const problem = quadratic({ spectrum: [1, 10], start: [1, 1] })
 * const { value, grad } = problem.measured.point(problem.start)
 * ;[value, ...grad.data] // => [5.5, 1, 10]
 */
export const quadratic = ({ spectrum, turn = 0, minimizer, start }: QuadraticParts): KnownQuadratic => {
  const given = {
    spectrum,
    turn,
    minimizer: minimizer ?? spectrum.map(() => 0),
    start: start ?? spectrum.map(() => 1),
  }
  const hessian = symmetric({ spectrum, turn })
  const center = vector(given.minimizer)
  const problem = knownProblem({
    name: callOf('quadratic', given),
    objective: (x) => {
      const off = sub(x, center)
      return mul(0.5, dot(off, matmul(hessian, off)))
    },
    start: vector(given.start),
    minimizer: center,
    facts: { L: Math.max(...spectrum), mu: Math.min(...spectrum), convex: true, hessian },
  })
  return Object.defineProperty({ ...problem, hessian, spectrum }, fc.toStringMethod, { value: () => problem.name })
}

/** Convex quadratics: of random spectrum, rotation, minimizer and start. */
export const quadratics = (options: SpectrumOptions = {}): fc.Arbitrary<KnownQuadratic> =>
  spectra(options).chain((spectrum) =>
    fc
      .tuple(
        turns,
        fc.array(fc.tuple(eighths(2), eighths(4, 1)), { minLength: spectrum.length, maxLength: spectrum.length }),
      )
      .map(([turn, places]) =>
        quadratic({ spectrum, turn, minimizer: places.map(([at]) => at), start: places.map(([, from]) => from) }),
      ),
  )
