import { eachLine } from './lines.ts'
import { normalizeAxis, sameShape, showShape } from './shape.ts'
import { allocate, type Tensor } from './tensor.ts'

/** From which end to go: from the last entry to the first, if `reverse`. */
export interface Order {
  readonly reverse?: boolean
}

/**
 * Running sums along an axis, each with its own entry; float32 is summed in double.
 *
 * @example
 * toNested(cumulativeSum(tensor([1, 2, 3]), 0)) // => [1, 3, 6]
 */
export const cumulativeSum = (x: Tensor, axis: number, { reverse = false }: Order = {}): Tensor => {
  const data = allocate(x.dtype, x.data.length)
  eachLine(x.shape, normalizeAxis('cumulativeSum', axis, x.shape.length), (start, length, stride) => {
    const step = reverse ? -stride : stride
    let total = 0
    for (let i = 0, at = reverse ? start + (length - 1) * stride : start; i < length; i++, at += step) {
      total += x.data[at] as number
      data[at] = total
    }
  })
  return { dtype: x.dtype, shape: x.shape, data }
}

/**
 * yᵢ = aᵢ yᵢ₋₁ + bᵢ along an axis, from y₋₁ = 0 (with `reverse` yᵢ = aᵢ yᵢ₊₁ + bᵢ, from the end); float32 is carried in
 * double. Fails (throws) unless a and b have one type.
 *
 * @example
 * toNested(linearRecurrence(tensor([2, 2, 2]), tensor([1, 1, 1]), 0)) // => [1, 3, 7]
 */
export const linearRecurrence = (a: Tensor, b: Tensor, axis: number, { reverse = false }: Order = {}): Tensor => {
  if (a.dtype !== b.dtype || !sameShape(a.shape, b.shape))
    throw new Error(
      `linearRecurrence: got ${a.dtype} ${showShape(a.shape)} and ${b.dtype} ${showShape(b.shape)}; needs one type`,
    )
  const data = allocate(b.dtype, b.data.length)
  eachLine(b.shape, normalizeAxis('linearRecurrence', axis, b.shape.length), (start, length, stride) => {
    const step = reverse ? -stride : stride
    let at = reverse ? start + (length - 1) * stride : start
    let state = 0
    for (let i = 0; i < length; i++, at += step) {
      // The first state is b alone: 0 · ∞ must not enter.
      state = i === 0 ? (b.data[at] as number) : (a.data[at] as number) * state + (b.data[at] as number)
      data[at] = state
    }
  })
  return { dtype: b.dtype, shape: b.shape, data }
}
