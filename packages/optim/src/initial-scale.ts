import { dot, greater, mul, norm, type Operand, safeDiv, type Value } from '@secant/autodiff'
import type { Place } from './point.ts'

/**
 * The first inverse Hessian: a number times the identity, or a vector `[n]` on the diagonal, such as the inverses of the
 * Hessian's own.
 */
export type InitialScale = (start: Place) => Operand

/** Makes the first trial step one unit long, 1 / ‖g₀‖: a gradient's length says nothing about distances. */
export const unitLength: InitialScale = ({ grad }) => {
  const length = norm(grad)
  return safeDiv(1, length, greater(length, 0), 1)
}

/** Whether a secant pair carries curvature: `s'y > tolerance ‖s‖ ‖y‖`. */
export const hasCurvature = (s: Value, y: Value, tolerance: number): Value =>
  greater(dot(s, y), mul(tolerance, mul(norm(s), norm(y))))
