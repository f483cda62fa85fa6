import * as dense from '@secant/linalg'
import { isFloat, type NotConverged, showShape, type Tensor, type TensorType, zeros } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { bind, type Primitive, type Value } from '../core.ts'
import { oneByOne } from '../one-by-one.ts'
import { add, mul, sub } from './arithmetic.ts'
import { diag, diagonal } from './diagonal.ts'
import { matmul } from './product.ts'
import { inverseAbove, outcome, resolution, withStatus } from './spectrum.ts'
import { reshape, transpose } from './structure.ts'

/** `a = u · diag(s) · vᵀ` with k = min(m, n). */
export interface SvdValues {
  /** Orthonormal columns, `[m, k]`. */
  readonly u: Value
  /** Descending, `[k]`. */
  readonly s: Value
  /** Orthonormal columns, `[n, k]`. */
  readonly v: Value
}

const symmetricPart = (x: Value): Value => mul(0.5, add(x, transpose(x)))
const skewPart = (x: Value): Value => mul(0.5, sub(x, transpose(x)))

/** What the orthonormal columns of q do not reach of x. */
const beside = (q: Value, x: Value): Value => sub(x, matmul(q, matmul(transpose(q), x)))

/** Results u, s, v, status. */
const svdPrimitive: Primitive<undefined> = {
  name: 'svd',
  typeOf: ([a]) => {
    const { dtype, shape } = a as TensorType
    const [m, n] = shape as readonly [number, number]
    if (shape.length !== 2 || !isFloat(a as TensorType))
      throw new Error(`svd: got ${dtype} ${showShape(shape)}; needs a float matrix [m, n]`)
    const k = Math.min(m, n)
    return [
      { dtype, shape: [m, k] },
      { dtype, shape: [k] },
      { dtype, shape: [n, k] },
      { dtype: 'int32', shape: [] },
    ]
  },
  impl: ([a], _, types) =>
    withStatus(
      pipe(
        dense.svd(a as Tensor),
        E.map(({ u, s, v }) => [u, s, v]),
      ),
      types,
    ),
  // With P = Uᵀ E V: ds = diag P; inside their spans U and V turn by sym P / (sⱼ − sᵢ) ± skew P / (sⱼ + sᵢ), as the
  // eigenvectors (u, ±v) of [[0, a], [aᵀ, 0]] do; and out of them by what E V / s and Eᵀ U / s have beside them.
  linearize: ([a]) => {
    const results = bind(svdPrimitive, [a as Value], undefined)
    const [u, s, v] = results as readonly [Value, Value, Value]
    const [m, n, k] = [u.shape[0] as number, v.shape[0] as number, s.shape[0] as number]
    const least = resolution(s, Math.max(m, n))
    const column = reshape(s, [k, 1])
    const byDifferences = inverseAbove(least, sub(s, column))
    const bySums = inverseAbove(least, add(s, column))
    const inverse = inverseAbove(least, s)
    return [
      results,
      {
        apply: ([e]) => {
          if (e === undefined) return []
          const [ev, eu] = [matmul(e, v), matmul(transpose(e), u)]
          const p = matmul(transpose(u), ev)
          const [alike, against] = [mul(byDifferences, symmetricPart(p)), mul(bySums, skewPart(p))]
          const du = matmul(u, add(alike, against))
          const dv = matmul(v, sub(alike, against))
          return [
            m > k ? add(du, mul(beside(u, ev), inverse)) : du,
            diagonal(p),
            n > k ? add(dv, mul(beside(v, eu), inverse)) : dv,
          ]
        },
        adjoint: ([wu = zeros(u.shape, u.dtype), ws = zeros(s.shape, s.dtype), wv = zeros(v.shape, v.dtype)]) => {
          const [x, y] = [matmul(transpose(u), wu), matmul(transpose(v), wv)]
          const turning = add(symmetricPart(mul(byDifferences, add(x, y))), skewPart(mul(bySums, sub(x, y))))
          const inside = matmul(u, matmul(add(diag(ws), turning), transpose(v)))
          if (m > k) return [add(inside, matmul(mul(beside(u, wu), inverse), transpose(v)))]
          return [n > k ? add(inside, matmul(u, transpose(mul(beside(v, wv), inverse)))) : inside]
        },
      },
    ]
  },
  batch: (args, batched, params, count) => oneByOne(svdPrimitive, args, batched, params, count),
}

const decompose = (a: Value): readonly [SvdValues, Value] => {
  const [u, s, v, status] = bind(svdPrimitive, [a], undefined) as readonly [Value, Value, Value, Value]
  return [{ u, s, v }, status]
}

/**
 * Thin singular value decomposition of a matrix `[m, n]`; signs as `svd` of linalg. Fails (throws) while recording:
 * `svdOrNaN` does not.
 *
 * In the derivatives 1 / (sⱼ − sᵢ), 1 / (sⱼ + sᵢ) and 1 / s are 0 where their divisors are at most 10 max(m, n) ε of the largest
 * singular value. Where singular values coincide or vanish, first derivatives stay right for symmetric functions of them
 * that are smooth in a (Σ s², norms); Σ s at a rank-deficient a gets one of its subgradients. They are wrong for
 * what names single vectors and for U φ(S) Vᵀ; second derivatives lack the terms in which equal values meet.
 *
 * @example
 * const nuclear = (a: Value) => sum(svdOrNaN(a).s)
 * toNested(concrete(grad(nuclear)(tensor([[3, 0], [0, 0.5]])))) // => [[1, 0], [0, 1]]
 */
export const svd = (a: Value): E.Either<NotConverged, SvdValues> => outcome(...decompose(a))

/** `svd` whose results are NaN where it does not converge. */
export const svdOrNaN = (a: Value): SvdValues => decompose(a)[0]
