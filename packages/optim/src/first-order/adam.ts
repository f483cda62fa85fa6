import { add, div, mul, sqrt, square, sub, type Value } from '@secant/autodiff'
import { scalar } from '@secant/linalg'
import { chain } from './chain.ts'
import { beside, zerosLike } from './entries.ts'
import { type Moments, runningMean } from './moments.ts'
import { type Count, type Rate, rated, scaled, showRate } from './scaled.ts'
import type { Update } from './update.ts'
import { weightDecay } from './weight-decay.ts'

/** Moments, and the powers β₁ᵗ, β₂ᵗ that correct their bias. */
export interface CorrectedMoments extends Moments {
  readonly power1: Value
  readonly power2: Value
}

export interface AdamOptions {
  readonly rate?: Rate
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
}

/**
 * Adam, `rate · m̂ / (√v̂ + ε)` with bias-corrected moments (Kingma and Ba 2015, algorithm 1).
 */
export const adam = ({
  rate = 1e-3,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
}: AdamOptions = {}): Update<readonly [CorrectedMoments, Count]> =>
  rated(
    {
      name: 'Adam',
      init: (x): CorrectedMoments => ({
        first: zerosLike(x),
        second: zerosLike(x),
        power1: scalar(1),
        power2: scalar(1),
      }),
      apply: (state, gradient) => {
        const first = runningMean(beta1, state.first, gradient)
        const second = runningMean(beta2, state.second, square(gradient))
        const [power1, power2] = [mul(beta1, state.power1), mul(beta2, state.power2)]
        const mean = div(first, beside(sub(1, power1), first))
        const spread = sqrt(div(second, beside(sub(1, power2), second)))
        return [div(mean, add(spread, epsilon)), { first, second, power1, power2 }]
      },
    },
    rate,
  )

/**
 * Adam with decoupled weight decay, `η (rate · m̂ / (√v̂ + ε) + λ x)` (Loshchilov and Hutter 2019, algorithm 2), where
 * η is the `schedule` and λ the `decay`, which the paper leaves to the user. Optax and PyTorch multiply λ by the rate:
 * `chain(adam({ rate: 1 }), weightDecay(λ), scaled(rate))`.
 */
export const adamw = ({
  decay,
  schedule = 1,
  rate = 1e-3,
  ...moments
}: AdamOptions & { readonly decay: number; readonly schedule?: Rate }): Update<
  readonly [readonly [CorrectedMoments, Count], readonly [], Count]
> => ({
  ...chain(adam({ ...moments, rate }), weightDecay(decay), scaled(schedule)),
  name: `AdamW(${showRate(rate)})`,
})
