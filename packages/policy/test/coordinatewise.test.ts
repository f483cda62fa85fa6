import { add, concrete, evaluate, grad, item, mul, record, type Value } from '@secant/autodiff'
import * as dense from '@secant/linalg'
import { fromData, key, normal, type Tensor, tensor } from '@secant/linalg'
import { backtracking, descend, lbfgs, steepest } from '@secant/optim'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { coordinatewise, frozen, raw } from '../src/index.ts'
import { iteratesOf, linear, pointAt, quadratic, silent, unit, withSpectrum } from './policies.ts'

test('a network that answers 0 leaves BFGS as it is, bit for bit', () => {
  const f = quadratic(withSpectrum([1, 3, 10, 40], 1))
  const start = normal(key(2), [4])
  const plain = iteratesOf(f, descend(unit, backtracking()), start, 15)
  const stepped = iteratesOf(f, descend(frozen(coordinatewise(unit, silent), null), backtracking()), start, 15)
  expect(stepped.map(({ point }) => point)).toEqual(plain.map(({ point }) => point))
})

test('permuting the variables permutes the steps', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), fc.nat(1000), (order, seed) => {
      const policy = coordinatewise(lbfgs({ memory: 3 }), linear)
      const direction = frozen(policy, policy.start(5)(key(seed))[0])
      const moved = (x: Tensor): Tensor => fromData(Float64Array.from(order, (i) => x.data[i] as number))
      const stepsAt = (x: Tensor, gradient: Tensor): Tensor => {
        const at = { x, value: 0, grad: gradient }
        return concrete(direction.propose(direction.init(at), at)[1].steps)
      }
      const [x, gradient] = [normal(key(seed + 1), [5]), normal(key(seed + 2), [5])]
      const [once, again] = [moved(stepsAt(x, gradient)), stepsAt(moved(x), moved(gradient))]
      for (const [i, p] of once.data.entries()) expect(again.data[i]).toBeCloseTo(p, 13)
    }),
    { numRuns: 100 },
  )
})

test('steps stay in their interval, whatever the network says', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.integer({ min: -1e6, max: 1e6 }), (seed, size) => {
      const theta = { weights: mul(size, normal(key(seed), [3])), memory: dense.scalar(0) }
      const direction = frozen(coordinatewise(steepest(), linear, { features: raw }), theta)
      const at = { x: normal(key(seed + 1), [4]), value: 0, grad: normal(key(seed + 2), [4]) }
      for (const p of concrete(direction.propose(direction.init(at), at)[1].steps).data) {
        expect(p).toBeGreaterThanOrEqual(0.05)
        expect(p).toBeLessThanOrEqual(2)
      }
    }),
  )
})

test('the derivative in θ of the objective after the step is that of differences', () => {
  const f = quadratic(withSpectrum([1, 5, 20], 3))
  const at = pointAt(f, normal(key(4), [3]))
  const policy = coordinatewise(unit, linear)
  const [theta] = policy.start(3)(key(5))
  const after = (weights: Value): Value => {
    const direction = policy.direction({ ...theta, weights })
    return f(add(at.x, direction.propose(direction.init(at), at)[0]))
  }
  const h = 1e-6
  for (const [i, exact] of concrete(grad(after)(theta.weights)).data.entries()) {
    const moved = (by: number): Tensor => fromData(concrete(theta.weights).data.map((w, j) => (i === j ? w + by : w)))
    expect((item(after(moved(h))) - item(after(moved(-h)))) / (2 * h)).toBeCloseTo(exact, 6)
  }
})

test('a step is recorded and evaluated again, bit for bit', () => {
  const policy = coordinatewise(unit, linear)
  const [theta] = policy.start(3)(key(6))
  const direction = frozen(policy, theta)
  const propose = (gradient: Value): Value => {
    const at = { x: tensor([1, 2, 3]), value: 0, grad: gradient }
    return direction.propose(direction.init(at), at)[0]
  }
  const gradient = tensor([0.5, -1, 2])
  const { program } = record(propose)(gradient)
  expect(concrete(evaluate(program)([gradient])[0] as Value)).toEqual(concrete(propose(gradient)))
})

test('an interval that does not hold 1 is refused', () => {
  expect(() => coordinatewise(unit, silent, { least: 1.5 })).toThrow('coordinatewise: got [1.5, 2]')
})

test('the network goes on from the state that its last answer left', () => {
  const direction = frozen(coordinatewise(steepest(), linear), { weights: tensor([1, 0, 0]), memory: dense.scalar(1) })
  const at = { x: tensor([1, -1]), value: 0, grad: tensor([1, 1]) }
  const [, once] = direction.propose(direction.init(at), at)
  const [, twice] = direction.propose(direction.observe(once, { from: at, to: at, alpha: 1 }), at)
  // z = x/rms(x) at first, and the same again on top of itself.
  const steps = (z: number): number => 2 / (1 + Math.exp(-z))
  for (const [{ steps: found }, z] of [[once, 1], [twice, 2]] as const) // biome-ignore format: pairs
    for (const [i, p] of concrete(found).data.entries())
      expect(p).toBeCloseTo(Math.max(0.05, steps(i === 0 ? z : -z)), 10)
})
