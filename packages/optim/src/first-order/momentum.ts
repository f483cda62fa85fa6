import { add, mul, type Value } from '@secant/autodiff'
import { chain } from './chain.ts'
import { zerosLike } from './entries.ts'
import { type Count, type Rate, scaled, showRate } from './scaled.ts'
import type { Update } from './update.ts'

interface MomentumOptions {
  readonly rate?: Rate
  readonly beta?: number
}

/** The rate stands before the velocity, as in the papers; behind it, a change of rate would act on past gradients. */
const withVelocity = (
  name: string,
  { rate = 1e-2, beta = 0.9 }: MomentumOptions,
  stepOf: (beta: number, velocity: Value, scaledGradient: Value) => Value,
): Update<readonly [Count, Value]> => {
  const accelerated: Update<Value> = {
    name,
    init: zerosLike,
    apply: (velocity, gradient) => {
      const next = add(mul(beta, velocity), gradient)
      return [stepOf(beta, next, gradient), next]
    },
  }
  return { ...chain(scaled(rate), accelerated), name: `${name}(${showRate(rate)})` }
}

/**
 * Heavy ball, `x₊ = x − rate · g + β (x − x₋)` (Polyak 1964), as `v₊ = β v + rate · g`, `x₊ = x − v₊`.
 * Optax multiplies by the rate behind the velocity, which is the same only while the rate stays.
 */
export const momentum = (options: MomentumOptions = {}): Update<readonly [Count, Value]> =>
  withVelocity('momentum', options, (_, velocity) => velocity)

/**
 * Nesterov's momentum in the form of Sutskever et al. (2013, equations 3 and 4), `v₊ = β v + rate · ∇f(θ − β v)`,
 * `θ₊ = θ − v₊`. Since an update is handed the gradient where it stands, x is the point looked ahead to, `θ − β v`,
 * and the step is `β v₊ + rate · g`; optax and PyTorch do so as well, with the rate behind the velocity.
 */
export const nesterov = (options: MomentumOptions = {}): Update<readonly [Count, Value]> =>
  withVelocity('Nesterov', options, (beta, velocity, gradient) => add(mul(beta, velocity), gradient))
