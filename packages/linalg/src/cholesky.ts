import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { rounded, squareOrder } from './float-matrix.ts'
import type { Tensor, TypedArray } from './tensor.ts'
import { type Singular, solveTriangular } from './triangular.ts'
import { cholesky as kernel } from './wasm/kernels/cholesky.ts'
import { gemmWork } from './wasm/kernels/gemm.ts'
import { lazily } from './wasm/lazy.ts'

/** The leading block up to and with row `pivot` is not positive definite. */
export interface NotPositiveDefinite {
  readonly kind: 'not positive definite'
  readonly pivot: number
}

/** Row by row (Golub and Van Loan, section 4.2), into an array of zeros; the failing pivot or −1. */
const rowByRow = (a: TypedArray, n: number, l: Float64Array): number => {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let [even, odd] = [0, 0]
      let k = 0
      for (; k + 2 <= j; k += 2) {
        even += (l[i * n + k] as number) * (l[j * n + k] as number)
        odd += (l[i * n + k + 1] as number) * (l[j * n + k + 1] as number)
      }
      if (k < j) even += (l[i * n + k] as number) * (l[j * n + k] as number)
      const rest = (a[i * n + j] as number) - (even + odd)
      if (j < i) l[i * n + j] = rest / (l[j * n + j] as number)
      else if (rest > 0 && rest < Number.POSITIVE_INFINITY) l[i * n + i] = Math.sqrt(rest)
      else return i
    }
  }
  return -1
}

const kernelAlone = /* @__PURE__ */ lazily({ kernel })

/** In halves in WebAssembly; undefined where there is none. */
const inHalves = (a: TypedArray, n: number, l: Float64Array): number | undefined =>
  kernelAlone([8 * n * n, gemmWork(n, n, n)], ({ buffer, functions, places }) => {
    const [at, work] = places as [number, number]
    const matrix = new Float64Array(buffer, at, n * n)
    matrix.set(a)
    const pivot = functions['kernel']?.(n, at, n, work)
    l.set(matrix)
    return pivot
  })

/** From this order on, WebAssembly pays for its copies. */
const large = 64

/**
 * Lower triangular L with `L Lᵀ = a` for a symmetric positive definite `[n, n]`; only the lower triangle of a is
 * read. `|L Lᵀ − a| ≤ (n + 1) roundoffs of |L||Lᵀ|`, in whatever order the sums are taken (Higham, theorem 10.3).
 *
 * @example
 * cholesky(tensor([[1, 2], [2, 1]])) // => { _tag: 'Left', left: { kind: 'not positive definite', pivot: 1 } }
 */
export const cholesky = (a: Tensor): E.Either<NotPositiveDefinite, Tensor> => {
  const n = squareOrder('cholesky', a)
  const l = new Float64Array(n * n)
  const pivot = (n >= large ? inHalves(a.data, n, l) : undefined) ?? rowByRow(a.data, n, l)
  return pivot < 0 ? E.right(rounded(l, a.shape, a.dtype)) : E.left({ kind: 'not positive definite', pivot })
}

/** x with `L Lᵀ x = b`, from a Cholesky factor; b `[n]` or `[n, k]`. */
export const solveCholesky = (l: Tensor, b: Tensor): E.Either<Singular, Tensor> =>
  pipe(
    solveTriangular(l, b, { lower: true }),
    E.chain((y) => solveTriangular(l, y, { lower: true, transpose: true })),
  )
