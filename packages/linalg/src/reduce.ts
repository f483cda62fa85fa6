import { normalizeAxes, showShape, sizeOf } from './shape.ts'
import { transpose } from './structure.ts'
import { allocate, type DType, type Tensor, type TypedArray } from './tensor.ts'
import { lengthOf } from './vector.ts'

/** Folds `count` entries that lie `stride` apart, from `start`, into one. */
type Fold = (data: TypedArray, start: number, count: number, stride: number) => number

/** Four running sums, so that additions overlap; the error grows like count/4 roundoffs. */
const sumFold: Fold = (data, start, count, stride) => {
  const whole = start + (count - (count % 4)) * stride
  const stop = start + count * stride
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let at = start; at < whole; at += 4 * stride) {
    a += data[at] as number
    b += data[at + stride] as number
    c += data[at + 2 * stride] as number
    d += data[at + 3 * stride] as number
  }
  for (let at = whole; at < stop; at += stride) a += data[at] as number
  return a + b + (c + d)
}

const maxFold: Fold = (data, start, count, stride) => {
  let top = Number.NEGATIVE_INFINITY
  for (let i = 0, at = start; i < count; i++, at += stride) top = Math.max(top, data[at] as number)
  return top
}

const minFold: Fold = (data, start, count, stride) => {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0, at = start; i < count; i++, at += stride) least = Math.min(least, data[at] as number)
  return least
}

/** Where the first entry lies that no other one beats; a NaN beats all. */
const indexFold =
  (beats: (a: number, b: number) => boolean): Fold =>
  (data, start, count, stride) => {
    let found = 0
    let best = data[start] as number
    for (let i = 1, at = start + stride; i < count && !Number.isNaN(best); i++, at += stride)
      if (beats(data[at] as number, best) || Number.isNaN(data[at])) {
        found = i
        best = data[at] as number
      }
    return found
  }

/**
 * Every reduction is over one block of neighbouring axes, `[outer, reduced, inner]`; other choices of axes are
 * transposed into that form first.
 */
const reduce = (x: Tensor, axes: readonly number[], fold: Fold, dtype: DType = x.dtype): Tensor => {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
  const shape = kept.map((axis) => x.shape[axis] as number)
  const [first, last] = [axes[0] ?? 0, axes[axes.length - 1] ?? -1]
  if (last - first + 1 !== axes.length) {
    const turned = transpose(x, [...kept, ...axes])
    return reduce(
      turned,
      axes.map((_, i) => kept.length + i),
      fold,
      dtype,
    )
  }
  const outer = sizeOf(x.shape.slice(0, first))
  const count = sizeOf(x.shape.slice(first, last + 1))
  const inner = sizeOf(x.shape.slice(last + 1))
  const data = allocate(dtype, outer * inner)
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) data[o * inner + i] = fold(x.data, o * count * inner + i, count, inner)
  return { dtype, shape, data }
}

/**
 * Sum over axes, which disappear; of a mask, the count in int32. In four running sums: the error is at most (count/4 + 3) roundoffs of Σ|x|.
 *
 * @example
 * toNested(sum(tensor([[1, 2], [3, 4]]), [0])) // => [4, 6]
 */
export const sum = (x: Tensor, axes: readonly number[]): Tensor =>
  reduce(x, normalizeAxes('sum', axes, x.shape.length), sumFold, x.dtype === 'bool' ? 'int32' : x.dtype)

/** Euclidean length over axes, which disappear; does not overflow before its value does. */
export const norms = (x: Tensor, axes: readonly number[]): Tensor =>
  reduce(x, normalizeAxes('norm', axes, x.shape.length), lengthOf)

const extremum =
  (name: string, fold: Fold, dtype?: DType) =>
  (x: Tensor, axes: readonly number[]): Tensor => {
    const normal = normalizeAxes(name, axes, x.shape.length)
    if (normal.some((axis) => x.shape[axis] === 0))
      throw new Error(`${name}: got ${showShape(x.shape)} over axes ${showShape(normal)}; needs at least one entry`)
    return reduce(x, normal, fold, dtype)
  }

/** Largest entry over axes; NaN if there is one. Fails (throws) over no entries. */
export const max: (x: Tensor, axes: readonly number[]) => Tensor = extremum('max', maxFold)

/** Least entry over axes; NaN if there is one. Fails (throws) over no entries. */
export const min: (x: Tensor, axes: readonly number[]) => Tensor = extremum('min', minFold)

/** Where the largest entry lies, the first of equals, counted along the reduced axes together; int32. A NaN is largest. */
export const argmax: (x: Tensor, axes: readonly number[]) => Tensor = extremum(
  'argmax',
  indexFold((a, b) => a > b),
  'int32',
)

/** Where the least entry lies, the first of equals, counted along the reduced axes together; int32. A NaN is least. */
export const argmin: (x: Tensor, axes: readonly number[]) => Tensor = extremum(
  'argmin',
  indexFold((a, b) => a < b),
  'int32',
)
