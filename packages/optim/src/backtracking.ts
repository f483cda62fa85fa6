import * as E from 'fp-ts/lib/Either.js'
import { armijo, type Condition, holds } from './condition.ts'
import type { Trial } from './point.ts'
import { isFinitePoint, noStep, type Search } from './search.ts'

/** Options of the searches that shorten a step until it is accepted; `most` bounds the lengths that are tried. */
export interface Backtracking {
  readonly initial?: number
  readonly c1?: number
  readonly shrink?: number
  readonly most?: number
}

/** The first of `initial, shrink·initial, shrink²·initial, …` that satisfies a condition on values and lengths. */
export const backtrackingUntil = (
  wantedFrom: (start: Trial) => Condition,
  { initial = 1, shrink = 0.5, most = 60 }: Backtracking,
): Search =>
  function* (ray, start) {
    if (!(start.slope0 < 0)) return E.left({ kind: 'not a descent direction', slope: start.slope0 })
    const wanted = wantedFrom(start)
    const isAccepted = (trial: Trial): boolean => holds(wanted, trial) && isFinitePoint(trial.to)
    const first = yield* ray.trial(initial)
    if (isAccepted(first)) return E.right(first)
    let alpha = initial
    for (let k = 1; k < most; k++) {
      alpha *= shrink
      const value = yield* ray.value(alpha)
      if (!holds(wanted, { ...start, to: { ...start.to, value }, alpha })) continue
      const trial = yield* ray.trial(alpha)
      if (isAccepted(trial)) return E.right(trial)
    }
    return E.left(noStep(wanted, start, alpha))
  }

/**
 * The first of `initial, shrink·initial, shrink²·initial, …` with sufficient decrease (Nocedal and Wright, algorithm
 * 3.1). Rejected trials after the first cost a value, not a gradient. A value that is not finite counts as too far.
 */
export const backtracking = (options: Backtracking = {}): Search => {
  const wanted = armijo(options.c1)
  return backtrackingUntil(() => wanted, options)
}
