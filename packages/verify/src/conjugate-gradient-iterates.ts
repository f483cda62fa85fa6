import { axpy, dot, matvec, neg, type Tensor } from '@secant/linalg'
import type { Point } from '@secant/optim'

/** The iterates of linear conjugate gradients on a quadratic with Hessian a, after the start (Hestenes and Stiefel). */
export const conjugateGradientIterates = (a: Tensor, { x, grad }: Point, count: number): readonly Tensor[] => {
  const iterates: Tensor[] = []
  let [at, r, p] = [x, grad, neg(grad)]
  for (let k = 0; k < count; k++) {
    const ap = matvec(a, p)
    const rr = dot(r, r)
    const alpha = rr / dot(p, ap)
    if (!Number.isFinite(alpha)) break
    at = axpy(alpha, p, at)
    r = axpy(alpha, ap, r)
    p = axpy(dot(r, r) / rr, p, neg(r))
    iterates.push(at)
  }
  return iterates
}
