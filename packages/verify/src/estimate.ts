/** Numbers that theorems need, where nobody knows them. */
import { axpy, dot, fromData, key, map, norm, normal, symmetricEigen, type Tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import type { StepView } from './step-view.ts'

/** Steps shorter than this, relative to where they happen, say more about rounding than about curvature. */
const shortest = 1e-7

/** Bounds of curvature that were seen: L from below, mu from above. */
export interface CurvatureBounds {
  readonly L: number
  readonly mu: number
}

/** Curvature constants as steps show them, of a function convex along them; nothing where no step tells. */
export const curvatureBounds = (steps: readonly StepView[]): CurvatureBounds | undefined => {
  let [L, mu] = [0, Number.POSITIVE_INFINITY]
  for (const { from, ss, sy, yy, settled } of steps) {
    if (settled || !(Math.sqrt(ss) > shortest * norm(from.x)) || !(yy > 0) || !Number.isFinite(yy)) continue
    // Where f is convex ‖y‖²/s'y ≤ L; where it is not, ‖y‖/‖s‖ ≤ L still is.
    L = Math.max(L, Math.sqrt(yy / ss), sy > 0 ? Math.min(yy / sy, Number.MAX_VALUE) : 0)
    mu = Math.min(mu, sy / ss)
  }
  return L > 0 ? { L, mu } : undefined
}

/** Ritz values at the ends of a spectrum: the true ends lie beyond them. */
export interface Extremes {
  readonly least: number
  readonly greatest: number
  /** Products with the matrix that it took. */
  readonly products: number
}

const scaled = (x: Tensor, factor: number): Tensor => map(x, (entry) => factor * entry)

/** The eigenvalues of a symmetric tridiagonal matrix. */
const ritzValues = (diagonal: readonly number[], off: readonly number[]): readonly number[] => {
  const m = diagonal.length
  const data = new Float64Array(m * m)
  for (let i = 0; i < m; i++) {
    data[i * m + i] = diagonal[i] as number
    if (i + 1 < m) {
      data[i * m + i + 1] = off[i] as number
      data[(i + 1) * m + i] = off[i] as number
    }
  }
  const decomposed = symmetricEigen(fromData(data, [m, m]))
  return E.isLeft(decomposed) ? [] : Array.from(decomposed.right.values.data)
}

/**
 * The ends of the spectrum of a symmetric linear map on `[n]`, by Lanczos with full reorthogonalisation from a random
 * start (Golub and Van Loan, section 10.3): at most `steps` products. Exact after n of them, up to rounding; before that
 * both ends are inside the spectrum. Nothing where a product is not finite.
 *
 * @example
 * const twice = (v: Tensor) => add(v, v)
 * extremeEigenvalues(twice, 3)?.greatest.toFixed(12) // => '2.000000000000'
 */
export const extremeEigenvalues = (
  apply: (v: Tensor) => Tensor,
  n: number,
  { steps = 40, seed = 0 }: { readonly steps?: number; readonly seed?: number } = {},
): Extremes | undefined => {
  const start = normal(key(seed), [n])
  const basis: Tensor[] = [scaled(start, 1 / norm(start))]
  const [diagonal, off]: [number[], number[]] = [[], []]
  for (let k = 0; k < Math.min(steps, n); k++) {
    const q = basis[k] as Tensor
    let r = apply(q)
    const size = norm(r)
    if (!Number.isFinite(size)) return undefined
    diagonal.push(dot(q, r))
    // Twice is enough: once leaves what cancellation left.
    for (let pass = 0; pass < 2; pass++) for (const other of basis) r = axpy(-dot(other, r), other, r)
    const length = norm(r)
    if (!(length > 1e-12 * size)) break
    off.push(length)
    basis.push(scaled(r, 1 / length))
  }
  const values = ritzValues(diagonal, off)
  const [least, greatest] = [values[0], values[values.length - 1]]
  return least === undefined || greatest === undefined ? undefined : { least, greatest, products: diagonal.length }
}
