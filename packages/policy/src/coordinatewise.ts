import { clip, mul, neg, sigmoid, type Value } from '@secant/autodiff'
import { ones } from '@secant/linalg'
import type { Direction } from '@secant/optim'
import type { Diagonal } from './diagonal.ts'
import { type Features, normalised } from './features.ts'
import type { Network } from './network.ts'
import type { Policy } from './policy.ts'

/** The memory of the direction beneath, the state of the network, and the last proposal. */
export interface Coordinatewise<M, H> extends Diagonal {
  readonly inner: M
  readonly hidden: H
}

/**
 * Step sizes for each variable: p ⊙ d, where d is the proposal of another direction and `p = 2 σ(z)` with z from a network
 * that sees a row of features for each variable (Lin, Song and Xu 2024, arXiv:2412.00059), cut to `[least, most]`.
 * A network that answers 0 leaves the direction as it is, bit for bit.
 */
export const coordinatewise = <M, T, H>(
  direction: Direction<M>,
  network: Network<T, H>,
  {
    features = normalised,
    least = 0.05,
    most = 2,
  }: { readonly features?: Features; readonly least?: number; readonly most?: number } = {},
): Policy<T, Coordinatewise<M, H>> => {
  if (!(0 <= least && least <= 1 && 1 <= most))
    throw new Error(`coordinatewise: got [${least}, ${most}]; needs an interval around 1`)
  const stepsOf = (z: Value): Value => clip(mul(2, sigmoid(z)), least, most)
  return {
    name: `${network.name} on ${direction.name}`,
    start: () => network.start,
    direction: (theta) => ({
      name: `${direction.name} by ${network.name}`,
      init: (start) => {
        const n = start.x.shape[0] as number
        const one = ones([n], start.x.dtype)
        return { inner: direction.init(start), hidden: network.init(n), steps: one, along: neg(start.grad) }
      },
      propose: ({ inner, hidden }, at) => {
        const [along, proposing] = direction.propose(inner, at)
        const [z, next] = network.apply(theta, hidden, features(at.x, at.grad, neg(along)))
        const steps = stepsOf(z)
        return [mul(steps, along), { inner: proposing, hidden: next, steps, along }]
      },
      observe: (memory, taken) => ({ ...memory, inner: direction.observe(memory.inner, taken) }),
    }),
  }
}
