/** What spectral factorizations and their derivatives have in common. */
import { full, type NotConverged, scalar, type Tensor, type TensorType, unitRoundoff } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import type { Value } from '../core.ts'
import { item } from '../read.ts'
import { mul } from './arithmetic.ts'
import { greater, safeDiv } from './compare.ts'
import { abs } from './piecewise.ts'
import { max } from './reduce.ts'

const reasons: readonly NotConverged['reason'][] = ['non-finite', 'budget']

/** The results of a primitive whose last one is a status: 0, or which reason, and then NaN for all others. */
export const withStatus = (
  found: E.Either<NotConverged, readonly Tensor[]>,
  types: readonly TensorType[],
): readonly Tensor[] =>
  E.isRight(found)
    ? [...found.right, scalar(0, 'int32')]
    : [
        ...types.slice(0, -1).map(({ shape, dtype }) => full(shape, Number.NaN, dtype)),
        scalar(1 + reasons.indexOf(found.left.reason), 'int32'),
      ]

/** A result with its status as a value to branch on. Fails (throws) while recording, when the status is not known. */
export const outcome = <A>(result: A, status: Value): E.Either<NotConverged, A> => {
  const reason = reasons[item(status) - 1]
  return reason === undefined ? E.right(result) : E.left({ kind: 'not converged', reason })
}

/** The least distance at which values of an n × n spectrum are told apart, the accuracy of the factorizations: 10 n ε max |x|. */
export const resolution = (values: Value, n: number): Value =>
  values.shape[0] === 0 ? values : mul(max(abs(values)), 20 * n * unitRoundoff(values.dtype))

/** 1 / x, and 0 where |x| is at most `least`. */
export const inverseAbove = (least: Value, x: Value): Value => safeDiv(1, x, greater(abs(x), least))
