import { linearize, mul, type Operand, type Value } from '@secant/autodiff'
import { type Direction, type Move, type Place, stepTree, type TreeUpdate } from '@secant/optim'
import type { Policy } from './policy.ts'

/** Parameters that are learned while they are used, and what learning them needs. */
export interface Online<T, M, S> {
  readonly theta: T
  readonly trainer: S
  /** The memory before and after the last proposal: to learn from its outcome, it is made once more. */
  readonly before: M
  readonly after: M
}

/**
 * A policy that learns while it runs: after each step from x to x₊, θ follows the gradient of `f(x + α d(θ))`, with what
 * the direction remembers held constant (hypergradient descent: Almeida et al. 1998; Baydin et al. 2018).
 */
export const online = <T, M, S>(policy: Policy<T, M>, theta: T, update: TreeUpdate<S>): Direction<Online<T, M, S>> => {
  const learn = stepTree(update)
  /** The derivative of the objective after the step in θ: the new gradient, pulled back through the proposal. */
  const gradientOf = (at: T, memory: M, { from, to, alpha }: Move): T => {
    const proposal = (parameters: T): Value => policy.direction(parameters).propose(memory, from)[0]
    return linearize(proposal)(at)[1].adjoint(mul(alpha as Operand, to.grad))
  }
  return {
    name: `${policy.name}, learning by ${update.name}`,
    init: (start: Place) => {
      const memory = policy.direction(theta).init(start)
      return { theta, trainer: update.init(theta), before: memory, after: memory }
    },
    propose: (state, at) => {
      const [direction, after] = policy.direction(state.theta).propose(state.after, at)
      return [direction, { ...state, before: state.after, after }]
    },
    observe: (state, taken) => {
      const gradient = gradientOf(state.theta, state.before, taken)
      const [next, trainer] = learn(state.trainer, gradient, state.theta)
      return { ...state, theta: next, trainer, after: policy.direction(next).observe(state.after, taken) }
    },
  }
}
