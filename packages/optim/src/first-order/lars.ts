import { add, greater, minimum, mul, safeDiv, type Value } from '@secant/autodiff'
import { chain } from './chain.ts'
import { beside, lengthOf } from './entries.ts'
import { momentum } from './momentum.ts'
import { type Count, type Rate, showRate } from './scaled.ts'
import type { Update } from './update.ts'

/**
 * Layer-wise adaptive rates, `v₊ = β v + rate · η ‖x‖ / (‖g‖ + λ‖x‖) · (g + λ x)` (You, Gitman and Ginsburg 2017,
 * algorithm 1), where η is `trust` and λ is `decay`. A value is a layer: to be used `byLeaf`. Where x or g is zero the
 * ratio is 1, since with 0 a layer that begins at zero would stay there. Optax divides by `‖g + λ x‖`.
 */
export const lars = ({
  rate = 1,
  trust = 1e-3,
  beta = 0.9,
  decay = 5e-4,
}: {
  readonly rate?: Rate
  readonly trust?: number
  readonly beta?: number
  readonly decay?: number
} = {}): Update<readonly [readonly [], readonly [Count, Value]]> => {
  const layerwise: Update<readonly []> = {
    name: 'layer-wise rate',
    init: () => [],
    apply: (state, gradient, x) => {
      const [length, slope] = [lengthOf(x), lengthOf(gradient)]
      const both = greater(minimum(length, slope), 0)
      const ratio = safeDiv(mul(trust, length), add(slope, mul(decay, length)), both, 1)
      return [mul(beside(ratio, gradient), add(gradient, mul(decay, x))), state]
    },
  }
  return {
    ...chain(layerwise, momentum({ rate, beta })),
    name: `LARS(${showRate(rate)})`,
  }
}
