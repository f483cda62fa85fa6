import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { matmul } from './matmul.ts'
import { innerProduct, makeReflection, reflect, rotate } from './reflection.ts'
import { showShape } from './shape.ts'
import { type NotConverged, safeScale, signOf } from './symmetric-eigen.ts'
import { allocate, isFloat, type Tensor, unitRoundoff } from './tensor.ts'

/** `a = u · diag(s) · vᵀ` with k = min(m, n). */
export interface Svd {
  /** Left singular vectors, orthonormal columns, `[m, k]`. */
  readonly u: Tensor
  /** Singular values, descending, `[k]`. */
  readonly s: Tensor
  /** Right singular vectors, orthonormal columns, `[n, k]`. */
  readonly v: Tensor
}

/** `a P = Q R`: reflections below the diagonal of the columns, R above and in `diagonal`; column i of a P is `order[i]`. */
interface PivotedQr {
  readonly columns: Float64Array
  readonly rows: number
  readonly rank: number
  readonly taus: Float64Array
  readonly diagonal: Float64Array
  readonly order: readonly number[]
}

/** Remaining columns no longer than this, where the largest entry is near 1, count as zeros. */
const vanishing = 2 ** -400

/** QR with the longest remaining column first, of columns that lie one after another and are overwritten. */
const pivotedQr = (columns: Float64Array, rows: number, count: number): PivotedQr => {
  const order = Array.from({ length: count }, (_, i) => i)
  const [taus, diagonal] = [new Float64Array(count), new Float64Array(count)]
  let k = 0
  for (; k < Math.min(rows, count); k++) {
    const height = rows - k
    let [longest, length] = [k, 0]
    for (let j = k; j < count; j++) {
      const squares = innerProduct(columns, j * rows + k, columns, j * rows + k, height)
      if (squares > length) [longest, length] = [j, squares]
    }
    if (Math.sqrt(length) <= vanishing) break
    const first = columns.slice(k * rows, (k + 1) * rows)
    columns.copyWithin(k * rows, longest * rows, (longest + 1) * rows)
    columns.set(first, longest * rows)
    ;[order[k], order[longest]] = [order[longest] as number, order[k] as number]
    const [tau, beta] = makeReflection(columns, k * rows + k, height)
    taus[k] = tau
    diagonal[k] = beta
    for (let j = k + 1; j < count; j++) reflect(columns, k * rows + k, tau, columns, j * rows + k, height)
  }
  return { columns, rows, rank: k, taus, diagonal, order }
}

/** y ← Q y */
const applyQ = ({ columns, rows, rank, taus }: PivotedQr, y: Float64Array): void => {
  for (let k = rank - 1; k >= 0; k--) reflect(columns, k * rows + k, taus[k] as number, y, k, rows - k)
}

/** Rows 0 up to the rank of R, one after another. */
const rowsOfR = ({ columns, rows, rank, diagonal }: PivotedQr, count: number): Float64Array => {
  const r = new Float64Array(rank * count)
  for (let i = 0; i < rank; i++) {
    r[i * count + i] = diagonal[i] as number
    for (let j = i + 1; j < count; j++) r[i * count + j] = columns[j * rows + i] as number
  }
  return r
}

/**
 * One-sided Jacobi (Golub and Van Loan, section 8.6.3): rotates the rows of g, in place, until they are orthogonal
 * relative to their lengths; the rows of the result are turned alike, from the identity. Undefined after 40 sweeps.
 */
const orthogonalize = (g: Float64Array, n: number): Float64Array | undefined => {
  const turned = new Float64Array(n * n)
  for (let i = 0; i < n; i++) turned[i * (n + 1)] = 1
  const squares = new Float64Array(n)
  const tolerance = (4 + Math.sqrt(n)) * unitRoundoff('float64')
  for (let sweep = 0; sweep < 40; sweep++) {
    for (let i = 0; i < n; i++) squares[i] = innerProduct(g, i * n, g, i * n, n)
    let rotations = 0
    for (let i = 0; i + 1 < n; i++)
      for (let j = i + 1; j < n; j++) {
        const [p, q] = [squares[i] as number, squares[j] as number]
        const r = innerProduct(g, i * n, g, j * n, n)
        if (Math.abs(r) <= tolerance * Math.sqrt(p) * Math.sqrt(q)) continue
        const zeta = (q - p) / (2 * r)
        const tangent = (zeta < 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta))
        const c = 1 / Math.hypot(1, tangent)
        rotate(g, i * n, j * n, n, c, c * tangent)
        rotate(turned, i * n, j * n, n, c, c * tangent)
        squares[i] = p + tangent * r
        squares[j] = q - tangent * r
        rotations++
      }
    if (rotations === 0) return turned
  }
  return undefined
}

/** Vectors one after another: left `count` of length m, right `count` of length n, each pair with its value. */
interface Triples {
  readonly left: Float64Array
  readonly values: Float64Array
  readonly right: Float64Array
}

/**
 * The triples of a tall matrix, given by columns of length m ≥ n. Two QR factorizations, `A P₁ = Q₁ R₁` and
 * `R₁ᵀ P₂ = Q₂ R₂`, bring the diagonal forward and leave a nonsingular R₂ to Jacobi (Drmač and Veselić, SIAM J. Matrix
 * Anal. Appl. 29, 2008); what is missing at a lower rank are further columns of Q₁ and Q₂.
 */
const tallSvd = (columns: Float64Array, m: number, n: number): Triples | undefined => {
  const first = pivotedQr(columns, m, n)
  const rank = first.rank
  const second = pivotedQr(rowsOfR(first, n), n, rank)
  const g = rowsOfR(second, rank)
  const turned = second.rank === rank ? orthogonalize(g, rank) : undefined
  if (turned === undefined) return undefined
  const lengths = Array.from({ length: rank }, (_, i) => Math.sqrt(innerProduct(g, i * rank, g, i * rank, rank)))
  const order = Array.from(lengths.keys()).sort((i, j) => (lengths[j] as number) - (lengths[i] as number))
  const [left, values, right] = [new Float64Array(n * m), new Float64Array(n), new Float64Array(n * n)]
  for (let c = 0; c < n; c++) {
    const [x, y] = [left.subarray(c * m, (c + 1) * m), new Float64Array(n)]
    const row = order[c]
    if (row === undefined) x[c] = y[c] = 1
    else {
      const length = lengths[row] as number
      values[c] = length
      for (let i = 0; i < rank; i++) {
        x[second.order[i] as number] = (g[row * rank + i] as number) / length
        y[i] = turned[row * rank + i] as number
      }
    }
    applyQ(first, x)
    applyQ(second, y)
    for (let i = 0; i < n; i++) right[c * n + (first.order[i] as number)] = y[i] as number
  }
  return { left, values, right }
}

/**
 * Thin singular value decomposition of any matrix `[m, n]`, zero singular values with orthonormal vectors included.
 * The entry of largest magnitude of each column of u, the first among equals, is positive. `‖a − u diag(s) vᵀ‖` is
 * within a small multiple of max(m, n) roundoffs of ‖a‖. Where the columns of a tall or square (the rows of a wide)
 * matrix differ in scale only, small singular values have small relative errors too; those below 2⁻⁴⁰⁰ of the largest
 * are 0.
 *
 * @example
 * const [u, s, v] = [tensor([[0], [1]]), tensor([2]), tensor([[1]])]
 * svd(tensor([[0], [2]])) // => { _tag: 'Right', right: { u, s, v } }
 */
export const svd = (a: Tensor): E.Either<NotConverged, Svd> => {
  const [m, n] = a.shape as readonly [number, number]
  if (a.shape.length !== 2 || !isFloat(a))
    throw new Error(`svd: got ${a.dtype} ${showShape(a.shape)}; needs a float matrix [m, n]`)
  if (!a.data.every(Number.isFinite)) return E.left({ kind: 'not converged', reason: 'non-finite' })
  const scale = safeScale(a)
  const [long, k] = [Math.max(m, n), Math.min(m, n)]
  const columns = new Float64Array(m * n)
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) columns[m < n ? i * n + j : j * m + i] = scale * (a.data[i * n + j] as number)
  const triples = tallSvd(columns, long, k)
  if (triples === undefined) return E.left({ kind: 'not converged', reason: 'budget' })
  const [left, right] = m < n ? [triples.right, triples.left] : [triples.left, triples.right]
  const signs = Array.from({ length: k }, (_, c) => signOf(left, c * m, m))
  const side = (vectors: Float64Array, rows: number): Tensor => {
    const data = allocate(a.dtype, rows * k)
    for (let c = 0; c < k; c++)
      for (let i = 0; i < rows; i++) data[i * k + c] = (signs[c] as number) * (vectors[c * rows + i] as number)
    return { dtype: a.dtype, shape: [rows, k], data }
  }
  const values = allocate(a.dtype, k)
  for (let c = 0; c < k; c++) values[c] = (triples.values[c] as number) / scale
  return E.right({ u: side(left, m), s: { dtype: a.dtype, shape: [k], data: values }, v: side(right, n) })
}

/**
 * The Moore–Penrose inverse `[m, n] → [n, m]`; singular values up to max(m, n) machine epsilons of the largest count
 * as zeros.
 *
 * @example
 * pseudoInverse(tensor([[2, 0], [0, 0]])) // => { _tag: 'Right', right: tensor([[0.5, 0], [0, 0]]) }
 */
export const pseudoInverse = (a: Tensor): E.Either<NotConverged, Tensor> =>
  pipe(
    svd(a),
    E.map(({ u, s, v }) => {
      const k = s.data.length
      const least = Math.max(...a.shape) * 2 * unitRoundoff(a.dtype) * (s.data[0] ?? 0)
      const data = allocate(a.dtype, v.data.length)
      for (let i = 0; i < data.length; i++) {
        const length = s.data[i % k] as number
        data[i] = length > least ? (v.data[i] as number) / length : 0
      }
      return matmul({ ...v, data }, u, { transposeB: true })
    }),
  )
