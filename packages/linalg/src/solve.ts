import * as E from 'fp-ts/lib/Either.js'
import { rightHandSides, rounded, squareOrder } from './float-matrix.ts'
import { eliminate, failingPivot, solveEliminated } from './lu.ts'
import { eye, type Tensor } from './tensor.ts'
import type { Singular } from './triangular.ts'

const solveNamed = (operation: string, a: Tensor, b: Tensor): E.Either<Singular, Tensor> => {
  const n = squareOrder(operation, a)
  const columns = rightHandSides(operation, a, b)
  const { factors, order } = eliminate(a.data, n)
  const pivot = failingPivot(factors, n)
  if (pivot >= 0) return E.left({ kind: 'singular', pivot })
  return E.right(rounded(solveEliminated(factors, order, b.data, columns, false), b.shape, b.dtype))
}

/**
 * x with `a x = b` for a matrix a `[n, n]`, b `[n]` or `[n, k]`, by elimination with partial pivoting; x solves exactly
 * a system whose matrix differs from a by a few n roundoffs of |L||U|. Fails (Left) where a pivot is zero or not finite.
 *
 * @example
 * solve(tensor([[0, 2], [4, 0]]), tensor([6, 4])) // => { _tag: 'Right', right: tensor([1, 3]) }
 */
export const solve = (a: Tensor, b: Tensor): E.Either<Singular, Tensor> => solveNamed('solve', a, b)

/**
 * a⁻¹ `[n, n]`, where it is wanted itself; a product with it is had cheaper and closer by `solve`.
 *
 * @example
 * inverse(tensor([[0, 2], [4, 0]])) // => { _tag: 'Right', right: tensor([[0, 0.25], [0.5, 0]]) }
 */
export const inverse = (a: Tensor): E.Either<Singular, Tensor> =>
  solveNamed('inverse', a, eye(squareOrder('inverse', a), a.dtype))
