/** C8: BFGS with unit steps from B₀ = L I on quadratics, explicit superlinear rates. */
import { inverse } from '@secant/linalg'
import { bfgs, descend, fixed } from '@secant/optim'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { type KnownQuadratic, quadratics } from '../src/testing/index.ts'
import { type Bounds, broken, iteratesOf, sweep, told } from './suite.ts'
import { trace } from './suite-matrices.ts'

/** λ = √(g'A⁻¹g) = √(2 (f − f*)), as long as it is more than 10⁻⁷ of the first. */
const lambdas = (problem: KnownQuadratic, initial: number, steps: number): readonly number[] => {
  const all = iteratesOf(problem, descend(bfgs({ initialScale: () => initial }), fixed(1)), steps).map(({ point }) =>
    Math.sqrt(2 * point.value),
  )
  const end = all.findIndex((lambda) => !(lambda > 1e-7 * (all[0] ?? 0)))
  return end < 0 ? all : all.slice(0, end)
}

const bounds =
  (initial = (L: number): number => 1 / L, steps = 60) =>
  (problem: KnownQuadratic): Bounds<'linear' | 'superlinear' | 'sharper (evidence)'> => {
    const { n, hessian, known } = problem
    const { L, mu = 0 } = known
    const kappa = L / mu
    const inverted = inverse(hessian)
    if (E.isLeft(inverted)) throw new Error('singular')
    const sigma = L * trace(inverted.right) - n
    const values = lambdas(problem, initial(L), steps)
    const first = values[0] ?? 0
    const later = (bound: (k: number) => number) =>
      values.slice(1).map((measured, i) => ({ measured, bound: Math.min(bound(i + 1), Number.MAX_VALUE) }))
    return {
      linear: later((k) => (1 - 1 / kappa) * (values[k - 1] ?? 0)),
      superlinear: later((k) => (sigma / k) ** (k / 2) * first),
      'sharper (evidence)': later(
        (k) => (2 * Math.expm1((n / k) * Math.log(kappa))) ** (k / 2) * Math.sqrt(kappa) * first,
      ),
    }
  }

const problems = quadratics({ maxN: 20, maxCondition: 1e4 })

describe('C8: superlinear rates on quadratics', () => {
  test('n ≤ 20, κ ≤ 10⁴', async ({ annotate }) => {
    const found = sweep(100, problems, bounds())
    await annotate(told(found))
  })

  test('where they say most: few variables, κ near 1', async ({ annotate }) => {
    const found = sweep(100, quadratics({ maxN: 3, maxCondition: 3 }), bounds())
    await annotate(told(found))
  })

  test('nκ bounds σ₀', () => {
    fc.assert(
      fc.property(problems, ({ n, hessian, known: { L, mu = 0 } }) => {
        const inverted = inverse(hessian)
        if (E.isLeft(inverted)) throw new Error('singular')
        expect(L * trace(inverted.right) - n).toBeLessThanOrEqual((n * L) / mu)
      }),
    )
  })
})

describe('C8 can fail', () => {
  test('from a first matrix that is not above the Hessian', () => {
    expect(
      broken(
        50,
        problems,
        bounds((L) => 30 / L),
      ),
    ).toContain('linear')
  })

  test('where the memory is not kept', () => {
    // Gradient descent with step 1/L: no faster than linear.
    const plain = (problem: KnownQuadratic): Bounds<'superlinear'> => {
      const { superlinear } = bounds()(problem)
      const { L, mu = 0 } = problem.known
      const first = Math.sqrt(2 * problem.measured.value(problem.start))
      return { superlinear: superlinear.map(({ bound }, i) => ({ measured: (1 - mu / L) ** (i + 1) * first, bound })) }
    }
    expect(broken(20, quadratics({ maxN: 3, maxCondition: 3 }), plain)).toEqual(['superlinear'])
  })
})
