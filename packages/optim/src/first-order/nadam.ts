import { add, div, mul, type Operand, sqrt, square, sub, type Value } from '@secant/autodiff'
import { scalar } from '@secant/linalg'
import type { AdamOptions } from './adam.ts'
import { beside, zerosLike } from './entries.ts'
import { type Moments, runningMean } from './moments.ts'
import { type Count, noSteps, type Rate, rateAt, rated } from './scaled.ts'
import type { Update } from './update.ts'

/** Moments, `∏ μᵢ` and `β₂ᵗ`, and how many steps were taken. */
export interface NesterovMoments extends Moments {
  readonly product: Value
  readonly power2: Value
  readonly count: Count
}

/**
 * Nadam, Adam with Nesterov's momentum (Dozat 2016, algorithm 2); β₁ may change from step to step, as his μₜ does.
 * Without the factor ν before nₜ, which Adam does not have and optax leaves out too; otherwise optax with constant β₁.
 */
export const nadam = ({
  rate = 1e-3,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
}: Omit<AdamOptions, 'beta1'> & { readonly beta1?: Rate } = {}): Update<readonly [NesterovMoments, Count]> =>
  rated(
    {
      name: 'Nadam',
      init: (x): NesterovMoments => ({
        first: zerosLike(x),
        second: zerosLike(x),
        product: scalar(1),
        power2: scalar(1),
        count: noSteps(),
      }),
      apply: (state, gradient) => {
        const times = (factor: Operand, x: Value): Value => mul(beside(factor, x), x)
        const count = add(state.count, 1)
        const [now, next] = [rateAt(beta1, state.count), rateAt(beta1, count)]
        const first = add(times(now, state.first), times(sub(1, now), gradient))
        const second = runningMean(beta2, state.second, square(gradient))
        const [product, power2] = [mul(now, state.product), mul(beta2, state.power2)]
        const mean = add(
          times(div(next, sub(1, mul(next, product))), first),
          times(div(sub(1, now), sub(1, product)), gradient),
        )
        const spread = sqrt(div(second, beside(sub(1, power2), second)))
        return [div(mean, add(spread, epsilon)), { first, second, product, power2, count }]
      },
    },
    rate,
  )
