import { map, matvec, type Tensor } from '@secant/linalg'
import { bfgs, descend, fixed, lbfgs, steepest, strongWolfe } from '@secant/optim'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  curvatureBounds,
  extremeEigenvalues,
  gradientDescentTheorems,
  lineSearchTheorems,
  verify,
  viewOf,
} from '../src/index.ts'
import { diagonal, logCosh, rotated, spectrum } from './problems.ts'
import { gradientRun, hessian, L, mu, quadratic, run, start } from './reference-runs.ts'

describe('extreme eigenvalues by Lanczos', () => {
  test('are exact after n products, and inside before', () => {
    const a = rotated(spectrum(30, 1e-3, 50))
    const apply = (v: Tensor): Tensor => matvec(a, v)
    const all = extremeEigenvalues(apply, 30)
    expect(all?.greatest).toBeCloseTo(50, 9)
    expect(all?.least).toBeCloseTo(1e-3, 9)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 29 }), fc.nat(1000), (steps, seed) => {
        const some = extremeEigenvalues(apply, 30, { steps, seed })
        expect(some?.products).toBe(steps)
        expect(some?.greatest).toBeLessThanOrEqual(50 * (1 + 1e-12))
        expect(some?.least).toBeGreaterThanOrEqual(1e-3 * (1 - 1e-9))
      }),
      { numRuns: 30 },
    )
  })

  test('stop where the spectrum is exhausted', () => {
    expect(extremeEigenvalues((v) => map(v, (entry) => 3 * entry), 7)).toEqual({
      least: expect.closeTo(3, 12),
      greatest: expect.closeTo(3, 12),
      products: 1,
    })
    const two = extremeEigenvalues((v) => matvec(diagonal([1, 1, 1, -2]), v), 4)
    expect([two?.least, two?.greatest, two?.products]).toEqual([expect.closeTo(-2, 10), expect.closeTo(1, 10), 2])
    expect(extremeEigenvalues((v) => map(v, () => Number.NaN), 3)).toBeUndefined()
  })
})

test('curvature of pairs lies between the true constants', () => {
  for (const method of [
    descend(steepest(), fixed(0.05)),
    descend(bfgs(), strongWolfe()),
    descend(lbfgs(), strongWolfe()),
  ]) {
    const bounds = curvatureBounds(viewOf(run(quadratic, method as never, start, {}).trace).steps)
    expect(bounds?.L).toBeLessThanOrEqual(L * (1 + 1e-9))
    expect(bounds?.mu).toBeGreaterThanOrEqual(mu * (1 - 1e-9))
  }
})

describe('how constants are known', () => {
  const { trace } = gradientRun(0.15)
  test('given, proved from a Hessian, declared by the trace, estimated from the run: in this order', () => {
    const statuses = (known: Parameters<typeof viewOf>[1], header = trace.header) => {
      const { L, mu, minimum } = viewOf({ ...trace, header }, known).constants
      return [L?.status, mu?.status, minimum?.status]
    }
    expect(statuses({})).toEqual(['estimated', 'estimated', 'estimated'])
    expect(statuses({}, { ...trace.header, constants: { L, minimum: 0 } })).toEqual(['given', 'estimated', 'given'])
    expect(statuses({ hessian })).toEqual(['proved', 'proved', 'proved'])
    expect(statuses({ hessian, L: 3 })).toEqual(['given', 'proved', 'proved'])
    expect(viewOf(trace, { hessian }).constants.minimum?.value).toBeCloseTo(0, 12)
  })

  test('a bound that is violated under estimated constants is inconclusive', () => {
    const estimated = { value: 1, status: 'estimated', how: 'a guess' } as const
    const row = gradientDescentTheorems.decrease.check(viewOf(trace, { L: estimated }))
    expect(row.verdict).toBe('inconclusive')
    expect(row.reasons[1]).toContain('a guess')
    // Given as certain, the same number is refuted by the run itself.
    const refuted = gradientDescentTheorems.decrease.check(viewOf(trace, { L: 1 }))
    expect(refuted.verdict).toBe('does not apply')
    expect(refuted.reasons[0]).toMatch(/^failed: f is L-smooth \(L = 1 is refuted: step 0 has ‖y‖\/‖s‖ = /)
  })

  test.each([
    ['L', { L: 5 }],
    ['μ', { mu: 5 }],
    ['f*', { minimum: 1 }],
    ['convex', { convex: false }],
  ] as const)('a wrong %s is refuted, not believed', (name, wrong) => {
    const known = { hessian, minimizer: [1, -2, 0.5, 0, 3], ...wrong }
    const broken = verify(gradientRun(1 / L).trace, known).rows.filter((row) =>
      row.assumptions.some(
        ({ status, detail }) => status === 'failed' && (detail.includes('refuted') || name === 'convex'),
      ),
    )
    expect(broken.length).toBeGreaterThan(0)
    for (const { verdict } of broken) expect(verdict).toBe('does not apply')
  })
})

test('a search’s constants are the best that the run satisfies where none are declared', () => {
  const { trace } = run(logCosh(0.1), descend(bfgs(), strongWolfe({ c1: 0.2, c2: 0.6 })), start, {})
  const known = { L: 1.1, mu: 0.1, minimum: 0 }
  const assumed = lineSearchTheorems.wolfeLinear.check(viewOf(trace, known)).assumptions[3]
  expect(assumed).toMatchObject({
    status: 'measured',
    detail: expect.stringContaining('the best that the run satisfies'),
  })
  const declared = lineSearchTheorems.wolfeLinear.check(viewOf(trace, { ...known, c1: 0.2, c2: 0.6 }))
  expect(declared.verdict).toBe('holds')
  const tooGood = lineSearchTheorems.wolfeLinear.check(viewOf(trace, { ...known, c1: 0.9, c2: 0.6 }))
  expect(tooGood.reasons[0]).toMatch(/^failed: every step satisfies the weak Wolfe conditions/)
})
