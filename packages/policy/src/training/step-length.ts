import {
  add,
  div,
  dot,
  greater,
  lessEqual,
  logicalAnd,
  logicalNot,
  mul,
  type Operand,
  stopGradient,
  type Value,
  whileLoop,
} from '@secant/autodiff'
import type { Place } from '@secant/optim'

/**
 * How far to go along a direction while a run is unrolled, in values; `valueAt` measures the objective there. Derivatives
 * treat the length as a constant.
 */
export type StepLength = (valueAt: (alpha: Value) => Operand, from: Place, direction: Value) => Operand

/** The whole step. */
export const wholeStep: StepLength = () => 1

/**
 * Backtracking: the longest of 1, ½, ¼, …, 2^−most that decreases enough, `f(x + αd) ≤ f(x) + c₁ α g'd`, and the
 * shortest of them where none does.
 */
export const halvings = ({
  most = 10,
  c1 = 1e-4,
}: {
  readonly most?: number
  readonly c1?: number
} = {}): StepLength => {
  if (!(Number.isInteger(most) && most > 0)) throw new Error(`halvings: got most = ${most}; needs a whole number ≥ 1`)
  return (valueAt, { value, grad }, direction) => {
    const [start, slope] = [stopGradient(value), stopGradient(dot(grad, direction))]
    const decreases = (alpha: Value): Value => lessEqual(valueAt(alpha), add(start, mul(c1, mul(alpha, slope))))
    const goesOn = (alpha: Value): Value => logicalAnd(greater(alpha, 0.5 ** most), logicalNot(decreases(alpha)))
    return whileLoop(goesOn, (alpha: Value) => div(alpha, 2))(stopGradient(1))
  }
}
