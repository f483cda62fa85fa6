import * as dense from '@secant/linalg'
import { foldIn, full, type Key, key, scalar, split, type Tensor, tensor } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  concrete,
  evaluate,
  foldInKey,
  grad,
  hessian,
  item,
  keyValue,
  mul,
  randomInteger,
  randomNormal,
  randomPermutation,
  randomUniform,
  record,
  splitKey,
  square,
  stack,
  sum,
  take,
  type Value,
  vmap,
} from '../src/index.ts'

const keys: fc.Arbitrary<Key> = fc.tuple(fc.nat(2 ** 32 - 1), fc.nat(2 ** 32 - 1))

/** What is drawn from a key as a value, beside what linalg draws from the key itself. */
const samplers: readonly (readonly [string, (key: Value) => Value, (key: Key) => Tensor])[] = [
  ['uniform numbers', (k) => randomUniform(k, [2, 3]), (k) => dense.uniform(k, [2, 3])],
  [
    'uniform numbers in an interval, float32',
    (k) => randomUniform(k, [4], { min: -3, max: 0.1, dtype: 'float32' }),
    (k) => dense.uniform(k, [4], { min: -3, max: 0.1, dtype: 'float32' }),
  ],
  [
    'uniform numbers between values',
    (k) => randomUniform(k, [4], { min: scalar(-3), max: scalar(0.1) }),
    (k) => dense.uniform(k, [4], { min: -3, max: 0.1 }),
  ],
  ['normal numbers', (k) => randomNormal(k, [3]), (k) => dense.normal(k, [3])],
  [
    'normal numbers, float32',
    (k) => randomNormal(k, [3], { dtype: 'float32' }),
    (k) => dense.normal(k, [3], { dtype: 'float32' }),
  ],
  ['whole numbers', (k) => randomInteger(k, [5], -4, 9), (k) => dense.randint(k, [5], -4, 9)],
  ['an order', (k) => randomPermutation(k, 6), (k) => dense.permutation(k, 6)],
  [
    'slices in an order',
    (k) =>
      randomPermutation(
        k,
        tensor([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
      ),
    (k) =>
      dense.permutation(
        k,
        tensor([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
      ),
  ],
  ['a child', (k) => foldInKey(k, 3), (k) => keyValue(foldIn(k, 3))],
  ['a child of a number beyond int32', (k) => foldInKey(k, 2 ** 32 - 2), (k) => keyValue(foldIn(k, 2 ** 32 - 2))],
  ['children', (k) => splitKey(k, 3), (k) => concrete(stack(split(k, 3).map(keyValue)))],
  [
    'a draw from a child',
    (k) => randomNormal(take(splitKey(k), tensor(1, 'int32'), -2), []),
    (k) => dense.normal(split(k)[1], []),
  ],
]

describe.each(samplers)('%s', (_, sample, expected) => {
  test('have the bits of linalg', () => {
    fc.assert(
      fc.property(keys, (k) => {
        expect(sample(keyValue(k))).toEqual(expected(k))
      }),
      { numRuns: 30 },
    )
  })

  test('are drawn anew whenever a recorded program runs', () => {
    const { program } = record(sample)(keyValue(key(0)))
    fc.assert(
      fc.property(keys, (k) => {
        expect(evaluate(program)([keyValue(k)])).toEqual([expected(k)])
      }),
      { numRuns: 10 },
    )
  })

  test('are those of each key, under vmap and from keys that stand together', () => {
    fc.assert(
      fc.property(fc.array(keys, { minLength: 1, maxLength: 4 }), (list) => {
        const together = stack(list.map(keyValue))
        const each = stack(list.map(expected))
        expect(vmap(sample)(together)).toEqual(each)
        expect(sample(together)).toEqual(each)
        expect(vmap(vmap(sample))(stack([together, together]))).toEqual(stack([each, each]))
      }),
      { numRuns: 10 },
    )
  })
})

describe('with derivatives', () => {
  const k = key(4)
  const normals = dense.normal(k, [3])
  const cubed = (sigma: Value, from: Value): Value => {
    const x = mul(sigma, randomNormal(from, [3]))
    return sum(mul(x, square(x)))
  }
  const moment = Array.from(normals.data).reduce((total, n) => total + n ** 3, 0)

  test('in σ of σ times normal numbers, to the second order, also of a recorded program', () => {
    const sigma = scalar(1.5)
    expect(item(grad(cubed)(sigma, keyValue(k)))).toBeCloseTo(3 * 1.5 ** 2 * moment, 12)
    expect(item(hessian((s: Value) => cubed(s, keyValue(k)))(sigma))).toBeCloseTo(6 * 1.5 * moment, 12)
    const slope = ({ s, from }: { s: Value; from: Value }): Value => grad(cubed)(s, from)
    const { program } = record(slope)({ s: sigma, from: keyValue(key(0)) })
    expect(item(evaluate(program)([keyValue(k), sigma])[0] as Value)).toBeCloseTo(3 * 1.5 ** 2 * moment, 12)
  })

  test('under vmap over keys, and of the mean over keys', () => {
    const children = splitKey(keyValue(key(9)), 4)
    const slopes = vmap((from: Value) => grad(cubed)(scalar(1.5), from))(children)
    const each = split(key(9), 4).map((child) => grad(cubed)(scalar(1.5), keyValue(child)))
    expect(slopes).toEqual(stack(each))
    const whole = grad((s: Value) => sum(vmap((from: Value) => cubed(s, from))(children)))(scalar(1.5))
    expect(item(whole)).toBeCloseTo(item(sum(slopes)), 12)
  })

  test('in the ends of an interval: 1 − u and u', () => {
    const [low, high] = grad(([a, b]: readonly [Value, Value]) =>
      sum(randomUniform(keyValue(k), [3], { min: a, max: b })),
    )([scalar(-1), scalar(2)])
    const u = item(sum(dense.uniform(k, [3])))
    expect([item(low), item(high)]).toEqual([expect.closeTo(3 - u, 14), expect.closeTo(u, 14)])
  })
})

describe('numbers of steps as values', () => {
  test('a key with many of them folded in, and many keys with one', () => {
    const steps = tensor([0, 7, -1], 'int32')
    const children = [0, 7, 2 ** 32 - 1].map((step) => keyValue(foldIn(key(3), step)))
    expect(foldInKey(keyValue(key(3)), steps)).toEqual(stack(children))
    expect(vmap((step: Value) => foldInKey(keyValue(key(3)), step))(steps)).toEqual(stack(children))
    const parents = [key(3), key(4)]
    expect(foldInKey(stack(parents.map(keyValue)), 7)).toEqual(
      stack(parents.map((parent) => keyValue(foldIn(parent, 7)))),
    )
  })

  test('no keys at all, and no children', () => {
    expect(splitKey(keyValue(key(0)), 0).shape).toEqual([0, 2])
    expect(randomNormal(splitKey(keyValue(key(0)), 0), [3]).shape).toEqual([0, 3])
  })
})

describe('mistakes are refused', () => {
  const k = keyValue(key(0))
  test.each([
    [
      'a key of floats',
      () => randomNormal(tensor([0, 1]), [2]),
      'randomNormal: got keys float64 [2]; needs int32 […, 2]',
    ],
    ['a key of three words', () => splitKey(full([3], 0, 'int32')), 'splitKey: got keys int32 [3]'],
    ['a number that is no key', () => foldInKey(scalar(0, 'int32'), 1), 'foldInKey: got keys int32 []'],
    ['a fraction of a step', () => foldInKey(k, 0.5), 'foldInKey: got 0.5; needs an integer in [0, 2³²)'],
    ['a step before the first', () => foldInKey(k, -1), 'foldInKey: got -1'],
    ['a step as a float', () => foldInKey(k, scalar(1)), 'foldInKey: got data float64; needs int32'],
    ['a fraction of a child', () => splitKey(k, 1.5), 'splitKey: got count 1.5'],
    ['an empty interval', () => randomUniform(k, [1], { min: 1, max: 1 }), 'uniform: got [1, 1)'],
    ['a fraction of an order', () => randomPermutation(k, 2.5), 'randomPermutation: got 2.5'],
    ['ends for more', () => randomUniform(k, [2], { max: tensor([[1], [2]]) }), 'ends that stretch [2] to [2, 2]'],
    ['an order of nothing', () => randomPermutation(k, scalar(1)), 'randomPermutation: got shape []'],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(message)
  })
})
