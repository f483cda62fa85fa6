import { add, dot, lessEqual, mul, type Operand, stopGradient, type Value, where } from '@secant/autodiff'
import type { Place } from '@secant/optim'

/** How far to go along a direction while a run is unrolled, in values; `valueAt` measures the objective there. */
export type StepLength = (valueAt: (alpha: Value) => Operand, from: Place, direction: Value) => Operand

/** The whole step. */
export const wholeStep: StepLength = () => 1

/**
 * The longest of 1, ½, ¼, … that decreases enough, `f(x + αd) ≤ f(x) + c₁ α g'd`, and the shortest of them where none
 * does: backtracking with a fixed number of measurements, since in values there is nothing to stop at. Derivatives
 * treat the length as a constant.
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
    let alpha = stopGradient(mul(0.5 ** most, add(1, mul(0, slope))))
    for (let k = most - 1; k >= 0; k--) {
      const longer = 0.5 ** k
      const decreases = lessEqual(valueAt(stopGradient(longer)), add(start, mul(c1 * longer, slope)))
      alpha = where(decreases, longer, alpha)
    }
    return alpha
  }
}
