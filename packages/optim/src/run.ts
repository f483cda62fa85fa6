import { maxAbs, type Tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { drive, type Objective } from './drive.ts'
import type { Method } from './method.ts'
import type { Point } from './point.ts'
import { isFinitePoint, type StepFailure } from './search.ts'

/** A number that was measured at the returned point, and the bound it had to meet. */
export interface Certificate {
  readonly criterion: string
  readonly measured: number
  readonly bound: number
}

/** When to stop: `measure(point) ≤ bound`. */
export interface Criterion {
  readonly name: string
  readonly bound: number
  readonly measure: (point: Point) => number
}

/** The largest gradient entry in absolute value. */
export const gradientNorm = (bound: number): Criterion => ({ name: '‖g‖∞', bound, measure: ({ grad }) => maxAbs(grad) })

/** Why a run ended without a certificate. */
export type Stopped =
  | StepFailure
  | { readonly kind: 'budget'; readonly of: 'iterations' | 'evaluations'; readonly limit: number }
  | { readonly kind: 'aborted' }

/** How often things were done: an evaluation measures the objective at one place, with or without its gradient. */
export interface Counts {
  readonly iterations: number
  readonly evaluations: number
  readonly gradients: number
}

export interface RunOptions {
  /** Criteria that end the run; all that hold at the end are reported. */
  readonly until?: readonly Criterion[]
  readonly maxIterations?: number
  readonly maxEvaluations?: number
  /** Asked before every step. */
  readonly stop?: () => boolean
}

/** A run after some steps. */
export interface Iterate<S> {
  readonly state: S
  readonly point: Point
  /** The point of least value so far. */
  readonly best: Point
  readonly counts: Counts
}

/** A finished run. `outcome` is a success only with certificates measured at `best`. */
export interface Run<S> extends Iterate<S> {
  readonly outcome: E.Either<Stopped, NonEmptyArray<Certificate>>
}

/** The criteria that hold at a point, each with its number. */
const certificatesAt = (until: readonly Criterion[], point: Point): readonly Certificate[] =>
  until
    .map(({ name, bound, measure }) => ({ criterion: name, measured: measure(point), bound }))
    .filter(({ measured, bound }) => measured <= bound)

const isNonEmpty = <A>(list: readonly A[]): list is NonEmptyArray<A> => list.length > 0

/** An objective that counts its measurements. */
const counting = (objective: Objective, before: Counts): readonly [Objective, (iterations: number) => Counts] => {
  let { evaluations, gradients } = before
  const counted: Objective = {
    value: (x) => {
      evaluations++
      return objective.value(x)
    },
    point: (x) => {
      evaluations++
      gradients++
      return objective.point(x)
    },
  }
  return [counted, (iterations) => ({ iterations, evaluations, gradients })]
}

const nothing: Counts = { iterations: 0, evaluations: 0, gradients: 0 }

/** The points of a run one by one, beginning with the start; the generator returns how the run ended. */
export function* iterates<S>(
  objective: Objective,
  method: Method<S>,
  start: Tensor,
  options: RunOptions = {},
): Generator<Iterate<S>, Run<S>> {
  const first = method.init(objective.point(start))
  return yield* resume(objective, method, first, options, { ...nothing, evaluations: 1, gradients: 1 })
}

/**
 * The rest of a run from a saved state; the same state and measurements give the same bits. What the run had counted
 * and its best point so far go on from where they were.
 */
export function* resume<S>(
  objective: Objective,
  method: Method<S>,
  from: S,
  {
    until = [gradientNorm(1e-6)],
    maxIterations = 10_000,
    maxEvaluations = 20_000,
    stop = () => false,
  }: RunOptions = {},
  before: Counts = nothing,
  bestBefore: Point = method.at(from),
): Generator<Iterate<S>, Run<S>> {
  const [counted, countsAfter] = counting(objective, before)
  let state = from
  let best = bestBefore
  for (let k = before.iterations; ; k++) {
    const point = method.at(state)
    const ended = (reason: Stopped): Run<S> => ({
      state,
      point,
      best,
      counts: countsAfter(k),
      outcome: E.left(reason),
    })
    if (!isFinitePoint(point)) return ended({ kind: 'non-finite objective', alpha: 0 })
    if (point.value < best.value) best = point
    const iterate = { state, point, best, counts: countsAfter(k) }
    yield iterate
    const certificates = certificatesAt(until, point)
    if (isNonEmpty(certificates)) return { ...iterate, best: point, outcome: E.right(certificates) }
    if (stop()) return ended({ kind: 'aborted' })
    if (k >= maxIterations) return ended({ kind: 'budget', of: 'iterations', limit: maxIterations })
    if (iterate.counts.evaluations >= maxEvaluations)
      return ended({ kind: 'budget', of: 'evaluations', limit: maxEvaluations })
    const next = drive(counted, method.step(state))
    if (E.isLeft(next)) {
      if ('best' in next.left && next.left.best.to.value < best.value) best = next.left.best.to
      return ended(next.left)
    }
    state = next.right
  }
}

/** A run to its end. */
export const run = <S>(objective: Objective, method: Method<S>, start: Tensor, options: RunOptions = {}): Run<S> => {
  const points = iterates(objective, method, start, options)
  let turn = points.next()
  while (!turn.done) turn = points.next()
  return turn.value
}

/** A reason in one short phrase. */
export const explain = (stopped: Stopped): string => {
  switch (stopped.kind) {
    case 'not a descent direction':
      return `not a descent direction: slope ${stopped.slope}`
    case 'search exhausted':
      return `search exhausted: ${stopped.violated} not met`
    case 'roundoff-limited':
      return 'limited by roundoff'
    case 'no curvature':
      return `no curvature along the direction: ${stopped.curvature}`
    case 'non-finite objective':
      return 'the objective is not finite'
    case 'budget':
      return `${stopped.limit} ${stopped.of} used up`
    case 'aborted':
      return 'stopped on request'
  }
}
