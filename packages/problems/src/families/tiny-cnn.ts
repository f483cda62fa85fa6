import { add, conv2d, matmul, maxPool2d, relu, reshape, slice, type Value } from '@secant/autodiff'
import { crossEntropy } from '@secant/layers'
import {
  type Draw,
  drawing,
  fromData,
  map,
  permutation,
  reshape as reshaped,
  type Shape,
  sizeOf,
  type Tensor,
  take,
  uniform,
} from '@secant/linalg'
import type { Family } from '../family.ts'
import { oneHot } from '../preprocess.ts'
import { columnsOf } from '../rows.ts'

/** Normalised images `[batch, 28, 28, 1]` and their digits as rows with a single one, `[batch, 10]`. */
export interface Digits {
  readonly images: Value
  readonly classes: Value
}

const kernels = [
  [3, 3, 1, 2],
  [3, 3, 2, 3],
] as const
const matrix = [147, 10] as const

/** Each layer's weights, before its bias. */
const shapes: readonly Shape[] = [...kernels, matrix]

const weightCount = shapes.reduce((total, shape) => total + sizeOf(shape) + (shape.at(-1) as number), 0)

/** Weights of a layer, and what it adds to each channel or class. */
export interface Layer {
  readonly weights: Value
  readonly bias: Value
}

/**
 * The three layers of the tiny network, cut out of its vector of weights.
 *
 * @example
 * tinyCnnLayers(zeros([1557])).map(({ weights }) => weights.shape) // => [[3, 3, 1, 2], [3, 3, 2, 3], [147, 10]]
 */
export const tinyCnnLayers = (theta: Value): readonly [Layer, Layer, Layer] => {
  let offset = 0
  const next = (shape: Shape): Value => {
    const from = offset
    offset += sizeOf(shape)
    return reshape(slice(theta, [from], [offset]), shape)
  }
  const layer = (shape: Shape): Layer => ({ weights: next(shape), bias: next(shape.slice(-1)) })
  return [layer(kernels[0]), layer(kernels[1]), layer(matrix)]
}

/** Uniform in ±1/√inputs, weights and bias alike: what the networks of PyTorch begin with. */
const start: Draw<Tensor> = drawing((key) => {
  const limits = shapes.flatMap((shape) => {
    const inputs = sizeOf(shape.slice(0, -1))
    return Array.from({ length: sizeOf(shape) + (shape.at(-1) as number) }, () => 1 / Math.sqrt(inputs))
  })
  const { data } = uniform(key, [weightCount], { min: -1, max: 1 })
  return fromData(data.map((u, i) => u * (limits[i] as number)))
})

/**
 * Mean cross-entropy of a small convolutional network on digits: twice a 3×3 convolution (1 → 2 → 3 channels), ReLU and
 * the largest of 2×2, then a layer 147 → 10. Its 1,557 weights are one vector; each problem has `batch` images of its
 * own, drawn without replacement. Not convex, and with kinks. Pixels in [0, 1] `[count, 784]`, labels 0 … 9 `[count]`;
 * pixels are normalised by the mean 0.1307 and deviation 0.3081 of MNIST. Starts are not normal but small (±1/√inputs).
 */
export const tinyCnnFamily = ({
  images,
  labels,
  batch = 200,
}: {
  readonly images: Tensor
  readonly labels: Tensor
  readonly batch?: number
}): Family<Digits> => {
  const [count, pixels] = [labels.data.length, columnsOf('tinyCnnFamily', images, labels)]
  if (pixels !== 784) throw new Error(`tinyCnnFamily: got images of ${pixels} pixels; needs 784`)
  if (!Number.isInteger(batch) || batch < 1 || batch > count)
    throw new Error(`tinyCnnFamily: got batch = ${batch}; needs a whole number from 1 to ${count}`)
  const normalised = reshaped(
    map(images, (ink) => (ink - 0.1307) / 0.3081),
    [count, 28, 28, 1],
  )
  const classes = oneHot(labels, 10)
  return {
    name: `tiny CNN on ${batch} digits`,
    n: weightCount,
    sample: drawing((key) => {
      const order = permutation(key, count)
      const chosen = fromData(order.data.slice(0, batch), [batch])
      return { images: take(normalised, chosen, { axis: 0 }), classes: take(classes, chosen, { axis: 0 }) }
    }),
    start,
    objective: (digits, theta) => {
      const [first, second, last] = tinyCnnLayers(theta)
      const convolved = (x: Value, { weights, bias }: Layer): Value =>
        maxPool2d(relu(add(conv2d(x, weights, { padding: 'same' }), bias)), [2, 2])
      const seen = convolved(convolved(digits.images, first), second)
      const scores = add(matmul(reshape(seen, [batch, 147]), last.weights), last.bias)
      return crossEntropy(scores, digits.classes)
    },
  }
}
