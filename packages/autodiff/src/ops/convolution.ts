import * as dense from '@secant/linalg'
import {
  convolvedShape,
  type Pair,
  type Shape,
  showShape,
  type Tensor,
  type TensorType,
  type Window,
} from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Value, type Values } from '../core.ts'
import { oneByOne } from '../one-by-one.ts'
import { primitive, type Rule } from '../primitive.ts'
import { expandDims, squeeze } from './arrange.ts'
import { contract } from './contract.ts'
import { reshape, transpose } from './structure.ts'
import { foldedBatch, type Sliding, windowOver, windows } from './windows.ts'

/** How the window goes, and the images `[h, w, c]` it goes over. */
interface Params {
  readonly window: Window
  readonly image: Shape
}

/**
 * Convolution is one sum of products of an image, a kernel and a result. Each of the three follows from the other two
 * by an operation that is linear in both; these are the partial derivatives of one another.
 */
type Bilinear = (first: Value, second: Value, params: Params) => Value

const convolve: Bilinear = (image, kernel, params) => bindOne(convolvePrimitive, [image, kernel], params)
const toImage: Bilinear = (result, kernel, params) => bindOne(toImagePrimitive, [result, kernel], params)
const toKernel: Bilinear = (image, result, params) => bindOne(toKernelPrimitive, [image, result], params)

const partialsOf = (
  self: Bilinear,
  adjointInFirst: Bilinear,
  adjointInSecond: Bilinear,
): readonly [Rule<Params>, Rule<Params>] => [
  ([, b], _, params) => ({
    apply: (v) => self(v, b as Value, params),
    adjoint: (w) => adjointInFirst(w, b as Value, params),
  }),
  ([a], _, params) => ({
    apply: (v) => self(a as Value, v, params),
    adjoint: (w) => adjointInSecond(a as Value, w, params),
  }),
]

/** Under one kernel for all, the members are further images; otherwise each goes by itself. */
const imageByImage =
  (self: () => Primitive<Params>) =>
  (args: Values, batched: readonly boolean[], params: Params, count: number): Value => {
    const [images, kernel] = args as readonly [Value, Value]
    return batched[1]
      ? (oneByOne(self(), args, batched, params, count)[0] as Value)
      : foldedBatch(images, (more) => bindOne(self(), [more, kernel], params))
  }

const convolvePrimitive: Primitive<Params> = primitive({
  name: 'convolve',
  typeOf: ([image, kernel], { window }) => ({
    dtype: (image as TensorType).dtype,
    shape: convolvedShape(image as TensorType, kernel as TensorType, window),
  }),
  impl: ([image, kernel], { window }) => dense.convolve(image as Tensor, kernel as Tensor, window),
  partials: partialsOf(convolve, toImage, toKernel),
  batch: imageByImage(() => convolvePrimitive),
})

const toImagePrimitive: Primitive<Params> = primitive({
  name: 'convolveToImage',
  typeOf: ([result], { image }) => {
    const { dtype, shape } = result as TensorType
    return { dtype, shape: [shape[0] as number, ...image] }
  },
  impl: ([result, kernel], { window }, { shape }) =>
    dense.convolveToImage(result as Tensor, kernel as Tensor, window, shape),
  partials: partialsOf(toImage, convolve, (result, image, params) => toKernel(image, result, params)),
  batch: imageByImage(() => toImagePrimitive),
})

const toKernelPrimitive: Primitive<Params> = primitive({
  name: 'convolveToKernel',
  typeOf: ([image, result], { window }) => {
    const [x, y] = [image as TensorType, result as TensorType]
    return { dtype: x.dtype, shape: [...window.size, x.shape[3] as number, y.shape[3] as number] }
  },
  impl: ([image, result], { window }) => dense.convolveToKernel(image as Tensor, result as Tensor, window),
  partials: partialsOf(toKernel, (kernel, result, params) => toImage(result, kernel, params), convolve),
  batch: (args, batched, params, count) => oneByOne(toKernelPrimitive, args, batched, params, count)[0] as Value,
})

const sizeOfKernel = (operation: string, image: Value, kernel: Value, needs: string): Pair => {
  if (image.shape.length !== 4 || kernel.shape.length !== 4)
    throw new Error(
      `${operation}: got ${showShape(image.shape)} with kernel ${showShape(kernel.shape)}; needs [n, h, w, c] with ${needs}`,
    )
  const [kh, kw] = kernel.shape as readonly [number, number, ...number[]]
  return [kh, kw]
}

/**
 * Convolution of images with a kernel that is not turned round, as in neural networks:
 * `[n, h, w, c], [kh, kw, c, o] → [n, h′, w′, o]`, with strides, zeros around the images and taps that lie apart.
 * Fails (throws) on other shapes and on mixed dtypes.
 *
 * @example
 * conv2d(zeros([2, 8, 8, 3]), zeros([3, 3, 3, 16]), { strides: [2, 2], padding: 'same' }).shape // => [2, 4, 4, 16]
 */
export const conv2d = (x: Operand, kernel: Operand, sliding: Sliding = {}): Value => {
  const [image, weights] = [asValue(x), asValue(kernel)]
  const size = sizeOfKernel('conv2d', image, weights, '[kh, kw, c, o]')
  return convolve(image, weights, { window: windowOver(image.shape, size, sliding), image: image.shape.slice(1) })
}

/** For `conv1d`: as for two axes, but for one. */
export interface Sliding1d {
  readonly stride?: number
  readonly padding?: 'valid' | 'same' | Pair
  readonly dilation?: number
}

/**
 * Convolution along one axis, `[n, l, c], [k, c, o] → [n, l′, o]`.
 *
 * @example
 * conv1d(zeros([2, 8, 3]), zeros([3, 3, 16]), { padding: [2, 0] }).shape // => [2, 8, 16]
 */
export const conv1d = (
  x: Operand,
  kernel: Operand,
  { stride = 1, padding = 'valid', dilation = 1 }: Sliding1d = {},
): Value => {
  const out = conv2d(expandDims(x, [1]), expandDims(kernel, [0]), {
    strides: [1, stride],
    padding: typeof padding === 'string' ? padding : [[0, 0], padding],
    dilation: [1, dilation],
  })
  return squeeze(out, [1])
}

/**
 * Each channel convolved with `m` kernels of its own, `[n, h, w, c], [kh, kw, c, m] → [n, h′, w′, c m]`: channel c
 * gives the results c m to c m + m − 1.
 *
 * @example
 * depthwiseConv2d(zeros([2, 8, 8, 3]), zeros([3, 3, 3, 2])).shape // => [2, 6, 6, 6]
 */
export const depthwiseConv2d = (x: Operand, kernel: Operand, sliding: Sliding = {}): Value => {
  const [image, weights] = [asValue(x), asValue(kernel)]
  const size = sizeOfKernel('depthwiseConv2d', image, weights, '[kh, kw, c, m]')
  const [n, h, w, c] = image.shape as readonly [number, number, number, number]
  // Channels as further images, in front: so the windows, the largest thing here, need not be moved.
  const under = windows(reshape(transpose(image, [3, 0, 1, 2]), [c * n, h, w, 1]), size, sliding)
  const [, rows, columns] = under.shape as readonly [number, number, number]
  const byChannel = contract(reshape(under, [c, n, rows, columns, ...size]), weights, {
    over: [
      [4, 5],
      [0, 1],
    ],
    batch: [[0], [2]],
  })
  const m = weights.shape[3] as number
  return reshape(transpose(byChannel, [1, 2, 3, 0, 4]), [n, rows, columns, c * m])
}
