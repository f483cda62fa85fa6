import { add, concrete, grad, item, matmul, mul, type Value } from '@secant/autodiff'
import * as dense from '@secant/linalg'
import { fromData, key, matvec, normal, scalar, symmetricEigen, type Tensor, tensor } from '@secant/linalg'
import {
  backtracking,
  bfgsUpdate,
  descend,
  dfpUpdate,
  exactQuadratic,
  fixed,
  type InverseUpdate,
  sr1Update,
} from '@secant/optim'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import { combined, frozen, type Network, scaleFree } from '../src/index.ts'
import { iteratesOf, pointAt, quadratic, unit, withSpectrum } from './policies.ts'

const updates: readonly InverseUpdate[] = [bfgsUpdate, dfpUpdate, sr1Update]
const one = { initialScale: () => 1 }

/** The same answers whatever it is told. */
const fixedAnswers: Network<Value, null> = {
  name: 'fixed answers',
  start: (from) => [dense.zeros([3]), from],
  init: () => null,
  apply: (theta, state) => [theta, state],
}

/** Answers linear in the nine numbers of each row. */
const affine: Network<Value, null> = {
  name: 'affine',
  start: (from) => [normal(from, [9]), from],
  init: () => null,
  apply: (theta, state, features) => [matmul(features, theta), state],
}

const smallest = (a: Tensor): number => {
  const eigen = symmetricEigen(a)
  if (E.isLeft(eigen)) throw new Error('eigenvalues: got no convergence')
  return Math.min(...eigen.right.values.data)
}

test('all weight on one update is that update, bit for bit', () => {
  const f = quadratic(withSpectrum([1, 3, 10, 40], 1))
  const start = normal(key(2), [4])
  const answers = tensor([1e3, -1e3, -1e3])
  const plain = iteratesOf(f, descend(unit, backtracking()), start, 20)
  const mixed = iteratesOf(f, descend(frozen(combined(updates, fixedAnswers, one), answers), backtracking()), start, 20)
  expect(mixed.map(({ point }) => point)).toEqual(plain.map(({ point }) => point))
  for (const { state } of mixed.slice(1)) expect(concrete(state.memory.weights)).toEqual(tensor([1, 0, 0]))
})

test('any combination keeps the secant equation and is positive definite', () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.integer({ min: 2, max: 5 }), (seed, n) => {
      const a = withSpectrum(
        Array.from({ length: n }, (_, i) => 3 ** i),
        seed,
      )
      const direction = frozen(combined(updates, affine, one), mul(2, normal(key(seed + 1), [9])))
      const run = iteratesOf(quadratic(a), descend(direction, backtracking()), normal(key(seed + 2), [n]), 6)
      for (const [k, { state }] of run.entries()) {
        const { inverse, weights } = state.memory
        expect(smallest(concrete(inverse))).toBeGreaterThan(0)
        if (k === 0) continue
        expect(concrete(weights).data.every((w) => w >= 0)).toBe(true)
        expect(item(dense.sum(concrete(weights), [0]))).toBeCloseTo(1, 14)
        // What was proposed at step k came from the pair of the step before.
        const [from, before] = [run[k - 1], run[k - 2]]
        if (!from || !before) continue
        const [s, y] = [dense.sub(from.point.x, before.point.x), dense.sub(from.point.grad, before.point.grad)]
        expect(dense.norm(dense.sub(matvec(concrete(inverse), y), s))).toBeLessThanOrEqual(1e-8 * dense.norm(s))
      }
    }),
    { numRuns: 25 },
  )
})

test('the matrix is the weighted sum of what the updates make of the last one', () => {
  const a = withSpectrum([0.2, 0.5, 1], 3)
  const run = iteratesOf(
    quadratic(a),
    descend(frozen(combined(updates, fixedAnswers, one), tensor([0, Math.log(2), Math.log(5)])), fixed(1)),
    normal(key(4), [3]),
    5,
  )
  let h: Value = dense.eye(3)
  for (const [k, { state }] of run.slice(1).entries()) {
    const [from, before] = [run[k]?.point, run[k - 1]?.point]
    if (from && before) {
      const [s, y] = [dense.sub(from.x, before.x), dense.sub(from.grad, before.grad)]
      const [b, d, r] = updates.map((update) => update(h, s, y)) as [Value, Value, Value]
      h = add(add(mul(1 / 8, b), mul(2 / 8, d)), mul(5 / 8, r))
    }
    for (const [i, entry] of concrete(h).data.entries())
      expect(concrete(state.memory.inverse).data[i]).toBeCloseTo(entry, 10)
  }
})

test('with exact steps on a quadratic, BFGS and DFP and all between go the same way (Dixon)', () => {
  const f = quadratic(withSpectrum([1, 2, 5, 9], 5))
  const start = normal(key(6), [4])
  const pathOf = (answers: Tensor): readonly Tensor[] => {
    const two = combined([bfgsUpdate, dfpUpdate], { ...fixedAnswers, name: 'two' }, one)
    return iteratesOf(f, descend(frozen(two, answers), exactQuadratic()), start, 3).map(({ point }) => point.x)
  }
  const [whole, half, none] = [tensor([1e3, -1e3]), tensor([0, 0]), tensor([-1e3, 1e3])].map(pathOf)
  for (const [k, x] of (whole ?? []).entries())
    for (const other of [half, none]) expect(dense.norm(dense.sub(x, other?.[k] as Tensor))).toBeLessThan(1e-10)
})

test('the derivative in θ of the objective after the step is that of differences', () => {
  const f = quadratic(withSpectrum([1, 5, 20], 7))
  const policy = combined(updates, affine, one)
  const theta = normal(key(8), [9])
  const run = iteratesOf(f, descend(frozen(policy, theta), backtracking()), normal(key(9), [3]), 3)
  const { state, point } = run[2] as (typeof run)[number]
  const after = (parameters: Value): Value =>
    f(add(point.x, frozen(policy, parameters).propose(state.memory, point)[0]))
  const exact = concrete(grad(after)(theta))
  expect(dense.norm(exact)).toBeGreaterThan(1e-6)
  const h = 1e-5
  for (const [i, slope] of exact.data.entries()) {
    const moved = (by: number): Tensor => fromData(theta.data.map((w, j) => (i === j ? w + by : w)))
    const size = Math.max(1, dense.norm(exact))
    expect(Math.abs((item(after(moved(h))) - item(after(moved(-h)))) / (2 * h) - slope)).toBeLessThan(1e-6 * size)
  }
})

test('features are those of the formulas, and 0 without a pair', () => {
  const [step, before, gradient] = [10, 11, 12].map((seed) => normal(key(seed), [3])) as [Tensor, Tensor, Tensor]
  const [a, inverse] = [withSpectrum([1, 2, 3], 13), withSpectrum([0.1, 1, 2], 14)]
  const change = matvec(a, step)
  const [scaled, first] = [matvec(inverse, before), matvec(inverse, gradient)]
  const { dot, norm } = dense
  const expected = [
    Math.log(dot(change, matvec(inverse, change)) / dot(step, change)),
    Math.log(dot(gradient, first) / dot(before, scaled)) / 5,
    dot(gradient, first) / (norm(gradient) * norm(first)),
    dot(gradient, step) / dot(step, change),
    Math.log(dot(first, first) / dot(step, step)) / 5,
    dot(gradient, before) / (norm(gradient) * norm(before)),
  ]
  const seen = { inverse, step, change, before, scaled, gradient, first }
  for (const [i, entry] of concrete(scaleFree(seen)).data.entries())
    expect(entry).toBeCloseTo(expected[i] as number, 12)
  const none = dense.zeros([3])
  expect(concrete(scaleFree({ ...seen, step: none, change: none }))).toEqual(dense.zeros([6]))
  const huge = { ...seen, scaled: dense.mul(scalar(1e-300), before) }
  expect(concrete(scaleFree(huge)).data[1]).toBe(2)
})

test('features do not change with the scales of f and x', () => {
  const a = withSpectrum([1, 5, 20], 15)
  const start = normal(key(16), [3])
  const policy = combined(updates, affine, one)
  const theta = normal(key(17), [9])
  // f → 4 f(x / 2) with H → H (b²/a = 1): the same steps, twice as long.
  const weightsOf = (b: number) => {
    const scaled = dense.mul(scalar(4 / b ** 2), a)
    const direction = frozen(combined(updates, affine, { initialScale: () => b ** 2 / 4 }), theta)
    const run = iteratesOf(quadratic(scaled), descend(direction, backtracking()), dense.mul(scalar(b), start), 6)
    return run.slice(1).map(({ state }) => concrete(state.memory.weights))
  }
  const [once, again] = [weightsOf(2), weightsOf(16)]
  for (const [k, weights] of (once ?? []).entries())
    for (const [i, w] of weights.data.entries()) expect(again?.[k]?.data[i]).toBeCloseTo(w, 10)
  expect(policy.name).toBe('affine over 3 updates')
})

test('a combination of nothing is refused', () => {
  expect(() => combined([], fixedAnswers)).toThrow('combined: got no updates')
  const at = pointAt(quadratic(dense.eye(1)), tensor([1]))
  const direction = frozen(combined([bfgsUpdate], { ...fixedAnswers }), tensor([0]))
  expect(concrete(direction.propose(direction.init(at), at)[0])).toEqual(tensor([-1]))
})
