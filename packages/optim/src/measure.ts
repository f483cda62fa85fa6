/**
 * Measuring the objective is the only effect of a step. A computation yields the place it wants measured and is
 * handed the answer; a driver decides whether that happens now or later. From outside the step stays a pure function.
 */

import type { Tensor } from '@secant/linalg'
import type { Point } from './point.ts'

/** A request: the objective at `x`, with or without its gradient. */
export interface Ask {
  readonly x: Tensor
  readonly want: 'value' | 'point'
}

/** The objective at a place; `grad` is there when it was asked for. */
export interface Answer {
  readonly value: number
  readonly grad?: Tensor
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
