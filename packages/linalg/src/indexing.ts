import { type Shape, sameShape, showShape, sizeOf } from './shape.ts'
import { allocate, type Tensor, type TensorType } from './tensor.ts'

/** Where slices are picked: along `axis`, at indices of their own for each place of the first `shared` axes. */
export interface Picking {
  readonly axis: number
  readonly shared?: number
}

/** The shape of slices picked from `whole`: the indices stand where the axis was. Fails (throws) on other types. */
export const pickedShape = (
  operation: string,
  whole: Shape,
  indices: TensorType,
  { axis, shared = 0 }: Picking,
): Shape => {
  if (indices.dtype !== 'int32') throw new Error(`${operation}: got indices of dtype ${indices.dtype}; needs int32`)
  const inRange = 0 <= shared && shared <= axis && axis < whole.length
  if (!inRange || !sameShape(whole.slice(0, shared), indices.shape.slice(0, shared)))
    throw new Error(
      `${operation}: got ${showShape(whole)} at axis ${axis} with indices ${showShape(indices.shape)}; needs an axis behind ${shared} that both share`,
    )
  return [...whole.slice(0, axis), ...indices.shape.slice(shared), ...whole.slice(axis + 1)]
}

/** Indices as places from 0; negative ones count from the end. */
const placesOf = (operation: string, indices: Tensor, length: number): Int32Array => {
  const places = new Int32Array(indices.data.length)
  for (let i = 0; i < places.length; i++) {
    const index = indices.data[i] as number
    if (index < -length || index >= length)
      throw new Error(
        `${operation}: got index ${index} for length ${length}; needs one from ${-length} to ${length - 1}`,
      )
    places[i] = index < 0 ? index + length : index
  }
  return places
}

/** The whole as `blocks` of `length` slices of `size` entries, from each of which `picks` are picked. */
interface Layout {
  readonly places: Int32Array
  readonly blocks: number
  /** How many blocks in turn have the same indices. */
  readonly repeats: number
  readonly length: number
  readonly picks: number
  readonly size: number
}

const layoutOf = (operation: string, whole: Shape, indices: Tensor, { axis, shared = 0 }: Picking): Layout => {
  const length = whole[axis] as number
  return {
    places: placesOf(operation, indices, length),
    blocks: sizeOf(whole.slice(0, axis)),
    repeats: sizeOf(whole.slice(shared, axis)),
    length,
    picks: sizeOf(indices.shape.slice(shared)),
    size: sizeOf(whole.slice(axis + 1)),
  }
}

/**
 * Slices of x at indices (int32, of any shape) along an axis; negative indices count from the end.
 * With `shared` leading axes, each of their places has its own indices: `[s, …, n, …], [s, k] → [s, …, k, …]`.
 * Fails (throws) on an index out of range.
 *
 * @example
 * toNested(take(tensor([10, 20, 30]), tensor([2, 0, -1], 'int32'), { axis: 0 })) // => [30, 10, 30]
 */
export const take = (x: Tensor, indices: Tensor, picking: Picking): Tensor => {
  const shape = pickedShape('take', x.shape, indices, picking)
  const data = allocate(x.dtype, sizeOf(shape))
  const { places, blocks, repeats, length, picks, size } = layoutOf('take', x.shape, indices, picking)
  for (let block = 0, to = 0; block < blocks; block++) {
    const own = Math.floor(block / repeats) * picks
    for (let pick = own; pick < own + picks; pick++) {
      const from = (block * length + (places[pick] as number)) * size
      for (let i = 0; i < size; i++, to++) data[to] = x.data[from + i] as number
    }
  }
  return { dtype: x.dtype, shape, data }
}

/**
 * Slices put back where `take` found them, in zeros of the given shape; where indices meet they add up.
 * The adjoint of `take`.
 *
 * @example
 * toNested(scatter(tensor([1, 2, 3]), tensor([2, 0, 2], 'int32'), [4], { axis: 0 })) // => [2, 0, 4, 0]
 */
export const scatter = (slices: Tensor, indices: Tensor, shape: Shape, picking: Picking): Tensor => {
  const needed = pickedShape('scatter', shape, indices, picking)
  if (!sameShape(slices.shape, needed))
    throw new Error(`scatter: got slices ${showShape(slices.shape)}; needs ${showShape(needed)}`)
  const data = allocate(slices.dtype, sizeOf(shape))
  const { places, blocks, repeats, length, picks, size } = layoutOf('scatter', shape, indices, picking)
  for (let block = 0, from = 0; block < blocks; block++) {
    const own = Math.floor(block / repeats) * picks
    for (let pick = own; pick < own + picks; pick++) {
      const to = (block * length + (places[pick] as number)) * size
      for (let i = 0; i < size; i++, from++) data[to + i] = (data[to + i] as number) + (slices.data[from] as number)
    }
  }
  return { dtype: slices.dtype, shape, data }
}
