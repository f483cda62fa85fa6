import * as dense from '@secant/linalg'
import { normalizeAxis, type Sorting, type Tensor } from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Value } from '../core.ts'
import { primitive } from '../primitive.ts'
import { takeAlong } from './indexing.ts'
import { slice } from './structure.ts'

const argsortPrimitive: Primitive<{ readonly axis: number; readonly descending: boolean }> = primitive({
  name: 'argsort',
  typeOf: ([x]) => ({ dtype: 'int32', shape: (x as Value).shape }),
  impl: ([x], { axis, descending }) => dense.argsort(x as Tensor, axis, { descending }),
  partials: [undefined],
  batch: (args, _, { axis, descending }) => bindOne(argsortPrimitive, args, { axis: axis + 1, descending }),
})

/**
 * The indices (int32) that sort along an axis; equal entries keep their order, NaN comes last either way.
 *
 * @example
 * toNested(concrete(argsort(tensor([3, 1, 2])))) // => [1, 2, 0]
 */
export const argsort = (x: Operand, axis = -1, { descending = false }: Sorting = {}): Value => {
  const value = asValue(x)
  return bindOne(argsortPrimitive, [value], { axis: normalizeAxis('argsort', axis, value.shape.length), descending })
}

/**
 * Entries in increasing order along an axis (decreasing, if `descending`), NaN last. The derivative moves with the
 * entries; equal entries keep their order.
 *
 * @example
 * toNested(concrete(sort(tensor([3, 1, 2])))) // => [1, 2, 3]
 */
export const sort = (x: Operand, axis = -1, sorting: Sorting = {}): Value =>
  takeAlong(x, argsort(x, axis, sorting), axis)

/**
 * The k largest entries along an axis, largest first, and their indices (int32); of equal ones the first.
 * Fails (throws) if there are fewer.
 *
 * @example
 * toNested(concrete(topK(tensor([3, 1, 2]), 2).indices)) // => [0, 2]
 */
export const topK = (x: Operand, k: number, axis = -1): { readonly values: Value; readonly indices: Value } => {
  const order = argsort(x, axis, { descending: true })
  const place = normalizeAxis('topK', axis, order.shape.length)
  const indices = slice(
    order,
    order.shape.map(() => 0),
    order.shape.with(place, k),
  )
  return { values: takeAlong(x, indices, axis), indices }
}
