import {
  add,
  checkDerivatives,
  concrete,
  dot,
  grad,
  item,
  linearize,
  mul,
  record,
  sub,
  sum,
  type Value,
  vmap,
} from '@secant/autodiff'
import * as dense from '@secant/linalg'
import { key, normal, type Tensor, tensor } from '@secant/linalg'
import { lbfgs, minimize, steepest } from '@secant/optim'
import { describe, expect, test } from 'vitest'
import {
  beginning,
  coordinatewise,
  differentiatedThrough,
  givenSteps,
  halvings,
  heldConstant,
  type Measured,
  measuredBy,
  unroll,
} from '../src/index.ts'
import {
  bowl,
  bowlMatrix,
  gain,
  linear,
  lossOver,
  lossStepByStep,
  measured,
  quadratic,
  withSpectrum,
} from './policies.ts'

const start = tensor([1, -0.5, 0.8])

describe('unrolled runs', () => {
  const policy = coordinatewise(lbfgs({ memory: 2 }), linear)
  const [theta] = policy.start(3)(key(1))

  test.each([1, 3, 6])('differentiated through, the gradient is that of the whole run: %i steps', (steps) => {
    const loss = lossOver({ policy, measured: differentiatedThrough(bowl), loss: gain }, start, steps)
    expect(checkDerivatives(loss, theta, { order: 1 })).toMatchObject({ agrees: true })
  })

  test('a loop of steps is one step after another, to the bit, and so is its gradient', () => {
    const unrolling = { policy, measured: heldConstant(bowl), loss: gain }
    const [loop, chain] = [lossOver(unrolling, start, 5), lossStepByStep(unrolling, start, 5)]
    expect(item(loop(theta))).toBe(item(chain(theta)))
    const [a, b] = [loop, chain].map((loss) => concrete(grad(loss)(theta).weights).data) as [
      Tensor['data'],
      Tensor['data'],
    ]
    for (const [i, slope] of a.entries()) expect(b[i]).toBeCloseTo(slope, 13)
  })

  test('held constant, the gradient is that of a run along given gradients, and another one', () => {
    const whole = lossStepByStep({ policy, measured: differentiatedThrough(bowl), loss: gain }, start, 4)
    const held = lossStepByStep({ policy, measured: heldConstant(bowl), loss: gain }, start, 4)
    // The surrogate: the same run with the gradients that were met on the way put in as numbers.
    const met: { readonly value: number; readonly grad: Tensor; readonly x: Tensor }[] = []
    const noting: Measured<Value> = {
      value: bowl,
      place: (data, x) => {
        const place = heldConstant(bowl).place(data, x)
        met.push({ x: concrete(x), value: item(place.value), grad: concrete(place.grad) })
        return place
      },
    }
    lossStepByStep({ policy, measured: noting, loss: gain }, start, 4)(theta)
    const surrogate = (parameters: typeof theta): Value => {
      let next = 0
      const given: Measured<Value> = {
        value: bowl,
        place: (_, x) => {
          const { x: there, value, grad: slope } = met[next++] as (typeof met)[number]
          return { x, value: add(value, dot(slope, sub(x, there))), grad: slope }
        },
      }
      return lossStepByStep({ policy, measured: given, loss: gain }, start, 4)(parameters)
    }
    expect(item(held(theta))).toBe(item(whole(theta)))
    expect(checkDerivatives(surrogate, theta, { order: 1 })).toMatchObject({ agrees: true })
    const [g, h, s] = [whole, held, surrogate].map((loss) => concrete(grad(loss)(theta).weights).data)
    for (const [i, slope] of (s as Tensor['data']).entries()) expect(h?.[i]).toBeCloseTo(slope, 12)
    expect(Array.from(h as Tensor['data'])).not.toEqual(Array.from(g as Tensor['data']))
  })

  test('an objective from outside is unrolled like one in operations, also in a batch', () => {
    const f = quadratic(bowlMatrix)
    const inside = { policy, measured: heldConstant((_: null, x: Value) => f(x)), loss: gain }
    const outside = { policy, measured: measuredBy(measured(f, start)), loss: gain }
    const starts = normal(key(5), [4, 3])
    const lossesOf = (unrolling: typeof inside) => (parameters: typeof theta) => {
      const one = (x: Value): Value => unroll(unrolling, 3)(parameters, beginning(unrolling)(parameters, null, x))[0]
      return sum(vmap(one)(starts as Value))
    }
    expect(item(lossesOf(outside)(theta))).toBeCloseTo(item(lossesOf(inside)(theta)), 13)
    const [a, b] = [inside, outside].map((unrolling) => concrete(grad(lossesOf(unrolling))(theta).weights).data)
    for (const [i, slope] of (a as Tensor['data']).entries()) expect(b?.[i]).toBeCloseTo(slope, 12)
  })

  test('one step: the cotangent of p is −g₊ ⊙ d, by hand', () => {
    const p = tensor([0.6, 1.3, 0.9])
    const loss = lossOver({ policy: givenSteps(steepest()), measured: heldConstant(bowl), loss: gain }, start, 1)
    const slopes = concrete(grad(loss)(p as Value))
    const objective = measured((x) => bowl(bowlMatrix, x) as Value, start)
    const { grad: g } = objective.point(start)
    const { grad: next } = objective.point(dense.sub(start, dense.mul(p, g)))
    for (const [i, slope] of slopes.data.entries())
      expect(slope).toBeCloseTo(-(next.data[i] as number) * (g.data[i] as number), 12)
  })

  test('halvings take the first length that backtracking would', () => {
    const steep = quadratic(withSpectrum([1, 40, 900], 2))
    const at = measured(steep, start).point(start)
    const alpha = halvings({ most: 12 })((a) => steep(add(at.x, mul(a, dense.neg(at.grad)))), at, dense.neg(at.grad))
    const decreases = (a: number): boolean =>
      item(steep(dense.axpy(-a, at.grad, start))) <= at.value - 1e-4 * a * dense.dot(at.grad, at.grad)
    const wanted = Array.from({ length: 13 }, (_, k) => 0.5 ** k).find(decreases)
    expect(item(alpha)).toBe(wanted)
    expect(wanted).toBeLessThan(0.1)
    expect(() => halvings({ most: 0 })).toThrow('halvings: got most = 0')
  })

  test('a stretch can be recorded', () => {
    const unrolling = { policy, measured: heldConstant(bowl), loss: gain }
    expect(() => record(lossOver(unrolling, start, 2))(theta)).not.toThrow()
  })
})

describe('the loss of an unrolled run', () => {
  const unrolling = { policy: givenSteps(steepest()), measured: heldConstant(bowl), loss: gain }
  const theta = dense.full([3], 0.05)

  test('θ can be trained by any method of optim', () => {
    const objective = lossOver(unrolling, start, 3)
    const { x, outcome } = minimize(objective, theta, { until: [], maxIterations: 15 })
    expect(item(objective(x))).toBeLessThan(item(objective(theta)))
    expect(outcome._tag).toBe('Left')
  })

  test('the derivative in θ is a linear map with its adjoint', () => {
    const [, map] = linearize(lossOver(unrolling, start, 3))(theta)
    const v = normal(key(9), [3])
    const forward = item(map.apply(v as Value))
    const reverse = dense.dot(concrete(map.adjoint(dense.scalar(1))), v)
    expect(forward).toBeCloseTo(reverse, 12)
  })
})
