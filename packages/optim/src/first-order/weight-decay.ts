import { add, mul, type Operand } from '@secant/autodiff'
import { beside } from './entries.ts'
import type { Update } from './update.ts'

/**
 * `g + λ x`. Behind a method in a chain this is decoupled weight decay (Loshchilov and Hutter 2019); before it, the
 * gradient of the penalty `½ λ ‖x‖²`.
 */
export const weightDecay = (decay: Operand): Update<readonly []> => ({
  name: 'weight decay',
  init: () => [],
  apply: (state, gradient, x) => [add(gradient, mul(beside(decay, x), x)), state],
})
