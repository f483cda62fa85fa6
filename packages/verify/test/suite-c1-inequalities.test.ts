/** C1: what holds between any two points of a smooth function, with the constants that the arbitraries state. */
import { dot, norm, sub, type Tensor } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  cauchy,
  type KnownProblem,
  logisticLosses,
  logSumExpLosses,
  nonConvexProblems,
  quadratic,
  quadratics,
  starts,
  vector,
} from '../src/testing/index.ts'
import { type Bounds, broken, type Compared, entry, sweep, told } from './suite.ts'

type Pair = readonly [problem: KnownProblem, x: Tensor, y: Tensor]

const pairsOf = (problems: fc.Arbitrary<KnownProblem>): fc.Arbitrary<Pair> =>
  problems.chain((problem) => fc.tuple(fc.constant(problem), starts(problem.n), starts(problem.n)))

const squared = (x: Tensor): number => dot(x, x)

type Inequality =
  | 'smooth'
  | 'Lipschitz'
  | 'convex'
  | 'strongly convex'
  | 'gap and distance'
  | 'gap and gradient'
  | 'step'

/** Inequalities 1.1 to 1.4, with other constants than the true ones if wanted. */
const inequalities =
  (tamper: (known: KnownProblem['known']) => { readonly L: number; readonly mu?: number } = (known) => known) =>
  ([problem, x, y]: Pair): Bounds<Inequality> => {
    const { L, mu } = tamper(problem.known)
    const [a, b] = [problem.measured.point(x), problem.measured.point(y)]
    const [step, change] = [sub(y, x), sub(b.grad, a.grad)]
    const size = 1 + Math.abs(a.value) + Math.abs(b.value) + norm(a.grad) * norm(step)
    const at = (measured: number, bound: number): Compared => ({ measured, bound, size })
    // How far f(y) lies above the tangent at x.
    const above = b.value - a.value - dot(a.grad, step)
    const [product, gap, slope] = [dot(change, step), a.value - problem.minimum, squared(a.grad)]
    const off = squared(sub(x, problem.minimizer))
    const isConvex = mu !== undefined
    const isStrong = isConvex && mu > 0
    return {
      smooth: [at(above, (L / 2) * squared(step)), at(-above, (L / 2) * squared(step))],
      Lipschitz: [at(norm(change), L * norm(step))],
      convex: isConvex ? [at(squared(change) / L, product), at(squared(change) / (2 * L), above)] : [],
      'strongly convex': isStrong ? [at((mu * L * squared(step) + squared(change)) / (mu + L), product)] : [],
      'gap and distance': isStrong ? [at((mu / 2) * off, gap), at(gap, (L / 2) * off)] : [],
      'gap and gradient': isStrong ? [at(2 * mu * gap, slope), at(slope, 2 * L * gap)] : [],
      step: isStrong ? [at(mu * squared(step), product), at(squared(change), L * product)] : [],
    }
  }

const families: readonly (readonly [name: string, problems: fc.Arbitrary<KnownProblem>])[] = [
  ['quadratics', quadratics({ maxN: 6, maxCondition: 1e3 })],
  ['logistic', logisticLosses()],
  ['logistic, only convex', logisticLosses({ leastLambda: 0 })],
  ['log-sum-exp', logSumExpLosses()],
  ['log-sum-exp, only convex', logSumExpLosses({ leastLambda: 0 })],
  ['waves and Cauchy', nonConvexProblems()],
]

describe('C1: inequalities of smooth functions', () => {
  test.for(families)('%s', async ([, problems], { annotate }) => {
    const found = sweep(200, pairsOf(problems), inequalities())
    expect(found.smooth.comparisons).toBe(400)
    await annotate(told(found))
  })

  test.each(families)('%s: the minimizer is one, and the minimum is there', (_, problems) => {
    fc.assert(
      fc.property(pairsOf(problems), ([problem, x]) => {
        const { value, grad } = problem.measured.point(problem.minimizer)
        expect(norm(grad)).toBeLessThan(1e-13 * Math.max(1, problem.known.L))
        expect(value).toBe(problem.minimum)
        expect(problem.measured.value(x)).toBeGreaterThanOrEqual(value - 1e-12)
      }),
      { numRuns: 50 },
    )
  })
})

describe('C1 can fail', () => {
  test.each(families)('%s: with L halved', (_, problems) => {
    const halved = inequalities(({ L, mu }) => ({ L: L / 2, ...(mu === undefined ? {} : { mu: Math.min(mu, L / 2) }) }))
    expect(broken(60, pairsOf(problems), halved)).toContain('Lipschitz')
  })

  test('quadratics: with L or μ wrong by a thousandth', () => {
    const draws = pairsOf(quadratics())
    const ofL: readonly Inequality[] = ['Lipschitz', 'convex', 'smooth', 'step', 'strongly convex']
    const ofMu: readonly Inequality[] = ['gap and distance', 'gap and gradient', 'step', 'strongly convex']
    expect(
      broken(
        60,
        draws,
        inequalities(({ L, mu = 0 }) => ({ L: L * 0.999, mu })),
      ),
    ).toEqual(expect.arrayContaining([...ofL]))
    expect(
      broken(
        60,
        draws,
        inequalities(({ L, mu = 0 }) => ({ L, mu: mu * 1.001 })),
      ),
    ).toEqual(ofMu)
  })

  test('equality along the eigenvectors at the ends', () => {
    const problem = quadratic({ spectrum: [2, 50] })
    const factors = (direction: readonly number[], name: Inequality): readonly number[] =>
      inequalities()([problem, vector([0, 0]), vector(direction)])[name].map(({ measured, bound }) => bound / measured)
    expect(factors([0, 1], 'smooth')[0]).toBeCloseTo(1, 12)
    expect(factors([0, 1], 'convex')).toEqual([1, 1])
    for (const end of [[1, 0], [0, 1]]) expect(factors(end, 'strongly convex')[0]).toBeCloseTo(1, 12) // biome-ignore format: ends
  })

  test('a Cauchy loss bends by L at its minimizer, and downward by no more than an eighth of it', () => {
    const { measured, known } = cauchy({ rows: [[1]] })
    const slope = (x: number): number => entry(measured.point(vector([x])).grad, 0)
    const bend = (x: number): number => (slope(x + 1e-5) - slope(x - 1e-5)) / 2e-5
    expect(bend(0)).toBeCloseTo(known.L, 6)
    expect(bend(Math.sqrt(6))).toBeCloseTo(-1 / 8, 6)
  })
})
