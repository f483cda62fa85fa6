import * as dense from '@secant/linalg'
import { isFloat, type NotConverged, showShape, type Tensor, type TensorType } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { bind, type Primitive, type Value } from '../core.ts'
import { oneByOne } from '../one-by-one.ts'
import { add, mul, sub } from './arithmetic.ts'
import { diag, diagonal } from './diagonal.ts'
import { matmul } from './product.ts'
import { inverseAbove, outcome, resolution, withStatus } from './spectrum.ts'
import { reshape, transpose } from './structure.ts'

/** `(a + aᵀ) / 2 = vectors · diag(values) · vectorsᵀ`. */
export interface SymmetricEigenValues {
  /** In ascending order, `[n]`. */
  readonly values: Value
  /** Orthonormal columns, `[n, n]`. */
  readonly vectors: Value
}

/** Of a matrix that is symmetric, and so are its directions: results `values`, `vectors`, status. */
const eigenPrimitive: Primitive<undefined> = {
  name: 'symmetricEigen',
  typeOf: ([a]) => {
    const { dtype, shape } = a as TensorType
    return [
      { dtype, shape: shape.slice(1) },
      { dtype, shape },
      { dtype: 'int32', shape: [] },
    ]
  },
  impl: ([a], _, types) =>
    withStatus(
      pipe(
        dense.symmetricEigen(a as Tensor),
        E.map(({ values, vectors }) => [values, vectors]),
      ),
      types,
    ),
  // With P = Vᵀ E V: dλ = diag P and dV = V (F ∘ P), F = 1 / (λⱼ − λᵢ).
  linearize: ([a]) => {
    const results = bind(eigenPrimitive, [a as Value], undefined)
    const [values, v] = results as readonly [Value, Value]
    const n = values.shape[0] as number
    const turned = transpose(v)
    const inverseGaps = inverseAbove(resolution(values, n), sub(values, reshape(values, [n, 1])))
    return [
      results,
      {
        apply: ([e]) => {
          if (e === undefined) return []
          const p = matmul(turned, matmul(e, v))
          return [diagonal(p), matmul(v, mul(inverseGaps, p))]
        },
        adjoint: ([w, x]) => {
          const stretched = w && diag(w)
          const rotated = x && mul(inverseGaps, matmul(turned, x))
          const p = stretched && rotated ? add(stretched, rotated) : (stretched ?? rotated)
          return [p && matmul(v, matmul(p, turned))]
        },
      },
    ]
  },
  batch: (args, batched, params, count) => oneByOne(eigenPrimitive, args, batched, params, count),
}

const decompose = (a: Value): readonly [SymmetricEigenValues, Value] => {
  const [n, columns] = a.shape
  if (a.shape.length !== 2 || columns !== n || !isFloat(a))
    throw new Error(`symmetricEigen: got ${a.dtype} ${showShape(a.shape)}; needs a float matrix [n, n]`)
  const symmetric = mul(0.5, add(a, transpose(a)))
  const [values, vectors, status] = bind(eigenPrimitive, [symmetric], undefined) as readonly [Value, Value, Value]
  return [{ values, vectors }, status]
}

/**
 * Eigenvalues and eigenvectors of the symmetric part of a matrix `[n, n]`; signs as `symmetricEigen` of linalg. The gradient
 * in a symmetric a is symmetric. Fails (throws) while recording: `symmetricEigenOrNaN` does not.
 *
 * Eigenvalues at most 10 n ε ‖a‖ apart (ε the machine epsilon, ‖a‖ the largest |λ|) count as equal: in the derivatives
 * 1 / (λⱼ − λᵢ) is then 0. First derivatives stay right for symmetric functions of the eigenvalues (Σ φ(λ), norms,
 * determinants) and for projections onto whole eigenspaces. They are wrong for what names single vectors of an
 * eigenspace, which have no derivative, and for V φ(Λ) Vᵀ, which pairs them with single values; second derivatives lack the
 * terms in which equal eigenvalues meet.
 *
 * @example
 * const largest = (a: Value) => max(symmetricEigenOrNaN(a).values)
 * toNested(concrete(grad(largest)(tensor([[2, 0], [0, 1]])))) // => [[1, 0], [0, 0]]
 */
export const symmetricEigen = (a: Value): E.Either<NotConverged, SymmetricEigenValues> => outcome(...decompose(a))

/** `symmetricEigen` whose results are NaN where it does not converge. */
export const symmetricEigenOrNaN = (a: Value): SymmetricEigenValues => decompose(a)[0]
