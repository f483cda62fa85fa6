import { add, mul, scan, stopGradient, sum, type Value } from '@secant/autodiff'
import type { Move, Place } from '@secant/optim'
import type { Policy } from '../policy.ts'
import type { Measured } from './measured.ts'
import { type StepLength, wholeStep } from './step-length.ts'

interface Standing<M> {
  readonly at: Place
  readonly memory: M
}

/** A run of a policy on one problem, as far as it has come: what unrolling goes on from. */
export interface Episode<D, M> extends Standing<M> {
  readonly data: D
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
 * training; with more, of backpropagation through time, truncated where the next stretch begins. Several steps are one
 * `scan`: where the run stood before each of them is kept, the steps themselves are computed again.
 */
export const unroll = <T, D, M>(
  { policy, measured, loss, length = wholeStep }: Unrolling<T, D, M>,
  steps = 1,
): Stretch<T, Episode<D, M>> => {
  if (!(Number.isInteger(steps) && steps > 0)) throw new Error(`unroll: got ${steps} steps; needs a whole number ≥ 1`)
  return (theta, { data, at, memory }) => {
    const direction = policy.direction(theta)
    const step = ({ at: from, memory: before }: Standing<M>): readonly [Standing<M>, Value] => {
      const [d, proposed] = direction.propose(before, from)
      const ray = { x: stopGradient(from.x), d: stopGradient(d) }
      const alpha = length((a) => measured.value(data, add(ray.x, mul(a, ray.d))), from, d)
      const to = measured.place(data, add(from.x, mul(alpha, d)))
      const move = { from, to, alpha }
      return [{ at: to, memory: direction.observe(proposed, move) }, loss(move, proposed)]
    }
    if (steps === 1) {
      const [end, only] = step({ at, memory })
      return [only, { data, ...end }]
    }
    const [end, losses] = scan((standing: Standing<M>, _: null) => step(standing), { length: steps })(
      { at, memory },
      null,
    )
    return [sum(losses), { data, ...end }]
  }
}
