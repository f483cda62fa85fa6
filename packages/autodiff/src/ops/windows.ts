import * as dense from '@secant/linalg'
import { type Pair, type Shape, showShape, type Window, windowsShape } from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Value } from '../core.ts'
import { linearPrimitive } from '../vector-space.ts'
import { reshape } from './structure.ts'

/**
 * Zeros around an image: none; as many as make the result ⌈length / stride⌉ long, the odd one behind; or counts before
 * and after, for height and for width.
 */
export type Padding = 'valid' | 'same' | readonly [height: Pair, width: Pair]

/** How a window goes over an image: how far from place to place, and how far its taps lie apart. */
export interface Sliding {
  readonly strides?: Pair
  readonly padding?: Padding
  readonly dilation?: Pair
}

/** A window in numbers, for an image `[n, h, w, c]`. */
export const windowOver = (
  image: Shape,
  size: Pair,
  { strides = [1, 1], padding = 'valid', dilation = [1, 1] }: Sliding,
): Window => {
  const around = (axis: 0 | 1): readonly [number, number] => {
    if (padding === 'valid') return [0, 0]
    if (typeof padding !== 'string') return padding[axis]
    if (padding !== 'same') throw new Error(`padding: got '${padding}'; needs 'valid', 'same' or counts`)
    const length = image[axis + 1] as number
    const places = Math.ceil(length / strides[axis])
    const missing = Math.max(0, (places - 1) * strides[axis] + (size[axis] - 1) * dilation[axis] + 1 - length)
    return [Math.floor(missing / 2), Math.ceil(missing / 2)]
  }
  const [rows, columns] = [around(0), around(1)]
  return { size, strides, dilation, before: [rows[0], columns[0]], after: [rows[1], columns[1]] }
}

/** The members of a batch of batches as one longer batch, for an operation that goes image by image. */
export const foldedBatch = (x: Value, operation: (images: Value) => Value): Value => {
  const [count, n, ...image] = x.shape as readonly [number, number, ...number[]]
  const out = operation(reshape(x, [count * n, ...image]))
  return reshape(out, [count, n, ...out.shape.slice(1)])
}

const windowsPrimitive: Primitive<{ readonly window: Window }> = linearPrimitive({
  name: 'windows',
  typeOf: (x, { window }) => ({ dtype: x.dtype, shape: windowsShape('windows', x.shape, window) }),
  impl: (x, { window }) => dense.windows(x, window),
  adjoint: (w, { window }, x) => bindOne(overlapAddPrimitive, [w], { window, image: x.shape.slice(1) }),
  batch: (x, params) => foldedBatch(x, (images) => bindOne(windowsPrimitive, [images], params)),
})

const overlapAddPrimitive: Primitive<{ readonly window: Window; readonly image: Shape }> = linearPrimitive({
  name: 'overlapAdd',
  typeOf: (x, { image }) => ({ dtype: x.dtype, shape: [x.shape[0] as number, ...image] }),
  impl: (x, { window, image }) => dense.overlapAdd(x, window, [x.shape[0] as number, ...image]),
  adjoint: (w, { window }) => bindOne(windowsPrimitive, [w], { window }),
  batch: (x, params) => foldedBatch(x, (parts) => bindOne(overlapAddPrimitive, [parts], params)),
})

/**
 * The entries under each place of a window, zeros outside: `[n, h, w, c] → [n, h′, w′, size₀, size₁, c]`.
 *
 * @example
 * windows(zeros([1, 5, 5, 2]), [3, 3]).shape // => [1, 3, 3, 3, 3, 2]
 */
export const windows = (x: Operand, size: Pair, sliding: Sliding = {}): Value => {
  const value = asValue(x)
  if (value.shape.length !== 4) throw new Error(`windows: got ${showShape(value.shape)}; needs [n, h, w, c]`)
  return bindOne(windowsPrimitive, [value], { window: windowOver(value.shape, size, sliding) })
}
