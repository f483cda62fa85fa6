/**
 * Measuring the objective is the only effect of a step. A computation yields what it wants and is handed the answer; a
 * driver decides whether that happens now or later, here or on a device. From outside the step stays a pure function.
 */

import type { Tensor } from '@secant/linalg'
import type { SecantHistory } from '@secant/linalg/gpu'
import type { Point } from './point.ts'

/** A request: the objective at `x`, with or without its gradient. */
export interface Measurement {
  readonly x: Tensor
  readonly want: 'value' | 'point'
}

/** A request: the inverse Hessian that a history stands for, times a vector. Where it is kept is the driver's business. */
export interface Multiplication {
  readonly history: SecantHistory
  readonly vector: Tensor
  readonly want: 'product'
}

export type Ask = Measurement | Multiplication

/** The objective at a place; `grad` is there when it was asked for. */
export interface Measured {
  readonly value: number
  readonly grad?: Tensor
}

export type Answer = Measured | { readonly product: Tensor }

/** A computation that asks for measurements on its way to an `A`. */
export type Measuring<A> = Generator<Ask, A, Answer>

function* measured(ask: Measurement): Measuring<Measured> {
  const answer = yield ask
  if (!('value' in answer)) throw new Error(`measure: got a product; needs a ${ask.want}, as it was asked for`)
  return answer
}

/** Asks for the value alone. */
export function* measureValue(x: Tensor): Measuring<number> {
  return (yield* measured({ x, want: 'value' })).value
}

/** Asks for value and gradient. */
export function* measurePoint(x: Tensor): Measuring<Point> {
  const { value, grad } = yield* measured({ x, want: 'point' })
  if (grad === undefined) throw new Error('measure: got an answer without a gradient; needs one, as it was asked for')
  return { x, value, grad }
}

/** Asks for a product with an inverse Hessian. */
export function* multiply(history: SecantHistory, vector: Tensor): Measuring<Tensor> {
  const answer = yield { history, vector, want: 'product' }
  if (!('product' in answer)) throw new Error('multiply: got a measurement; needs a product, as it was asked for')
  return answer.product
}
