/** Orthogonal triangularization in double (Golub and Van Loan, sections 5.1, 5.2 and 5.4). */
import type { TypedArray } from './tensor.ts'

/** `A P = Q R` with Q kept as reflections `I − β v vᵀ`. */
export interface Triangularized {
  readonly rows: number
  readonly columns: number
  /** `[rows, columns]`: R on and above the diagonal, which is not negative; the vectors v below, one a column. */
  readonly work: Float64Array
  /** The entry of each v that would stand on the diagonal. */
  readonly heads: Float64Array
  /** β of each reflection; 0 where nothing was reflected. */
  readonly betas: Float64Array
  /** Column j of A P is column `order[j]` of A. */
  readonly order: Int32Array
}

/** B ← (I − β v vᵀ) B for the k-th reflection, on the columns from `first` on of rows `width` wide. */
const reflect = (
  { rows, columns, work, heads, betas }: Triangularized,
  k: number,
  b: Float64Array,
  width: number,
  first: number,
  sums: Float64Array,
): void => {
  const beta = betas[k] as number
  if (beta === 0) return
  sums.fill(0)
  for (let i = k; i < rows; i++) {
    const factor = (i === k ? heads[k] : work[i * columns + k]) as number
    for (let j = first, at = i * width + first; j < width; j++, at++)
      sums[j] = (sums[j] as number) + factor * (b[at] as number)
  }
  for (let i = k; i < rows; i++) {
    const factor = beta * ((i === k ? heads[k] : work[i * columns + k]) as number)
    for (let j = first, at = i * width + first; j < width; j++, at++)
      b[at] = (b[at] as number) - factor * (sums[j] as number)
  }
}

/** A power of two that brings a number near to 1, without rounding. */
const towardOne = (x: number): number => 2 ** -Math.max(-1000, Math.min(1000, Math.round(Math.log2(x))))

/**
 * Replaces column k, from the diagonal down, by its length and the vector whose reflection leaves just that. Both are
 * computed near 1, where no square overflows, and v stays there.
 */
const foldColumn = ({ rows, columns, work, heads, betas }: Triangularized, k: number): void => {
  const diagonal = k * (columns + 1)
  let top = 0
  for (let i = k; i < rows; i++) top = Math.max(top, Math.abs(work[i * columns + k] as number))
  if (top === 0) {
    work[diagonal] = 0
    return
  }
  const unit = towardOne(top)
  const alpha = (work[diagonal] as number) * unit
  let squares = 0
  for (let i = k + 1; i < rows; i++) squares += ((work[i * columns + k] as number) * unit) ** 2
  // Too small to be summed accurately, and far too small to matter.
  if (squares < 1e-280) squares = 0
  const length = Math.sqrt(alpha * alpha + squares)
  // alpha − length, without cancellation.
  const head = alpha <= 0 ? alpha - length : -squares / (alpha + length)
  const size = Math.sqrt(head * head + squares)
  const scale = size === 0 ? 0 : towardOne(size)
  for (let i = k + 1; i < rows; i++)
    work[i * columns + k] = squares === 0 ? 0 : (work[i * columns + k] as number) * unit * scale
  work[diagonal] = length / unit
  heads[k] = head * scale
  betas[k] = size === 0 ? 0 : 2 / ((head * scale) ** 2 + squares * scale * scale)
}

/** Exchanges column k for the longest, from row k down, of those not yet folded. */
const bringLongest = (
  { rows, columns, work, order }: Triangularized,
  k: number,
  unit: number,
  squares: Float64Array,
): void => {
  squares.fill(0)
  for (let i = k; i < rows; i++)
    for (let j = k; j < columns; j++)
      squares[j] = (squares[j] as number) + ((work[i * columns + j] as number) * unit) ** 2
  let longest = k
  for (let j = k + 1; j < columns; j++) if ((squares[j] as number) > (squares[longest] as number)) longest = j
  if (longest === k) return
  ;[order[k], order[longest]] = [order[longest] as number, order[k] as number]
  for (let p = k, q = longest; p < work.length; p += columns, q += columns)
    [work[p], work[q]] = [work[q] as number, work[p] as number]
}

/**
 * Triangularizes a matrix `[rows, columns]`. With `pivoting` the columns are taken by length: then the diagonal of R
 * does not increase, and no entry to its right exceeds it.
 */
export const triangularize = (
  a: TypedArray,
  rows: number,
  columns: number,
  { pivoting = false }: { readonly pivoting?: boolean } = {},
): Triangularized => {
  const work = Float64Array.from(a)
  const count = Math.min(rows, columns)
  const order = Int32Array.from({ length: columns }, (_, j) => j)
  const [heads, betas] = [new Float64Array(count), new Float64Array(count)]
  const result: Triangularized = { rows, columns, work, heads, betas, order }
  const sums = new Float64Array(columns)
  let top = 0
  for (const entry of work) top = Math.max(top, Math.abs(entry))
  for (let k = 0; k < count; k++) {
    if (pivoting) bringLongest(result, k, towardOne(top), sums)
    foldColumn(result, k)
    reflect(result, k, work, columns, k + 1, sums)
  }
  return result
}

/** B ← Qᵀ B, for B `[rows, width]`. */
export const applyTransposed = (factors: Triangularized, b: Float64Array, width: number): void => {
  const sums = new Float64Array(width)
  for (let k = 0; k < factors.heads.length; k++) reflect(factors, k, b, width, 0, sums)
}

/** B ← Q B, for B `[rows, width]`. */
export const applyOrthogonal = (factors: Triangularized, b: Float64Array, width: number): void => {
  const sums = new Float64Array(width)
  for (let k = factors.heads.length - 1; k >= 0; k--) reflect(factors, k, b, width, 0, sums)
}

/** The first `width` columns of Q, `[rows, width]`. */
export const orthogonal = (factors: Triangularized, width: number): Float64Array => {
  const q = new Float64Array(factors.rows * width)
  for (let i = 0; i < width; i++) q[i * (width + 1)] = 1
  const sums = new Float64Array(width)
  // Columns before the k-th are still those of the identity, whose entries lie above row k.
  for (let k = factors.heads.length - 1; k >= 0; k--) reflect(factors, k, q, width, Math.min(k, width), sums)
  return q
}
