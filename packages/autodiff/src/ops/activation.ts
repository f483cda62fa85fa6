import type { Operand, Value } from '../core.ts'
import { mul, sub } from './arithmetic.ts'
import { lessEqual, where } from './compare.ts'
import { unary } from './elementwise.ts'
import { erfc } from './special.ts'

const sigmoidOf = (a: number): number => {
  const e = Math.exp(-Math.abs(a))
  return a >= 0 ? 1 / (1 + e) : e / (1 + e)
}

/** 1 / (1 + e⁻ˣ), without overflow. */
export const sigmoid: (x: Operand) => Value = unary(
  'sigmoid',
  sigmoidOf,
  (_, y) => mul(y, sub(1, y)),
  (on, a) => {
    const one = on.constant(1)
    const e = on.call(Math.exp, on.neg(on.abs(a)))
    return on.div(on.select(on.greaterEqual(a, on.constant(0)), one, e), on.add(one, e))
  },
)

/** log(1 + eˣ), without overflow; its slope is the sigmoid. */
export const softplus: (x: Operand) => Value = unary(
  'softplus',
  (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))),
  (x) => sigmoid(x),
  (on, a) => on.add(on.max(a, on.constant(0)), on.call(Math.log1p, on.call(Math.exp, on.neg(on.abs(a))))),
)

/** max(x, 0); its slope at 0 is 0. */
export const relu = (x: Operand): Value => where(lessEqual(x, 0), 0, x)

/** x · sigmoid(x) */
export const silu = (x: Operand): Value => mul(x, sigmoid(x))

/** x · Φ(x) with the normal distribution function, not its tanh approximation (Hendrycks and Gimpel 2016). */
export const gelu = (x: Operand): Value => mul(x, mul(0.5, erfc(mul(-Math.SQRT1_2, x))))
