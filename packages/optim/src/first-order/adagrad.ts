import { add, div, sqrt, square, type Value } from '@secant/autodiff'
import { zerosLike } from './entries.ts'
import { type Count, type Rate, rated } from './scaled.ts'
import type { Update } from './update.ts'

/**
 * AdaGrad with diagonal matrices, `rate · g / (ε + √Σg²)` (Duchi, Hazan and Singer 2011, figure 1; their δ is ε here).
 * Optax begins the sum at 0.1 and puts ε inside the root.
 */
export const adagrad = ({
  rate = 1e-2,
  epsilon = 1e-10,
}: {
  readonly rate?: Rate
  readonly epsilon?: number
} = {}): Update<readonly [Value, Count]> =>
  rated(
    {
      name: 'AdaGrad',
      init: zerosLike,
      apply: (squares, gradient) => {
        const next = add(squares, square(gradient))
        return [div(gradient, add(sqrt(next), epsilon)), next]
      },
    },
    rate,
  )
