import * as E from 'fp-ts/lib/Either.js'
import { armijo, holds } from './condition.ts'
import type { Trial } from './point.ts'
import { isBelowRoundoff, isFinitePoint, type Search } from './search.ts'

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
