import { axpy, dot, type Tensor } from '@secant/linalg'
import type { Either } from 'fp-ts/lib/Either.js'
import type { Condition } from './condition.ts'
import { type Measuring, measurePoint, measureValue } from './measure.ts'
import type { Point, Trial } from './point.ts'

/** Why no step was found; `best` is the best trial on the way, where there was one. */
export type StepFailure =
  | { readonly kind: 'not a descent direction'; readonly slope: number }
  | { readonly kind: 'search exhausted'; readonly violated: string; readonly best: Trial }
  | { readonly kind: 'roundoff-limited'; readonly predicted: number; readonly best: Trial }
  | { readonly kind: 'no curvature'; readonly curvature: number; readonly best: Trial }
  | { readonly kind: 'non-finite objective'; readonly alpha: number }

/** The objective along a direction, as a function of one number. */
export interface Ray {
  readonly value: (alpha: number) => Measuring<number>
  readonly trial: (alpha: number) => Measuring<Trial>
}

/** Chooses a step on a ray; `start` is the trial of length 0. It sees one dimension and owns its loop. */
export type Search = (ray: Ray, start: Trial) => Measuring<Either<StepFailure, Trial>>

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

/** The trial of least value; the first where the second is not finite or no better. */
export const better = (best: Trial, trial: Trial): Trial =>
  isFinitePoint(trial.to) && trial.to.value < best.to.value ? trial : best

/**
 * Why a search ends without a step. `width` is the length of the ray that is still in question: where the slope at the
 * best trial promises no more over it than the rounding of the objective, no value can tell its points apart.
 */
export const noStep = (wanted: Condition, best: Trial, width: number): StepFailure => {
  const predicted = -Math.abs(width * best.slope)
  const size = Math.max(Math.abs(best.from.value), Math.abs(best.to.value))
  return -predicted <= 4 * Number.EPSILON * size
    ? { kind: 'roundoff-limited', predicted, best }
    : { kind: 'search exhausted', violated: wanted.name, best }
}
