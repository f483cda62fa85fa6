import { currentInterpreter, evaluator } from '@secant/autodiff'
import type { Tensor } from '@secant/linalg'
import type { Answer, Ask, Measuring } from './measure.ts'
import type { Point } from './point.ts'

/** A function of parameters `[n]` that can be measured with or without its gradient. */
export interface Objective {
  readonly value: (x: Tensor) => number
  readonly point: (x: Tensor) => Point
}

/** The same for objectives that answer later: on a device, in a worker, on a server. */
export interface AsyncObjective {
  readonly value: (x: Tensor) => Promise<number>
  readonly point: (x: Tensor) => Promise<Point>
}

const answer = (objective: Objective, { x, want }: Ask): Answer =>
  want === 'value' ? { value: objective.value(x) } : objective.point(x)

const assertEvaluator = (): void => {
  if (currentInterpreter() !== evaluator)
    throw new Error(`drive: got a call under ${currentInterpreter().name}; needs to run outside of transformations`)
}

/** Runs a computation, measuring each place as it is asked for. */
export const drive = <A>(objective: Objective, computation: Measuring<A>): A => {
  assertEvaluator()
  let turn = computation.next()
  while (!turn.done) turn = computation.next(answer(objective, turn.value))
  return turn.value
}

/** Runs a computation whose measurements arrive later; the computation is the same. */
export const driveAsync = async <A>(objective: AsyncObjective, computation: Measuring<A>): Promise<A> => {
  assertEvaluator()
  let turn = computation.next()
  while (!turn.done) {
    const { x, want } = turn.value
    const measured = want === 'value' ? { value: await objective.value(x) } : await objective.point(x)
    turn = computation.next(measured)
  }
  return turn.value
}
