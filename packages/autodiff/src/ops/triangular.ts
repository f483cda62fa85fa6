import * as dense from '@secant/linalg'
import { full, squareOrder, type Tensor, type TensorType, type Triangle } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { bindOne, type Primitive, type Value } from '../core.ts'
import { scale } from './arithmetic.ts'
import { asColumns, inFormOf, solveBatch, solveDerivative } from './linear-solve.ts'

/** A triangle of a square matrix, with its diagonal multiplied by a number, and zeros elsewhere. Its own adjoint. */
export const triangleOf = (
  x: Value,
  { lower, diagonal }: { readonly lower: boolean; readonly diagonal: number },
): Value => {
  const [n] = x.shape as readonly [number]
  const mask = dense.zeros(x.shape, x.dtype)
  for (let i = 0; i < n; i++) {
    mask.data.fill(1, i * n + (lower ? 0 : i + 1), i * n + (lower ? i : n))
    mask.data[i * (n + 1)] = diagonal
  }
  return scale(x, mask)
}

const solvePrimitive: Primitive<Required<Triangle>> = {
  name: 'solveTriangular',
  typeOf: ([, b]) => [b as TensorType],
  impl: ([t, b], triangle) => {
    const { shape, dtype } = b as Tensor
    const solved = dense.solveTriangular(t as Tensor, b as Tensor, triangle)
    return [E.isRight(solved) ? solved.right : full(shape, Number.NaN, dtype)]
  },
  linearize: ([t, b], triangle, active) => {
    const divide = (c: Value, transpose: boolean): Value =>
      bindOne(solvePrimitive, [t as Value, c], { ...triangle, transpose })
    const part = (a: Value): Value => triangleOf(a, { lower: triangle.lower, diagonal: triangle.unitDiagonal ? 0 : 1 })
    const x = divide(b as Value, triangle.transpose)
    return [[x], solveDerivative(x, triangle.transpose, divide, part, active)]
  },
  batch: (args, batched, triangle, count) => solveBatch(solvePrimitive, args, batched, triangle, count),
}

/**
 * x with `T x = b` (or `Tᵀ x = b`), T a triangle of t `[n, n]`, b `[n]` or `[n, k]`; NaN where T has a zero or NaN on
 * its diagonal. What is not read of t has derivative 0.
 *
 * @example
 * toNested(concrete(solveTriangular(tensor([[2, 0], [1, 4]]), tensor([2, 9]), { lower: true }))) // => [1, 2]
 */
export const solveTriangular = (
  t: Value,
  b: Value,
  { lower, transpose = false, unitDiagonal = false }: Triangle,
): Value => {
  squareOrder('solveTriangular', t)
  const columns = asColumns('solveTriangular', t, b)
  return inFormOf(b, bindOne(solvePrimitive, [t, columns], { lower, transpose, unitDiagonal }))
}
