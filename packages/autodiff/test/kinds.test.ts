import { full, type Tensor, tensor, toNested, zeros } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import type { Value } from '../src/index.ts'
import * as A from '../src/index.ts'

const nested = (x: Value): unknown => toNested(A.concrete(x))
const whole = tensor([3, -4, 5], 'int32')
const mask = tensor([true, false, true], 'bool')

describe('whole numbers', () => {
  test('a whole number beside them is one of them', () => {
    for (const [found, entries] of [
      [A.add(whole, 1), [4, -3, 6]],
      [A.mul(2, whole), [6, -8, 10]],
      [A.maximum(whole, 0), [3, 0, 5]],
      [A.clip(whole, 0, 4), [3, 0, 4]],
      [A.where(mask, whole, -1), [3, -1, 5]],
      [A.abs(whole), [3, 4, 5]],
      [A.square(whole), [9, 16, 25]],
    ] as const) {
      expect(A.concrete(found).dtype).toBe('int32')
      expect(nested(found)).toEqual(entries)
    }
    expect(nested(A.equal(whole, -4))).toEqual([0, 1, 0])
    expect(nested(A.greater(whole, 3))).toEqual([0, 0, 1])
  })

  test.each([0.5, 2 ** 31, Number.NaN])('%s beside them is refused', (number) => {
    expect(() => A.add(whole, number)).toThrow('add: got int32 [3] and float64 []; needs one dtype')
  })

  const ofFloats: Readonly<Record<string, (x: Value) => Value>> = {
    ...{ exp: A.exp, expm1: A.expm1, log: A.log, log1p: A.log1p, sqrt: A.sqrt, reciprocal: A.reciprocal },
    ...{ sin: A.sin, cos: A.cos, tan: A.tan, asin: A.asin, acos: A.acos, atan: A.atan },
    ...{ sinh: A.sinh, cosh: A.cosh, tanh: A.tanh, sigmoid: A.sigmoid, softplus: A.softplus },
    ...{ erf: A.erf, erfc: A.erfc, lgamma: A.lgamma, polygamma: A.digamma, mean: A.mean },
    ...{ div: (x) => A.div(x, x), pow: (x) => A.pow(x, x), hypot: (x) => A.hypot(x, x) },
    ...{ atan2: (x) => A.atan2(x, x), logAddExp: (x) => A.logAddExp(x, x) },
  }

  test.each(Object.entries(ofFloats))('%s would cut its results and refuses them', (name, f) => {
    expect(() => f(whole)).toThrow(new RegExp(`^${name}: got int32 \\[3\\].*; needs float64 or float32`))
  })
})

describe('masks', () => {
  test('are counted by sums, over any axes', () => {
    const rows = A.greater(tensor([[1, -1], [1, 1], [-1, -1]]), 0) // biome-ignore format: rows
    for (const [axes, counts] of [
      [[1], [1, 2, 0]],
      [[0], [2, 1]],
      [undefined, 3],
    ] as const) {
      const found = A.concrete(A.sum(rows, axes && { axes }))
      expect([found.dtype, toNested(found)]).toEqual(['int32', counts])
    }
    expect(A.concrete(A.sum(A.greater(1, 0))).dtype).toBe('int32')
    expect(A.item(A.sum(full([300], 1, 'bool')))).toBe(300)
    expect(nested(A.vmap((row: Value) => A.sum(row))(rows))).toEqual([1, 2, 0])
  })

  test('have no arithmetic', () => {
    expect(() => A.add(mask, mask)).toThrow('add: got bool [3] and bool [3]; needs floats or int32')
    expect(() => A.mul(mask, mask)).toThrow('mul: got bool [3] and bool [3]; needs floats or int32')
    expect(() => A.exp(mask)).toThrow('exp: got bool [3]; needs float64 or float32')
  })

  test('stretch and are stretched in where', () => {
    const column = A.greater(tensor([[1], [-1]]), 0)
    expect(nested(A.where(column, tensor([1, 2, 3]), 0))).toEqual([[1, 2, 3], [0, 0, 0]]) // biome-ignore format: rows
    const whole = A.greater(tensor([[1, -1], [-1, 1]]), 0) // biome-ignore format: rows
    const f = (x: Value): Value => A.sum(A.where(whole, x, 0))
    expect(nested(A.grad(f)(tensor([5, 7])))).toEqual([1, 1])
  })
})

describe('what is no value is told', () => {
  const given = (x: unknown): Value => x as Value
  test.each([
    ['exp: got an array', () => A.exp(given([1, 2]))],
    ['add: got an array', () => A.add(given([1, 2]), 1)],
    ['sum: got a Float64Array', () => A.sum(given(Float64Array.of(1)))],
    ['jacobian: got an object', () => A.hessian((x) => x)(given({ a: 1 }))],
    ['mul: got the string a', () => A.mul(1, given('a'))],
    ['mul: got undefined', () => A.mul(given(undefined), 1)],
  ])('%s', (message, wrong) => {
    expect(wrong).toThrow(`${message}; needs a number or a value, such as tensor([1, 2])`)
  })

  test('a number for indices', () => {
    expect(() => A.take(tensor([1, 2]), given(1))).toThrow('take: got 1; needs a value, such as')
  })

  test('a padding of another library', () => {
    const padding = 'full' as unknown as 'same'
    const conv = (): Value => A.conv2d(zeros([1, 3, 3, 1]), zeros([2, 2, 1, 1]), { padding })
    expect(conv).toThrow(`padding: got 'full'; needs 'valid', 'same' or counts`)
  })

  test('text among numbers', () => {
    expect(() => tensor([1, '2' as unknown as number])).toThrow(`tensor: got the string '2'; needs numbers`)
  })

  test('an axis for a list of axes', () => {
    const axes = 0 as unknown as readonly number[]
    expect(() => A.sum(tensor([1, 2]), { axes })).toThrow('sum: got axes 0; needs a list, such as [0]')
    expect(() => A.expandDims(tensor([1, 2]), axes)).toThrow('expandDims: got axes 0; needs a list')
  })
})

describe('shapes', () => {
  const [two, three]: readonly Tensor[] = [tensor([1, 2]), tensor([1, 2, 3])]

  const ofTwo = Object.entries({ add: A.add, sub: A.sub, mul: A.mul, div: A.div, pow: A.pow, maximum: A.maximum })
  test.each([...ofTwo, ['greater', A.greater], ['where', (a: Value, b: Value) => A.where(mask, a, b)]] as const)(
    '%s tells in its own name that they do not stretch',
    (name, f) => {
      const wrong = (): Value => f(two as Value, three as Value)
      expect(wrong).toThrow(`${name}: got [2] and [3]; needs equal lengths or 1 along each axis`)
    },
  )

  test('one length of a reshape may be left open', () => {
    const shapeAs = (...shape: readonly number[]): readonly number[] => A.reshape(zeros([2, 6]), shape).shape
    expect([shapeAs(-1), shapeAs(3, -1), shapeAs(-1, 1, 12)]).toEqual([[12], [3, 4], [1, 1, 12]])
    expect(A.reshape(zeros([0, 3]), [-1, 3]).shape).toEqual([0, 3])
    expect(nested(A.grad((x: Value) => A.sum(A.square(A.reshape(x, [-1]))))(tensor([[1, 2]])))).toEqual([[2, 4]])
    for (const shape of [
      [5, -1],
      [-1, -1],
      [-2, 6],
      [0, -1],
    ])
      expect(() => A.reshape(zeros([2, 6]), shape)).toThrow('reshape: got [2, 6] for')
  })

  test('concatenation counts axes from the end too', () => {
    expect(nested(A.concatenate([tensor([[1]]), tensor([[2]])], -1))).toEqual([[1, 2]])
    expect(() => A.concatenate([])).toThrow('concatenate: got nothing along axis 0')
    expect(() => A.concatenate([two as Value, three as Value], 1)).toThrow('concatenate: got float64 [2], float64 [3]')
  })
})

test('log Σ eˣ over nothing is log 0', () => {
  expect(nested(A.logSumExp(zeros([2, 0]), { axes: [1] }))).toEqual([
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ])
  expect(A.logSumExp(zeros([0, 3])).shape).toEqual([])
  expect(A.grad((x: Value) => A.logSumExp(x))(zeros([0])).shape).toEqual([0])
})
