import { neg, type Value } from '@secant/autodiff'
import type { Direction } from '../direction.ts'

/**
 * Turns gradients into steps against them, with a state: the first-order family. Written in autodiff operations, so
 * that the same definition is evaluated, recorded and differentiated. States are trees of values; what counts steps
 * is float64 whatever the parameters are.
 */
export interface Update<S> {
  readonly name: string
  readonly init: (x: Value) => S
  readonly apply: (state: S, gradient: Value, x: Value) => readonly [step: Value, state: S]
}

/** The direction that follows an update, to be used with `fixed(1)`; the gradient is absorbed while proposing. */
export const following = <S>(update: Update<S>): Direction<S> => ({
  name: update.name,
  init: (start) => update.init(start.x),
  propose: (state, at) => {
    const [step, next] = update.apply(state, at.grad, at.x)
    return [neg(step), next]
  },
  observe: (state) => state,
})
