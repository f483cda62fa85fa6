import {
  add,
  dot,
  greater,
  logicalAnd,
  matmul,
  mul,
  norm,
  outer,
  safeDiv,
  sub,
  type Value,
  where,
} from '@secant/autodiff'
import { hasCurvature } from './initial-scale.ts'

/**
 * The next inverse Hessian from the present one, `[n, n]`, and a step s with its change of gradient y: `H⁺ y = s`. A pair
 * without curvature leaves H as it is.
 */
export type InverseUpdate = (h: Value, s: Value, y: Value) => Value

/**
 * Update of the inverse Hessian H so that `H⁺ y = s` (Nocedal and Wright, 6.17), written as the symmetric rank-two
 * correction `s w' + w s'` with `w = ½ρ(1 + ρ y'Hy) s − ρ Hy`. A pair without curvature leaves H as it is.
 */
export const bfgsUpdate = (h: Value, s: Value, y: Value, tolerance = 1e-10): Value => {
  const ok = hasCurvature(s, y, tolerance)
  const rho = safeDiv(1, dot(s, y), ok)
  const hy = matmul(h, y)
  const w = sub(mul(mul(0.5, mul(rho, add(1, mul(rho, dot(y, hy))))), s), mul(rho, hy))
  return where(ok, add(h, add(outer(s, w), outer(w, s))), h)
}

/** Davidon, Fletcher and Powell: `H − H y y'H / y'Hy + s s' / s'y` (6.15). A pair without curvature leaves H as it is. */
export const dfpUpdate = (h: Value, s: Value, y: Value, tolerance = 1e-10): Value => {
  const ok = hasCurvature(s, y, tolerance)
  const hy = matmul(h, y)
  const gain = mul(safeDiv(1, dot(s, y), ok), outer(s, s))
  const loss = mul(safeDiv(1, dot(y, hy), ok), outer(hy, hy))
  return where(ok, add(sub(h, loss), gain), h)
}

/**
 * Symmetric rank one, `H + u u' / u'y` with `u = s − H y` (6.25), where it surely leaves H positive definite,
 * `u'y > threshold ‖u‖ ‖y‖`; the BFGS update otherwise.
 */
export const sr1Update = (h: Value, s: Value, y: Value, threshold = 1e-8, tolerance = 1e-10): Value => {
  const u = sub(s, matmul(h, y))
  const isSafe = logicalAnd(hasCurvature(s, y, tolerance), greater(dot(u, y), mul(threshold, mul(norm(u), norm(y)))))
  return where(isSafe, add(h, mul(safeDiv(1, dot(u, y), isSafe), outer(u, u))), bfgsUpdate(h, s, y, tolerance))
}
