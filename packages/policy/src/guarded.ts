import { concrete, type Value } from '@secant/autodiff'
import { dot } from '@secant/linalg'
import {
  type Condition,
  type Descent,
  type Direction,
  holds,
  isFinitePoint,
  type Measuring,
  type Method,
  type Place,
  rayFrom,
  type Search,
  type StepFailure,
  type Trial,
} from '@secant/optim'
import * as E from 'fp-ts/lib/Either.js'
import type { Diagonal } from './diagonal.ts'

/** Where to go instead, and how far. */
export interface Fallback<M> {
  readonly along: (memory: M, at: Place) => Value
  readonly search: Search
}

/**
 * The method that follows a direction as far as its search accepts, and something safer where it does not. The direction
 * observes whichever step was taken. What the guard is worth lies in the two searches: a learned direction behind
 * `backtracking`, say, with the direction beneath and a strong Wolfe search to fall back on.
 */
export const guarded = <M>(direction: Direction<M>, search: Search, fallback: Fallback<M>): Method<Descent<M>> => ({
  name: `${direction.name}, guarded`,
  init: (start) => ({ point: start, memory: direction.init(start), last: null }),
  at: ({ point }) => point,
  *step({ point, memory }): Measuring<E.Either<StepFailure, Descent<M>>> {
    const [proposed, proposing] = direction.propose(memory, point)
    let d = concrete(proposed)
    let found = yield* search(...rayFrom(point, d))
    if (E.isLeft(found)) {
      d = concrete(fallback.along(proposing, point))
      found = yield* fallback.search(...rayFrom(point, d))
    }
    if (E.isLeft(found)) return found
    const { from, to, alpha } = found.right
    const observed = direction.observe(proposing, { from, to, alpha })
    return E.right({ point: to, memory: observed, last: { direction: d, alpha } })
  },
})

/** The direction that a diagonal scales: BFGS itself, where learned steps are not accepted. */
export const unscaled = (memory: Diagonal): Value => memory.along

/** The unit step if it satisfies a condition, and no other: a search that decides but does not look further. */
export const unitStepIf = (condition: Condition): Search =>
  function* (ray) {
    const trial: Trial = yield* ray.trial(1)
    if (!isFinitePoint(trial.to)) return E.left({ kind: 'non-finite objective', alpha: 1 })
    return holds(condition, trial)
      ? E.right(trial)
      : E.left({ kind: 'search exhausted', violated: condition.name, best: trial })
  }

/**
 * Decrease by the squared gradient, `f(x₊) ≤ f(x) − δ‖g‖²`. With the gradient step to fall back on, it gives any policy
 * whatever the rate `f − f* ≤ (1 − 2μ min(δ, 1/2L))ᵏ (f₀ − f*)`.
 */
export const gradientDecrease = (delta: number): Condition => ({
  name: `decrease by ${delta} ‖g‖²`,
  slack: ({ from, to }) => from.value - delta * dot(from.grad, from.grad) - to.value,
})
