import type { Operand, Value } from '@secant/autodiff'
import type { Tensor } from '@secant/linalg'

/** Where an optimizer stands, in values: what directions see, so that they can be recorded and differentiated. */
export interface Place {
  readonly x: Value
  readonly value: Operand
  readonly grad: Value
}

/** A measured place: parameters `[n]`, the objective there, and its gradient `[n]`. */
export interface Point extends Place {
  readonly x: Tensor
  readonly value: number
  readonly grad: Tensor
}

/** A step that was taken, in values. */
export interface Move {
  readonly from: Place
  readonly to: Place
  readonly alpha: Operand
}

/** A measured step `to.x = from.x + alpha · d`; `slope0` and `slope` are the directional derivatives at both ends. */
export interface Trial extends Move {
  readonly from: Point
  readonly to: Point
  readonly alpha: number
  readonly slope0: number
  readonly slope: number
}
