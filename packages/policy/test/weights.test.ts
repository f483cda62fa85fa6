import { flatten, mapTree } from '@secant/autodiff'
import { full, key, normal, tensor, toNested, zeros } from '@secant/linalg'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { decodeWeights, encodeWeights, lstmNetwork, mlpNetwork } from '../src/index.ts'

const [theta] = lstmNetwork().start(key(1))
const text = encodeWeights('LSTM', theta, { seed: 1, family: 'least squares' })

const decoded = (changed: string): string => {
  const found = decodeWeights('LSTM', theta, changed)
  return E.isLeft(found) ? found.left : 'right'
}

test('what is decoded is what was encoded, bit for bit', () => {
  const found = decodeWeights('LSTM', theta, text)
  expect(found).toEqual(E.right({ theta, about: { seed: 1, family: 'least squares' } }))
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (values) => {
      const like = { a: tensor(values), b: [zeros([])] }
      const again = decodeWeights('any', like, encodeWeights('any', like))
      if (E.isLeft(again)) throw new Error(again.left)
      for (const [i, value] of again.right.theta.a.data.entries()) expect(Object.is(value, values[i])).toBe(true)
    }),
    { numRuns: 100 },
  )
})

describe('what is not right is told in a sentence', () => {
  test.each([
    ['is no JSON', text.slice(0, -20)],
    ['is no JSON object', '[1]'],
    ['has no version 1 of the format', text.replace('"secant-weights":1', '"secant-weights":2')],
    ['is for "GRU"; needs "LSTM"', text.replace('"policy":"LSTM"', '"policy":"GRU"')],
    ['says nothing about itself', text.replace('"seed":1', '"seed":[1]')],
    ['has leaves that are no tensors', text.replace('"values":[', '"values":[1,')],
    ['is damaged: its checksum is not that of its numbers', text.replace(/"values":\[-?0\.\d/, '$&1')],
    ['is damaged: its checksum is not that of its numbers', text.replace(/"crc32":"./, '"crc32":"x')],
  ])('%s', (sentence, changed) => {
    expect(changed).not.toBe(text)
    expect(decoded(changed)).toBe(sentence)
  })

  test('another network', () => {
    const other = decodeWeights('LSTM', lstmNetwork({ hidden: 10 }).start(key(1))[0], text)
    expect(other).toEqual(E.left('has [3, 80] as leaf 0; needs [3, 40]'))
    const fewer = decodeWeights('LSTM', mlpNetwork().start(key(1))[0], text)
    expect(fewer).toEqual(E.left('has 12 leaves; needs 6'))
  })

  test('names of the prototype are plain keys', () => {
    const odd = text.replace('"seed":1', '"__proto__":{"polluted":1}')
    expect(decoded(odd)).toBe('says nothing about itself')
  })
})

test('numbers that are not finite cannot be written', () => {
  expect(() => encodeWeights('any', { a: full([1], Number.NaN) })).toThrow('encodeWeights: got a leaf float64 [1]')
  expect(() => encodeWeights('any', { a: zeros([1], 'float32') })).toThrow('encodeWeights: got a leaf float32 [1]')
})

describe.each([
  ['LSTM', lstmNetwork()],
  ['MLP', mlpNetwork()],
] as const)('network: %s', (_, network) => {
  const [parameters] = network.start(key(3))
  const apply = network.apply as (theta: unknown, state: unknown, rows: unknown) => readonly [typeof rows5, unknown]
  const rows5 = normal(key(4), [5, 3])

  test('answers are small at first, so that a policy begins near the direction beneath', () => {
    const [answers] = apply(parameters, network.init(5), rows5)
    expect(answers.shape).toEqual([5])
    for (const z of answers.data) expect(Math.abs(z)).toBeLessThan(0.1)
  })

  test('each row has its own answer, whatever the others are', () => {
    const [answers, state] = apply(parameters, network.init(5), rows5)
    const [again] = apply(parameters, state, rows5)
    const alone = tensor([(toNested(rows5) as readonly (readonly number[])[])[2] as number[]])
    const [one, own] = apply(parameters, network.init(1), alone)
    expect(one.data[0]).toBeCloseTo(answers.data[2] as number, 14)
    expect(apply(parameters, own, alone)[0].data[0]).toBeCloseTo(again.data[2] as number, 14)
  })

  test('starts are drawn by key', () => {
    expect(network.start(key(3))[0]).toEqual(parameters)
    expect(network.start(key(5))[0]).not.toEqual(parameters)
    expect(flatten(mapTree((leaf) => leaf, parameters))[0].length).toBe(flatten(parameters)[0].length)
  })
})
