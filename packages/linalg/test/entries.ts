import { allocate, type Shape, sizeOf, type Tensor } from '../src/index.ts'

/** All indices of a shape, in row-major order. */
export const indicesOf = (shape: Shape): readonly (readonly number[])[] =>
  shape.reduce<readonly (readonly number[])[]>(
    (list, length) => list.flatMap((index) => Array.from({ length }, (_, i) => [...index, i])),
    [[]],
  )

/** Entry at an index, by the definition of row-major order. */
export const at = ({ shape, data }: Tensor, index: readonly number[]): number =>
  data[index.reduce((offset, i, axis) => offset * (shape[axis] as number) + i, 0)] as number

/** The tensor with the given entry at each index. */
export const tabulate = (
  shape: Shape,
  entry: (index: readonly number[]) => number,
  dtype: Tensor['dtype'] = 'float64',
): Tensor => {
  const data = allocate(dtype, sizeOf(shape))
  data.set(indicesOf(shape).map(entry))
  return { dtype, shape, data }
}

/** 1, 2, 3, …: sums of few products of these are exact. */
export const numbered = (shape: Shape, dtype: Tensor['dtype'] = 'float64'): Tensor => {
  let next = 1
  return tabulate(shape, () => next++, dtype)
}

/** Σ aᵢ bᵢ over all entries. */
export const inner = (a: Tensor, b: Tensor): number =>
  indicesOf(a.shape).reduce((total, index) => total + at(a, index) * at(b, index), 0)
