import { add, clip, dot, mul, neg, notEqual, type Operand, safeDiv, type Value } from '@secant/autodiff'
import { ones } from '@secant/linalg'
import type { Direction } from '@secant/optim'
import type { Diagonal } from './diagonal.ts'

/** The memory of the direction beneath, the last proposal, and the step sizes of the next. */
export interface HypergradientSteps<M> extends Diagonal {
  readonly inner: M
  readonly next: Value
}

/**
 * Step sizes for each variable that follow the derivative of the objective after the last step, from 1 on:
 * `p₊ = clip(p + β (g₊ ⊙ d) / (g'd), 0, 2)`, where d is the proposal of another direction and g, g₊ are the gradients
 * before and after (Gao, Chu, Ye and Udell 2025; here for quasi-Newton directions). The quotient is free of scales and
 * does not tell d from −d. Without `normalised` the derivative itself is followed, `p + β (−g₊ ⊙ d)`, which is Baydin
 * et al. 2018 for each variable.
 */
export const hypergradientSteps = <M>(
  direction: Direction<M>,
  {
    rate,
    normalised = true,
    least = 0,
    most = 2,
  }: { readonly rate: Operand; readonly normalised?: boolean; readonly least?: number; readonly most?: number },
): Direction<HypergradientSteps<M>> => {
  if (!(0 <= least && least <= 1 && 1 <= most))
    throw new Error(`hypergradientSteps: got [${least}, ${most}]; needs an interval around 1`)
  return {
    name: `${direction.name} by hypergradient steps`,
    init: (start) => {
      const one = ones([start.x.shape[0] as number], start.x.dtype)
      return { inner: direction.init(start), steps: one, along: neg(start.grad), next: one }
    },
    propose: ({ inner, next }, at) => {
      const [along, proposing] = direction.propose(inner, at)
      return [mul(next, along), { inner: proposing, steps: next, along, next }]
    },
    observe: ({ inner, steps, along }, taken) => {
      const slopes = mul(taken.to.grad, along)
      const slope = dot(taken.from.grad, along)
      const change = normalised ? safeDiv(slopes, slope, notEqual(slope, 0)) : neg(slopes)
      const next = clip(add(steps, mul(rate, change)), least, most)
      return { inner: direction.observe(inner, taken), steps, along, next }
    },
  }
}
