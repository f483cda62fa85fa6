import { matmul, sigmoid, type Value } from '@secant/autodiff'
import { crossEntropy } from '@secant/layers'
import { fromData, showShape, sizeOf, type Tensor } from '@secant/linalg'
import { oneHot } from './preprocess.ts'
import type { Problem } from './problem.ts'
import { columnsOf } from './rows.ts'

/**
 * Numbers in [0, 1) from a 32-bit seed: a counter stepped by 2³² over the golden ratio, and its bits mixed by shifts and
 * odd factors (the form of SplitMix: Steele, Lea and Flood 2014). Reproducible, and no more than that.
 */
const uniforms = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let bits = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97)
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32
  }
}

/** Weights uniform in ±√(6 / (inputs + outputs)) (Glorot and Bengio 2010, equation 16). */
const initialWeights = (sizes: readonly number[], seed: number): readonly Tensor[] => {
  const uniform = uniforms(seed)
  return sizes.slice(1).map((outputs, layer) => {
    const shape = [sizes[layer] as number, outputs]
    const limit = Math.sqrt(6 / ((sizes[layer] as number) + outputs))
    return fromData(
      Float64Array.from({ length: sizeOf(shape) }, () => limit * (2 * uniform() - 1)),
      shape,
    )
  })
}

/**
 * A network of layers without biases: sigmoids inside, softmax cross-entropy at the end. Its parameters are a list of
 * matrices `[inputs, outputs]`; features `[m, sizes[0]]`, labels 0 … `[m]`. Not convex.
 * Fails (throws) where features and sizes disagree, and on a label that the last size has no place for.
 *
 * @example
 * mlp({ features: tensor([[1, 2]]), labels: tensor([0]), sizes: [2, 3, 2] }).n // => 12
 */
export const mlp = ({
  features,
  labels,
  sizes,
  seed = 0,
}: {
  readonly features: Tensor
  readonly labels: Tensor
  readonly sizes: readonly number[]
  readonly seed?: number
}): Problem<readonly Value[]> => {
  const columns = columnsOf('mlp', features, labels)
  if (sizes.length < 2 || sizes[0] !== columns)
    throw new Error(
      `mlp: got sizes ${showShape(sizes)} for ${columns} columns; needs two or more, the first ${columns}`,
    )
  const start = initialWeights(sizes, seed)
  const rows = oneHot(labels, sizes[sizes.length - 1] as number)
  return {
    name: `MLP ${sizes.join('-')}`,
    n: start.reduce((total, { data }) => total + data.length, 0),
    objective: (weights) => {
      const scores = weights.reduce<Value>(
        (inputs, w, layer) => matmul(layer === 0 ? inputs : sigmoid(inputs), w),
        features,
      )
      return crossEntropy(scores, rows)
    },
    start,
  }
}
