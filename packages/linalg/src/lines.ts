import { type Shape, sizeOf } from './shape.ts'

/** Visits each line of entries along an axis: `length` of them from `start` on, `stride` apart. */
export const eachLine = (
  shape: Shape,
  axis: number,
  visit: (start: number, length: number, stride: number) => void,
): void => {
  const length = shape[axis] as number
  const stride = sizeOf(shape.slice(axis + 1))
  const blocks = sizeOf(shape.slice(0, axis))
  for (let block = 0; block < blocks; block++)
    for (let i = 0; i < stride; i++) visit(block * length * stride + i, length, stride)
}
