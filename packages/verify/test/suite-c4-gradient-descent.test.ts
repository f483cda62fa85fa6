/** C4: gradient descent with a fixed step and with the exact one. */
import { dot, norm, sub } from '@secant/linalg'
import { descend, exactQuadratic, fixed, type Objective, type Point, type Search, steepest } from '@secant/optim'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  convexProblems,
  isResolved,
  type KnownProblem,
  nonConvexProblems,
  quadratic,
  quadratics,
  vector,
  windowFractions,
} from '../src/testing/index.ts'
import { type Bounds, broken, type Compared, entry, iteratesOf, sweep, told } from './suite.ts'

interface Draw {
  readonly problem: KnownProblem
  /** α L, in (0, 2). */
  readonly fraction: number
}

const steps = 30

const pointsOf = (problem: KnownProblem, search: Search): readonly Point[] =>
  iteratesOf(problem, descend(steepest(), search), steps)
    .map(({ point }) => point)
    .filter(({ value }) => isResolved(value, problem.minimum))

const squaredGradient = ({ grad }: Point): number => dot(grad, grad)

/** 3.1 to 3.4; `alphaOf` may take another step than the one that the bounds are told of. */
const bounds =
  (alphaOf = (fraction: number, L: number): number => fraction / L) =>
  ({ problem, fraction }: Draw): Bounds<'decrease' | 'least gradient' | 'convex' | 'PL' | 'distance'> => {
    const { L, mu, minimum } = problem.known
    const alpha = fraction / L
    const points = pointsOf(problem, fixed(alphaOf(fraction, L)))
    const gaps = points.map(({ value }) => value - minimum)
    const first = gaps[0] ?? 0
    const drop = alpha * (1 - (alpha * L) / 2)
    const distances = points.map(({ x }) => norm(sub(x, problem.minimizer)))
    const squaredStart = (distances[0] ?? 0) ** 2
    const size = 1 + Math.abs(points[0]?.value ?? 0)
    let least = Number.POSITIVE_INFINITY
    const later = (bound: (k: number) => number, measured: readonly number[]): readonly Compared[] =>
      measured.slice(1).map((value, i) => ({ measured: value, bound: bound(i + 1) }))
    return {
      decrease: points.slice(1).map(({ value }, k) => {
        const before = points[k] as Point
        return { measured: drop * squaredGradient(before), bound: before.value - value, size }
      }),
      'least gradient': points.map((point, k) => {
        least = Math.min(least, squaredGradient(point))
        return { measured: least, bound: first / ((k + 1) * drop) }
      }),
      convex:
        mu === undefined || fraction > 1
          ? []
          : later((k) => (fraction === 1 ? (L * squaredStart) / (4 * k + 2) : squaredStart / (2 * k * alpha)), gaps),
      PL: mu ? later((k) => (1 - 2 * mu * drop) ** k * first, gaps) : [],
      distance: mu
        ? later(
            (k) => Math.max(Math.abs(1 - alpha * mu), Math.abs(1 - fraction)) ** k * Math.sqrt(squaredStart),
            distances,
          )
        : [],
    }
  }

const draws = (problems: fc.Arbitrary<KnownProblem>): fc.Arbitrary<Draw> =>
  fc.record({ problem: problems, fraction: fc.oneof(fc.constant(1), windowFractions) })

describe('C4: gradient descent', () => {
  test('fixed steps on convex functions', async ({ annotate }) => {
    const found = sweep(200, draws(convexProblems({ leastLambda: 0 })), bounds())
    await annotate(told(found))
    expect(found.decrease.slack).toBeLessThan(1.01)
    expect(found['least gradient'].slack).toBeLessThan(2.5)
    expect(found.convex.slack).toBeLessThan(2)
    expect(found.PL.slack).toBeLessThan(1.2)
    expect(found.distance.slack).toBeLessThan(1.001)
  })

  test('fixed steps on functions that are not convex', async ({ annotate }) => {
    const found = sweep(200, draws(nonConvexProblems()), bounds())
    await annotate(told({ decrease: found.decrease, 'least gradient': found['least gradient'] }))
    expect(found.decrease.slack).toBeLessThan(2)
  })

  test('the step 2/(μ + L) contracts by (κ − 1)/(κ + 1)', async ({ annotate }) => {
    const found = sweep(200, convexProblems(), (problem) => {
      const { L, mu = 0, minimum } = problem.known
      const factor = (L - mu) / (L + mu)
      const points = pointsOf(problem, fixed(2 / (mu + L)))
      const first = norm(sub(problem.start, problem.minimizer))
      return {
        distance: points.map(({ x }, k) => ({ measured: norm(sub(x, problem.minimizer)), bound: factor ** k * first })),
        gap: points.map(({ value }, k) => ({
          measured: value - minimum,
          bound: (L / 2) * factor ** (2 * k) * first ** 2,
        })),
      }
    })
    await annotate(told(found))
    expect(found.distance.slack).toBeLessThan(1.001)
  })

  const kantorovich = (search: Search) => (problem: KnownProblem) => {
    const { L, mu = 0 } = problem.known
    const values = pointsOf(problem, search).map(({ value }) => value)
    const factor = ((L - mu) / (L + mu)) ** 2
    return { Kantorovich: values.slice(1).map((value, k) => ({ measured: value, bound: factor * (values[k] ?? 0) })) }
  }

  test('exact steps on quadratics', async ({ annotate }) => {
    const found = sweep(200, quadratics({ maxN: 8, maxCondition: 1e3 }), kantorovich(exactQuadratic()))
    await annotate(told(found))
    expect(broken(10, quadratics(), kantorovich(fixed(0.01)))).toEqual(['Kantorovich'])
  })

  test('exact steps from (1/μ, ±1/L) attain it', () => {
    const problem = quadratic({ spectrum: [1, 5, 20], start: [1, 0, -1 / 20] })
    const [{ bound = 0, measured = 1 } = {}] = kantorovich(exactQuadratic())(problem).Kantorovich
    expect(bound / measured).toBeCloseTo(1, 10)
  })
})

describe('C4 is sharp, and can fail', () => {
  test('at 2/L a parabola never ends, at 2.01/L it diverges', () => {
    const after = (fraction: number): number =>
      iteratesOf(quadratic({ spectrum: [3] }), descend(steepest(), fixed(fraction / 3)), steps).at(-1)?.point.value ?? 0
    expect([after(2), after(1.99) < 1, after(2.01) > 1.5 * 1.4]).toEqual([1.5, true, true])
  })

  test('a step of 2.01/L breaks every bound that promises descent', () => {
    const far = bounds((_, L) => 2.01 / L)
    expect(broken(12, draws(quadratics()), far)).toEqual(['PL', 'convex', 'decrease', 'distance', 'least gradient'])
  })

  test('a run that hardly moves breaks them too', () => {
    const still = bounds(() => 1e-12)
    expect(broken(12, draws(quadratics()), still)).toEqual(['PL', 'convex', 'decrease', 'distance', 'least gradient'])
  })

  test('decrease is an equality on a parabola, for every step', () => {
    fc.assert(
      fc.property(windowFractions, (fraction) => {
        for (const { measured, bound } of bounds()({ problem: quadratic({ spectrum: [3] }), fraction }).decrease)
          expect(Math.abs(bound - measured)).toBeLessThanOrEqual(1e-9 * bound)
      }),
    )
  })

  test('4k + 2 is attained by a Huber function', () => {
    // ½x² as far as 1/(2k + 1), linear beyond: from 1, k steps of length 1/(2k + 1) reach its end.
    for (const k of [1, 2, 7, 30]) {
      const end = 1 / (2 * k + 1)
      const point: Objective['point'] = (x) => {
        const [at] = [entry(x, 0)]
        const isInside = Math.abs(at) <= end
        return {
          x,
          value: isInside ? at ** 2 / 2 : end * Math.abs(at) - end ** 2 / 2,
          grad: vector([isInside ? at : end * Math.sign(at)]),
        }
      }
      const measured: Objective = { point, value: (x) => point(x).value }
      const last = iteratesOf({ measured, start: vector([1]) }, descend(steepest(), fixed(1)), k).at(-1)
      expect((last?.point.value ?? 0) * (4 * k + 2)).toBeCloseTo(1, 10)
    }
  })
})
