import type { Tensor } from '@secant/linalg'
import * as dense from '@secant/linalg'
import { asValue, bindOne, type Operand, type Value } from '../core.ts'
import type { Formula } from '../lowering.ts'
import { arithmeticType, floatType } from '../vector-space.ts'
import { add, div, mul, neg, scaledBy, sub } from './arithmetic.ts'
import { pointwise } from './pointwise.ts'

/**
 * A function of each entry; `slope` is its derivative from the argument x and the result y. Of floats only, unless it
 * takes whole numbers to whole numbers (`typeOf`).
 */
/* @__NO_SIDE_EFFECTS__ */
export const unary = (
  name: string,
  f: (a: number) => number,
  slope: (x: Value, y: Value) => Value,
  formula: Formula = (on, a) => on.call(f, a),
  typeOf: typeof floatType = floatType,
): ((x: Operand) => Value) => {
  const operation = pointwise({
    name,
    typeOf: (args) => typeOf(name, args),
    impl: (x) => dense.map(x as Tensor, f),
    partials: [([x], y) => scaledBy(slope(x as Value, y))],
    formula,
  })
  return (x) => bindOne(operation, [asValue(x, undefined, name)], undefined)
}

/** eˣ */
export const exp: (x: Operand) => Value = unary('exp', Math.exp, (_, y) => y)

/** eˣ − 1, also accurate near 0. */
export const expm1: (x: Operand) => Value = unary('expm1', Math.expm1, (x) => exp(x))

/** Natural logarithm; −∞ at 0, NaN below. */
export const log: (x: Operand) => Value = unary('log', Math.log, (x) => div(1, x))

/** log(1 + x), also accurate near 0. */
export const log1p: (x: Operand) => Value = unary('log1p', Math.log1p, (x) => div(1, add(1, x)))

/** √x; its slope at 0 is +∞. */
export const sqrt: (x: Operand) => Value = unary(
  'sqrt',
  Math.sqrt,
  (_, y) => div(0.5, y),
  (on, a) => on.sqrt(a),
)

/** x² */
export const square: (x: Operand) => Value = unary(
  'square',
  (a) => a * a,
  (x) => mul(2, x),
  (on, a) => on.mul(a, a),
  arithmeticType,
)

/** 1/x */
export const reciprocal: (x: Operand) => Value = unary(
  'reciprocal',
  (a) => 1 / a,
  (_, y) => neg(square(y)),
  (on, a) => on.div(on.constant(1), a),
)

/** Sine of an angle in radians. */
export const sin: (x: Operand) => Value = unary('sin', Math.sin, (x) => cos(x))

/** Cosine of an angle in radians. */
export const cos: (x: Operand) => Value = unary('cos', Math.cos, (x) => neg(sin(x)))

/** Tangent of an angle in radians. */
export const tan: (x: Operand) => Value = unary('tan', Math.tan, (_, y) => add(1, square(y)))

/** √(1 − x²), by a product that does not cancel near ±1. */
const legOf = (x: Value): Value => sqrt(mul(sub(1, x), add(1, x)))

/** Angle in [−π/2, π/2] whose sine is x; NaN outside [−1, 1], slope +∞ at its ends. */
export const asin: (x: Operand) => Value = unary('asin', Math.asin, (x) => div(1, legOf(x)))

/** Angle in [0, π] whose cosine is x; NaN outside [−1, 1], slope −∞ at its ends. */
export const acos: (x: Operand) => Value = unary('acos', Math.acos, (x) => div(-1, legOf(x)))

/** Angle in [−π/2, π/2] whose tangent is x. */
export const atan: (x: Operand) => Value = unary('atan', Math.atan, (x) => div(1, add(1, square(x))))

/** Hyperbolic sine. */
export const sinh: (x: Operand) => Value = unary('sinh', Math.sinh, (x) => cosh(x))

/** Hyperbolic cosine. */
export const cosh: (x: Operand) => Value = unary('cosh', Math.cosh, (x) => sinh(x))

/** Hyperbolic tangent. */
export const tanh: (x: Operand) => Value = unary('tanh', Math.tanh, (_, y) => sub(1, square(y)))
