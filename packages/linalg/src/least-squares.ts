import * as E from 'fp-ts/lib/Either.js'
import { matrixSides, rightHandSides, rounded } from './float-matrix.ts'
import { applyOrthogonal, applyTransposed, type Triangularized, triangularize } from './householder.ts'
import { transpose } from './structure.ts'
import { type Tensor, unitRoundoff } from './tensor.ts'
import { substitute } from './triangular.ts'

/** Fewer independent rows and columns than min(m, n). */
export interface RankDeficient {
  readonly kind: 'rank deficient'
  readonly rank: number
}

/** How many of the lengths on the diagonal are not lost in the rounding of the first and largest. */
const rankOf = ({ work, columns, heads }: Triangularized, tolerance: number): number => {
  let rank = 0
  while (rank < heads.length && (work[rank * (columns + 1)] as number) > tolerance * (work[0] as number)) rank++
  return rank
}

/** Rows of x in the places from which columns were taken, or back. */
const permuted = (x: Float64Array, order: Int32Array, width: number, back: boolean): Float64Array => {
  const result = new Float64Array(order.length * width)
  for (let j = 0; j < order.length; j++) {
    const [from, to] = back ? [order[j] as number, j] : [j, order[j] as number]
    for (let c = 0; c < width; c++) result[to * width + c] = x[from * width + c] as number
  }
  return result
}

/**
 * x with the smallest `‖a x − b‖` for m ≥ n, and among all x with `a x = b` the one with the smallest norm for m < n;
 * a `[m, n]`, b `[m]` or `[m, k]`. By Householder QR with column pivoting of a or of aᵀ (Golub and Van Loan, sections
 * 5.5 and 5.6), which is as accurate as the data allow; normal equations would square the condition number.
 * Fails (Left) where the rank is below min(m, n): a diagonal entry of the triangle is at most 2 max(m, n) roundoffs
 * of the first.
 *
 * @example
 * leastSquares(tensor([[3], [4]]), tensor([5, 10])) // => { _tag: 'Right', right: tensor([2.2]) }
 */
export const leastSquares = (a: Tensor, b: Tensor): E.Either<RankDeficient, Tensor> => {
  const [m, n] = matrixSides('leastSquares', a)
  const width = rightHandSides('leastSquares', a, b)
  const tall = m >= n
  const [rows, count] = tall ? [m, n] : [n, m]
  const factors = triangularize(tall ? a.data : transpose(a, [1, 0]).data, rows, count, { pivoting: true })
  const rank = rankOf(factors, 2 * rows * unitRoundoff(a.dtype))
  if (rank < count) return E.left({ kind: 'rank deficient', rank })
  const { work, order } = factors
  const solution = (): Float64Array => {
    if (tall) {
      const y = Float64Array.from(b.data)
      applyTransposed(factors, y, width)
      substitute(work, n, y, width, { lower: false })
      return permuted(y, order, width, false)
    }
    const y = permuted(Float64Array.from(b.data), order, width, true)
    substitute(work, m, y, width, { lower: false, transpose: true })
    const x = new Float64Array(n * width)
    x.set(y)
    applyOrthogonal(factors, x, width)
    return x
  }
  return E.right(rounded(solution(), [n, ...b.shape.slice(1)], a.dtype))
}
