/**
 * The convolution `y[n, i, j, o] = Σ x[n, i s + p d − b, j s + q d − b, c] k[p, q, c, o]` over p, q and c, for strides s,
 * dilation d and padding b before, and its two adjoints. The entries under each window are laid out as a row (im2col),
 * so that all windows times the kernel are one matrix product.
 */
import { cast } from './elementwise.ts'
import { matmul } from './matmul.ts'
import { type Shape, sameShape, showShape, sizeOf } from './shape.ts'
import { reshape } from './structure.ts'
import { fromData, type Tensor, type TensorType } from './tensor.ts'
import { overlapAdd, type Window, windows, windowsShape } from './windows.ts'

/** The shape of the result. Fails (throws) unless the kernel has the window's size and the image's channels. */
export const convolvedShape = (image: TensorType, kernel: TensorType, window: Window): Shape => {
  const [n, rows, columns, ...under] = windowsShape('convolve', image.shape, window)
  const fits = kernel.shape.length === 4 && sameShape(kernel.shape.slice(0, 3), under)
  if (!fits || image.dtype !== kernel.dtype)
    throw new Error(
      `convolve: got ${image.dtype} ${showShape(image.shape)} with ${kernel.dtype} ${showShape(kernel.shape)}; needs [n, h, w, c] with [kh, kw, c, o] of one dtype`,
    )
  return [n, rows, columns, kernel.shape[3]] as Shape
}

/** How many entries under windows are laid out at a time: they should stay in the second-level cache. */
const blockSize = 2 ** 16

/** Visits blocks of images: how many from which one on. */
const eachBlock = (image: Shape, window: Window, visit: (first: number, count: number) => void): void => {
  const n = image[0] as number
  const each = sizeOf(windowsShape('convolve', image.with(0, 1), window))
  const most = Math.max(1, Math.floor(blockSize / Math.max(1, each)))
  for (let first = 0; first < n; first += most) visit(first, Math.min(most, n - first))
}

/** Members of the leading axis, sharing memory. */
const members = ({ dtype, shape, data }: Tensor, first: number, count: number): Tensor => {
  const each = sizeOf(shape.slice(1))
  return { dtype, shape: shape.with(0, count), data: data.subarray(first * each, (first + count) * each) }
}

/** The last axes as columns, the others as rows. */
const matrix = (x: Tensor, columnAxes: number): Tensor => {
  const split = x.shape.length - columnAxes
  return reshape(x, [sizeOf(x.shape.slice(0, split)), sizeOf(x.shape.slice(split))])
}

const double = (x: Tensor): Tensor => cast(x, 'float64')

/** Images times kernel, `[n, h, w, c], [kh, kw, c, o] → [n, h′, w′, o]`; float32 is summed in double and rounded once. */
export const convolve = (image: Tensor, kernel: Tensor, window: Window): Tensor => {
  const shape = convolvedShape(image, kernel, window)
  const [x, weights] = [double(image), matrix(double(kernel), 1)]
  const data = new Float64Array(sizeOf(shape))
  eachBlock(x.shape, window, (first, count) => {
    const rows = matrix(windows(members(x, first, count), window), 3)
    data.set(matmul(rows, weights).data, first * sizeOf(shape.slice(1)))
  })
  return cast(fromData(data, shape), image.dtype)
}

/** The adjoint of `convolve` in its image: `[n, h′, w′, o], [kh, kw, c, o] → [n, h, w, c]`. */
export const convolveToImage = (result: Tensor, kernel: Tensor, window: Window, image: Shape): Tensor => {
  const [y, weights] = [double(result), matrix(double(kernel), 1)]
  const data = new Float64Array(sizeOf(image))
  eachBlock(image, window, (first, count) => {
    const part = image.with(0, count)
    const rows = matmul(matrix(members(y, first, count), 1), weights, { transposeB: true })
    const laid = overlapAdd(reshape(rows, windowsShape('convolve', part, window)), window, part)
    data.set(laid.data, first * sizeOf(image.slice(1)))
  })
  return cast(fromData(data, image), result.dtype)
}

/** The adjoint of `convolve` in its kernel: `[n, h, w, c], [n, h′, w′, o] → [kh, kw, c, o]`. */
export const convolveToKernel = (image: Tensor, result: Tensor, window: Window): Tensor => {
  const [x, y] = [double(image), double(result)]
  const shape = [...window.size, image.shape[3] as number, result.shape[3] as number]
  const data = new Float64Array(sizeOf(shape))
  eachBlock(x.shape, window, (first, count) => {
    const rows = matrix(windows(members(x, first, count), window), 3)
    const part = matmul(rows, matrix(members(y, first, count), 1), { transposeA: true })
    for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) + (part.data[i] as number)
  })
  return cast(fromData(data, shape), image.dtype)
}
