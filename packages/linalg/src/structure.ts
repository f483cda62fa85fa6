import { normalizeAxes, type Shape, sameShape, showShape, sizeOf, stridesOf } from './shape.ts'
import { allocate, type Tensor, type TypedArray } from './tensor.ts'

/** The same entries under another shape; shares memory. */
export const reshape = (x: Tensor, shape: Shape): Tensor => {
  if (sizeOf(shape) !== x.data.length)
    throw new Error(`reshape: got ${showShape(x.shape)} for ${showShape(shape)}; needs as many entries`)
  return { dtype: x.dtype, shape, data: x.data }
}

/**
 * Copies between two grids of one shape: entry (i, j, …) sits at `start + i·strides[0] + j·strides[1] + …` in each.
 * Every structural operation is such a walk.
 */
const walk = (
  shape: Shape,
  from: TypedArray,
  fromStart: number,
  fromStrides: readonly number[],
  to: TypedArray,
  toStart: number,
  toStrides: readonly number[],
): void => {
  const rank = shape.length
  if (rank === 0) {
    to[toStart] = from[fromStart] as number
    return
  }
  const inner = shape[rank - 1] as number
  const [p, q] = [fromStrides[rank - 1] as number, toStrides[rank - 1] as number]
  const row = (a: number, b: number): void => {
    for (let i = 0; i < inner; i++) to[b + i * q] = from[a + i * p] as number
  }
  const visit = (axis: number, a: number, b: number): void => {
    if (axis === rank - 1) {
      row(a, b)
      return
    }
    const [s, t] = [fromStrides[axis] as number, toStrides[axis] as number]
    for (let i = 0; i < (shape[axis] as number); i++) visit(axis + 1, a + i * s, b + i * t)
  }
  visit(0, fromStart, toStart)
}

const offsetOf = (indices: readonly number[], strides: readonly number[]): number =>
  indices.reduce((offset, index, axis) => offset + index * (strides[axis] as number), 0)

/**
 * Axes in another order: axis i of the result is axis `permutation[i]` of x.
 *
 * @example
 * toNested(transpose(tensor([[1, 2], [3, 4]]), [1, 0])) // => [[1, 3], [2, 4]]
 */
export const transpose = (x: Tensor, permutation: readonly number[]): Tensor => {
  const rank = x.shape.length
  if (permutation.length !== rank || x.shape.some((_, axis) => !permutation.includes(axis)))
    throw new Error(`transpose: got axes ${showShape(permutation)} for ${showShape(x.shape)}; needs each axis once`)
  const shape = permutation.map((axis) => x.shape[axis] as number)
  const strides = stridesOf(x.shape)
  const data = allocate(x.dtype, x.data.length)
  walk(
    shape,
    x.data,
    0,
    permutation.map((axis) => strides[axis] as number),
    data,
    0,
    stridesOf(shape),
  )
  return { dtype: x.dtype, shape, data }
}

/**
 * Repeats x along new axes; `x.shape` is `shape` without `axes`. The adjoint of `sum` over the same axes.
 *
 * @example
 * toNested(broadcast(tensor([1, 2]), [2, 2], [0])) // => [[1, 2], [1, 2]]
 */
export const broadcast = (x: Tensor, shape: Shape, axes: readonly number[]): Tensor => {
  if (
    !sameShape(
      x.shape,
      shape.filter((_, axis) => !axes.includes(axis)),
    )
  )
    throw new Error(`broadcast: got ${showShape(x.shape)}; needs ${showShape(shape)} without axes ${showShape(axes)}`)
  const data = allocate(x.dtype, sizeOf(shape))
  if (x.shape.length === 0) data.fill(x.data[0] as number)
  else {
    const strides = stridesOf(x.shape)
    let next = 0
    const stretched = shape.map((_, axis) => (axes.includes(axis) ? 0 : (strides[next++] as number)))
    walk(shape, x.data, 0, stretched, data, 0, stridesOf(shape))
  }
  return { dtype: x.dtype, shape, data }
}

/** Entries from start up to but without stop along each axis, every step-th one. */
export const slice = (
  x: Tensor,
  starts: readonly number[],
  stops: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): Tensor => {
  const shape = x.shape.map((length, axis) => {
    const [start, stop, step] = [starts[axis] ?? -1, stops[axis] ?? -1, steps[axis] ?? 0]
    if (!(0 <= start && start <= stop && stop <= length && step >= 1))
      throw new Error(
        `slice: got ${start} to ${stop} by ${step} of ${length}; needs 0 ≤ start ≤ stop ≤ length, step ≥ 1`,
      )
    return Math.ceil((stop - start) / step)
  })
  const strides = stridesOf(x.shape)
  const data = allocate(x.dtype, sizeOf(shape))
  const start = offsetOf(starts, strides)
  if (data.length > 0)
    walk(
      shape,
      x.data,
      start,
      strides.map((s, axis) => s * (steps[axis] as number)),
      data,
      0,
      stridesOf(shape),
    )
  return { dtype: x.dtype, shape, data }
}

/**
 * Entries in opposite order along the given axes.
 *
 * @example
 * toNested(flip(tensor([1, 2, 3]), [0])) // => [3, 2, 1]
 */
export const flip = (x: Tensor, axes: readonly number[]): Tensor => {
  const normal = normalizeAxes('flip', axes, x.shape.length)
  const strides = stridesOf(x.shape)
  const data = allocate(x.dtype, x.data.length)
  const last = x.shape.map((length, axis) => (normal.includes(axis) ? length - 1 : 0))
  const backward = strides.map((stride, axis) => (normal.includes(axis) ? -stride : stride))
  if (data.length > 0) walk(x.shape, x.data, offsetOf(last, strides), backward, data, 0, strides)
  return { dtype: x.dtype, shape: x.shape, data }
}

/** Zeros before, after and between the entries along each axis; the adjoint of `slice`. */
export const pad = (
  x: Tensor,
  before: readonly number[],
  after: readonly number[],
  between: readonly number[] = before.map(() => 0),
): Tensor => {
  const shape = x.shape.map((length, axis) => {
    const [b, a, gap] = [before[axis] ?? -1, after[axis] ?? -1, between[axis] ?? -1]
    if (!(b >= 0 && a >= 0 && gap >= 0))
      throw new Error(`pad: got ${b}, ${a}, ${gap} at axis ${axis}; needs counts ≥ 0`)
    return b + length + Math.max(0, length - 1) * gap + a
  })
  const strides = stridesOf(shape)
  const data = allocate(x.dtype, sizeOf(shape))
  const spaced = strides.map((s, axis) => s * ((between[axis] as number) + 1))
  if (x.data.length > 0) walk(x.shape, x.data, 0, stridesOf(x.shape), data, offsetOf(before, strides), spaced)
  return { dtype: x.dtype, shape, data }
}

/** Tensors one after another along an axis; equal in the other lengths and in dtype. */
export const concatenate = (xs: readonly Tensor[], axis: number): Tensor => {
  const first = xs[0]
  if (first === undefined) throw new Error('concatenate: got nothing; needs at least one tensor')
  for (const x of xs)
    if (
      x.dtype !== first.dtype ||
      x.shape.length !== first.shape.length ||
      x.shape.some((length, i) => i !== axis && length !== first.shape[i])
    )
      throw new Error(
        `concatenate: got ${showShape(x.shape)} beside ${showShape(first.shape)}; needs equal lengths but for axis ${axis}`,
      )
  const total = xs.reduce((length, x) => length + (x.shape[axis] as number), 0)
  const shape = first.shape.map((length, i) => (i === axis ? total : length))
  const strides = stridesOf(shape)
  const data = allocate(first.dtype, sizeOf(shape))
  let start = 0
  for (const x of xs) {
    if (x.data.length > 0)
      walk(x.shape, x.data, 0, stridesOf(x.shape), data, start * (strides[axis] as number), strides)
    start += x.shape[axis] as number
  }
  return { dtype: first.dtype, shape, data }
}
