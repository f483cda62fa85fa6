import { type Operand, sign, type Value } from '@secant/autodiff'
import { chain } from './chain.ts'
import { zerosLike } from './entries.ts'
import { runningMean } from './moments.ts'
import { type Count, type Rate, scaled, showRate } from './scaled.ts'
import type { Update } from './update.ts'
import { weightDecay } from './weight-decay.ts'

/**
 * Lion, `rate · (sign(β₁ m + (1 − β₁) g) + λ x)`, after which `m₊ = β₂ m + (1 − β₂) g` (Chen et al. 2023, algorithm 2).
 * λ is `decay`, 0 unless given; in optax 10⁻³.
 */
export const lion = ({
  rate = 1e-4,
  beta1 = 0.9,
  beta2 = 0.99,
  decay = 0,
}: {
  readonly rate?: Rate
  readonly beta1?: number
  readonly beta2?: number
  readonly decay?: Operand
} = {}): Update<readonly [Value, readonly [], Count]> => {
  const signed: Update<Value> = {
    name: 'sign of momentum',
    init: zerosLike,
    apply: (mean, gradient) => [sign(runningMean(beta1, mean, gradient)), runningMean(beta2, mean, gradient)],
  }
  return {
    ...chain(signed, weightDecay(decay), scaled(rate)),
    name: `Lion(${showRate(rate)})`,
  }
}
