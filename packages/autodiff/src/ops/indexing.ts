import * as dense from '@secant/linalg'
import { normalizeAxis, type Picking, pickedShape, type Shape, sameShape, showShape, type Tensor } from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Value } from '../core.ts'
import { primitive } from '../primitive.ts'
import { plus, wholeBatch } from '../vector-space.ts'
import { transpose } from './structure.ts'

/** As in linalg: slices along `axis`, at indices of their own for each place of the first `shared` axes. */
type Place = Required<Picking>

/** One axis put elsewhere, the others in order. */
const moveAxis = (x: Value, from: number, to: number): Value =>
  transpose(
    x,
    x.shape
      .map((_, axis) => axis)
      .filter((axis) => axis !== from)
      .toSpliced(to, 0, from),
  )

const takePrimitive: Primitive<Place> = primitive({
  name: 'take',
  typeOf: ([x, indices], place) => ({
    dtype: (x as Value).dtype,
    shape: pickedShape('take', (x as Value).shape, indices as Value, place),
  }),
  impl: ([x, indices], place) => dense.take(x as Tensor, indices as Tensor, place),
  partials: [
    ([x, indices], _, place) => ({
      apply: (v) => bindOne(takePrimitive, [v, indices as Value], place),
      adjoint: (w) => scatter(w, indices as Value, (x as Value).shape, place),
    }),
    undefined,
  ],
  batch: (args, batched, { axis, shared }, count) => {
    if (shared === 0 && !batched[1]) return bindOne(takePrimitive, args, { axis: axis + 1, shared })
    if (shared === 0 && !batched[0]) return moveAxis(bindOne(takePrimitive, args, { axis, shared }), axis, 0)
    return bindOne(takePrimitive, wholeBatch(args, batched, count), { axis: axis + 1, shared: shared + 1 })
  },
})

const scatterPrimitive: Primitive<Place & { readonly shape: Shape }> = primitive({
  name: 'scatter',
  typeOf: ([slices, indices], place) => {
    const needed = pickedShape('scatterAdd', place.shape, indices as Value, place)
    const { dtype, shape } = slices as Value
    if (!sameShape(shape, needed))
      throw new Error(`scatterAdd: got updates ${showShape(shape)}; needs ${showShape(needed)}`)
    return { dtype, shape: place.shape }
  },
  impl: ([slices, indices], place) => dense.scatter(slices as Tensor, indices as Tensor, place.shape, place),
  partials: [
    ([, indices], _, place) => ({
      apply: (v) => bindOne(scatterPrimitive, [v, indices as Value], place),
      adjoint: (w) => bindOne(takePrimitive, [w, indices as Value], { axis: place.axis, shared: place.shared }),
    }),
    undefined,
  ],
  batch: (args, batched, { axis, shared, shape }, count) => {
    const wider = { axis: axis + 1, shape: [count, ...shape] }
    if (shared === 0 && !batched[1]) return bindOne(scatterPrimitive, args, { ...wider, shared })
    return bindOne(scatterPrimitive, wholeBatch(args, batched, count), { ...wider, shared: shared + 1 })
  },
})

/** Slices put at their indices in zeros; the adjoint of `take`. */
const scatter = (slices: Value, indices: Value, shape: Shape, { axis, shared }: Place): Value =>
  bindOne(scatterPrimitive, [slices, indices], { axis, shared, shape })

/**
 * Slices at indices (int32, of any shape, which takes the place of the axis): `[…, n, …], [k…] → […, k…, …]`.
 * Negative indices count from the end. Fails (throws) on an index out of range.
 *
 * @example
 * toNested(concrete(take(tensor([10, 20, 30]), tensor([2, 0, -1], 'int32')))) // => [30, 10, 30]
 */
export const take = (x: Operand, indices: Value, axis = 0): Value => {
  const value = asValue(x)
  const place = { axis: normalizeAxis('take', axis, value.shape.length), shared: 0 }
  return bindOne(takePrimitive, [value, indices], place)
}

/**
 * x with updates added to its slices at indices (int32); where indices meet, all of them are added. The updates have
 * the shape of `take(x, indices, axis)`. Negative indices count from the end. Fails (throws) on an index out of range.
 *
 * @example
 * toNested(concrete(scatterAdd(tensor([1, 1, 1]), tensor([2, 0, 2], 'int32'), tensor([1, 2, 3])))) // => [3, 1, 5]
 */
export const scatterAdd = (x: Operand, indices: Value, updates: Operand, axis = 0): Value => {
  const value = asValue(x)
  const place = { axis: normalizeAxis('scatterAdd', axis, value.shape.length), shared: 0 }
  return plus(value, scatter(asValue(updates, value), indices, value.shape, place))
}

/**
 * Entries at an index of their own for each place (int32): `[…, n, …], […, k, …] → […, k, …]`, equal in the other
 * lengths. What `argsort` finds, `takeAlong` puts in order.
 *
 * @example
 * toNested(concrete(takeAlong(tensor([[1, 2], [3, 4]]), tensor([[1], [0]], 'int32'), 1))) // => [[2], [3]]
 */
export const takeAlong = (x: Operand, indices: Value, axis = -1): Value => {
  const value = asValue(x)
  const rank = value.shape.length
  const place = normalizeAxis('takeAlong', axis, rank)
  if (indices.shape.length !== rank || !sameShape(value.shape.with(place, 0), indices.shape.with(place, 0)))
    throw new Error(
      `takeAlong: got ${showShape(value.shape)} with indices ${showShape(indices.shape)}; needs equal lengths but for axis ${place}`,
    )
  const last = rank - 1
  const lined = [value, indices].map((part) => moveAxis(part, place, last))
  return moveAxis(bindOne(takePrimitive, lined, { axis: last, shared: last }), last, place)
}

/**
 * For each index (int32) a row with 1 at that place and 0 elsewhere, `[…] → […, depth]` of float64. Negative indices
 * count from the end. Fails (throws) on an index out of range.
 *
 * @example
 * toNested(concrete(oneHot(tensor([2, 0], 'int32'), 3))) // => [[0, 0, 1], [1, 0, 0]]
 */
export const oneHot = (indices: Value, depth: number): Value => {
  const { shape } = indices
  const place = { axis: shape.length, shared: shape.length }
  return scatter(dense.ones(shape), indices, [...shape, depth], place)
}
