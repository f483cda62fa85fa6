import { add, concrete, dot, exp, item, mean, mul, sub, sum, type Value } from '@secant/autodiff'
import * as dense from '@secant/linalg'
import { key, normal, type Tensor, tensor, uniform } from '@secant/linalg'
import { backtracking, descend, fixed, minimize, steepest, strongWolfe } from '@secant/optim'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  annealed,
  coordinatewise,
  type Diagonal,
  distanceFromOne,
  frozen,
  givenSteps,
  gradientDecrease,
  guarded,
  shrunk,
  unitStepIf,
  unscaled,
} from '../src/index.ts'
import { byMatrix, iteratesOf, linear, losses, pointAt, quadratic, unit, withSpectrum } from './policies.ts'

/** −Σ pᵢgᵢdᵢ, and what the mean of p would give. */
const decreaseOf = ({ steps, along }: Diagonal, gradient: Tensor): readonly [number, number] => [
  -item(dot(gradient, mul(steps, along))),
  -item(mul(mean(steps), dot(gradient, along))),
]

describe('shrunk', () => {
  test('steps descend whatever they were, exactly as far as promised', () => {
    let active = 0
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 2, max: 8 }), (seed, n) => {
        const h = withSpectrum(
          Array.from({ length: n }, (_, i) => 4 ** i),
          seed,
        )
        const newton = byMatrix(h)
        const at = { x: dense.zeros([n]), value: 0, grad: normal(key(seed + 2), [n]) }
        const parts = dense.mul(at.grad, concrete(newton.propose(null, at)[0]))
        const random = uniform(key(seed + 1), [n], { min: 0, max: 2 })
        // Every other time those that lose the most: large where the direction goes up.
        const p = seed % 2 === 0 ? random : dense.map(parts, (part) => (part > 0 ? 2 : 0.05))
        const bare = frozen(givenSteps(newton), p)
        const [lost] = decreaseOf(bare.propose(bare.init(at), at)[1], at.grad)
        const [, safe] = shrunk(bare, 0.1).propose(bare.init(at), at)
        const [kept, full] = decreaseOf(safe, at.grad)
        expect(kept).toBeGreaterThan(0)
        if (lost >= 0.1 * full) expect(concrete(safe.steps)).toEqual(p)
        else {
          active++
          expect(Math.abs(kept - 0.1 * full)).toBeLessThanOrEqual(1e-9 * (full + Math.abs(lost)))
        }
      }),
      { numRuns: 1000 },
    )
    expect(active).toBeGreaterThan(50)
  })

  test('a perfect Hessian and steps in (0, 2) may raise f; shrunk they go down', () => {
    const a = tensor([
      [1, 0.99],
      [0.99, 1],
    ])
    const inverse = dense.inverse(a)
    if (E.isLeft(inverse)) throw new Error('singular')
    const f = quadratic(a)
    const at = pointAt(f, tensor([1, -0.9]))
    const bare = frozen(givenSteps(byMatrix(inverse.right)), tensor([0.2, 1]))
    const memory = bare.init(at)
    const next = concrete(add(at.x, bare.propose(memory, at)[0]))
    expect(dense.norm(next)).toBeCloseTo(0.8, 12)
    expect([at.value, item(f(next))].map((value) => value.toFixed(2))).toEqual(['0.01', '0.32'])
    expect(item(dot(at.grad, bare.propose(memory, at)[0]))).toBeCloseTo(0.0592, 4)
    expect(item(dot(at.grad, shrunk(bare).propose(memory, at)[0]))).toBeLessThan(0)
  })
})

describe('guarded', () => {
  test.each(losses)('with any weights f falls at every step: %s', (_, lossOf) => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 2, max: 8 }), (seed, n) => {
        const theta = { weights: mul(3, normal(key(seed + 2), [3])), memory: normal(key(seed + 3), []) }
        const learned = shrunk(frozen(coordinatewise(unit, linear), theta))
        const method = guarded(learned, backtracking(), { along: unscaled, search: strongWolfe() })
        const values = iteratesOf(lossOf(n, seed), method, normal(key(seed + 1), [n]), 12).map(
          ({ point }) => point.value,
        )
        for (const [k, value] of values.slice(1).entries()) expect(value).toBeLessThanOrEqual(values[k] as number)
      }),
      { numRuns: 340 },
    )
  })

  test('with a gradient step to fall back on, any policy has the rate of the guard', () => {
    const spectra = fc.array(
      fc.integer({ min: 0, max: 20 }).map((k) => 10 ** (k / 10)),
      { minLength: 2, maxLength: 6 },
    )
    fc.assert(
      fc.property(spectra, fc.nat(1e6), fc.integer({ min: 1, max: 40 }), (values, seed, fortieth) => {
        const [mu, L] = [Math.min(...values), Math.max(...values)]
        const delta = fortieth / 40 / L
        const theta = uniform(key(seed + 2), [values.length], { min: 0, max: 2 })
        const method = guarded(frozen(givenSteps(unit), theta), unitStepIf(gradientDecrease(delta)), {
          along: (_, at) => mul(-1, at.grad),
          search: fixed(1 / L),
        })
        const factor = 1 - 2 * mu * Math.min(delta, 1 / (2 * L))
        const f = quadratic(withSpectrum(values, seed))
        const [first, ...rest] = iteratesOf(f, method, normal(key(seed + 1), [values.length]), 25)
        for (const [k, { point }] of rest.entries())
          expect(point.value).toBeLessThanOrEqual(
            factor ** (k + 1) * (first?.point.value as number) * (1 + 1e-6) + 1e-12,
          )
      }),
      { numRuns: 300 },
    )
  })

  test('a fallback that fails too ends the run with its reason', () => {
    const flat = (x: Value): Value => mul(0, sum(x))
    const method = guarded(frozen(givenSteps(steepest()), tensor([1, 1])), backtracking(), {
      along: unscaled,
      search: strongWolfe(),
    })
    const { outcome } = minimize(flat, tensor([1, 1]) as Value, { method, until: [] })
    expect(outcome).toMatchObject({ left: { kind: 'not a descent direction' } })
  })
})

test('annealed steps are themselves at first and 1 in the end', () => {
  const f = (x: Value): Value => add(sum(exp(x)), mul(0.5, dot(sub(x, 1), sub(x, 1))))
  const direction = annealed(frozen(givenSteps(unit), tensor([0.6, 1.4, 0.8])), 1e-3)
  const run = iteratesOf(f, descend(direction, backtracking()), tensor([2, -1, 0.5]), 60)
  const far = run.map(({ state }) => item(distanceFromOne(state.memory)))
  expect(far[1]).toBeGreaterThan(0.2)
  expect(far[far.length - 1]).toBeLessThan(1e-6)
})

test('options out of range are refused', () => {
  const bare = frozen(givenSteps(unit), tensor([1]))
  expect(() => shrunk(bare, 1)).toThrow('shrunk: got gamma = 1')
  expect(() => annealed(bare, 0)).toThrow('annealed: got zeta = 0')
})

test('whichever step is taken, the direction learns from it: BFGS keeps its secant equation', () => {
  const start = normal(key(3), [4])
  const f = quadratic(withSpectrum([1, 5, 20, 90], 4))
  // Steps of 2 overshoot, so that the fallback is taken at times.
  const method = guarded(frozen(givenSteps(unit), tensor([2, 2, 0.1, 2])), unitStepIf(gradientDecrease(1e-4)), {
    along: unscaled,
    search: strongWolfe(),
  })
  const run = iteratesOf(f, method, start, 12)
  const fellBack = run.filter(({ state }) => state.last !== null && state.last.alpha !== 1).length
  expect(fellBack).toBeGreaterThan(0)
  for (const [k, { state, point }] of run.slice(1).entries()) {
    const before = run[k]?.point as typeof point
    const [s, y] = [dense.sub(point.x, before.x), dense.sub(point.grad, before.grad)]
    const misfit = dense.sub(dense.matvec(concrete(state.memory.inner), y), s)
    expect(dense.norm(misfit)).toBeLessThanOrEqual(1e-9 * dense.norm(s))
  }
})
