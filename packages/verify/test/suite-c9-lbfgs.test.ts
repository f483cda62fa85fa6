/** C9: L-BFGS is the dense recursion from γI over the pairs that it keeps, and R-linear. */
import { concrete, item, type Value } from '@secant/autodiff'
import { add, axpy, dot, eye, matvec, norm, sub, type Tensor } from '@secant/linalg'
import { bfgs, descend, fixed, inverseHessian, lbfgs, type Pairs, strongWolfe } from '@secant/optim'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  convexProblems,
  displacements,
  isResolved,
  type KnownProblem,
  trialsOf,
  vectors,
} from '../src/testing/index.ts'
import { type Bounds, broken, iteratesOf, sweep, told } from './suite.ts'
import { bfgsOfH, times } from './suite-matrices.ts'

interface Draw {
  readonly problem: KnownProblem
  readonly steps: readonly Tensor[]
  readonly memory: number
  readonly v: Tensor
}

const draws: fc.Arbitrary<Draw> = convexProblems({ maxN: 5 }).chain((problem) =>
  fc.record({
    problem: fc.constant(problem),
    steps: displacements(problem.n, 8),
    memory: fc.integer({ min: 1, max: 5 }),
    v: vectors(problem.n, { centre: 1 }),
  }),
)

/** The pairs of a walk, kept by L-BFGS, and all of them. */
const walk = ({
  problem,
  steps,
  memory,
}: Draw): readonly [kept: Pairs, all: readonly (readonly [s: Tensor, y: Tensor])[]] => {
  const direction = lbfgs({ memory })
  let from = problem.measured.point(problem.start)
  let pairs = direction.init(from)
  const all = steps.map((s) => {
    const to = problem.measured.point(add(from.x, s))
    pairs = direction.observe(pairs, { from, to, alpha: 1 })
    const pair = [sub(to.x, from.x), sub(to.grad, from.grad)] as const
    from = to
    return pair
  })
  return [pairs, all]
}

const applied = (pairs: Pairs, v: Tensor): Tensor => concrete(inverseHessian(pairs).apply(v))

const isNear = (found: Tensor, expected: Tensor): boolean => norm(sub(found, expected)) <= 1e-8 * norm(expected) + 1e-12

describe('C9: L-BFGS', () => {
  test('the two loops are the dense recursion over the last pairs, from γ of the newest', () => {
    fc.assert(
      fc.property(draws, (draw) => {
        const [kept, all] = walk(draw)
        const last = all.at(-1)
        if (last === undefined) return
        const gamma = dot(last[0], last[1]) / dot(last[1], last[1])
        expect(item(kept.gamma as Value)).toBeCloseTo(gamma, 12)
        const { L, mu = 0 } = draw.problem.known
        expect(gamma).toBeGreaterThanOrEqual((1 - 1e-6) / L)
        expect(gamma).toBeLessThanOrEqual((1 + 1e-6) / mu)
        const dense = all.slice(-draw.memory).reduce((h, [s, y]) => bfgsOfH(h, s, y), times(gamma, eye(draw.problem.n)))
        expect(isNear(applied(kept, draw.v), matvec(dense, draw.v))).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  test('with room for all pairs and the same first matrix it is BFGS', () => {
    fc.assert(
      fc.property(draws, (draw) => {
        const [kept] = walk({ ...draw, memory: 8 })
        const direction = bfgs({ initialScale: () => 0.5 })
        let from = draw.problem.measured.point(draw.problem.start)
        let h = direction.init(from)
        for (const s of draw.steps) {
          const to = draw.problem.measured.point(axpy(1, s, from.x))
          h = direction.observe(h, { from, to, alpha: 1 })
          from = to
        }
        expect(isNear(applied({ ...kept, gamma: 0.5 }, draw.v), matvec(concrete(h), draw.v))).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  test('R-linear with Wolfe steps: the measured angles, and the least that the pairs allow', async ({ annotate }) => {
    const found = sweep(100, runs, rates(strongWolfe({ c1, c2 })))
    await annotate(told(found))
  })
})

const [c1, c2] = [0.1, 0.7]
const runs = fc.record({ problem: convexProblems({ maxN: 5 }), memory: fc.integer({ min: 1, max: 4 }) })

/**
 * Each step takes at least `2c₁(1−c₂)cos²θ/κ` of the gap. From γ₀ ∈ [1/L, 1/μ] through m pairs, `tr B ≤ nL + mL = T` and
 * `det B ≥ μⁿ (μ/T)ᵐ`, so that the eigenvalues of B lie in `[det/Tⁿ⁻¹, T]`: cos θ is at least their ratio.
 */
const rates =
  (search = strongWolfe({ c1, c2 })) =>
  ({
    problem,
    memory,
  }: {
    readonly problem: KnownProblem
    readonly memory: number
  }): Bounds<'measured angle' | 'least angle'> => {
    const { L, mu = 0, minimum } = problem.known
    const { n } = problem
    // From 1/L at first, so that every γ is in [1/L, 1/μ].
    const method = descend(lbfgs({ memory, initialScale: () => 1 / L }), search)
    const trials = trialsOf(iteratesOf(problem, method, 30)).filter(({ from }) => isResolved(from.value, minimum))
    const T = (n + memory) * L
    const leastCos = (mu ** n * (mu / T) ** memory) / T ** (n - 1) / T
    const share = (2 * c1 * (1 - c2) * mu) / L
    const gap = (value: number): number => value - minimum
    return {
      'measured angle': trials.map(({ from, to, slope0 }) => {
        const cos2 = slope0 ** 2 / (dot(from.grad, from.grad) * dot(sub(to.x, from.x), sub(to.x, from.x)))
        return { measured: gap(to.value), bound: (1 - share * cos2) * gap(from.value) }
      }),
      'least angle': trials.map(({ from, to, slope0 }) => {
        const length = norm(sub(to.x, from.x))
        return { measured: leastCos, bound: -slope0 / (norm(from.grad) * length), size: gap(to.value) }
      }),
    }
  }

describe('C9 can fail', () => {
  test('with the pairs in the wrong order', () => {
    const wrong = fc.sample(draws, 30).filter((draw) => {
      const [kept] = walk({ ...draw, memory: 8 })
      const turned = { ...kept, s: [...kept.s].reverse(), y: [...kept.y].reverse(), rho: [...kept.rho].reverse() }
      return !isNear(applied(turned, draw.v), applied(kept, draw.v))
    })
    expect(wrong.length).toBeGreaterThan(10)
  })

  test('on steps that hardly move', () => {
    expect(broken(5, runs, rates(fixed(1e-12)))).toEqual(['measured angle'])
  })
})
