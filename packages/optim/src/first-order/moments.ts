import { add, mul, type Value } from '@secant/autodiff'

/** Running means of the gradient and of its square. */
export interface Moments {
  readonly first: Value
  readonly second: Value
}

/** `decay · mean + (1 − decay) · fresh` */
export const runningMean = (decay: number, mean: Value, fresh: Value): Value =>
  add(mul(decay, mean), mul(1 - decay, fresh))
