import { currentInterpreter, evaluator } from '@secant/autodiff'
import type { Tensor } from '@secant/linalg'
import type { SecantHistory } from '@secant/linalg/gpu'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Answer, Ask, Measuring } from './measure.ts'
import { inverseTimes } from './multiplication.ts'
import type { Point } from './point.ts'

/** A function of parameters `[n]` that can be measured with or without its gradient. */
export interface Objective {
  readonly value: (x: Tensor) => number
  readonly point: (x: Tensor) => Point
}

/** The same for objectives that answer later, or fail to: on a device, in a worker, on a server. */
export interface AsyncObjective<F> {
  readonly value: (x: Tensor) => TaskEither<F, number>
  readonly point: (x: Tensor) => TaskEither<F, Point>
  /** Products with an inverse Hessian, where it is kept elsewhere too; on the processor, if there is none. */
  readonly product?: ((history: SecantHistory, vector: Tensor) => TaskEither<F, Tensor>) | undefined
}

const productAnswer = (product: Tensor): Answer => ({ value: Number.NaN, product })

export const answer = (objective: Objective, ask: Ask): Answer => {
  if (ask.want === 'product') return productAnswer(inverseTimes(ask.history, ask.vector))
  return ask.want === 'value' ? { value: objective.value(ask.x) } : objective.point(ask.x)
}

export const answerLater =
  <F>(objective: AsyncObjective<F>, ask: Ask): TaskEither<F, Answer> =>
  async () => {
    if (ask.want !== 'product') {
      if (ask.want === 'point') return objective.point(ask.x)()
      return E.map((value: number) => ({ value }))(await objective.value(ask.x)())
    }
    const { product } = objective
    if (product === undefined) return E.right(productAnswer(inverseTimes(ask.history, ask.vector)))
    return E.map(productAnswer)(await product(ask.history, ask.vector)())
  }

export const assertEvaluator = (): void => {
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

/**
 * Runs a computation whose measurements arrive later; the computation is the same. Fails (Left) with the first
 * measurement that fails.
 */
export const driveAsync =
  <F, A>(objective: AsyncObjective<F>, computation: Measuring<A>): TaskEither<F, A> =>
  async () => {
    assertEvaluator()
    let turn = computation.next()
    while (!turn.done) {
      const measured = await answerLater(objective, turn.value)()
      if (E.isLeft(measured)) return measured
      assertEvaluator()
      turn = computation.next(measured.right)
    }
    return E.right(turn.value)
  }
