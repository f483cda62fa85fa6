import { add, div, mul, sqrt, square, type Value } from '@secant/autodiff'
import { zerosLike } from './entries.ts'
import { runningMean } from './moments.ts'
import { type Count, type Rate, rated } from './scaled.ts'
import type { Update } from './update.ts'

/** Running means of the squares of gradients and of steps. */
export interface Deltas {
  readonly gradients: Value
  readonly steps: Value
}

/**
 * ADADELTA, `√(E[Δ²] + ε) / √(E[g²] + ε) · g` (Zeiler 2012, algorithm 1). The paper has no rate; one given here scales
 * the steps after they were remembered, as in optax.
 */
export const adadelta = ({
  rate = 1,
  decay = 0.95,
  epsilon = 1e-6,
}: {
  readonly rate?: Rate
  readonly decay?: number
  readonly epsilon?: number
} = {}): Update<readonly [Deltas, Count]> =>
  rated(
    {
      name: 'ADADELTA',
      init: (x) => ({ gradients: zerosLike(x), steps: zerosLike(x) }),
      apply: (state, gradient) => {
        const gradients = runningMean(decay, state.gradients, square(gradient))
        const step = mul(div(sqrt(add(state.steps, epsilon)), sqrt(add(gradients, epsilon))), gradient)
        return [step, { gradients, steps: runningMean(decay, state.steps, square(step)) }]
      },
    },
    rate,
  )
