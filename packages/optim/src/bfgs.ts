import { add, dot, matmul, mul, neg, outer, safeDiv, sub, type Value, where } from '@secant/autodiff'
import { eye } from '@secant/linalg'
import type { Direction } from './direction.ts'
import { hasCurvature, type InitialScale, unitLength } from './initial-scale.ts'

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

/**
 * BFGS with the inverse Hessian `[n, n]` as its memory: n² numbers and about 8 n² operations a step.
 */
export const bfgs = ({
  initialScale = unitLength,
  tolerance = 1e-10,
}: {
  readonly initialScale?: InitialScale
  readonly tolerance?: number
} = {}): Direction<Value> => ({
  name: 'BFGS',
  init: (start) => mul(initialScale(start), eye(start.x.shape[0] as number, start.x.dtype)),
  propose: (h, at) => [neg(matmul(h, at.grad)), h],
  observe: (h, { from, to }) => bfgsUpdate(h, sub(to.x, from.x), sub(to.grad, from.grad), tolerance),
})
