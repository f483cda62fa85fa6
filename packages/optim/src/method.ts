import { concrete } from '@secant/autodiff'
import type { Tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { compiledDirection } from './compiled-direction.ts'
import type { Direction } from './direction.ts'
import type { Measuring } from './measure.ts'
import type { Point, Trial } from './point.ts'
import { rayFrom, type Search, type StepFailure } from './search.ts'

/** A pure transition system. States are plain data: save one at any iteration, and resuming gives the same bits. */
export interface Method<S> {
  readonly name: string
  readonly init: (start: Point) => S
  readonly at: (state: S) => Point
  readonly step: (state: S) => Measuring<E.Either<StepFailure, S>>
}

/** The state of a descent; `last` tells how the present point was reached. */
export interface Descent<M> {
  readonly point: Point
  readonly memory: M
  readonly last: { readonly direction: Tensor; readonly alpha: number } | null
}

/** One step of a descent, and the trial that its search accepted. */
export function* stepAlong<M>(
  direction: Direction<M>,
  search: Search,
  { point, memory }: Descent<M>,
): Measuring<E.Either<StepFailure, readonly [Descent<M>, Trial]>> {
  const [proposed, proposing] = direction.propose(memory, point)
  const d = concrete(proposed)
  const found = yield* search(...rayFrom(point, d))
  if (E.isLeft(found)) return found
  const { from, to, alpha } = found.right
  const observed = direction.observe(proposing, { from, to, alpha })
  return E.right([{ point: to, memory: observed, last: { direction: d, alpha } }, found.right])
}

/**
 * The method that goes where a direction points, as far as a search says: `x₊ = x + α d`. The direction's arithmetic is
 * compiled once that pays.
 *
 * @example
 * descend(lbfgs(), strongWolfe()).name // => 'L-BFGS(10)'
 */
export const descend = <M>(direction: Direction<M>, search: Search): Method<Descent<M>> => {
  const compiled = compiledDirection(direction)
  return {
    name: direction.name,
    init: (start) => ({ point: start, memory: direction.init(start), last: null }),
    at: ({ point }) => point,
    *step(state) {
      return E.map(([next]: readonly [Descent<M>, Trial]) => next)(yield* stepAlong(compiled, search, state))
    },
  }
}
