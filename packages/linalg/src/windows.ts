import { type Shape, sameShape, showShape, sizeOf } from './shape.ts'
import { allocate, type Tensor } from './tensor.ts'

/** Something for height and for width. */
export type Pair = readonly [height: number, width: number]

/** How a window goes over an image: `size` taps that lie `dilation` apart, in zeros `before` and `after` the image. */
export interface Window {
  readonly size: Pair
  readonly strides: Pair
  readonly dilation: Pair
  readonly before: Pair
  readonly after: Pair
}

/** How many places a window takes along one axis of an image. */
const placesOf = (length: number, window: Window, axis: 0 | 1): number => {
  const room = length + window.before[axis] + window.after[axis] - (window.size[axis] - 1) * window.dilation[axis] - 1
  return Math.max(0, Math.floor(room / window.strides[axis]) + 1)
}

/**
 * The shape of `windows`: `[n, h, w, c] → [n, h′, w′, size₀, size₁, c]`. Fails (throws) on another rank, and on counts
 * that are no whole numbers, too small or negative.
 */
export const windowsShape = (operation: string, image: Shape, window: Window): Shape => {
  const { size, strides, dilation, before, after } = window
  const whole = [...size, ...strides, ...dilation, ...before, ...after].every(Number.isInteger)
  const wide = Math.min(...size, ...strides, ...dilation) >= 1 && Math.min(...before, ...after) >= 0
  if (image.length !== 4 || !whole || !wide)
    throw new Error(
      `${operation}: got ${showShape(image)} under windows [${size}] by [${strides}], dilated [${dilation}], padded [${before}] and [${after}]; needs [n, h, w, c], lengths ≥ 1, padding ≥ 0`,
    )
  const [n, h, w, c] = image as readonly [number, number, number, number]
  return [n, placesOf(h, window, 0), placesOf(w, window, 1), ...size, c]
}

/** Visits each run of entries that are neighbours both in the images and in their windows. */
const eachRun = (
  image: Shape,
  window: Window,
  visit: (inImage: number, inWindows: number, length: number) => void,
): void => {
  const [n, h, w, c] = image as readonly [number, number, number, number]
  const [rows, columns] = [placesOf(h, window, 0), placesOf(w, window, 1)]
  const [kh, kw] = window.size
  const [top, left] = window.before
  const { strides, dilation } = window
  const run = dilation[1] === 1 ? kw : 1
  let at = 0
  for (let i = 0; i < n; i++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        for (let p = 0; p < kh; p++) {
          const y = row * strides[0] - top + p * dilation[0]
          for (let q = 0; q < kw; q += run, at += run * c) {
            const x = column * strides[1] - left + q * dilation[1]
            const first = Math.max(x, 0)
            const last = Math.min(x + run, w)
            if (y >= 0 && y < h && first < last)
              visit(((i * h + y) * w + first) * c, at + (first - x) * c, (last - first) * c)
          }
        }
}

/** The entries under each place of a window, zeros outside: `[n, h, w, c] → [n, h′, w′, size₀, size₁, c]`. */
export const windows = (x: Tensor, window: Window): Tensor => {
  const shape = windowsShape('windows', x.shape, window)
  const data = allocate(x.dtype, sizeOf(shape))
  eachRun(x.shape, window, (a, b, length) => {
    for (let i = 0; i < length; i++) data[b + i] = x.data[a + i] as number
  })
  return { dtype: x.dtype, shape, data }
}

/** Windows laid back over images `[n, h, w, c]`, adding up where they overlap; the adjoint of `windows`. */
export const overlapAdd = (x: Tensor, window: Window, image: Shape): Tensor => {
  const needed = windowsShape('overlapAdd', image, window)
  if (!sameShape(x.shape, needed))
    throw new Error(`overlapAdd: got ${showShape(x.shape)}; needs ${showShape(needed)} for images ${showShape(image)}`)
  const data = allocate(x.dtype, sizeOf(image))
  eachRun(image, window, (a, b, length) => {
    for (let i = 0; i < length; i++) data[a + i] = (data[a + i] as number) + (x.data[b + i] as number)
  })
  return { dtype: x.dtype, shape: image, data }
}
