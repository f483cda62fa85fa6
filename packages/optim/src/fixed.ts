import * as E from 'fp-ts/lib/Either.js'
import { isFinitePoint, type Search } from './search.ts'

/** Always the same step; asks for nothing but a finite result. */
export const fixed = (alpha: number): Search =>
  function* (ray) {
    const trial = yield* ray.trial(alpha)
    return isFinitePoint(trial.to) ? E.right(trial) : E.left({ kind: 'non-finite objective', alpha })
  }
