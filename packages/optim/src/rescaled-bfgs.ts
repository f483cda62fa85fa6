import { dot, logicalAnd, logicalNot, matmul, mul, neg, safeDiv, type Value } from '@secant/autodiff'
import { scalar } from '@secant/linalg'
import type { Direction } from './direction.ts'
import { hasCurvature, unitLength } from './initial-scale.ts'
import { bfgsUpdate } from './inverse-update.ts'
import { firstInverse, pairOf, type QuasiNewton } from './quasi-newton.ts'

/** An inverse Hessian, and whether no pair has entered it yet (bool). */
export interface Rescaled {
  readonly inverse: Value
  readonly isFirst: Value
}

/**
 * BFGS whose first matrix is rescaled once, before the first pair enters it: `H ← (s'y / y'Hy) H`, which makes it fit the
 * curvature along y; `(s'y / y'y) I` from a multiple of the identity (Nocedal and Wright, 6.20).
 */
export const rescaledBfgs = ({
  initialScale = unitLength,
  tolerance = 1e-10,
}: QuasiNewton = {}): Direction<Rescaled> => ({
  name: 'BFGS, rescaled',
  init: (start) => ({ inverse: firstInverse(initialScale, start), isFirst: scalar(1, 'bool') }),
  propose: (memory, at) => [neg(matmul(memory.inverse, at.grad)), memory],
  observe: ({ inverse, isFirst }, taken) => {
    const [s, y] = pairOf(taken)
    const ok = hasCurvature(s, y, tolerance)
    const factor = safeDiv(dot(s, y), dot(y, matmul(inverse, y)), logicalAnd(ok, isFirst), 1)
    return { inverse: bfgsUpdate(mul(factor, inverse), s, y, tolerance), isFirst: logicalAnd(isFirst, logicalNot(ok)) }
  },
})
