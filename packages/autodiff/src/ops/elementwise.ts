import type { Tensor } from '@secant/linalg'
import * as dense from '@secant/linalg'
import { asValue, bindOne, type Operand, type Value } from '../core.ts'
import { div, mul, scaledBy, sub } from './arithmetic.ts'
import { pointwise } from './pointwise.ts'

/** A function of each entry; `slope` is its derivative from the argument x and the result y. */
const unary = (
  name: string,
  f: (a: number) => number,
  slope: (x: Value, y: Value) => Value,
): ((x: Operand) => Value) => {
  const operation = pointwise({
    name,
    impl: (x) => dense.map(x as Tensor, f),
    partials: [([x], y) => scaledBy(slope(x as Value, y))],
  })
  return (x) => bindOne(operation, [asValue(x)], undefined)
}

/** eˣ */
export const exp: (x: Operand) => Value = unary('exp', Math.exp, (_, y) => y)

/** Natural logarithm; −∞ at 0, NaN below. */
export const log: (x: Operand) => Value = unary('log', Math.log, (x) => div(1, x))

/** √x; its slope at 0 is +∞. */
export const sqrt: (x: Operand) => Value = unary('sqrt', Math.sqrt, (_, y) => div(0.5, y))

/** x² */
export const square: (x: Operand) => Value = unary(
  'square',
  (a) => a * a,
  (x) => mul(2, x),
)

/** Hyperbolic tangent. */
export const tanh: (x: Operand) => Value = unary('tanh', Math.tanh, (_, y) => sub(1, square(y)))

const sigmoidOf = (a: number): number => {
  const e = Math.exp(-Math.abs(a))
  return a >= 0 ? 1 / (1 + e) : e / (1 + e)
}

/** 1 / (1 + e⁻ˣ), without overflow. */
export const sigmoid: (x: Operand) => Value = unary('sigmoid', sigmoidOf, (_, y) => mul(y, sub(1, y)))

/** log(1 + eˣ), without overflow; its slope is the sigmoid. */
export const softplus: (x: Operand) => Value = unary(
  'softplus',
  (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))),
  (x) => sigmoid(x),
)
