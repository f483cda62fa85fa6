/**
 * Measuring the objective is the only effect of a step. A computation yields what it wants and is handed the answer; a
 * driver decides whether that happens now or later, here or on a device. From outside the step stays a pure function.
 */

import type { Tensor } from '@secant/linalg'
import type { Multiplication } from './multiplication.ts'
import type { Point } from './point.ts'

/** A request: the objective at `x`, with or without its gradient. */
export type Measurement = { readonly x: Tensor; readonly want: 'value' | 'point' }

export type Ask = Measurement | Multiplication

/** The objective at a place, NaN where it was not asked for; `grad` or `product` is there when it was. */
export interface Answer {
  readonly value: number
  readonly grad?: Tensor
  readonly product?: Tensor
}

/** A computation that asks for measurements on its way to an `A`. */
export type Measuring<A> = Generator<Ask, A, Answer>

/** Asks for the value alone. */
export function* measureValue(x: Tensor): Measuring<number> {
  return (yield { x, want: 'value' }).value
}

/** Asks for value and gradient. */
export function* measurePoint(x: Tensor): Measuring<Point> {
  const { value, grad } = yield { x, want: 'point' }
  if (grad === undefined) throw new Error('measure: got an answer without a gradient; needs one, as it was asked for')
  return { x, value, grad }
}
