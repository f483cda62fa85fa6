import * as dense from '@secant/linalg'
import { full, matrixSides, type RankDeficient, scalar, type Tensor, type TensorType } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { bind, type Primitive, type Value } from '../core.ts'
import { linearizeValues } from '../linearize.ts'
import { oneByOne } from '../one-by-one.ts'
import { mul } from './arithmetic.ts'
import { type Attempt, eitherOf } from './attempt.ts'
import { asColumns, inFormOf } from './linear-solve.ts'
import { product } from './product.ts'
import { qr } from './qr.ts'
import { transpose } from './structure.ts'
import { solveTriangular } from './triangular.ts'

/** The solution where a has full rank, without asking whether it has. */
const byQr = (a: Value, b: Value): Value => {
  const [m, n] = a.shape as readonly [number, number]
  if (m >= n) {
    const { q, r } = qr(a)
    return solveTriangular(r, product(q, b, true, false), { lower: false })
  }
  const { q, r } = qr(transpose(a))
  return product(q, solveTriangular(r, b, { lower: false, transpose: true }), false, false)
}

/**
 * The value comes from the solver that finds the rank, the derivative from `byQr`. Results: x, the status, and the number
 * by which derivatives are multiplied: 1, or NaN where there is no x.
 */
const leastSquaresPrimitive: Primitive<undefined> = {
  name: 'leastSquares',
  typeOf: ([a, b]) => {
    const [{ dtype, shape }, rows] = [b as TensorType, (a as TensorType).shape]
    return [
      { dtype, shape: [rows[1] as number, shape[1] as number] },
      { dtype: 'int32', shape: [] },
      { dtype, shape: [] },
    ]
  },
  impl: ([a, b], _, [type]) => {
    const { dtype, shape } = type as TensorType
    const x = dense.leastSquares(a as Tensor, b as Tensor)
    return E.isRight(x)
      ? [x.right, scalar(-1, 'int32'), scalar(1, dtype)]
      : [full(shape, Number.NaN, dtype), scalar(x.left.rank, 'int32'), scalar(Number.NaN, dtype)]
  },
  linearize: (args) => {
    const outs = bind(leastSquaresPrimitive, args, undefined)
    return [outs, linearizeValues(([a, b]) => [mul(outs[2] as Value, byQr(a as Value, b as Value))], args)[1]]
  },
  batch: (args, batched, _, count) => oneByOne(leastSquaresPrimitive, args, batched, undefined, count),
}

const attempt = (a: Value, b: Value): Attempt => {
  matrixSides('leastSquares', a)
  const columns = asColumns('leastSquares', a, b)
  const [x, status] = bind(leastSquaresPrimitive, [a, columns], undefined) as readonly [Value, Value, Value]
  return { value: inFormOf(b, x), status }
}

/**
 * x with the smallest `‖a x − b‖` for m ≥ n, and the smallest x with `a x = b` for m < n; a `[m, n]`, b `[m]` or
 * `[m, k]`. Value and derivatives go by QR, never by the normal equations. Fails (Left) where the rank is below
 * min(m, n); (throws) while recording.
 *
 * @example
 * leastSquares(tensor([[1, 1], [1, 1]]), tensor([1, 2])) // => { _tag: 'Left', left: { kind: 'rank deficient', rank: 1 } }
 */
export const leastSquares = (a: Value, b: Value): E.Either<RankDeficient, Value> =>
  eitherOf('leastSquares', attempt(a, b), (rank) => ({ kind: 'rank deficient', rank }))

/**
 * `leastSquares` for programs: NaN where the rank is below min(m, n).
 *
 * @example
 * toNested(concrete(leastSquaresOrNaN(tensor([[3], [4]]), tensor([5, 10])))) // => [2.2]
 */
export const leastSquaresOrNaN = (a: Value, b: Value): Value => attempt(a, b).value
