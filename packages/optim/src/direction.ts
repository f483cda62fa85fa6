import { neg, type Value } from '@secant/autodiff'
import type { Move, Place } from './point.ts'

/**
 * Where to go. `propose` returns a direction and the memory after proposing; `observe` learns from the step that
 * was taken. Written in autodiff operations, so that the same definition is evaluated, recorded and differentiated.
 */
export interface Direction<M> {
  readonly name: string
  readonly init: (start: Place) => M
  readonly propose: (memory: M, at: Place) => readonly [direction: Value, memory: M]
  readonly observe: (memory: M, taken: Move) => M
}

/** Straight downhill, −g. */
export const steepest = (): Direction<null> => ({
  name: 'steepest descent',
  init: () => null,
  propose: (memory, at) => [neg(at.grad), memory],
  observe: (memory) => memory,
})
