import { clip, exp, mul, neg, reshape, sigmoid, type Value } from '@secant/autodiff'
import { ones, zeros } from '@secant/linalg'
import { type Direction, secantPair } from '@secant/optim'
import type { Diagonal } from './diagonal.ts'
import type { Network } from './network.ts'
import type { Policy } from './policy.ts'
import { pooled, type StepFeatures } from './step-features.ts'

/** From what a network says, any number, to a step size. */
export type StepRange = (z: Value) => Value

/** `2 σ(z)`, cut to `[least, most]`: 1 for z = 0. */
export const aroundOne =
  ({ least = 0.05, most = 2 }: { readonly least?: number; readonly most?: number } = {}): StepRange =>
  (z) =>
    clip(mul(2, sigmoid(z)), least, most)

/** exp z with z cut to the logarithms of `[least, most]`; the derivative is 0 where it is cut. */
export const logarithmic =
  ({ least = Math.exp(-3), most = 1 }: { readonly least?: number; readonly most?: number } = {}): StepRange =>
  (z) =>
    exp(clip(z, Math.log(least), Math.log(most)))

/** The memory of the direction beneath, the state of the network, the last proposal, and the last step. */
export interface StepScaled<M, H> extends Diagonal {
  readonly inner: M
  readonly hidden: H
  readonly step: Value
  readonly change: Value
}

/**
 * One step size for all variables: t d, where d is the proposal of another direction and t is what a network makes of a
 * single row of features. With `innerProducts` and `logarithmic` on L-BFGS this is L-BFGS-π (Egidio, Hansson and
 * Wahlberg 2021, arXiv:2010.01311); with the defaults the counterpart of `coordinatewise` that cannot tell variables
 * apart. A network that answers 0 leaves the direction as it is, bit for bit.
 */
export const stepScaled = <M, T, H>(
  direction: Direction<M>,
  network: Network<T, H>,
  { features = pooled(), range = aroundOne() }: { readonly features?: StepFeatures; readonly range?: StepRange } = {},
): Policy<T, StepScaled<M, H>> => ({
  name: `${network.name}, one step on ${direction.name}`,
  start: () => network.start,
  direction: (theta) => ({
    name: `${direction.name}, step by ${network.name}`,
    init: (start) => {
      const { shape, dtype } = start.x
      const none = zeros(shape, dtype)
      return {
        inner: direction.init(start),
        hidden: network.init(1),
        steps: ones(shape, dtype),
        along: neg(start.grad),
        step: none,
        change: none,
      }
    },
    propose: ({ inner, hidden, step, change }, at) => {
      const [along, proposing] = direction.propose(inner, at)
      const row = features({ x: at.x, gradient: at.grad, along, step, change })
      const [z, next] = network.apply(theta, hidden, row)
      const steps = mul(range(reshape(z, [])), ones(along.shape, along.dtype))
      return [mul(steps, along), { inner: proposing, hidden: next, steps, along, step, change }]
    },
    observe: (memory, taken) => {
      const [step, change] = secantPair(taken)
      return { ...memory, inner: direction.observe(memory.inner, taken), step, change }
    },
  }),
})
