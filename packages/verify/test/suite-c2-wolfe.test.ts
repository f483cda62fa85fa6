/** C2: what the Wolfe conditions give to every descent method. */
import { dot, norm, sub } from '@secant/linalg'
import {
  backtracking,
  bfgs,
  descend,
  fixed,
  holds,
  lbfgs,
  type Method,
  type Search,
  steepest,
  strongWolfe,
  wolfeCondition,
} from '@secant/optim'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  isResolved,
  type KnownProblem,
  quadratic,
  smoothProblems,
  stepOf,
  trialsOf,
  vector,
  waves,
  wolfeSearches,
} from '../src/testing/index.ts'
import { type Bounds, broken, iteratesOf, opaque, sweep, told } from './suite.ts'

const methods: readonly ((search: Search) => Method<unknown>)[] = [
  (search) => opaque(steepest(), search),
  (search) => opaque(bfgs(), search),
  (search) => opaque(lbfgs({ memory: 2 }), search),
]

interface Draw {
  readonly problem: KnownProblem
  readonly method: Method<unknown>
  readonly c1: number
  readonly c2: number
}

/** Runs with a Wolfe search, or with another one in its place. */
const draws = (instead?: Search): fc.Arbitrary<Draw> =>
  fc
    .tuple(smoothProblems(), fc.constantFrom(...methods), wolfeSearches())
    .map(([problem, method, { search, c1, c2 }]) => ({ problem, method: method(instead ?? search), c1, c2 }))

/** Step by step: curvature, decrease, the factor where f is strongly convex; in the end Zoutendijk's sum. */
const consequences = ({
  problem,
  method,
  c1,
  c2,
}: Draw): Bounds<'curvature' | 'decrease' | 'factor' | 'Zoutendijk' | "a product s'y > 0"> => {
  const { L, mu = 0, minimum } = problem.known
  const trials = trialsOf(iteratesOf(problem, method, 15)).filter(({ from }) => isResolved(from.value, minimum))
  const steps = trials.map(({ from, to, slope0, slope }) => {
    const length = norm(sub(to.x, from.x))
    return {
      sy: slope - slope0,
      needed: -(1 - c2) * slope0,
      /** ‖g‖² cos²θ. */
      along: (slope0 / length) ** 2,
      squaredGradient: dot(from.grad, from.grad),
      before: from.value - minimum,
      after: to.value - minimum,
      size: 1 + Math.abs(from.value) + norm(from.grad) * length,
    }
  })
  const first = steps[0]?.before ?? 0
  const rate = (c1 * (1 - c2)) / L
  return {
    curvature: steps.map(({ sy, needed, size }) => ({ measured: needed, bound: sy, size })),
    decrease: steps.map(({ along, before, after, size }) => ({ measured: rate * along, bound: before - after, size })),
    factor: (mu > 0 ? steps : []).map(({ along, squaredGradient, before, after }) => ({
      measured: after,
      bound: (1 - (2 * mu * rate * along) / squaredGradient) * before,
    })),
    Zoutendijk: [{ measured: steps.reduce((total, { along }) => total + along, 0), bound: first / rate }],
    "a product s'y > 0": steps.map(({ sy }) => ({ measured: sy > 0 ? 0 : 1, bound: 0 })),
  }
}

test('C2: consequences of the Wolfe conditions', async ({ annotate }) => {
  const found = sweep(200, draws(), consequences)
  await annotate(told(found))
  expect(found.curvature.slack).toBeLessThan(1.01)
  expect(found.decrease.slack).toBeLessThan(2.5)
  expect(found.factor.slack).toBeLessThan(1.1)
  expect(found.Zoutendijk.slack).toBeLessThan(2.5)
})

describe('C2 can fail', () => {
  test('on steps that hardly move, and on steps that go too far', () => {
    const [short, long] = [1e-9, 30].map((alpha) => broken(25, draws(fixed(alpha)), consequences))
    expect(short).toEqual(expect.arrayContaining(['curvature', 'decrease', 'factor']))
    expect(long).toEqual(expect.arrayContaining(['Zoutendijk', "a product s'y > 0", 'decrease', 'factor']))
  })

  test("Armijo alone lets s'y ≤ 0 happen where f is not convex", () => {
    const problem = waves({ rows: [[1]], start: [2] })
    const [from, to] = iteratesOf(problem, descend(steepest(), backtracking({ initial: 0.5 })), 1)
    if (from === undefined || to === undefined) throw new Error('no step')
    const { slope, slope0 } = stepOf(from.point, to.point)
    expect(slope - slope0).toBeLessThan(0)
  })

  test('with c₁ > c₂ a parabola has no step at all', () => {
    const { measured, start } = quadratic({ spectrum: [1] })
    const from = measured.point(start)
    const isAccepted = (alpha: number, c1: number, c2: number): boolean =>
      holds(wolfeCondition(c1, c2), stepOf(from, measured.point(vector([1 - alpha]))))
    const lengths = Array.from({ length: 400 }, (_, i) => (i + 1) / 200)
    expect(lengths.some((alpha) => isAccepted(alpha, 0.7, 0.2))).toBe(false)
    expect(lengths.some((alpha) => isAccepted(alpha, 0.2, 0.7))).toBe(true)
    expect(() => strongWolfe({ c1: 0.7, c2: 0.2 })).toThrow('needs 0 < c1 < c2 < 1')
  })
})
