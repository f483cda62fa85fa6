import { log, matmul, maximum, mean, neg, reshape, stack, transpose, type Value, where } from '@secant/autodiff'
import { tensor } from '@secant/linalg'
import { type Features, normalised } from './features.ts'

/** What the size of a step is chosen from, each `[n]`. */
export interface Surroundings {
  readonly x: Value
  readonly gradient: Value
  /** The direction to be scaled, downhill. */
  readonly along: Value
  /** The last step and its change of gradient; 0 at first. */
  readonly step: Value
  readonly change: Value
}

/** What a network of step sizes is told: a single row, `[1, features]`. */
export type StepFeatures = (surroundings: Surroundings) => Value

/** The mean over all variables of what a coordinate-wise network would be told, `[1, 3]`. */
export const pooled =
  (features: Features = normalised): StepFeatures =>
  ({ x, gradient, along }) => {
    const means = mean(features(x, gradient, neg(along)), { axes: [0] })
    return reshape(means, [1, means.shape[0] as number])
  }

/** Pairs (i, j) with i < j, as a mask. */
const above = tensor(
  [
    [0, 1, 1, 1],
    [0, 0, 1, 1],
    [0, 0, 0, 1],
    [0, 0, 0, 0],
  ],
  'bool',
)

/**
 * Logarithms of the inner products of direction, gradient, last step and change of gradient, `[1, 16]` by rows: log
 * max(aᵢ·aⱼ, ε) for i ≥ j and log max(−aᵢ·aⱼ, ε) for i < j, so that each sign is seen (Egidio, Hansson and Wahlberg
 * 2021, section 3, with max where they print min). Neither the number of the variables nor their order matters, nor a
 * rotation.
 */
export const innerProducts =
  (epsilon = 1e-8): StepFeatures =>
  ({ along, gradient, step, change }) => {
    const vectors = stack([along, gradient, step, change])
    const products = matmul(vectors, transpose(vectors))
    return reshape(log(maximum(where(above, neg(products), products), epsilon)), [1, 16])
  }
