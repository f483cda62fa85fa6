import * as E from 'fp-ts/lib/Either.js'
import { rightHandSides, rounded, squareOrder } from './float-matrix.ts'
import type { Tensor, TypedArray } from './tensor.ts'
import { type Singular, substitute } from './triangular.ts'
import { gemmWork } from './wasm/kernels/gemm.ts'
import { lu as kernel } from './wasm/kernels/lu.ts'
import { lazily } from './wasm/lazy.ts'

/** `P a = L U`: what elimination with partial pivoting leaves. */
export interface Lu {
  /** `[n, n]`: L below the diagonal, its own diagonal being ones; U on and above. */
  readonly factors: Tensor
  /** int32 `[n]`: row i of P a is row `permutation[i]` of a. */
  readonly permutation: Tensor
  /** det P. */
  readonly sign: 1 | -1
}

/** Elimination in double, carried through also where a pivot is zero. */
export interface Elimination {
  readonly factors: Float64Array
  readonly order: Int32Array
  readonly sign: 1 | -1
}

/** The row at or below k with the largest entry in column k; a NaN counts as the largest, so that it is found. */
const pivotRow = (a: Float64Array, n: number, k: number): number => {
  let [row, top] = [k, Math.abs(a[k * n + k] as number)]
  for (let i = k + 1; i < n; i++) {
    const size = Math.abs(a[i * n + k] as number)
    if (size > top || Number.isNaN(size)) [row, top] = [i, size]
  }
  return row
}

const swapRows = (a: Float64Array, n: number, i: number, j: number): void => {
  const row = a.slice(i * n, (i + 1) * n)
  a.copyWithin(i * n, j * n, (j + 1) * n)
  a.set(row, j * n)
}

/** Row by row (Golub and Van Loan, section 3.4). */
const rowByRow = (a: TypedArray, n: number): Elimination => {
  const factors = Float64Array.from(a)
  const order = Int32Array.from({ length: n }, (_, i) => i)
  let sign: 1 | -1 = 1
  for (let k = 0; k < n; k++) {
    const row = pivotRow(factors, n, k)
    if (row !== k) {
      swapRows(factors, n, row, k)
      ;[order[k], order[row]] = [order[row] as number, order[k] as number]
      sign = sign === 1 ? -1 : 1
    }
    const pivot = factors[k * n + k] as number
    if (pivot === 0) continue // a column of zeros is eliminated already
    for (let i = k + 1; i < n; i++) {
      const factor = (factors[i * n + k] as number) / pivot
      factors[i * n + k] = factor
      for (let p = i * n + k + 1, q = k * n + k + 1; q < (k + 1) * n; p++, q++)
        factors[p] = (factors[p] as number) - factor * (factors[q] as number)
    }
  }
  return { factors, order, sign }
}

const kernelAlone = /* @__PURE__ */ lazily({ kernel })

/** In halves in WebAssembly; undefined where there is none. */
const inHalves = (a: TypedArray, n: number): Elimination | undefined =>
  kernelAlone([8 * n * n, 4 * n, gemmWork(n, n, n)], ({ buffer, functions, places }) => {
    const [at, order, work] = places as [number, number, number]
    const matrix = new Float64Array(buffer, at, n * n)
    matrix.set(a)
    const swaps = functions['kernel']?.(n, at, n, order, work) as number
    return { factors: matrix.slice(), order: new Int32Array(buffer, order, n).slice(), sign: swaps % 2 === 0 ? 1 : -1 }
  })

/** From this order on, WebAssembly pays for its copies. */
const large = 64

/** Gaussian elimination with partial pivoting. */
export const eliminate = (a: TypedArray, n: number): Elimination =>
  (n >= large ? inHalves(a, n) : undefined) ?? rowByRow(a, n)

/** The first entry on the diagonal that cannot be divided by, or −1. */
export const failingPivot = (factors: TypedArray, n: number): number => {
  for (let i = 0; i < n; i++) {
    const size = Math.abs(factors[i * (n + 1)] as number)
    if (!(size > 0 && size < Number.POSITIVE_INFINITY)) return i
  }
  return -1
}

/** x with `A x = b` (or `Aᵀ x = b`) from the factors of A, for b `[n, columns]` in double. */
export const solveEliminated = (
  factors: TypedArray,
  order: TypedArray,
  b: TypedArray,
  columns: number,
  transpose: boolean,
): Float64Array => {
  const n = order.length
  const [l, u] = [{ lower: true, unitDiagonal: true, transpose } as const, { lower: false, transpose } as const]
  const x = new Float64Array(b.length)
  const permute = (from: TypedArray, to: Float64Array, inverse: boolean): void => {
    for (let i = 0; i < n; i++) {
      const other = order[i] as number
      const [p, q] = inverse ? [i, other] : [other, i]
      for (let c = 0; c < columns; c++) to[q * columns + c] = from[p * columns + c] as number
    }
  }
  if (!transpose) {
    permute(b, x, false)
    substitute(factors, n, x, columns, l)
    substitute(factors, n, x, columns, u)
    return x
  }
  const y = Float64Array.from(b)
  substitute(factors, n, y, columns, u)
  substitute(factors, n, y, columns, l)
  permute(y, x, true)
  return x
}

/**
 * `P a = L U` of a matrix `[n, n]` by elimination with partial pivoting: no entry of L exceeds 1, and
 * `|L U − P a| ≤ n roundoffs of |L||U|` (Higham, theorem 9.3). Fails (Left) at the first pivot that is zero or not
 * finite.
 *
 * @example
 * const factorized = lu(tensor([[0, 2], [3, 4]]))
 * factorized // => { _tag: 'Right', right: { factors: tensor([[3, 4], [0, 2]]), permutation: tensor([1, 0], 'int32'), sign: -1 } }
 */
export const lu = (a: Tensor): E.Either<Singular, Lu> => {
  const n = squareOrder('lu', a)
  const { factors, order, sign } = eliminate(a.data, n)
  const kept = rounded(factors, a.shape, a.dtype)
  // Judged as it is handed out: a pivot may become zero when it is rounded to float32.
  const pivot = failingPivot(kept.data, n)
  if (pivot >= 0) return E.left({ kind: 'singular', pivot })
  return E.right({ factors: kept, permutation: { dtype: 'int32', shape: [n], data: order }, sign })
}

/** x with `A x = b` (or `Aᵀ x = b`) from the factors of A; b `[n]` or `[n, k]`. */
export const solveLu = (
  { factors, permutation }: Pick<Lu, 'factors' | 'permutation'>,
  b: Tensor,
  { transpose = false }: { readonly transpose?: boolean } = {},
): Tensor => {
  const columns = rightHandSides('solveLu', factors, b)
  const x = solveEliminated(factors.data, permutation.data, b.data, columns, transpose)
  return rounded(x, b.shape, b.dtype)
}
