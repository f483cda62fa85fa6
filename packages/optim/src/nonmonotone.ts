import { type Backtracking, backtrackingUntil } from './backtracking.ts'
import type { Condition } from './condition.ts'
import type { Remembering } from './remembering.ts'
import type { Search } from './search.ts'

/** Sufficient decrease below a reference that may lie above f(x), `f(x + αd) ≤ reference + c₁ α g'd`. */
export const decreaseBelow = (reference: number, c1 = 1e-4): Condition => ({
  name: `Armijo(${c1}) below ${reference}`,
  slack: ({ to, alpha, slope0 }) => reference + c1 * alpha * slope0 - to.value,
})

/** Backtracking to sufficient decrease below a reference; rounding may not put the reference below the start. */
const backtrackingBelow = (reference: number, options: Backtracking): Search =>
  backtrackingUntil(({ from }) => decreaseBelow(Math.max(reference, from.value), options.c1), options)

/**
 * Backtracking to sufficient decrease below the greatest of the last values, so that single steps may go up
 * (Grippo, Lampariello and Lucidi 1986). Remembers up to `memory` values, newest first.
 */
export const maximumOfLast = ({
  memory = 10,
  ...options
}: Backtracking & { readonly memory?: number } = {}): Remembering<readonly number[]> => {
  if (!Number.isInteger(memory) || memory < 1)
    throw new Error(`maximumOfLast: got memory ${memory}; needs a whole number ≥ 1`)
  return {
    init: ({ value }) => [value],
    search: (values) => backtrackingBelow(Math.max(...values), options),
    observe: (values, { to }) => [to.value, ...values.slice(0, memory - 1)],
  }
}

/** A weighted mean of the values so far, and the sum of the weights. */
export interface Average {
  readonly mean: number
  readonly weight: number
}

/**
 * Backtracking to sufficient decrease below a mean of all values so far, in which a value that is j steps old has weight
 * `etaʲ` (Zhang and Hager 2004). `eta` 0 is plain backtracking.
 */
export const averageOfValues = ({
  eta = 0.85,
  ...options
}: Backtracking & { readonly eta?: number } = {}): Remembering<Average> => {
  if (!(0 <= eta && eta <= 1)) throw new Error(`averageOfValues: got eta = ${eta}; needs 0 ≤ eta ≤ 1`)
  return {
    init: ({ value }) => ({ mean: value, weight: 1 }),
    search: ({ mean }) => backtrackingBelow(mean, options),
    observe: ({ mean, weight }, { to }) => {
      const next = eta * weight + 1
      return { mean: (eta * weight * mean + to.value) / next, weight: next }
    },
  }
}
