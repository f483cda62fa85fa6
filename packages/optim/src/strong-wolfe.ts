import * as E from 'fp-ts/lib/Either.js'
import { armijo, holds, strongCurvature, strongWolfeCondition } from './condition.ts'
import { cubicMinimizer, sampleOf } from './interpolation.ts'
import type { Measuring } from './measure.ts'
import type { Trial } from './point.ts'
import { isFinitePoint, noStep, type Ray, type Search, type StepFailure } from './search.ts'

/** The interpolated length, kept away from the ends by a tenth of the interval; its middle where there is none. */
const between = (a: Trial, b: Trial): number => {
  const [low, high] = [Math.min(a.alpha, b.alpha), Math.max(a.alpha, b.alpha)]
  const margin = 0.1 * (high - low)
  const guess = cubicMinimizer(sampleOf(a), sampleOf(b))
  return Number.isFinite(guess) ? Math.min(Math.max(guess, low + margin), high - margin) : (low + high) / 2
}

/**
 * A step with sufficient decrease and a small slope: `f(x + αd) ≤ f + c₁αg'd` and `|g(x + αd)'d| ≤ c₂|g'd|`
 * (Nocedal and Wright, algorithms 3.5 and 3.6). The bracket grows by `grow` until it holds such a step; zooming
 * interpolates by a cubic and falls back to bisection when two rounds have not shrunk the interval to two thirds.
 * Departs from the book: a trial that is not finite counts as too far and only bisects.
 */
export const strongWolfe = ({
  initial = 1,
  c1 = 1e-4,
  c2 = 0.9,
  grow = 2,
  most = 50,
}: {
  readonly initial?: number
  readonly c1?: number
  readonly c2?: number
  readonly grow?: number
  readonly most?: number
} = {}): Search => {
  if (!(0 < c1 && c1 < c2 && c2 < 1)) throw new Error(`strongWolfe: got c1 = ${c1}, c2 = ${c2}; needs 0 < c1 < c2 < 1`)
  const decrease = armijo(c1)
  const flat = strongCurvature(c2)
  const wanted = strongWolfeCondition(c1, c2)

  /** Whether a trial lies beyond an acceptable one: too high, or not finite. */
  const isTooFar = (trial: Trial, low: Trial): boolean =>
    !isFinitePoint(trial.to) || !holds(decrease, trial) || (low.alpha > 0 && trial.to.value >= low.to.value)

  /** `low` has the least value with sufficient decrease; between it and `high` lies an acceptable step. */
  function* zoom(ray: Ray, from: Trial, to: Trial, budget: number): Measuring<E.Either<StepFailure, Trial>> {
    let [low, high] = [from, to]
    let [width, wider] = [Math.abs(high.alpha - low.alpha), Number.POSITIVE_INFINITY]
    for (let k = 0; k < budget; k++) {
      const slow = width > (2 / 3) * wider
      const alpha = slow || !isFinitePoint(high.to) ? (low.alpha + high.alpha) / 2 : between(low, high)
      if (alpha === low.alpha || alpha === high.alpha) break
      const trial = yield* ray.trial(alpha)
      if (isTooFar(trial, low) || trial.to.value >= low.to.value) high = trial
      else {
        if (holds(flat, trial)) return E.right(trial)
        if (trial.slope * (high.alpha - low.alpha) >= 0) high = low
        low = trial
      }
      wider = k % 2 === 0 ? wider : width
      width = Math.abs(high.alpha - low.alpha)
    }
    return E.left(noStep(wanted, low, high.alpha - low.alpha))
  }

  return function* (ray, start) {
    if (!(start.slope0 < 0)) return E.left({ kind: 'not a descent direction', slope: start.slope0 })
    let previous = start
    let alpha = initial
    for (let k = 0; k < most; k++) {
      const trial = yield* ray.trial(alpha)
      if (isTooFar(trial, previous)) return yield* zoom(ray, previous, trial, most - k - 1)
      if (holds(flat, trial)) return E.right(trial)
      if (trial.slope >= 0) return yield* zoom(ray, trial, previous, most - k - 1)
      previous = trial
      alpha *= grow
    }
    return E.left(noStep(wanted, previous, Number.POSITIVE_INFINITY))
  }
}
