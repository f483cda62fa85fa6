import type { Key } from '@secant/linalg'
import type { Either } from 'fp-ts/lib/Either.js'

/** What one stretch taught. */
export interface Estimate<T, S> {
  /** The mean loss over the problems that took part. */
  readonly loss: number
  readonly gradient: T
  /** The runs to go on with. */
  readonly state: S
  /** How many problems took part, and how many were dropped because a loss or a gradient was not finite. */
  readonly members: number
  readonly dropped: number
}

/** No loss or no gradient was finite, whichever problems were left out. */
export interface NothingFinite {
  readonly kind: 'nothing finite'
  /** How many problems there were. */
  readonly dropped: number
}

/**
 * A way to estimate the gradient of the mean loss over a batch of runs, stretch by stretch. `state` holds the runs; it is
 * plain data.
 */
export interface Estimator<T, E, S> {
  readonly name: string
  readonly begin: (theta: T, episodes: E) => S
  readonly estimate: (theta: T, state: S, key: Key) => Either<NothingFinite, Estimate<T, S>>
}
