import { add, concrete, dot, item, mul, sub, type Value } from '@secant/autodiff'
import * as dense from '@secant/linalg'
import { key, normal, tensor } from '@secant/linalg'
import { steepest } from '@secant/optim'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  type Estimator,
  evolution,
  givenSteps,
  heldConstant,
  persistentEvolution,
  type Stretch,
  throughTime,
  unroll,
} from '../src/index.ts'
import { bowl, gain } from './policies.ts'

/** A stretch whose loss is a given function of θ and the run, a single number that grows by θ. */
const scalarStretch =
  (loss: (theta: Value, x: Value) => Value): Stretch<Value, Value> =>
  (theta, x) => [loss(theta, x), add(x, theta)]

describe('estimators', () => {
  test('evolution strategies give the gradient of a quadratic loss on average', () => {
    // For a quadratic the smoothed gradient is the gradient; the estimate scatters about it with what other
    // coordinates contribute.
    const stretch: Stretch<Value, Value> = (theta, x) => [mul(0.5, dot(sub(theta, x), sub(theta, x))), x]
    const theta = tensor([0.3, -1, 2])
    const runs = normal(key(1), [5, 3])
    const exact = throughTime(stretch).estimate(theta, runs, key(0))
    const estimated = evolution(stretch, { pairs: 4000, sigma: 0.1 }).estimate(theta, runs, key(7))
    if (E.isLeft(exact) || E.isLeft(estimated)) throw new Error('not finite')
    const [g, ghat] = [concrete(exact.right.gradient), concrete(estimated.right.gradient)]
    // Standard deviation of an entry: about ‖g‖ / √pairs; five of them.
    const far = dense.maxAbs(dense.sub(g, ghat))
    expect(far).toBeLessThan((5 * dense.norm(g)) / Math.sqrt(4000))
    expect(far).toBeGreaterThan(0)
  })

  test('persistent evolution counts what earlier stretches did, truncation does not', () => {
    // After two stretches x = x₀ + θ; the second loss ½x² has slope x in θ only through the first.
    const loss = (_: Value, x: Value): Value => mul(0.5, mul(x, x))
    const stretch = scalarStretch(loss)
    const theta = dense.scalar(1)
    const runs = tensor([2, 3]) as Value
    const truncated = evolution(stretch, { pairs: 50, sigma: 0.1 })
    const persistent = persistentEvolution(stretch, { pairs: 4000, sigma: 0.1 })
    const second = <S>({ begin, estimate }: Estimator<Value, Value, S>): number => {
      const first = estimate(theta, begin(theta, runs), key(1))
      if (E.isLeft(first)) throw new Error('not finite')
      const then = estimate(theta, first.right.state, key(2))
      if (E.isLeft(then)) throw new Error('not finite')
      return item(then.right.gradient)
    }
    expect(second(truncated)).toBeCloseTo(0, 12)
    // The mean of x₀ + θ is 3.5; one deviation of the estimate is about 3.5 √3 / √4000.
    expect(Math.abs(second(persistent) - 3.5)).toBeLessThan(0.5)
  })

  const blowing: Stretch<Value, Value> = (theta, x) => [mul(theta, mul(x, mul(x, x))), x]

  test.each([
    ['through time', throughTime(blowing)],
    ['evolution', evolution(blowing, { pairs: 2 })],
  ])('%s: members that are not finite are dropped and counted, the others are not touched by them', (_, estimator) => {
    const runs = (list: readonly number[]): Value => tensor([...list])
    const mixed = estimator.estimate(dense.scalar(1), runs([1, 1e200, 2, Number.NaN]), key(3))
    const sound = estimator.estimate(dense.scalar(1), runs([1, 2]), key(3))
    if (E.isLeft(mixed) || E.isLeft(sound)) throw new Error('not finite')
    expect(mixed.right).toMatchObject({ members: 2, dropped: 2 })
    expect(item(mixed.right.gradient)).toBe(item(sound.right.gradient))
    expect(concrete(mixed.right.state).data).toEqual(Float64Array.of(1, 2))
    expect(estimator.estimate(dense.scalar(1), runs([1e200, Number.NaN]), key(3))).toEqual(
      E.left({ kind: 'nothing finite', dropped: 2 }),
    )
  })

  test('options out of range are refused', () => {
    expect(() => evolution(blowing, { sigma: 0 })).toThrow('evolution: got sigma = 0')
    expect(() => persistentEvolution(blowing, { pairs: 1.5 })).toThrow('persistentEvolution: got 1.5 pairs')
    expect(() => unroll({ policy: givenSteps(steepest()), measured: heldConstant(bowl), loss: gain }, 0)).toThrow(
      'unroll: got 0 steps',
    )
  })
})
