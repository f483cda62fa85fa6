import { power } from '@secant/linalg'
import type { Operand, Value } from '../core.ts'
import type { Formula } from '../lowering.ts'
import { neg, scale, scaledBy, sub } from './arithmetic.ts'
import { notEqual, safeDiv } from './compare.ts'
import { log } from './elementwise.ts'
import { floatFunction } from './pointwise.ts'

/**
 * aᵇ; x⁰ is 1 with slope 0, at x = 0 too. The slope in b is aᵇ log a, 0 where aᵇ is 0, NaN where a is negative.
 *
 * @example
 * item(grad((x: Value) => pow(x, 3))(scalar(2))) // => 12
 */
export const pow: (a: Operand, b: Operand) => Value = floatFunction('pow', power, [
  ([a, b]) => scaledBy(scale(b as Value, pow(a as Value, sub(b as Value, 1)))),
  ([a], out) => scaledBy(scale(out, log(a as Value))),
])

const hypotenuse = (a: number, b: number): number => {
  const [p, q] = [Math.abs(a), Math.abs(b)]
  if (p === Number.POSITIVE_INFINITY || q === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  const long = Math.max(p, q)
  const ratio = Math.min(p, q) / long
  return long === 0 ? 0 : long * Math.sqrt(1 + ratio * ratio)
}

const hypotenuseFormula: Formula = (on, a, b) => {
  const [p, q, infinite] = [on.abs(a), on.abs(b), on.constant(Number.POSITIVE_INFINITY)]
  const [zero, long] = [on.constant(0), on.max(p, q)]
  const ratio = on.div(on.min(p, q), long)
  const finite = on.mul(long, on.sqrt(on.add(on.constant(1), on.mul(ratio, ratio))))
  const isInfinite = on.or(on.equal(p, infinite), on.equal(q, infinite))
  return on.select(isInfinite, infinite, on.select(on.equal(long, zero), zero, finite))
}

/** a / r, and 0 with all its derivatives at the origin. */
const cosineOf = (a: Value, r: Value): Value => safeDiv(a, r, notEqual(r, 0))

/** √(a² + b²), without overflow; at the origin all derivatives are 0. */
export const hypot: (a: Operand, b: Operand) => Value = floatFunction(
  'hypot',
  hypotenuse,
  [([a], r) => scaledBy(cosineOf(a as Value, r)), ([, b], r) => scaledBy(cosineOf(b as Value, r))],
  hypotenuseFormula,
)

/** Angle of the point (x, y) in (−π, π], y first as is usual; at the origin all derivatives are 0. */
export const atan2: (y: Operand, x: Operand) => Value = floatFunction('atan2', Math.atan2, [
  ([y, x]) => {
    const r = hypot(y as Value, x as Value)
    return scaledBy(cosineOf(cosineOf(x as Value, r), r))
  },
  ([y, x]) => {
    const r = hypot(y as Value, x as Value)
    return scaledBy(neg(cosineOf(cosineOf(y as Value, r), r)))
  },
])
