import { div, matmul, mul, sqrt, square, sub, sum, type Value } from '@secant/autodiff'
import { eye } from '@secant/linalg'

/**
 * `A^(−1/p)` of a symmetric positive definite matrix `[n, n]` by the coupled Newton iteration `T = ((p + 1) I − M) / p`,
 * `X₊ = X T`, `M₊ = Tᵖ M` (Iannazzo 2006; Guo and Higham 2006), in matrix products only. Begun at
 * `M = A (p + 1) / (2 ‖A‖)` every eigenvalue of M grows to 1: a small one at first by more than the factor 2.2 each
 * time, then quadratically. 32 iterations reach condition numbers of 10⁹ and still stop before the rounding errors of
 * eigenvalues that are nearly zero could grow to matter; what lies below is treated as if it were larger.
 */
export const inverseRoot = (a: Value, p: 2 | 4, iterations: number): Value => {
  const identity = eye(a.shape[0] as number, a.dtype)
  const scale = div((p + 1) / 2, sqrt(sum(square(a))))
  let m = mul(scale, a)
  let x = mul(p === 2 ? sqrt(scale) : sqrt(sqrt(scale)), identity)
  for (let k = 0; k < iterations; k++) {
    const t = div(sub(mul(p + 1, identity), m), p)
    const t2 = matmul(t, t)
    x = matmul(x, t)
    m = matmul(p === 2 ? t2 : matmul(t2, t2), m)
  }
  return x
}
