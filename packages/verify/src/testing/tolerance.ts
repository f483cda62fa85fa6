/**
 * What float64 can say about a bound `a ≤ b`: it is met where `a ≤ b (1 + 1e-6) + 1e-12 max(1, |f*|)`, and nothing is said
 * any more once the gap `f − f*` is below `1e-9 max(1, |f*|)`.
 */
import { dot, norm, sub } from '@secant/linalg'
import type { Criterion, Point, Trial } from '@secant/optim'

const size = (minimum: number): number => Math.max(1, Math.abs(minimum))

/** `a ≤ b` within the tolerance; never where either is NaN. */
export const isAtMost = (a: number, b: number, minimum = 0): boolean =>
  a <= b + 1e-6 * Math.abs(b) + 1e-12 * size(minimum)

/** Whether a value is far enough above the minimum for its gap to have digits. */
export const isResolved = (value: number, minimum: number): boolean => value - minimum >= 1e-9 * size(minimum)

/** The criterion that ends a run where nothing can be said any more. */
export const resolution = ({ minimum }: { readonly minimum: number }): Criterion => ({
  name: 'f − f*',
  bound: 1e-9 * size(minimum),
  measure: ({ value }) => value - minimum,
})

/** Equal within a relative error; differences below `floor` do not count. */
export const isClose = (a: number, b: number, relative = 1e-9, floor = 1e-12): boolean =>
  Math.abs(a - b) <= relative * Math.max(Math.abs(a), Math.abs(b)) + floor

/** A step between two points as a direction taken once: conditions do not depend on how a step is divided. */
export const stepOf = (from: Point, to: Point): Trial => {
  const s = sub(to.x, from.x)
  return { from, to, alpha: 1, slope0: dot(from.grad, s), slope: dot(to.grad, s) }
}

/** What rounding of values, and of the places that they belong to, may do to the slack of a condition on a step. */
export const roundingOf = ({ from, to }: Trial): number =>
  1e-12 * (Math.abs(from.value) + Math.abs(to.value)) +
  1e-14 * (norm(from.grad) + norm(to.grad)) * (norm(from.x) + norm(to.x))
