import * as E from 'fp-ts/lib/Either.js'
import type { Direction } from './direction.ts'
import { type Descent, type Method, stepAlong } from './method.ts'
import type { Point, Trial } from './point.ts'
import type { Search } from './search.ts'

/** A search that learns from the steps before. What it remembers is plain data, kept in the state of the method. */
export interface Remembering<T> {
  readonly init: (start: Point) => T
  readonly search: (remembered: T) => Search
  readonly observe: (remembered: T, taken: Trial) => T
}

/** The state of a descent, and what its search remembers. */
export interface RememberingDescent<M, T> extends Descent<M> {
  readonly remembered: T
}

/**
 * `descend` with a search that remembers.
 *
 * @example
 * descendRemembering(steepest(), maximumOfLast()).name // => 'steepest descent'
 */
export const descendRemembering = <M, T>(
  direction: Direction<M>,
  { init, search, observe }: Remembering<T>,
): Method<RememberingDescent<M, T>> => ({
  name: direction.name,
  init: (start) => ({ point: start, memory: direction.init(start), last: null, remembered: init(start) }),
  at: ({ point }) => point,
  *step(state) {
    const { remembered } = state
    return E.map(([next, taken]: readonly [Descent<M>, Trial]) => ({
      ...next,
      remembered: observe(remembered, taken),
    }))(yield* stepAlong(direction, search(remembered), state))
  },
})

/**
 * Any search, begun `grow` times as far as the last step went: for directions whose length says nothing about the step,
 * such as −g (Hager and Zhang 2005, I2). What it remembers is the next first length.
 */
export const fromLastStep = (
  searchFrom: (initial: number) => Search,
  { first = 1, grow = 2 }: { readonly first?: number; readonly grow?: number } = {},
): Remembering<number> => ({
  init: () => first,
  search: searchFrom,
  observe: (_, { alpha }) => grow * alpha,
})
