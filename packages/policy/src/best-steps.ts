import { concrete, mul, neg } from '@secant/autodiff'
import { ones, scalar, type Tensor, mul as times, zip } from '@secant/linalg'
import { boxMinimum, type Direction } from '@secant/optim'
import * as E from 'fp-ts/lib/Either.js'
import type { GivenSteps } from './given-steps.ts'

/**
 * The step sizes p in `[least, most]` for which p ⊙ d lowers a quadratic with Hessian A `[n, n]` the most, d being the
 * proposal of another direction: what no learned step sizes can do better in one step. It is a convex quadratic program
 * in p, solved exactly; where the box allows it, p ⊙ d is Newton's step −A⁻¹g. Reads numbers, so it cannot be recorded.
 * Fails (throws) where A is not positive definite.
 */
export const bestSteps = <M>(
  direction: Direction<M>,
  hessian: Tensor,
  { least = 0, most = 2 }: { readonly least?: number; readonly most?: number } = {},
): Direction<GivenSteps<M>> => {
  if (!(least <= most)) throw new Error(`bestSteps: got [${least}, ${most}]; needs least ≤ most`)
  /** The minimum over steps rather than p: entries of d that vanish leave it well posed. */
  const stepsAlong = (d: Tensor, gradient: Tensor): Tensor => {
    const [ends, others] = [times(scalar(least), d), times(scalar(most), d)]
    const step = boxMinimum(hessian, gradient, zip(ends, others, Math.min), zip(ends, others, Math.max))
    if (E.isLeft(step)) throw new Error(`bestSteps: got a Hessian that is ${step.left.kind}; needs positive definite`)
    return zip(step.right, d, (s, entry) => (entry === 0 ? 1 : Math.min(Math.max(s / entry, least), most)))
  }
  return {
    name: `${direction.name} by the best steps`,
    init: (start) => ({
      inner: direction.init(start),
      steps: ones([start.x.shape[0] as number], start.x.dtype),
      along: neg(start.grad),
    }),
    propose: ({ inner }, at) => {
      const [along, proposing] = direction.propose(inner, at)
      const steps = stepsAlong(concrete(along), concrete(at.grad))
      return [mul(steps, along), { inner: proposing, steps, along }]
    },
    observe: (memory, taken) => ({ ...memory, inner: direction.observe(memory.inner, taken) }),
  }
}
