import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  argsort,
  cumulativeSum,
  fromData,
  linearRecurrence,
  normalizeAxis,
  type Tensor,
  take,
  tensor,
  toNested,
} from '../src/index.ts'
import { at, numbered, tabulate } from './entries.ts'

const small = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 })

const whole = fc.integer({ min: -3, max: 3 })

/** Whole numbers, so that every sum and product is exact. */
const tensors = (count: number): fc.Arbitrary<readonly [readonly Tensor[], number]> =>
  fc.tuple(small, fc.nat(9)).chain(([shape, axis]) => {
    const size = shape.reduce((product, length) => product * length, 1)
    const one = fc
      .array(whole, { minLength: size, maxLength: size })
      .map((entries) => fromData(Float64Array.from(entries), shape))
    return fc.tuple(fc.array(one, { minLength: count, maxLength: count }), fc.constant(axis % shape.length))
  })

describe('along an axis', () => {
  test.each([false, true])('cumulativeSum, reverse %s, is the sum up to each entry', (reverse) => {
    fc.assert(
      fc.property(tensors(1), ([[x], axis]) => {
        const { shape } = x as Tensor
        const plain = tabulate(shape, (index) => {
          let total = 0
          for (let i = 0; i < (shape[axis] as number); i++)
            if (reverse ? i >= (index[axis] as number) : i <= (index[axis] as number))
              total += at(x as Tensor, index.with(axis, i))
          return total
        })
        expect(cumulativeSum(x as Tensor, axis, { reverse })).toEqual(plain)
      }),
    )
  })

  test.each([false, true])('linearRecurrence, reverse %s, by its definition', (reverse) => {
    fc.assert(
      fc.property(tensors(2), ([[a, b], axis]) => {
        const { shape } = b as Tensor
        const state = (index: readonly number[]): number => {
          const before = (index[axis] as number) + (reverse ? 1 : -1)
          const earlier = before < 0 || before === shape[axis] ? 0 : state(index.with(axis, before))
          return at(a as Tensor, index) * earlier + at(b as Tensor, index)
        }
        expect(linearRecurrence(a as Tensor, b as Tensor, axis, { reverse }).data).toEqual(
          // −0 for 0 · −1 is of no account.
          tabulate(shape, state).data.map((entry) => entry + 0),
        )
      }),
    )
  })

  test('float32 is carried in double: two ones beside 2²⁴ are not lost', () => {
    const x = tensor([2 ** 24, 1, 1], 'float32')
    expect(toNested(cumulativeSum(x, 0))).toEqual([2 ** 24, 2 ** 24, 2 ** 24 + 2])
    expect(toNested(linearRecurrence(tensor([1, 1, 1], 'float32'), x, 0))).toEqual([2 ** 24, 2 ** 24, 2 ** 24 + 2])
  })

  test.each([false, true])('argsort, descending %s: sorted, stable, NaN last, each line for itself', (descending) => {
    const entry = fc.constantFrom(Number.NaN, 0, -0, 1, -1, 2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)
    fc.assert(
      fc.property(fc.array(entry, { minLength: 12, maxLength: 12 }), fc.nat(2), (entries, axis) => {
        const x = fromData(Float64Array.from(entries), [2, 3, 2])
        const order = argsort(x, axis, { descending })
        expect(order.dtype).toBe('int32')
        const plain = tabulate(
          x.shape,
          (index) => {
            const line = Array.from({ length: x.shape[axis] as number }, (_, i) => at(x, index.with(axis, i)))
            const numbers = line.map((_, i) => i).filter((i) => !Number.isNaN(line[i]))
            const comesFirst = (p: number, q: number): boolean =>
              descending ? (line[p] as number) > (line[q] as number) : (line[p] as number) < (line[q] as number)
            // By the definition: behind an entry stand those that are not before it.
            const rank = (i: number): number =>
              Number.isNaN(line[i])
                ? numbers.length + line.slice(0, i).filter(Number.isNaN).length
                : numbers.filter((j) => comesFirst(j, i) || (!comesFirst(i, j) && j < i)).length
            return line.findIndex((_, i) => rank(i) === index[axis])
          },
          'int32',
        )
        expect(order).toEqual(plain)
      }),
    )
  })

  test('takes the sorted order of 1,000 entries', () => {
    const x = fromData(Float64Array.from({ length: 1000 }, (_, i) => (i * 7919) % 1009))
    const sorted = take(x, argsort(x, 0), { axis: 0 })
    expect(sorted.data).toEqual(Float64Array.from(x.data).sort())
  })

  test('axes from the end, and none out of range', () => {
    expect(cumulativeSum(numbered([2, 2]), -1)).toEqual(cumulativeSum(numbered([2, 2]), 1))
    expect(() => argsort(numbered([2]), 1)).toThrow('argsort: got axis 1 of rank 1; needs one between -1 and 0')
    expect(() => normalizeAxis('x', 0.5, 2)).toThrow('got axis 0.5')
    expect(() => linearRecurrence(numbered([2]), numbered([3]), 0)).toThrow('linearRecurrence: got float64 [2]')
  })
})
