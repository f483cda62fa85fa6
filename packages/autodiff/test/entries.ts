import { allocate, type DType, type Shape, sizeOf, type Tensor } from '@secant/linalg'
import { concrete, type Value } from '../src/index.ts'

/** All indices of a shape, in row-major order. */
export const indicesOf = (shape: Shape): readonly (readonly number[])[] =>
  shape.reduce<readonly (readonly number[])[]>(
    (list, length) => list.flatMap((index) => Array.from({ length }, (_, i) => [...index, i])),
    [[]],
  )

/** Entry at an index, by the definition of row-major order. */
export const at = (x: Value, index: readonly number[]): number =>
  concrete(x).data[index.reduce((offset, i, axis) => offset * (x.shape[axis] as number) + i, 0)] as number

/** The tensor with the given entry at each index. */
export const tabulate = (
  shape: Shape,
  entry: (...index: readonly number[]) => number,
  dtype: DType = 'float64',
): Tensor => {
  const data = allocate(dtype, sizeOf(shape))
  data.set(indicesOf(shape).map((index) => entry(...index)))
  return { dtype, shape, data }
}

/** Small whole numbers without much of a pattern: sums of products of them are exact. */
export const digits = (shape: Shape, dtype: DType = 'float64'): Tensor => {
  let next = 0
  return tabulate(shape, () => ((7 * ++next) % 11) - 4, dtype)
}
