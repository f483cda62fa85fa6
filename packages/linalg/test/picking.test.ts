import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { flip, pickedShape, scatter, sizeOf, type Tensor, take, tensor, toNested } from '../src/index.ts'
import { at, indicesOf, inner, numbered, tabulate } from './entries.ts'

/** A whole, an axis of it, and indices from −n to n − 1 that share its leading axes. */
const pickings = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }), fc.nat(9), fc.nat(9))
  .chain(([shape, a, s]) => {
    const axis = a % shape.length
    const shared = s % (axis + 1)
    const n = shape[axis] as number
    return fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }).chain((own) => {
      const places = [...shape.slice(0, shared), ...own]
      const size = sizeOf(places)
      return fc
        .array(fc.integer({ min: -n, max: n - 1 }), { minLength: size, maxLength: size })
        .map((entries): readonly [Tensor, Tensor, { axis: number; shared: number }] => [
          numbered(shape),
          { dtype: 'int32', shape: places, data: Int32Array.from(entries) },
          { axis, shared },
        ])
    })
  })

describe('picking slices', () => {
  test('take, entry by entry', () => {
    fc.assert(
      fc.property(pickings, ([x, indices, { axis, shared }]) => {
        const picked = take(x, indices, { axis, shared })
        const own = indices.shape.length - shared
        const plain = tabulate(picked.shape, (index) => {
          const place = at(indices, [...index.slice(0, shared), ...index.slice(axis, axis + own)])
          const length = x.shape[axis] as number
          return at(x, [...index.slice(0, axis), place < 0 ? length + place : place, ...index.slice(axis + own)])
        })
        expect(picked).toEqual(plain)
      }),
    )
  })

  test('scatter is its adjoint', () => {
    fc.assert(
      fc.property(pickings, ([x, indices, picking]) => {
        const w = numbered(pickedShape('take', x.shape, indices, picking))
        expect(inner(take(x, indices, picking), w)).toBe(inner(x, scatter(w, indices, x.shape, picking)))
      }),
    )
  })

  test('any kind of numbers', () => {
    expect(take(tensor([true, false], 'bool'), tensor([1], 'int32'), { axis: 0 }).dtype).toBe('bool')
    const sums = scatter(tensor([1, 2], 'int32'), tensor([0, 0], 'int32'), [2], { axis: 0 })
    expect([sums.dtype, toNested(sums)]).toEqual(['int32', [3, 0]])
  })

  const x = numbered([2, 3])
  test.each([
    [() => take(x, tensor([3], 'int32'), { axis: 1 }), 'take: got index 3 for length 3; needs one from -3 to 2'],
    [() => take(x, tensor([-4], 'int32'), { axis: 1 }), 'got index -4'],
    [() => take(numbered([0]), tensor([0], 'int32'), { axis: 0 }), 'got index 0 for length 0'],
    [() => take(x, tensor([0]), { axis: 0 }), 'got indices of dtype float64; needs int32'],
    [() => take(x, tensor([0], 'int32'), { axis: 2 }), 'at axis 2 with indices [1]'],
    [() => take(x, tensor([0], 'int32'), { axis: 1, shared: 1 }), 'with indices [1]'],
    [() => scatter(tensor([1, 2]), tensor([0], 'int32'), [3], { axis: 0 }), 'scatter: got slices [2]; needs [1]'],
  ])('refuses, %#', (run, message) => {
    expect(run).toThrow(message)
  })
})

test('flip takes indices in opposite order', () => {
  const shapes = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 })
  fc.assert(
    fc.property(
      shapes.chain((shape) => fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, axis) => axis)))),
      ([shape, axes]) => {
        const x = numbered(shape)
        const turned = (index: readonly number[]): readonly number[] =>
          index.map((i, axis) => (axes.includes(axis) ? (shape[axis] as number) - 1 - i : i))
        expect(flip(x, axes)).toEqual(tabulate(shape, (index) => at(x, turned(index))))
      },
    ),
  )
  expect(indicesOf([2, 0])).toEqual([])
})
