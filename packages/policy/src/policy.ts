import type { Draw } from '@secant/linalg'
import type { Direction } from '@secant/optim'

/**
 * A direction that depends on parameters θ, a tree of values. Often it is built from another direction; searches,
 * conditions and bounds apply to what comes out as to any other.
 */
export interface Policy<T, M> {
  readonly name: string
  /** Parameters to begin with, for problems of n variables. */
  readonly start: (n: number) => Draw<T>
  readonly direction: (theta: T) => Direction<M>
}

/** The direction of fixed parameters. */
export const frozen = <T, M>(policy: Policy<T, M>, theta: T): Direction<M> => policy.direction(theta)
