import type { Tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { type AsyncObjective, answerLater, assertEvaluator } from './drive.ts'
import type { Method } from './method.ts'
import { type Course, courseFrom, courseOn, type Iterate, isAsk, type Run, type RunOptions, seen } from './run.ts'

/**
 * A run that a failed measurement broke off. The last iterate holds all there is: `resumeAsync` goes on from it, with
 * this objective or with one elsewhere. It is undefined where the first measurement failed.
 */
export interface Interrupted<F, S> {
  readonly error: F
  readonly last: Iterate<S> | undefined
}

/** Follows a course whose measurements arrive later. */
async function* followAsync<F, S>(
  objective: AsyncObjective<F>,
  course: Course<S>,
  from?: Iterate<S>,
): AsyncGenerator<Iterate<S>, E.Either<Interrupted<F, S>, Run<S>>> {
  let last = from
  assertEvaluator()
  let turn = course.next()
  while (!turn.done) {
    if (isAsk(turn.value)) {
      const measured = await answerLater(objective, turn.value)()
      if (E.isLeft(measured)) return E.left({ error: measured.left, last })
      assertEvaluator()
      turn = course.next(measured.right)
    } else {
      last = turn.value
      yield last
      assertEvaluator()
      turn = course.next(seen)
    }
  }
  return E.right(turn.value)
}

/** `iterates` for objectives that answer later. */
export const iteratesAsync = <F, S>(
  objective: AsyncObjective<F>,
  method: Method<S>,
  start: Tensor,
  options: RunOptions = {},
): AsyncGenerator<Iterate<S>, E.Either<Interrupted<F, S>, Run<S>>> =>
  followAsync(objective, courseFrom(method, start, options))

/** `resume` for objectives that answer later, from an iterate. */
export const resumeAsync = <F, S>(
  objective: AsyncObjective<F>,
  method: Method<S>,
  from: Iterate<S>,
  options: RunOptions = {},
): AsyncGenerator<Iterate<S>, E.Either<Interrupted<F, S>, Run<S>>> =>
  followAsync(objective, courseOn(method, from.state, options, from.counts, from.best), from)

/** A run to its end, from parameters or from an iterate of an earlier one. */
export const runAsync =
  <F, S>(
    objective: AsyncObjective<F>,
    method: Method<S>,
    start: Tensor | Iterate<S>,
    options: RunOptions = {},
  ): TaskEither<Interrupted<F, S>, Run<S>> =>
  async () => {
    const points =
      'state' in start
        ? resumeAsync(objective, method, start, options)
        : iteratesAsync(objective, method, start, options)
    let turn = await points.next()
    while (!turn.done) turn = await points.next()
    return turn.value
  }
