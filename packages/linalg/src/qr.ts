import { matrixSides, rounded } from './float-matrix.ts'
import { orthogonal, triangularize } from './householder.ts'
import type { Tensor } from './tensor.ts'

/** `a = q r`: orthonormal columns `[m, k]` and an upper triangle `[k, n]`, k = min(m, n). */
export interface Qr {
  readonly q: Tensor
  readonly r: Tensor
}

/**
 * `a = q r` of a matrix `[m, n]` of any rank, by Householder reflections. The diagonal of r is not negative, which makes
 * the two unique where a has full column rank. q is orthonormal to a few m roundoffs, whatever a is.
 *
 * @example
 * toNested(qr(tensor([[0, -2], [3, 4]])).r) // => [[3, 4], [0, 2]]
 */
export const qr = (a: Tensor): Qr => {
  const [m, n] = matrixSides('qr', a)
  const count = Math.min(m, n)
  const factors = triangularize(a.data, m, n)
  const r = factors.work.slice(0, count * n)
  for (let i = 1; i < count; i++) r.fill(0, i * n, i * (n + 1))
  return { q: rounded(orthogonal(factors, count), [m, count], a.dtype), r: rounded(r, [count, n], a.dtype) }
}
