import { axpy, dot, type Tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { armijo, holds } from './condition.ts'
import { type Measuring, measurePoint, measureValue } from './measure.ts'
import type { Point, Trial } from './point.ts'

/** Why no step was found; `best` is the best trial on the way, where there was one. */
export type StepFailure =
  | { readonly kind: 'not a descent direction'; readonly slope: number }
  | { readonly kind: 'search exhausted'; readonly violated: string; readonly best: Trial }
  | { readonly kind: 'roundoff-limited'; readonly predicted: number; readonly best: Trial }
  | { readonly kind: 'non-finite objective'; readonly alpha: number }

/** The objective along a direction, as a function of one number. */
export interface Ray {
  readonly value: (alpha: number) => Measuring<number>
  readonly trial: (alpha: number) => Measuring<Trial>
}

/** Chooses a step on a ray; `start` is the trial of length 0. It sees one dimension and owns its loop. */
export type Search = (ray: Ray, start: Trial) => Measuring<E.Either<StepFailure, Trial>>

/** The ray from a point along a direction, and its start. */
export const rayFrom = (from: Point, direction: Tensor): readonly [Ray, Trial] => {
  const slope0 = dot(from.grad, direction)
  const at = (alpha: number): Tensor => axpy(alpha, direction, from.x)
  const ray: Ray = {
    value: (alpha) => measureValue(at(alpha)),
    *trial(alpha) {
      const to = yield* measurePoint(at(alpha))
      return { from, to, alpha, slope0, slope: dot(to.grad, direction) }
    },
  }
  return [ray, { from, to: from, alpha: 0, slope0, slope: slope0 }]
}

export const isFinitePoint = ({ value, grad }: Point): boolean =>
  Number.isFinite(value) && Number.isFinite(dot(grad, grad))

/** Whether the decrease that a step promises is lost in the rounding of the objective. */
export const isBelowRoundoff = (predicted: number, value: number): boolean =>
  Math.abs(predicted) <= 4 * Number.EPSILON * Math.abs(value)

/** Always the same step; asks for nothing but a finite result. */
export const fixed = (alpha: number): Search =>
  function* (ray) {
    const trial = yield* ray.trial(alpha)
    return isFinitePoint(trial.to) ? E.right(trial) : E.left({ kind: 'non-finite objective', alpha })
  }

/**
 * The first of `initial, shrink·initial, shrink²·initial, …` with sufficient decrease (Nocedal and Wright, algorithm
 * 3.1). Rejected trials after the first cost a value, not a gradient. A value that is not finite counts as too far.
 */
export const backtracking = ({
  initial = 1,
  c1 = 1e-4,
  shrink = 0.5,
  most = 60,
}: {
  readonly initial?: number
  readonly c1?: number
  readonly shrink?: number
  readonly most?: number
} = {}): Search =>
  function* (ray, start) {
    if (!(start.slope0 < 0)) return E.left({ kind: 'not a descent direction', slope: start.slope0 })
    const decrease = armijo(c1)
    const accepted = (trial: Trial): boolean => holds(decrease, trial) && isFinitePoint(trial.to)
    const first = yield* ray.trial(initial)
    if (accepted(first)) return E.right(first)
    let alpha = initial
    for (let k = 1; k < most; k++) {
      alpha *= shrink
      const value = yield* ray.value(alpha)
      if (!(start.from.value + c1 * alpha * start.slope0 - value >= 0)) continue
      const trial = yield* ray.trial(alpha)
      if (accepted(trial)) return E.right(trial)
    }
    const predicted = alpha * start.slope0
    return E.left(
      isBelowRoundoff(predicted, start.from.value)
        ? { kind: 'roundoff-limited', predicted, best: start }
        : { kind: 'search exhausted', violated: decrease.name, best: start },
    )
  }
