import { maxAbs, type Tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { answer, assertEvaluator, type Objective } from './drive.ts'
import { type Answer, type Ask, type Measuring, measurePoint } from './measure.ts'
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

const nothing: Counts = { iterations: 0, evaluations: 0, gradients: 0 }

/** A run as a computation: it asks for measurements, and shows its iterates on the way. */
export type Course<S> = Generator<Ask | Iterate<S>, Run<S>, Answer>

/** What is sent back for an iterate, and read by nobody. */
export const seen: Answer = { value: Number.NaN }

export const isAsk = <S>(turn: Ask | Iterate<S>): turn is Ask => 'want' in turn

/** The course of a run from parameters. */
export function* courseFrom<S>(method: Method<S>, start: Tensor, options: RunOptions): Course<S> {
  const first = method.init(yield* measurePoint(start))
  return yield* courseOn(method, first, options, { ...nothing, evaluations: 1, gradients: 1 }, method.at(first))
}

/** The course of a run from a state: every decision about going on or ending is made here. */
export function* courseOn<S>(
  method: Method<S>,
  from: S,
  { until = [gradientNorm(1e-6)], maxIterations = 10_000, maxEvaluations = 20_000, stop = () => false }: RunOptions,
  before: Counts,
  bestBefore: Point,
): Course<S> {
  let { evaluations, gradients } = before
  function* counting<A>(computation: Measuring<A>): Measuring<A> {
    let turn = computation.next()
    while (!turn.done) {
      if (turn.value.want !== 'product') evaluations++
      if (turn.value.want === 'point') gradients++
      turn = computation.next(yield turn.value)
    }
    return turn.value
  }
  let state = from
  let best = bestBefore
  for (let k = before.iterations; ; k++) {
    const point = method.at(state)
    const counts = (): Counts => ({ iterations: k, evaluations, gradients })
    const ended = (reason: Stopped): Run<S> => ({ state, point, best, counts: counts(), outcome: E.left(reason) })
    if (!isFinitePoint(point)) return ended({ kind: 'non-finite objective', alpha: 0 })
    if (point.value < best.value) best = point
    const iterate = { state, point, best, counts: counts() }
    yield iterate
    const certificates = certificatesAt(until, point)
    if (isNonEmpty(certificates)) return { ...iterate, best: point, outcome: E.right(certificates) }
    if (stop()) return ended({ kind: 'aborted' })
    if (k >= maxIterations) return ended({ kind: 'budget', of: 'iterations', limit: maxIterations })
    if (evaluations >= maxEvaluations) return ended({ kind: 'budget', of: 'evaluations', limit: maxEvaluations })
    const next = yield* counting(method.step(state))
    if (E.isLeft(next)) {
      if ('best' in next.left && next.left.best.to.value < best.value) best = next.left.best.to
      return ended(next.left)
    }
    state = next.right
  }
}

/** Follows a course, measuring at once. */
function* follow<S>(objective: Objective, course: Course<S>): Generator<Iterate<S>, Run<S>> {
  assertEvaluator()
  let turn = course.next()
  while (!turn.done) {
    if (isAsk(turn.value)) turn = course.next(answer(objective, turn.value))
    else {
      yield turn.value
      assertEvaluator()
      turn = course.next(seen)
    }
  }
  return turn.value
}

/** The points of a run one by one, beginning with the start; the generator returns how the run ended. */
export const iterates = <S>(
  objective: Objective,
  method: Method<S>,
  start: Tensor,
  options: RunOptions = {},
): Generator<Iterate<S>, Run<S>> => follow(objective, courseFrom(method, start, options))

/**
 * The rest of a run from a saved state; the same state and measurements give the same bits. What the run had counted
 * and its best point so far go on from where they were.
 */
export const resume = <S>(
  objective: Objective,
  method: Method<S>,
  from: S,
  options: RunOptions = {},
  before: Counts = nothing,
  bestBefore: Point = method.at(from),
): Generator<Iterate<S>, Run<S>> => follow(objective, courseOn(method, from, options, before, bestBefore))

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
