import { clip, mul, neg, type Value } from '@secant/autodiff'
import { ones } from '@secant/linalg'
import type { Direction } from '@secant/optim'
import type { Diagonal } from './diagonal.ts'
import type { Policy } from './policy.ts'

/** The memory of the direction beneath, and the last proposal. */
export interface GivenSteps<M> extends Diagonal {
  readonly inner: M
}

/**
 * Step sizes that are themselves the parameters: p ⊙ d with θ = p, `[n]`, cut to `[least, most]`. Frozen it is a diagonal
 * of one's choice; `online` it is hypergradient descent on the step sizes.
 */
export const givenSteps = <M>(
  direction: Direction<M>,
  { least = 0, most = 2 }: { readonly least?: number; readonly most?: number } = {},
): Policy<Value, GivenSteps<M>> => ({
  name: `given steps on ${direction.name}`,
  start: (n) => (key) => [ones([n]), key],
  direction: (theta) => ({
    name: `${direction.name} by given steps`,
    init: (start) => ({ inner: direction.init(start), steps: theta, along: neg(start.grad) }),
    propose: ({ inner }, at) => {
      const [along, proposing] = direction.propose(inner, at)
      const steps = clip(theta, least, most)
      return [mul(steps, along), { inner: proposing, steps, along }]
    },
    observe: (memory, taken) => ({ ...memory, inner: direction.observe(memory.inner, taken) }),
  }),
})
