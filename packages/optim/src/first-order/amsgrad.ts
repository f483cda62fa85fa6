import { add, div, maximum, sqrt, square, type Value } from '@secant/autodiff'
import type { AdamOptions } from './adam.ts'
import { zerosLike } from './entries.ts'
import { type Moments, runningMean } from './moments.ts'
import { type Count, rated } from './scaled.ts'
import type { Update } from './update.ts'

/** Moments, and the largest second one so far. */
export interface LargestMoments extends Moments {
  readonly largest: Value
}

/**
 * AMSGrad, `rate · m / (√v̂ + ε)` with `v̂ₜ = max(v̂ₜ₋₁, vₜ)` (Reddi, Kale and Kumar 2018, algorithm 2, to which ε is
 * added). Without bias correction, as in the paper; optax corrects both moments.
 */
export const amsgrad = ({
  rate = 1e-3,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
}: AdamOptions = {}): Update<readonly [LargestMoments, Count]> =>
  rated(
    {
      name: 'AMSGrad',
      init: (x) => {
        const none = zerosLike(x)
        return { first: none, second: none, largest: none }
      },
      apply: (state, gradient) => {
        const first = runningMean(beta1, state.first, gradient)
        const second = runningMean(beta2, state.second, square(gradient))
        const largest = maximum(state.largest, second)
        return [div(first, add(sqrt(largest), epsilon)), { first, second, largest }]
      },
    },
    rate,
  )
