/** C12: coordinate-wise steps of untrained policies, items 9 to 11 of section 9 of the note on them. */
import { concrete, div, matmul, mul as multiply, neg, square, sub, sum, type Value } from '@secant/autodiff'
import { broadcast, foldIn, fromData, full, key, map, matvec, mul, normal, type Tensor, uniform } from '@secant/linalg'
import {
  backtracking,
  bfgs,
  type Descent,
  type Direction,
  descend,
  fixed,
  gradientNorm,
  type Method,
  objectiveOf,
  run,
  type Search,
  strongWolfe,
} from '@secant/optim'
import { type Coordinatewise, gradientDecrease, guarded, shrunk, unitStepIf, unscaled } from '@secant/policy'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  convexProblems,
  isResolved,
  type KnownProblem,
  lawsOf,
  type RandomPolicy,
  randomPolicies,
  smoothProblems,
} from '../src/testing/index.ts'
import { errorsOfBfgs } from './fixed-point.ts'
import { type Bounds, broken, iteratesOf, sweep, told } from './suite.ts'

const unit = bfgs({ initialScale: () => 1 })

describe('C12.9: random policies', () => {
  test('are directions like others: permutation-equivariant, pure, recordable', () => {
    for (const policy of fc.sample(randomPolicies(), 10))
      for (const { property } of lawsOf(policy.on(unit), { permutes: true })) fc.assert(property, { numRuns: 10 })
  })

  test('can fail: a policy that looks at where a variable stands', () => {
    const halvesTheFirst = (n: number): Tensor =>
      fromData(Float64Array.from({ length: n }, (_, i) => (i === 0 ? 0.5 : 1)))
    const biased: Direction<Value> = {
      ...unit,
      propose: (h, at) => [multiply(halvesTheFirst(at.x.shape[0] as number), unit.propose(h, at)[0]), h],
    }
    const [, permutes] = lawsOf(biased, { permutes: true })
    expect(fc.check(permutes?.property as fc.IProperty<unknown>).failed).toBe(true)
  })
})

describe('C12.10: the guard', () => {
  test('f never rises, whatever the policy', () => {
    fc.assert(
      fc.property(smoothProblems(), randomPolicies(), (problem, policy) => {
        const method = guarded(shrunk(policy.on(unit)), backtracking(), { along: unscaled, search: strongWolfe() })
        const values = iteratesOf(problem, method, 10).map(({ point }) => point.value)
        for (const [k, value] of values.slice(1).entries()) expect(value).toBeLessThanOrEqual(values[k] as number)
      }),
      { numRuns: 100 },
    )
  })

  interface Draw {
    readonly problem: KnownProblem
    readonly policy: RandomPolicy
    /** δ in units of 1/L. */
    readonly share: number
  }

  const draws: fc.Arbitrary<Draw> = fc.record({
    problem: convexProblems(),
    policy: randomPolicies(),
    share: fc.constantFrom(0.25, 0.5, 0.05, 1),
  })

  type Guard = (L: number, delta: number) => { readonly search: Search; readonly least: number }

  /** Proposition 7 with the gradient step of length 1/L to fall back on. */
  const knownL: Guard = (L, delta) => ({ search: fixed(1 / L), least: Math.min(delta, 1 / (2 * L)) })

  /** And with backtracking along −g, where L is not known to the method. */
  const unknownL: Guard = (L, delta) => {
    const [initial, c1, shrink] = [1, 0.3, 0.5]
    return {
      search: backtracking({ initial, c1, shrink }),
      least: Math.min(delta, c1 * Math.min(initial, (2 * shrink * (1 - c1)) / L)),
    }
  }

  const rate =
    (guard: Guard, methodOf?: (policy: RandomPolicy) => Method<Descent<Coordinatewise<Value, Value>>>) =>
    ({ problem, policy, share }: Draw): Bounds<'rate'> => {
      const { L, mu = 0, minimum } = problem.known
      const { search, least } = guard(L, share / L)
      const fallback = { along: (_: unknown, at: { readonly grad: Value }) => neg(at.grad), search }
      const method = methodOf?.(policy) ?? guarded(policy.on(unit), unitStepIf(gradientDecrease(share / L)), fallback)
      const gaps = iteratesOf(problem, method, 20).map(({ point }) => point.value - minimum)
      const resolved = gaps.filter((gap) => isResolved(minimum + gap, minimum))
      return {
        rate: resolved.slice(1).map((measured, k) => ({
          measured,
          bound: (1 - 2 * mu * least) ** (k + 1) * (gaps[0] ?? 0),
        })),
      }
    }

  test('Proposition 7, L known', async ({ annotate }) => {
    await annotate(told(sweep(100, draws, rate(knownL))))
  })

  test('Proposition 7, L unknown', async ({ annotate }) => {
    await annotate(told(sweep(100, draws, rate(unknownL))))
  })

  test('can fail: without the guard, and with a fallback that goes too far', () => {
    expect(
      broken(
        100,
        draws,
        rate(knownL, (policy) => descend(policy.on(unit), fixed(1))),
      ),
    ).toEqual(['rate'])
    expect(
      broken(
        100,
        draws,
        rate((L, delta) => ({ ...knownL(L, delta), search: fixed(2.5 / L) })),
      ),
    ).toEqual(['rate'])
  })
})

describe('C12.11: Theorem 8, with 600 digits', () => {
  const a = [
    [4, 1, 0, 0],
    [1, 3, 1, 0],
    [0, 1, 2, 0.5],
    [0, 0, 0.5, 1],
  ]
  const noise = (k: number): readonly number[] => [...uniform(foldIn(key(7), k), [4], { min: -1, max: 1 }).data]
  const schedules = {
    'P = I': () => [1, 1, 1, 1],
    'P → I': (k) => noise(k).map((u) => 1 + 0.5 * 0.8 ** k * u),
    'P ↛ I': (k) => noise(k).map((u) => 1 + 0.3 * u),
  } as const satisfies Readonly<Record<string, (k: number) => readonly number[]>>

  /** log₁₀ of the mean ratio of errors over six steps around k. */
  const ratioAround = (errors: readonly number[], k: number): number =>
    ((errors[k + 3] as number) - (errors[k - 3] as number)) / 6

  test('ratios vanish exactly where p tends to 1', async ({ annotate }) => {
    const found = Object.entries(schedules).map(([name, steps]) => {
      const errors = errorsOfBfgs(a, [0.1, -0.05, 0.08, 0.03], steps, 54)
      return [name, [10, 30, 50].map((k) => ratioAround(errors, k))] as const
    })
    await annotate(
      found.map(([name, ratios]) => `${name}: 10^(${ratios.map((r) => r.toFixed(1)).join(', ')})`).join('; '),
    )
    const [exact, tending, wandering] = found.map(([, ratios]) => ratios) as [number[], number[], number[]]
    for (const [early, late] of [exact, tending].map((ratios) => [ratios[0], ratios[2]] as [number, number]))
      expect(late).toBeLessThan(early - 2)
    expect(exact[2]).toBeLessThan(tending[2] as number)
    // Only linear, although the secant condition of Dennis and Moré holds for B itself.
    for (const ratio of wandering) expect(ratio).toBeGreaterThan(-1.5)
  })
})

describe('random controls: what needs no learning', () => {
  /** p of one's own drawing at every step, scalar or for each variable. */
  const control = (isScalar: boolean): Direction<{ readonly h: Value; readonly k: number }> => ({
    name: 'random steps',
    init: (start) => ({ h: unit.init(start), k: 0 }),
    propose: ({ h, k }, at) => {
      const n = at.x.shape[0] as number
      const drawn = uniform(foldIn(key(11), k), [isScalar ? 1 : n], { min: 0.8, max: 2 })
      const p = isScalar ? full([n], drawn.data[0] as number) : drawn
      return [mul(p, concrete(neg(matmul(h, at.grad)))), { h, k: k + 1 }]
    },
    observe: ({ h, k }, taken) => ({ h: unit.observe(h, taken), k }),
  })

  /** Least squares with columns of unequal size: `‖Ax − b‖²/2m`, n = 30. */
  const leastSquares = (seed: number): ((x: Value) => Value) => {
    const [m, n] = [60, 30]
    const scales = map(uniform(foldIn(key(seed), 0), [n]), (u) => 10 ** -u)
    const data = mul(normal(foldIn(key(seed), 1), [m, n]), broadcast(scales, [m, n], [0]))
    const b = matvec(data, normal(foldIn(key(seed), 2), [n]))
    return (x) => div(sum(square(sub(matmul(data, x), b))), 2 * m)
  }

  test('random over-relaxation alone beats unit steps on least squares', () => {
    const iterations = <M>(direction: Direction<M>): number =>
      [1, 2].reduce((total, seed) => {
        const { objective, start } = objectiveOf(leastSquares(seed), normal(key(100 + seed), [30]) as Value)
        const until = [gradientNorm(1e-5)]
        return (
          total +
          run(objective, descend(direction, backtracking()), start, { until, maxIterations: 400 }).counts.iterations
        )
      }, 0)
    const [plain, scalar, diagonal] = [iterations(unit), iterations(control(true)), iterations(control(false))]
    expect(scalar).toBeLessThan(plain)
    expect(diagonal).toBeLessThan(plain)
  })
})
