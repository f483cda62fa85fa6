import { add, mul, type Value } from '@secant/autodiff'
import type { Move, Place } from '@secant/optim'
import type { Policy } from '../policy.ts'
import type { Measured } from './measured.ts'
import { type StepLength, wholeStep } from './step-length.ts'

/** A run of a policy on one problem, as far as it has come: what unrolling goes on from. */
export interface Episode<D, M> {
  readonly data: D
  readonly at: Place
  readonly memory: M
}

/**
 * A stretch of training: the loss of parameters on a run, and the run at its end. Whatever estimates gradients needs to
 * know no more.
 */
export type Stretch<T, E> = (theta: T, episode: E) => readonly [loss: Value, episode: E]

/** What a step costs; `memory` is that of the policy after it proposed. */
export type StepLoss<M> = (taken: Move, memory: M) => Value

/** How a policy's runs are unrolled. */
export interface Unrolling<T, D, M> {
  readonly policy: Policy<T, M>
  readonly measured: Measured<D>
  readonly loss: StepLoss<M>
  readonly length?: StepLength
}

/** A run that stands at its start. */
export const beginning =
  <T, D, M>({ policy, measured }: Pick<Unrolling<T, D, M>, 'policy' | 'measured'>) =>
  (theta: T, data: D, x: Value): Episode<D, M> => {
    const at = measured.place(data, x)
    return { data, at, memory: policy.direction(theta).init(at) }
  }

/**
 * The next steps of a run, and the sum of their losses. With one step, gradients are those of one-step (hypergradient)
 * training; with more, of backpropagation through time, truncated where the next stretch begins.
 */
export const unroll = <T, D, M>(
  { policy, measured, loss, length = wholeStep }: Unrolling<T, D, M>,
  steps = 1,
): Stretch<T, Episode<D, M>> => {
  if (!(Number.isInteger(steps) && steps > 0)) throw new Error(`unroll: got ${steps} steps; needs a whole number ≥ 1`)
  return (theta, episode) => {
    const direction = policy.direction(theta)
    const step = ({ data, at: from, memory }: Episode<D, M>): readonly [Value, Episode<D, M>] => {
      const [d, proposed] = direction.propose(memory, from)
      const alpha = length((a) => measured.value(data, add(from.x, mul(a, d))), from, d)
      const to = measured.place(data, add(from.x, mul(alpha, d)))
      const move = { from, to, alpha }
      return [loss(move, proposed), { data, at: to, memory: direction.observe(proposed, move) }]
    }
    let [total, state] = step(episode)
    for (let k = 1; k < steps; k++) {
      const [more, next] = step(state)
      ;[total, state] = [add(total, more), next]
    }
    return [total, state]
  }
}
