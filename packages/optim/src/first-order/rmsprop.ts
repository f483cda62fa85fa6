import { add, div, sqrt, square, sub, type Value } from '@secant/autodiff'
import { zerosLike } from './entries.ts'
import { type Moments, runningMean } from './moments.ts'
import { type Count, type Rate, rated } from './scaled.ts'
import type { Update } from './update.ts'

interface RmspropOptions {
  readonly rate?: Rate
  readonly decay?: number
  readonly epsilon?: number
}

/**
 * RMSProp, `rate · g / (√r + ε)` with r the running mean of g² (Tieleman and Hinton 2012, lecture 6.5, slide 29). The
 * lecture has no ε; it stands outside the root here, as in PyTorch. Optax puts it inside.
 */
export const rmsprop = ({
  rate = 1e-3,
  decay = 0.9,
  epsilon = 1e-8,
}: RmspropOptions = {}): Update<readonly [Value, Count]> =>
  rated(
    {
      name: 'RMSProp',
      init: zerosLike,
      apply: (squares, gradient) => {
        const next = runningMean(decay, squares, square(gradient))
        return [div(gradient, add(sqrt(next), epsilon)), next]
      },
    },
    rate,
  )

/**
 * RMSProp by the variance, `rate · g / √(n − m² + ε)` with running means n of g² and m of g (Graves 2013, equations
 * 38–40, ε inside the root). His momentum is a chain with `momentum`.
 */
export const centredRmsprop = ({
  rate = 1e-4,
  decay = 0.95,
  epsilon = 1e-4,
}: RmspropOptions = {}): Update<readonly [Moments, Count]> =>
  rated(
    {
      name: 'centred RMSProp',
      init: (x) => ({ first: zerosLike(x), second: zerosLike(x) }),
      apply: (state, gradient) => {
        const first = runningMean(decay, state.first, gradient)
        const second = runningMean(decay, state.second, square(gradient))
        return [div(gradient, sqrt(add(sub(second, square(first)), epsilon))), { first, second }]
      },
    },
    rate,
  )
