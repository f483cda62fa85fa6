/** C12: coordinate-wise steps along runs (items 1, 2, 5 and 8 of section 9 of the note on them). */
import {
  add,
  concrete,
  grad,
  matmul,
  sub as minus,
  mul as multiply,
  neg,
  square,
  sum,
  type Value,
} from '@secant/autodiff'
import { axpy, dot, matvec, mul, norm, sub, type Tensor, tensor } from '@secant/linalg'
import { bfgs, type Direction, descend, fixed, strongWolfe } from '@secant/optim'
import { frozen, givenSteps } from '@secant/policy'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  convexProblems,
  diagonals,
  isAtMost,
  type KnownProblem,
  randomPolicy,
  starts,
  symmetric,
  turns,
} from '../src/testing/index.ts'
import { type Bounds, broken, entry, iteratesOf, sweep, told } from './suite.ts'
import { constantsOf, ends } from './suite-diagonals.ts'
import { eigenvaluesOf, isPositiveDefinite, times } from './suite-matrices.ts'

describe('C12.1: what a step costs, as a function of p', () => {
  test('−w g(x₊) ⊙ d + 2λ(p − 1) is the derivative and the quotient of differences', () => {
    const draws = convexProblems().chain((problem) =>
      fc.record({ problem: fc.constant(problem), d: starts(problem.n), p: diagonals(problem.n) }),
    )
    fc.assert(
      fc.property(draws, fc.constantFrom(0, 0.1), ({ problem, d, p }, lambda) => {
        const w = 1 / (1 + Math.abs(problem.measured.value(problem.start)))
        const loss = (steps: Value): Value =>
          add(
            multiply(w, problem.objective(minus(problem.start, multiply(steps, d)))),
            multiply(lambda, sum(square(minus(steps, 1)))),
          )
        const after = problem.measured.point(sub(problem.start, mul(p, d)))
        const exact = concrete(grad(loss)(p as Value))
        for (let i = 0; i < problem.n; i++) {
          const cotangent = -w * entry(after.grad, i) * entry(d, i) + 2 * lambda * (entry(p, i) - 1)
          const h = 1e-5
          const moved = (by: number): number =>
            concrete(loss(tensor([...p.data].map((value, j) => (i === j ? value + by : value))))).data[0] as number
          const size = 1 + Math.abs(cotangent) + problem.known.L * entry(d, i) ** 2
          expect(Math.abs(entry(exact, i) - cotangent)).toBeLessThanOrEqual(1e-12 * size)
          expect(Math.abs((moved(h) - moved(-h)) / (2 * h) - cotangent)).toBeLessThanOrEqual(1e-6 * size)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('of a convex f it is convex in p', () => {
    const draws = convexProblems().chain((problem) =>
      fc.record({ problem: fc.constant(problem), p: diagonals(problem.n), q: diagonals(problem.n) }),
    )
    fc.assert(
      fc.property(draws, ({ problem, p, q }) => {
        const { grad: d } = problem.measured.point(problem.start)
        const after = (steps: Tensor): number => problem.measured.value(sub(problem.start, mul(steps, d)))
        const [ends, middle] = [after(p) + after(q), after(times(0.5, axpy(1, p, q)))]
        expect(isAtMost(2 * middle, ends, ends)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

test('C12.2: with p = 1 it is BFGS, bit for bit', () => {
  fc.assert(
    fc.property(convexProblems(), (problem) => {
      const points = (direction: Direction<unknown>): readonly number[] =>
        iteratesOf(problem, descend(direction, strongWolfe()), 6).flatMap(({ point }) => [...point.x.data, point.value])
      const plain = points(bfgs() as Direction<unknown>)
      const ones = tensor(Array(problem.n).fill(1))
      expect(points(frozen(givenSteps(bfgs()), ones) as Direction<unknown>)).toEqual(plain)
      const silent = randomPolicy({ hidden: 2, seed: 1, size: 0 })
      expect(points(silent.on(bfgs()) as Direction<unknown>)).toEqual(plain)
    }),
    { numRuns: 100 },
  )
})

describe('C12.5: Theorem 3', () => {
  const sigma = 0.5

  /** Steps −P H g with H scaled so that L ≤ 2(1 − σ) m₂; `excess` goes beyond. */
  const theorem3 =
    (excess = 1) =>
    ({
      problem,
      p,
      turn,
    }: {
      problem: KnownProblem
      p: Tensor
      turn: number
    }): Bounds<'decrease' | 'rate' | 'least gradient'> => {
      const { L, mu = 0, minimum } = problem.known
      const shape = Array.from({ length: problem.n }, (_, i) => 2 ** (i / problem.n))
      const { m2 } = constantsOf([...p.data], shape)
      const scale = (excess * 2 * (1 - sigma) * m2) / L
      const spectrum = shape.map((value) => value * scale)
      const { m1 } = constantsOf([...p.data], spectrum)
      const h = symmetric({ spectrum, turn })
      const direction: Direction<null> = {
        name: 'fixed matrix',
        init: () => null,
        propose: (memory, at) => [neg(multiply(p, matmul(h, at.grad))), memory],
        observe: (memory) => memory,
      }
      const points = iteratesOf(problem, descend(direction, fixed(1)), 15).map(({ point }) => point)
      const first = points[0]?.value ?? 0
      let least = Number.POSITIVE_INFINITY
      return {
        decrease: points.slice(1).map(({ value }, k) => {
          const before = points[k] ?? { grad: p, value: 0 }
          const c = dot(before.grad, mul(p, matvec(h, before.grad)))
          return { measured: sigma * c, bound: before.value - value, size: 1 + Math.abs(before.value) }
        }),
        rate: points.slice(1).map(({ value }, k) => ({
          measured: value - minimum,
          bound: (1 - 2 * mu * sigma * m1) ** (k + 1) * (first - minimum),
          size: 1 + Math.abs(first),
        })),
        'least gradient': points.map(({ grad: g }, k) => {
          least = Math.min(least, dot(g, g))
          return { measured: least, bound: (first - minimum) / (sigma * m1 * (k + 1)) }
        }),
      }
    }

  const draws = convexProblems().chain((problem) =>
    fc.record({ problem: fc.constant(problem), p: diagonals(problem.n, { least: 0.5, most: 1.5 }), turn: turns }),
  )

  test('on quadratics, logistic and log-sum-exp losses', async ({ annotate }) => {
    const found = sweep(200, draws, theorem3())
    await annotate(told(found))
    expect(found.decrease.slack).toBeLessThan(1.1)
  })

  test('can fail: with steps beyond it', () => {
    expect(broken(60, draws, theorem3(1.1))).toContain('decrease')
    expect(broken(30, draws, theorem3(2.5))).toEqual(['decrease', 'least gradient', 'rate'])
  })
})

describe('C12.8: the matrix under arbitrary steps', () => {
  const draws = convexProblems().chain((problem) =>
    fc.record({
      problem: fc.constant(problem),
      p: diagonals(problem.n, { least: 0.05, most: 2 }),
      alpha: fc.constantFrom(1, 0.3),
    }),
  )

  test("s'y ≥ μ‖s‖², H positive definite, H y = s", () => {
    fc.assert(
      fc.property(draws, ({ problem, p, alpha }) => {
        const run = iteratesOf(problem, descend(frozen(givenSteps(bfgs()), p), fixed(alpha)), 6)
        for (const [k, { point, state }] of run.slice(1).entries()) {
          const from = run[k]?.point ?? point
          const [s, y] = [sub(point.x, from.x), sub(point.grad, from.grad)]
          const { mu = 0, L } = problem.known
          // Long before rounding decides, the run has nothing more to show.
          if (norm(s) <= 1e-7 * (norm(point.x) + norm(problem.minimizer))) return
          expect(dot(s, y)).toBeGreaterThanOrEqual(mu * dot(s, s) * (1 - 1e-6))
          expect(dot(y, y)).toBeLessThanOrEqual(L * dot(s, y) * (1 + 1e-6))
          const h = concrete(state.memory.inner)
          expect(isPositiveDefinite(h)).toBe(true)
          expect(norm(sub(matvec(h, y), s))).toBeLessThanOrEqual(1e-6 * norm(s))
          expect(ends(eigenvaluesOf(h))[0]).toBeGreaterThan(0)
        }
      }),
      { numRuns: 200 },
    )
  })
})
