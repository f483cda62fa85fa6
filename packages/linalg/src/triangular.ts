import * as E from 'fp-ts/lib/Either.js'
import { rightHandSides, rounded, squareOrder } from './float-matrix.ts'
import type { Tensor, TypedArray } from './tensor.ts'
import { gemmWork } from './wasm/kernels/gemm.ts'
import { trsm } from './wasm/kernels/triangular.ts'
import { lazily } from './wasm/lazy.ts'

/** Nothing to divide by: the pivot at row `pivot`, counted from 0, is zero or NaN (or infinite, after elimination). */
export interface Singular {
  readonly kind: 'singular'
  readonly pivot: number
}

/** Which triangle is read, and how. */
export interface Triangle {
  readonly lower: boolean
  readonly transpose?: boolean
  /** The diagonal is taken to be ones and not read. */
  readonly unitDiagonal?: boolean
}

/** Rows of T are read from left to right: by sums where T is as stored, by updates of what is still unsolved where transposed. */
const rowByRow = (
  t: TypedArray,
  n: number,
  x: Float64Array,
  columns: number,
  { lower, transpose = false, unitDiagonal = false }: Triangle,
): void => {
  const forward = lower !== transpose
  for (let step = 0; step < n; step++) {
    const i = forward ? step : n - 1 - step
    const [from, to] = lower ? [0, i] : [i + 1, n]
    if (!transpose)
      for (let j = from; j < to; j++) subtractRow(x, i * columns, t[i * n + j] as number, j * columns, columns)
    if (!unitDiagonal) {
      const pivot = t[i * n + i] as number
      for (let at = i * columns; at < (i + 1) * columns; at++) x[at] = (x[at] as number) / pivot
    }
    if (transpose)
      for (let j = from; j < to; j++) subtractRow(x, j * columns, t[i * n + j] as number, i * columns, columns)
  }
}

const subtractRow = (x: Float64Array, to: number, factor: number, from: number, count: number): void => {
  for (let c = 0; c < count; c++) x[to + c] = (x[to + c] as number) - factor * (x[from + c] as number)
}

const kernelAlone = /* @__PURE__ */ lazily({ trsm })

/** In halves in WebAssembly; false where there is none. */
const inHalves: (...args: Parameters<typeof rowByRow>) => boolean = (t, n, x, columns, triangle) => {
  const { lower, transpose = false, unitDiagonal = false } = triangle
  const done = kernelAlone([8 * n * n, 8 * x.length, gemmWork(n, columns, n)], ({ buffer, functions, places }) => {
    const [pt, px, work] = places as [number, number, number]
    const solution = new Float64Array(buffer, px, x.length)
    new Float64Array(buffer, pt, n * n).set(t)
    solution.set(x)
    const [row, column] = transpose ? [1, n] : [n, 1]
    functions['trsm']?.(
      n,
      columns,
      pt,
      row,
      column,
      Number(lower !== transpose),
      Number(unitDiagonal),
      px,
      columns,
      work,
    )
    x.set(solution)
    return true
  })
  return done ?? false
}

/** From this order and so many right-hand sides on, WebAssembly pays for its copies. */
const [large, several] = [64, 8]

/** Overwrites x `[n, columns]` with the solution of `T y = x`, or of `Tᵀ y = x`, T being n rows of n. */
export const substitute: (...args: Parameters<typeof rowByRow>) => void = (t, n, x, columns, triangle) => {
  if (n < large || columns < several || !inHalves(t, n, x, columns, triangle)) rowByRow(t, n, x, columns, triangle)
}

/**
 * x with `T x = b` (or `Tᵀ x = b`), T triangular `[n, n]`, b `[n]` or `[n, k]`; by substitution, each column of x
 * the exact solution for a matrix that differs from T by at most n roundoffs an entry.
 *
 * @example
 * const half = solveTriangular(tensor([[2]]), tensor([3]), { lower: true })
 * half // => { _tag: 'Right', right: tensor([1.5]) }
 */
export const solveTriangular = (t: Tensor, b: Tensor, triangle: Triangle): E.Either<Singular, Tensor> => {
  const n = squareOrder('solveTriangular', t)
  const columns = rightHandSides('solveTriangular', t, b)
  if (!triangle.unitDiagonal)
    for (let i = 0; i < n; i++) {
      const pivot = t.data[i * n + i] as number
      if (pivot === 0 || Number.isNaN(pivot)) return E.left({ kind: 'singular', pivot: i })
    }
  const x = Float64Array.from(b.data)
  substitute(t.data, n, x, columns, triangle)
  return E.right(rounded(x, b.shape, b.dtype))
}
