import * as dense from '@secant/linalg'
import { full, matrixSides, type RankDeficient, scalar, type Tensor, type TensorType } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { bind, type Primitive, type Value } from '../core.ts'
import { linearizeValues } from '../linearize.ts'
import { oneByOne } from '../one-by-one.ts'
import { type Attempt, byColumns, eitherOf } from './linear-solve.ts'
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

/** The value comes from the solver that finds the rank; at full rank, its derivative is that of `byQr`. */
const leastSquaresPrimitive: Primitive<undefined> = {
  name: 'leastSquares',
  typeOf: ([a, b]) => {
    const [{ dtype, shape }, rows] = [b as TensorType, (a as TensorType).shape]
    return [
      { dtype, shape: [rows[1] as number, shape[1] as number] },
      { dtype: 'int32', shape: [] },
    ]
  },
  impl: ([a, b], _, [type]) => {
    const { dtype, shape } = type as TensorType
    const x = dense.leastSquares(a as Tensor, b as Tensor)
    return E.isRight(x)
      ? [x.right, scalar(-1, 'int32')]
      : [full(shape, Number.NaN, dtype), scalar(x.left.rank, 'int32')]
  },
  linearize: (args) => [
    bind(leastSquaresPrimitive, args, undefined),
    linearizeValues(([a, b]) => [byQr(a as Value, b as Value)], args)[1],
  ],
  batch: (args, batched, _, count) => oneByOne(leastSquaresPrimitive, args, batched, undefined, count),
}

const attempt = (a: Value, b: Value): Attempt => {
  matrixSides('leastSquares', a)
  let status: Value = scalar(-1, 'int32')
  const value = byColumns('leastSquares', a, b, (columns) => {
    const outs = bind(leastSquaresPrimitive, [a, columns], undefined)
    status = outs[1] as Value
    return outs[0] as Value
  })
  return { value, status }
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
