import * as dense from '@secant/linalg'
import { fromData, key, normal, type Tensor, tensor, toNested } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Operand, Value } from '../src/index.ts'
import * as A from '../src/index.ts'
import { broadcastable, shapes, tensorOf } from './generators.ts'

const entries = (x: Value): readonly number[] => Array.from(A.concrete(x).data)

/** What each operation of one entry should give. */
const ofOne: readonly (readonly [string, (x: Operand) => Value, (a: number) => number])[] = [
  ['neg', A.neg, (a) => -a],
  ['abs', A.abs, Math.abs],
  ['sign', A.sign, Math.sign],
  ['floor', A.floor, Math.floor],
  ['ceil', A.ceil, Math.ceil],
  ['exp', A.exp, Math.exp],
  ['expm1', A.expm1, Math.expm1],
  ['log', A.log, Math.log],
  ['log1p', A.log1p, Math.log1p],
  ['sqrt', A.sqrt, Math.sqrt],
  ['square', A.square, (a) => a * a],
  ['reciprocal', A.reciprocal, (a) => 1 / a],
  ['sin', A.sin, Math.sin],
  ['cos', A.cos, Math.cos],
  ['tan', A.tan, Math.tan],
  ['asin', A.asin, Math.asin],
  ['acos', A.acos, Math.acos],
  ['atan', A.atan, Math.atan],
  ['sinh', A.sinh, Math.sinh],
  ['cosh', A.cosh, Math.cosh],
  ['tanh', A.tanh, Math.tanh],
  ['erf', A.erf, dense.erf],
  ['erfc', A.erfc, dense.erfc],
  ['lgamma', A.lgamma, dense.lgamma],
  ['digamma', A.digamma, dense.digamma],
  ['relu', A.relu, (a) => Math.max(a, 0)],
  ['sigmoid', A.sigmoid, (a) => 1 / (1 + Math.exp(-a))],
  ['softplus', A.softplus, (a) => Math.log(1 + Math.exp(a))],
  ['silu', A.silu, (a) => a / (1 + Math.exp(-a))],
  ['gelu', A.gelu, (a) => (a * (1 + dense.erf(a * Math.SQRT1_2))) / 2],
  ['clip', (x) => A.clip(x, -0.5, 1), (a) => Math.min(1, Math.max(-0.5, a))],
]

const mask = (holds: boolean): number => Number(holds)

/** What each operation of two entries should give. */
const ofTwo: readonly (readonly [string, (a: Operand, b: Operand) => Value, (a: number, b: number) => number])[] = [
  ['add', A.add, (a, b) => a + b],
  ['sub', A.sub, (a, b) => a - b],
  ['mul', A.mul, (a, b) => a * b],
  ['div', A.div, (a, b) => a / b],
  ['pow', A.pow, (a, b) => a ** b],
  ['atan2', A.atan2, Math.atan2],
  ['hypot', A.hypot, Math.hypot],
  ['maximum', A.maximum, Math.max],
  ['minimum', A.minimum, Math.min],
  ['logAddExp', A.logAddExp, (a, b) => Math.log(Math.exp(a) + Math.exp(b))],
  ['greater', A.greater, (a, b) => mask(a > b)],
  ['greaterEqual', A.greaterEqual, (a, b) => mask(a >= b)],
  ['less', A.less, (a, b) => mask(a < b)],
  ['lessEqual', A.lessEqual, (a, b) => mask(a <= b)],
  ['equal', A.equal, (a, b) => mask(a === b)],
  ['notEqual', A.notEqual, (a, b) => mask(a !== b)],
]

const close = (found: number, value: number): boolean =>
  Object.is(found, value) || found === value || Math.abs(found - value) <= 1e-14 * Math.max(1, Math.abs(value))

describe('entry by entry', () => {
  test.each(ofOne)('%s', (_, operation, plain) => {
    const inputs = shapes.chain((shape) => tensorOf(shape, -3, 3))
    fc.assert(
      fc.property(inputs, (x) => {
        const y = operation(x as Value)
        expect(y.shape).toEqual(x.shape)
        entries(y).forEach((found, i) => {
          expect(close(found, plain(x.data[i] as number)), `${found} of ${x.data[i]}`).toBe(true)
        })
      }),
    )
  })

  test.each(ofTwo)('%s, with broadcasting', (_, operation, plain) => {
    const inputs = broadcastable.chain(([p, q]) => fc.tuple(tensorOf(p), tensorOf(q)))
    fc.assert(
      fc.property(inputs, ([a, b]) => {
        const y = operation(a as Value, b as Value)
        expect(y.shape).toEqual(dense.broadcastShapes(a.shape, b.shape))
        const [p, q] = [entries(A.broadcastTo(a, y.shape)), entries(A.broadcastTo(b, y.shape))]
        entries(y).forEach((found, i) => {
          expect(close(found, plain(p[i] as number, q[i] as number)), `${found} of ${p[i]}, ${q[i]}`).toBe(true)
        })
      }),
    )
  })
})

describe('reductions', () => {
  const total = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0)
  const average = (xs: readonly number[]): number => total(xs) / xs.length
  const spread = (xs: readonly number[], less: number): number =>
    total(xs.map((x) => (x - average(xs)) ** 2)) / (xs.length - less)

  /** What each reduction should make of the entries that come together, in their order. */
  const table: readonly (readonly [string, typeof A.sum, (xs: readonly number[]) => number])[] = [
    ['sum', A.sum, total],
    ['mean', A.mean, average],
    ['prod', A.prod, (xs) => xs.reduce((product, x) => product * x, 1)],
    ['max', A.max, (xs) => Math.max(...xs)],
    ['min', A.min, (xs) => Math.min(...xs)],
    ['argmax', A.argmax, (xs) => xs.indexOf(Math.max(...xs))],
    ['argmin', A.argmin, (xs) => xs.indexOf(Math.min(...xs))],
    ['norm', A.norm, (xs) => Math.hypot(...xs)],
    ['logSumExp', A.logSumExp, (xs) => Math.log(total(xs.map(Math.exp)))],
    ['variance', A.variance, (xs) => spread(xs, 0)],
    ['variance of a sample', (x, r) => A.variance(x, { ...r, correction: 1 }), (xs) => spread(xs, 1)],
  ]

  // Whole numbers, so that entries tie.
  const inputs = fc
    .array(fc.integer({ min: -3, max: 3 }), { minLength: 24, maxLength: 24 })
    .map((list): Tensor => fromData(Float64Array.from(list), [2, 3, 4]))
  const someAxes = fc.subarray([0, 1, 2], { minLength: 1 })

  test.each(table)('%s', (_, operation, plain) => {
    fc.assert(
      fc.property(inputs, someAxes, fc.boolean(), (x, axes, keep) => {
        const kept = [0, 1, 2].filter((axis) => !axes.includes(axis))
        const groups = new Map<string, number[]>()
        for (let i = 0; i < 2; i++)
          for (let j = 0; j < 3; j++)
            for (let k = 0; k < 4; k++) {
              const name = kept.map((axis) => [i, j, k][axis]).join()
              groups.set(name, [...(groups.get(name) ?? []), x.data[i * 12 + j * 4 + k] as number])
            }
        const y = operation(x as Value, { axes, keep })
        expect(y.shape).toEqual(x.shape.flatMap((length, axis) => (kept.includes(axis) ? [length] : keep ? [1] : [])))
        const found = entries(y)
        ;[...groups.values()].forEach((group, i) => {
          expect(close(found[i] as number, plain(group)), `${found[i]} of ${group}`).toBe(true)
        })
      }),
    )
  })

  test('a NaN is largest and least, and its place the first', () => {
    const x = tensor([1, Number.NaN, 3, Number.NaN])
    expect([A.argmax(x), A.argmin(x), A.max(x), A.min(x)].map(A.item)).toEqual([1, 1, Number.NaN, Number.NaN])
  })

  test('any and all of masks', () => {
    const masks = A.greater(tensor([[1, -1], [1, 1], [-1, -1]]), 0) // biome-ignore format: rows
    expect(toNested(A.concrete(A.any(masks, { axes: [1] })))).toEqual([1, 1, 0])
    expect(toNested(A.concrete(A.all(masks, { axes: [1] })))).toEqual([0, 1, 0])
    const [p, q] = [tensor([true, true, false, false], 'bool'), tensor([true, false, true, false], 'bool')]
    expect([A.logicalAnd(p, q), A.logicalOr(p, q), A.logicalNot(p)].map((m) => toNested(A.concrete(m)))).toEqual([
      [1, 0, 0, 0],
      [1, 1, 1, 0],
      [0, 0, 1, 1],
    ])
    expect(() => A.logicalAnd(p, tensor([1, 2, 3, 4]))).toThrow('logicalAnd: got bool and float64')
  })
})

test('stacks of matrices multiply one by one, leading axes stretched', () => {
  const [a, b] = [normal(key(1), [2, 1, 3, 4]), normal(key(2), [5, 4, 2])]
  const product = A.matmul(a, b)
  expect(product.shape).toEqual([2, 5, 3, 2])
  const plain = A.concrete(A.sum(A.mul(A.reshape(a, [2, 1, 3, 4, 1]), A.reshape(b, [1, 5, 1, 4, 2])), { axes: [3] }))
  entries(product).forEach((found, i) => {
    expect(close(found, plain.data[i] as number)).toBe(true)
  })
  expect(A.matmul(normal(key(3), [3]), b.shape.length === 3 ? normal(key(4), [5, 3, 2]) : b).shape).toEqual([5, 2])
})
