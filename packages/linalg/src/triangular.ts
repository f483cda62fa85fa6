import * as E from 'fp-ts/lib/Either.js'
import { showShape } from './shape.ts'
import { allocate, isFloat, type Tensor } from './tensor.ts'

/** A triangular matrix with a zero (or NaN) on its diagonal, at row `pivot`. */
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

/**
 * x with `T x = b` (or `Tᵀ x = b`), T triangular `[n, n]`, b `[n]` or `[n, k]`; by substitution, each column of x
 * the exact solution for a matrix that differs from T by at most n roundoffs an entry.
 *
 * @example
 * const half = solveTriangular(tensor([[2]]), tensor([3]), { lower: true })
 * half // => { _tag: 'Right', right: tensor([1.5]) }
 */
export const solveTriangular = (
  t: Tensor,
  b: Tensor,
  { lower, transpose = false, unitDiagonal = false }: Triangle,
): E.Either<Singular, Tensor> => {
  const n = t.shape[0] as number
  if (
    t.shape.length !== 2 ||
    t.shape[1] !== n ||
    b.shape[0] !== n ||
    b.shape.length > 2 ||
    t.dtype !== b.dtype ||
    !isFloat(t)
  )
    throw new Error(
      `solveTriangular: got ${t.dtype} ${showShape(t.shape)} and ${b.dtype} ${showShape(b.shape)}; needs [n, n] and [n] or [n, k] of one float dtype`,
    )
  const columns = b.shape[1] ?? 1
  if (!unitDiagonal)
    for (let i = 0; i < n; i++) {
      const pivot = t.data[i * n + i] as number
      if (pivot === 0 || Number.isNaN(pivot)) return E.left({ kind: 'singular', pivot: i })
    }
  const x = Float64Array.from(b.data)
  const forward = lower !== transpose
  const [row, column] = transpose ? [1, n] : [n, 1]
  for (let step = 0; step < n; step++) {
    const i = forward ? step : n - 1 - step
    const [from, to] = forward ? [0, i] : [i + 1, n]
    for (let j = from; j < to; j++) {
      const factor = t.data[i * row + j * column] as number
      for (let c = 0; c < columns; c++)
        x[i * columns + c] = (x[i * columns + c] as number) - factor * (x[j * columns + c] as number)
    }
    if (unitDiagonal) continue
    const pivot = t.data[i * n + i] as number
    for (let c = 0; c < columns; c++) x[i * columns + c] = (x[i * columns + c] as number) / pivot
  }
  const data = allocate(b.dtype, x.length)
  data.set(x)
  return E.right({ dtype: b.dtype, shape: b.shape, data })
}
