/** Small dense algebra on symmetric matrices `[n, n]`; undefined where a matrix is not positive definite. */
import { cholesky, eye, solveCholesky, solveTriangular, symmetricEigen, type Tensor, transpose } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'

const rightOf = <A>(either: E.Either<unknown, A>): A | undefined => (E.isRight(either) ? either.right : undefined)

const sideOf = (a: Tensor): number => a.shape[0] as number

export const diagonalOf = (a: Tensor): readonly number[] =>
  Array.from({ length: sideOf(a) }, (_, i) => a.data[i * sideOf(a) + i] as number)

export const traceOfMatrix = (a: Tensor): number => diagonalOf(a).reduce((total, value) => total + value, 0)

/** ln det a. */
export const logDet = (a: Tensor): number | undefined => {
  const factor = rightOf(cholesky(a))
  return factor && 2 * diagonalOf(factor).reduce((total, value) => total + Math.log(value), 0)
}

/** x with a x = b. */
export const solveSpd = (a: Tensor, b: Tensor): Tensor | undefined =>
  rightOf(
    pipe(
      cholesky(a),
      E.chainW((factor) => solveCholesky(factor, b)),
    ),
  )

export const inverseSpd = (a: Tensor): Tensor | undefined => solveSpd(a, eye(sideOf(a)))

/** Eigenvalues of a symmetric matrix in ascending order. */
export const eigenvaluesOf = (a: Tensor): readonly number[] | undefined => {
  const decomposed = rightOf(symmetricEigen(a))
  return decomposed && Array.from(decomposed.values.data)
}

/** Eigenvalues of a⁻¹b, a positive definite and b symmetric, in ascending order: those of L⁻¹ b L⁻ᵀ with a = LLᵀ. */
export const generalizedEigenvalues = (b: Tensor, a: Tensor): readonly number[] | undefined => {
  const half = (factor: Tensor, m: Tensor) => solveTriangular(factor, m, { lower: true })
  const reduced = pipe(
    cholesky(a),
    E.chainW((factor) =>
      pipe(
        half(factor, b),
        E.chain((left) => half(factor, transpose(left, [1, 0]))),
      ),
    ),
  )
  return E.isRight(reduced) ? eigenvaluesOf(reduced.right) : undefined
}
