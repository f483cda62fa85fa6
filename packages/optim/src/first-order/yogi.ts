import { add, div, mul, sign, sqrt, square, sub } from '@secant/autodiff'
import type { AdamOptions } from './adam.ts'
import { zerosLike } from './entries.ts'
import { type Moments, runningMean } from './moments.ts'
import { type Count, rated } from './scaled.ts'
import type { Update } from './update.ts'

/**
 * Yogi, `rate · m / (√v + ε)` with `vₜ = vₜ₋₁ − (1 − β₂) sign(vₜ₋₁ − g²) g²` (Zaheer et al. 2018, algorithm 2). Moments
 * begin at 0 and are not corrected, as in the algorithm; optax begins at 10⁻⁶ and corrects both.
 */
export const yogi = ({
  rate = 1e-2,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-3,
}: AdamOptions = {}): Update<readonly [Moments, Count]> =>
  rated(
    {
      name: 'Yogi',
      init: (x) => ({ first: zerosLike(x), second: zerosLike(x) }),
      apply: (state, gradient) => {
        const squares = square(gradient)
        const first = runningMean(beta1, state.first, gradient)
        const second = sub(state.second, mul(1 - beta2, mul(sign(sub(state.second, squares)), squares)))
        return [div(first, add(sqrt(second), epsilon)), { first, second }]
      },
    },
    rate,
  )
