import { concrete, type Value } from '@secant/autodiff'
import * as dense from '@secant/linalg'
import { fromData, key, matvec, normal, type Tensor, tensor, uniform } from '@secant/linalg'
import {
  backtracking,
  type Direction,
  descend,
  fixed,
  iterates,
  type Place,
  steepest,
  strongWolfe,
} from '@secant/optim'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bestSteps,
  type Diagonal,
  frozen,
  givenSteps,
  guarded,
  hypergradientSteps,
  randomSteps,
  shrunk,
  unscaled,
} from '../src/index.ts'
import { byMatrix, iteratesOf, measured, pointAt, quadratic, unit, withSpectrum } from './policies.ts'

const expectClose = (a: Value, b: ArrayLike<number>, digits = 10): void => {
  for (const [i, entry] of concrete(a).data.entries()) expect(entry).toBeCloseTo(b[i] as number, digits)
}

type Matrix = readonly (readonly number[])[]

/**
 * BFGS from the identity with unit steps and step sizes by hypergradients, in plain loops, as the paper's d = Hg has
 * them.
 */
const textbook = (a: Matrix, x0: readonly number[], steps: number, beta: number, normalised: boolean) => {
  const n = x0.length
  const dot = (u: readonly number[], v: readonly number[]): number => u.reduce((t, e, i) => t + e * (v[i] as number), 0)
  const times = (m: Matrix, v: readonly number[]): number[] => m.map((row) => dot(row, v))
  let [x, p] = [[...x0], x0.map(() => 1)]
  let h: Matrix = a.map((row, i) => row.map((_, j) => (i === j ? 1 : 0)))
  const seen = [{ x, p }]
  for (let k = 0; k < steps; k++) {
    const g = times(a, x)
    const d = times(h, g)
    const s = d.map((e, i) => -(p[i] as number) * e)
    x = x.map((e, i) => e + (s[i] as number))
    const after = times(a, x)
    const scale = normalised ? 1 / dot(g, d) : 1
    p = p.map((e, i) => Math.min(2, Math.max(0, e + beta * scale * (after[i] as number) * (d[i] as number))))
    const y = after.map((e, i) => e - (g[i] as number))
    const rho = 1 / dot(s, y)
    const left = h.map((_, i) => h.map((__, j) => (i === j ? 1 : 0) - rho * (s[i] as number) * (y[j] as number)))
    const product = (u: Matrix, v: Matrix): number[][] =>
      u.map((row) => Array.from({ length: n }, (_, j) => row.reduce((t, e, m) => t + e * (v[m]?.[j] as number), 0)))
    const turned = left.map((_, i) => left.map((row) => row[i] as number))
    h = product(product(left, h), turned).map((row, i) =>
      row.map((e, j) => e + rho * (s[i] as number) * (s[j] as number)),
    )
    seen.push({ x, p })
  }
  return seen
}

describe('hypergradient steps', () => {
  test.each([
    ['normalised', true, 0.3],
    ['normalised, cut at the ends', true, 5],
    ['not normalised', false, 0.02],
  ] as const)('are those of plain loops: %s', (_, normalised, rate) => {
    const a = dense.mul(dense.scalar(0.1), withSpectrum([1, 3, 10], 1))
    const start = tensor([1, -2, 0.5])
    const direction = hypergradientSteps(unit, { rate, normalised })
    const plain = textbook(dense.toNested(a) as Matrix, [...start.data], 8, rate, normalised)
    const run = iteratesOf(quadratic(a), descend(direction, fixed(1)), start, 8)
    for (const [k, { point, state }] of run.entries()) {
      expectClose(point.x, plain[k]?.x ?? [])
      expectClose(state.memory.next, plain[k]?.p ?? [])
      if (k > 0) expectClose(state.memory.steps, plain[k - 1]?.p ?? [])
    }
    if (rate === 5) expect(plain.some(({ p }) => p.includes(0) || p.includes(2))).toBe(true)
  })

  test('a step that is too short makes them grow, one that is too long makes them shrink', () => {
    const next = (length: number): readonly number[] => {
      const at = pointAt(quadratic(dense.eye(2)), tensor([1, -1]))
      const direction = hypergradientSteps(byMatrix(dense.mul(dense.scalar(length), dense.eye(2))), { rate: 0.1 })
      const [step, memory] = direction.propose(direction.init(at), at)
      const to = pointAt(quadratic(dense.eye(2)), dense.add(at.x, concrete(step)))
      return [...concrete(direction.observe(memory, { from: at, to, alpha: 1 }).next).data]
    }
    // d = l g and g₊ = (1 − l) g: each entry moves by β (1 − l) / 2.
    expect(next(0.5)).toEqual([1.025, 1.025])
    expect(next(1.5)).toEqual([0.975, 0.975])
    expect(next(1)).toEqual([1, 1])
  })

  test('normalised, they do not depend on the scale of the objective', () => {
    const a = withSpectrum([1, 4, 9], 2)
    const start = normal(key(3), [3])
    const stepsWith = (c: number) => {
      const scaled = dense.mul(dense.scalar(c), a)
      const direction = hypergradientSteps(byMatrix(dense.mul(dense.scalar(0.1 / c), dense.eye(3))), { rate: 0.5 })
      return iteratesOf(quadratic(scaled), descend(direction, fixed(1)), start, 6).map(({ state }) => state.memory.next)
    }
    const [once, again] = [stepsWith(1), stepsWith(1024)]
    for (const [k, steps] of once.entries()) expectClose(steps, concrete(again[k] as Value).data, 12)
  })

  test('behind a guard they go on from the steps that were taken', () => {
    const at: Place = { x: tensor([0, 0]), value: 0, grad: tensor([1, -1]) }
    const direction = shrunk(
      hypergradientSteps(
        byMatrix(
          tensor([
            [1, 0.9],
            [0.9, 1],
          ]),
        ),
        { rate: 0 },
      ),
      0.5,
    )
    const uneven = { ...direction.init(at), next: tensor([2, 0]) }
    const [, proposed] = direction.propose(uneven, at)
    expect(concrete(direction.observe(proposed, { from: at, to: at, alpha: 1 }).next)).toEqual(concrete(proposed.steps))
  })

  test('a direction of no slope changes nothing', () => {
    const at: Place = { x: tensor([0, 0]), value: 0, grad: tensor([0, 0]) }
    const direction = hypergradientSteps(steepest(), { rate: 1 })
    const [, memory] = direction.propose(direction.init(at), at)
    expect(concrete(direction.observe(memory, { from: at, to: at, alpha: 1 }).next)).toEqual(tensor([1, 1]))
  })
})

describe('random steps', () => {
  const f = quadratic(withSpectrum([1, 3, 10, 40], 4))
  const start = normal(key(5), [4])
  const method = <M extends Diagonal>(direction: Direction<M>) =>
    guarded(shrunk(direction), backtracking(), { along: unscaled, search: strongWolfe() })
  const stepsOf = (shared: boolean, seed: number): readonly Tensor[] =>
    iteratesOf(f, method(randomSteps(unit, key(seed), { shared })), start, 8)
      .slice(1)
      .map(({ state }) => concrete(state.memory.steps))

  test('stay in their interval, differ from step to step, and are the same from the same key', () => {
    const plain = randomSteps(unit, key(6), { least: 0.5, most: 1.5 })
    const at = pointAt(f, start)
    let memory = plain.init(at)
    const seen = Array.from({ length: 50 }, () => {
      memory = plain.propose(memory, at)[1]
      return [...concrete(memory.steps).data]
    }).flat()
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(0.5)
    expect(Math.max(...seen)).toBeLessThan(1.5)
    // Means of 200 uniform numbers lie within six deviations of the middle.
    expect(Math.abs(seen.reduce((a, b) => a + b) / 200 - 1)).toBeLessThan(6 / Math.sqrt(12 * 200))
    expect(new Set(seen).size).toBe(200)
    expect(stepsOf(false, 7)).toEqual(stepsOf(false, 7))
    expect(stepsOf(false, 7)).not.toEqual(stepsOf(false, 8))
  })

  test('shared, they are equal in all variables', () => {
    const each = stepsOf(true, 9)
    for (const { data } of each) expect(new Set(data).size).toBe(1)
    expect(new Set(each.map(({ data }) => data[0])).size).toBe(each.length)
  })

  test('behind a guard f falls, and a saved state goes on to the same bits', () => {
    const guardedRandom = method(randomSteps(unit, key(10)))
    const whole = iteratesOf(f, guardedRandom, start, 12)
    for (const [k, { point }] of whole.slice(1).entries())
      expect(point.value).toBeLessThanOrEqual(whole[k]?.point.value as number)
    const saved = structuredClone(whole[5]?.state as (typeof whole)[number]['state'])
    const options = { maxIterations: 7, until: [] }
    const again = [...iterates(measured(f, start), { ...guardedRandom, init: () => saved }, start, options)]
    expect(again.map(({ point }) => point)).toEqual(whole.slice(5).map(({ point }) => point))
  })
})

describe('the best steps', () => {
  const cases = fc.tuple(fc.nat(1e6), fc.integer({ min: 2, max: 6 })).map(([seed, n]) => {
    const a = withSpectrum(
      Array.from({ length: n }, (_, i) => 3 ** i),
      seed,
    )
    const h = withSpectrum(
      Array.from({ length: n }, (_, i) => 3 ** -i),
      seed + 1,
    )
    return { n, seed, a, h, x: normal(key(seed + 2), [n]) }
  })
  const valueAt = (a: Tensor, x: Tensor): number => 0.5 * dense.dot(x, matvec(a, x))

  test('are not beaten by any others in the box', () => {
    fc.assert(
      fc.property(cases, ({ n, seed, a, h, x }) => {
        const at = pointAt(quadratic(a), x)
        const direction = bestSteps(byMatrix(h), a)
        const [step, { steps, along }] = direction.propose(direction.init(at), at)
        const least = valueAt(a, dense.add(x, concrete(step)))
        for (const p of concrete(steps).data) expect(0 <= p && p <= 2).toBe(true)
        for (let trial = 0; trial < 20; trial++) {
          const corners = uniform(key(seed + trial), [n], { min: -1, max: 3 })
          const p = dense.map(corners, (u) => Math.min(2, Math.max(0, u)))
          const other = valueAt(a, dense.add(x, dense.mul(p, concrete(along))))
          expect(least).toBeLessThanOrEqual(other + 1e-10 * Math.abs(at.value))
        }
      }),
      { numRuns: 100 },
    )
  })

  test('make p ⊙ d the Newton step where the box holds it, and only there', () => {
    let inside = 0
    fc.assert(
      fc.property(cases, ({ a, h, x }) => {
        const at = pointAt(quadratic(a), x)
        const direction = bestSteps(byMatrix(h), a, { least: -5, most: 5 })
        const [step, { along }] = direction.propose(direction.init(at), at)
        // The minimum of the quadratic is at 0, so Newton's step is −x.
        const needed = dense.div(dense.neg(x), concrete(along))
        const arrives = dense.norm(dense.add(x, concrete(step))) < 1e-9 * dense.norm(x)
        const fits = needed.data.every((p) => -5 <= p && p <= 5)
        if (fits) inside++
        expect(arrives).toBe(fits)
      }),
      { numRuns: 300 },
    )
    expect(inside).toBeGreaterThan(20)
  })

  test('entries along which the direction does not move keep 1', () => {
    const at = pointAt(quadratic(dense.eye(2)), tensor([1, 0]))
    const direction = bestSteps(steepest(), dense.eye(2))
    expect(concrete(direction.propose(direction.init(at), at)[1].steps)).toEqual(tensor([1, 1]))
  })

  test('a Hessian that is not definite is a mistake', () => {
    const at = pointAt(quadratic(dense.eye(1)), tensor([1]))
    const direction = bestSteps(steepest(), tensor([[-1]]))
    expect(() => direction.propose(direction.init(at), at)).toThrow(
      'bestSteps: got a Hessian that is not positive definite',
    )
  })
})

/** Step sizes of 1 by all who can be made to say so. */
const neutral: readonly (readonly [string, Direction<unknown>])[] = [
  ['given steps', frozen(givenSteps(unit), dense.ones([4]))],
  ['hypergradient steps of rate 0', hypergradientSteps(unit, { rate: 0 })],
].map(([name, direction]) => [name as string, direction as Direction<unknown>])

test.each(neutral)('p = 1 is BFGS, bit for bit: %s', (_, direction) => {
  const f = quadratic(withSpectrum([1, 3, 10, 40], 11))
  const start = normal(key(12), [4])
  const [plain, scaled] = [unit as Direction<unknown>, direction].map((one) =>
    iteratesOf(f, descend(one, backtracking()), start, 20).map(({ point }) => point),
  )
  expect(scaled).toEqual(plain)
})

test('permuting the variables permutes hypergradient and best steps', () => {
  const permuted = (x: Tensor, order: readonly number[]): Tensor =>
    fromData(Float64Array.from(order, (i) => x.data[i] as number))
  const bothPermuted = (a: Tensor, order: readonly number[]): Tensor => {
    const n = order.length
    return fromData(
      Float64Array.from(
        { length: n * n },
        (_, k) => a.data[(order[Math.floor(k / n)] as number) * n + (order[k % n] as number)] as number,
      ),
      [n, n],
    )
  }
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), fc.nat(1e5), (order, seed) => {
      const a = dense.mul(dense.scalar(0.2), withSpectrum([1, 2, 4, 6, 9], seed))
      const x = normal(key(seed + 1), [5])
      const turnsAlong = <M extends Diagonal>(make: (matrix: Tensor) => Direction<M>, steps: number): void => {
        const partsOf = (matrix: Tensor, start: Tensor) =>
          iteratesOf(quadratic(matrix), descend(make(matrix), fixed(1)), start, steps).flatMap(({ state, point }) => [
            point.x,
            concrete(state.memory.steps),
          ])
        const again = partsOf(bothPermuted(a, order), permuted(x, order))
        for (const [k, part] of partsOf(a, x).entries()) expectClose(permuted(part, order), again[k]?.data ?? [], 7)
      }
      turnsAlong(() => hypergradientSteps(unit, { rate: 0.3 }), 4)
      // Once such steps have arrived, the direction is rounding, and so are they.
      turnsAlong((matrix) => bestSteps(unit, matrix, { least: 0.5, most: 1.5 }), 1)
    }),
    { numRuns: 40 },
  )
})

test('intervals that make no sense are refused', () => {
  expect(() => hypergradientSteps(unit, { rate: 1, least: 1.5 })).toThrow('hypergradientSteps: got [1.5, 2]')
  expect(() => randomSteps(unit, key(0), { least: 2, most: 1 })).toThrow('randomSteps: got [2, 1)')
  expect(() => bestSteps(unit, dense.eye(1), { least: 2, most: 1 })).toThrow('bestSteps: got [2, 1]')
})
