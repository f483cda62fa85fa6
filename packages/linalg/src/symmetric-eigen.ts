import * as E from 'fp-ts/lib/Either.js'
import { innerProduct, makeReflection, reflect, rotate } from './reflection.ts'
import { showShape } from './shape.ts'
import { allocate, isFloat, type Tensor } from './tensor.ts'
import { maxAbs } from './vector.ts'

/** An iteration that found no answer: an entry is infinite or NaN, or its budget of steps ran out. */
export interface NotConverged {
  readonly kind: 'not converged'
  readonly reason: 'non-finite' | 'budget'
}

/** `a = vectors · diag(values) · vectorsᵀ`. */
export interface SymmetricEigen {
  /** In ascending order, `[n]`. */
  readonly values: Tensor
  /** Orthonormal columns, `[n, n]`. */
  readonly vectors: Tensor
}

/** A power of two that brings the largest entry near 1, so that squares neither overflow nor vanish. */
export const safeScale = (a: Tensor): number => {
  const top = maxAbs(a)
  return top === 0 ? 1 : 2 ** -Math.max(-1000, Math.min(1000, Math.floor(Math.log2(top))))
}

/** −1 where the entry of largest magnitude, the first among equals, is negative. */
export const signOf = (x: Float64Array, start: number, count: number): 1 | -1 => {
  let top = 0
  for (let k = 0; k < count; k++) if (Math.abs(x[start + k] as number) > Math.abs(top)) top = x[start + k] as number
  return top < 0 ? -1 : 1
}

/**
 * Tridiagonal T = Qᵀ A Q by reflections (Golub and Van Loan, algorithm 8.3.1). `a` is symmetric in full storage, which
 * keeps every loop on rows, and is overwritten; the rows of `basis` are the columns of Q.
 */
const tridiagonalize = (
  a: Float64Array,
  n: number,
): { readonly diagonal: Float64Array; readonly off: Float64Array; readonly basis: Float64Array } => {
  const [off, taus, w] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)]
  for (let k = 0; k + 1 < n; k++) {
    const v = k * n + k + 1
    const count = n - k - 1
    const [tau, beta] = makeReflection(a, v, count)
    taus[k] = tau
    off[k] = beta
    if (tau === 0) continue
    for (let i = 0; i < count; i++) w[i] = tau * innerProduct(a, (k + 1 + i) * n + k + 1, a, v, count)
    const half = (tau / 2) * innerProduct(w, 0, a, v, count)
    for (let i = 0; i < count; i++) w[i] = (w[i] as number) - half * (a[v + i] as number)
    for (let i = 0; i < count; i++) {
      const [vi, wi, row] = [a[v + i] as number, w[i] as number, (k + 1 + i) * n + k + 1]
      for (let j = 0; j < count; j++)
        a[row + j] = (a[row + j] as number) - (vi * (w[j] as number) + wi * (a[v + j] as number))
    }
  }
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * (n + 1)] as number)
  const basis = new Float64Array(n * n)
  for (let i = 0; i < n; i++) basis[i * (n + 1)] = 1
  for (let k = n - 2; k >= 0; k--)
    for (let i = k + 1; i < n; i++) reflect(a, k * n + k + 1, taus[k] as number, basis, i * n + k + 1, n - k - 1)
  return { diagonal, off, basis }
}

/**
 * Diagonalizes a tridiagonal matrix in place by implicit QR steps with Wilkinson's shift (Golub and Van Loan,
 * algorithms 8.3.2 and 8.3.3), and turns the rows of `basis` with it. False if 30 steps a value are not enough.
 */
const diagonalize = (d: Float64Array, e: Float64Array, basis: Float64Array, n: number): boolean => {
  const negligible = (i: number): boolean =>
    Math.abs(e[i] as number) <= 2 ** -53 * (Math.abs(d[i] as number) + Math.abs(d[i + 1] as number))
  let steps = 30 * n
  let high = n - 1
  while (high > 0) {
    if (negligible(high - 1)) {
      high--
      continue
    }
    if (steps-- === 0) return false
    let low = high - 1
    while (low > 0 && !negligible(low - 1)) low--
    const [last, coupling] = [d[high] as number, e[high - 1] as number]
    const half = ((d[high - 1] as number) - last) / 2
    const shift = last - coupling ** 2 / (half + (half < 0 ? -1 : 1) * Math.hypot(half, coupling))
    let [x, z] = [(d[low] as number) - shift, e[low] as number]
    for (let k = low; k < high; k++) {
      const r = x < 0 ? -Math.hypot(x, z) : Math.hypot(x, z)
      const [c, s] = r === 0 ? [1, 0] : [x / r, z / r]
      const [p, q, b] = [d[k] as number, d[k + 1] as number, e[k] as number]
      const change = s * (2 * c * b + s * (q - p))
      d[k] = p + change
      d[k + 1] = q - change
      e[k] = (c - s) * (c + s) * b + c * s * (q - p)
      if (k > low) e[k - 1] = r
      if (k + 1 < high) {
        x = e[k] as number
        z = s * (e[k + 1] as number)
        e[k + 1] = c * (e[k + 1] as number)
      }
      rotate(basis, k * n, (k + 1) * n, n, c, s)
    }
  }
  return true
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix `[n, n]`; only the lower triangle of a is read. The entry of
 * largest magnitude of each vector, the first among equals, is positive. `‖a − V Λ Vᵀ‖` and `‖a‖ ‖Vᵀ V − I‖` are within
 * a small multiple of n roundoffs of ‖a‖; float32 is computed in double and rounded once.
 *
 * @example
 * const [values, vectors] = [tensor([1, 2]), tensor([[0, 1], [1, 0]])]
 * symmetricEigen(tensor([[2, 0], [0, 1]])) // => { _tag: 'Right', right: { values, vectors } }
 */
export const symmetricEigen = (a: Tensor): E.Either<NotConverged, SymmetricEigen> => {
  const n = a.shape[0] as number
  if (a.shape.length !== 2 || a.shape[1] !== n || !isFloat(a))
    throw new Error(`symmetricEigen: got ${a.dtype} ${showShape(a.shape)}; needs a float matrix [n, n]`)
  const work = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) work[i * n + j] = work[j * n + i] = a.data[i * n + j] as number
  if (!work.every(Number.isFinite)) return E.left({ kind: 'not converged', reason: 'non-finite' })
  const scale = safeScale({ dtype: 'float64', shape: a.shape, data: work })
  for (let i = 0; i < work.length; i++) work[i] = (work[i] as number) * scale
  const { diagonal, off, basis } = tridiagonalize(work, n)
  if (!diagonalize(diagonal, off, basis, n)) return E.left({ kind: 'not converged', reason: 'budget' })
  const order = Array.from(diagonal.keys()).sort((i, j) => (diagonal[i] as number) - (diagonal[j] as number))
  const [values, vectors] = [allocate(a.dtype, n), allocate(a.dtype, n * n)]
  for (const [column, row] of order.entries()) {
    values[column] = (diagonal[row] as number) / scale
    const sign = signOf(basis, row * n, n)
    for (let i = 0; i < n; i++) vectors[i * n + column] = sign * (basis[row * n + i] as number)
  }
  return E.right({
    values: { dtype: a.dtype, shape: [n], data: values },
    vectors: { dtype: a.dtype, shape: [n, n], data: vectors },
  })
}
