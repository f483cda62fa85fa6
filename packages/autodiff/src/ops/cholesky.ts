import * as dense from '@secant/linalg'
import { full, type NotPositiveDefinite, scalar, squareOrder, type Tensor, type TensorType } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { bind, type Primitive, type Value } from '../core.ts'
import { oneByOne } from '../one-by-one.ts'
import { plus } from '../vector-space.ts'
import { type Attempt, eitherOf } from './attempt.ts'
import { product } from './product.ts'
import { transpose } from './structure.ts'
import { solveTriangular, triangleOf } from './triangular.ts'

/** Φ: the lower triangle with half the diagonal, so that `Φ(s) + Φ(s)ᵀ = s` for symmetric s. */
const lowerHalf = (x: Value): Value => triangleOf(x, { lower: true, diagonal: 0.5 })

const withTranspose = (x: Value): Value => plus(x, transpose(x))

/** With S = dA completed from its lower triangle: `dL = L Φ(L⁻¹ S L⁻ᵀ)` (Murray, 2016, arXiv:1602.07527, equation 8). */
const choleskyPrimitive: Primitive<undefined> = {
  name: 'cholesky',
  typeOf: ([a]) => [a as TensorType, { dtype: 'int32', shape: [] }],
  impl: ([a]) => {
    const { shape, dtype } = a as Tensor
    const factor = dense.cholesky(a as Tensor)
    return E.isRight(factor)
      ? [factor.right, scalar(-1, 'int32')]
      : [full(shape, Number.NaN, dtype), scalar(factor.left.pivot, 'int32')]
  },
  linearize: (args) => {
    const outs = bind(choleskyPrimitive, args, undefined)
    const l = outs[0] as Value
    /** M⁻¹ S M⁻ᵀ of a symmetric S, for M = L or Lᵀ. */
    const between = (s: Value, transposed: boolean): Value => {
      const divide = (b: Value): Value => solveTriangular(l, b, { lower: true, transpose: transposed })
      return divide(transpose(divide(s)))
    }
    return [
      outs,
      {
        apply: ([v]) => [v && product(l, lowerHalf(between(withTranspose(lowerHalf(v)), false)), false, false)],
        adjoint: ([w]) => [w && lowerHalf(between(withTranspose(lowerHalf(product(l, w, true, false))), true))],
      },
    ]
  },
  batch: (args, batched, _, count) => oneByOne(choleskyPrimitive, args, batched, undefined, count),
}

const attempt = (a: Value): Attempt => {
  squareOrder('cholesky', a)
  const [value, status] = bind(choleskyPrimitive, [a], undefined) as readonly [Value, Value]
  return { value, status }
}

/**
 * Lower triangular L with `L Lᵀ = a` for a symmetric positive definite `[n, n]`. Only the lower triangle of a is read,
 * and the derivative says so: an entry below the diagonal stands for itself and its mirror image, one above it has
 * derivative 0. Of `½ (a + aᵀ)` instead of a, gradients come out symmetric. Fails (throws) while recording.
 *
 * @example
 * cholesky(tensor([[1, 2], [2, 1]])) // => { _tag: 'Left', left: { kind: 'not positive definite', pivot: 1 } }
 */
export const cholesky = (a: Value): E.Either<NotPositiveDefinite, Value> =>
  eitherOf('cholesky', attempt(a), (pivot) => ({ kind: 'not positive definite', pivot }))

/**
 * `cholesky` for programs: NaN where a is not positive definite.
 *
 * @example
 * toNested(concrete(choleskyOrNaN(tensor([[4, 2], [2, 2]])))) // => [[2, 0], [1, 1]]
 */
export const choleskyOrNaN = (a: Value): Value => attempt(a).value
