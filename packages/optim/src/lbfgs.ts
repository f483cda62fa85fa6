import { add, dot, mul, neg, type Operand, safeDiv, sub, type Value } from '@secant/autodiff'
import { type LinearMap, scalar, selfAdjoint, zeros } from '@secant/linalg'
import type { Direction } from './direction.ts'
import { fittedScale } from './fitted-scale.ts'
import { hasCurvature, type InitialScale, unitLength } from './initial-scale.ts'

/**
 * The last m secant pairs, newest first, with `ρ = 1 / s'y`, and the diagonal γ of the matrix they correct: a number,
 * or one for each variable. Always m rows, so that the shapes never change; a row with ρ = 0 is inert. A pair without
 * curvature enters that way (the textbook would rather keep the oldest pair) and leaves γ as it was.
 */
export interface Pairs {
  readonly s: readonly Value[]
  readonly y: readonly Value[]
  readonly rho: readonly Value[]
  readonly gamma: Operand
}

/** Two-loop recursion: the inverse Hessian of the pairs times q, O(mn) (Nocedal and Wright, algorithm 7.4). */
const twoLoop = ({ s, y, rho, gamma }: Pairs, g: Value): Value => {
  const alpha: Value[] = []
  let q = g
  for (let i = 0; i < s.length; i++) {
    const a = mul(rho[i] as Value, dot(s[i] as Value, q))
    alpha.push(a)
    q = sub(q, mul(a, y[i] as Value))
  }
  let r = mul(gamma, q)
  for (let i = s.length - 1; i >= 0; i--) {
    const beta = mul(rho[i] as Value, dot(y[i] as Value, r))
    r = add(r, mul(sub(alpha[i] as Value, beta), s[i] as Value))
  }
  return r
}

/** The inverse Hessian approximation as a linear map; it is symmetric. */
export const inverseHessian = (pairs: Pairs): LinearMap<Value> => selfAdjoint((g) => twoLoop(pairs, g))

/**
 * L-BFGS: BFGS from `γ I` through the last `memory` pairs (Liu and Nocedal 1989), with `γ = s'y / y'y` of the newest
 * good pair (Nocedal and Wright, 7.20). From a diagonal D, given by `initialScale`, `γ D` with `γ = s'y / y'Dy`.
 */
export const lbfgs = ({
  memory = 10,
  initialScale = unitLength,
  tolerance = 1e-10,
}: {
  readonly memory?: number
  readonly initialScale?: InitialScale
  readonly tolerance?: number
} = {}): Direction<Pairs> => {
  if (!Number.isInteger(memory) || memory < 1) throw new Error(`lbfgs: got memory ${memory}; needs a whole number ≥ 1`)
  const push = (rows: readonly Value[], row: Value): readonly Value[] => [row, ...rows.slice(0, memory - 1)]
  return {
    name: `L-BFGS(${memory})`,
    init: (start) => {
      const rows = <A>(row: A): readonly A[] => Array.from({ length: memory }, () => row)
      const none = zeros(start.x.shape, start.x.dtype)
      return { s: rows(none), y: rows(none), rho: rows(scalar(0, start.x.dtype)), gamma: initialScale(start) }
    },
    propose: (pairs, at) => [neg(twoLoop(pairs, at.grad)), pairs],
    observe: (pairs, { from, to }) => {
      const [s, y] = [sub(to.x, from.x), sub(to.grad, from.grad)]
      const [ok, sy] = [hasCurvature(s, y, tolerance), dot(s, y)]
      return {
        s: push(pairs.s, s),
        y: push(pairs.y, y),
        rho: push(pairs.rho, safeDiv(1, sy, ok)),
        gamma: fittedScale(pairs.gamma, sy, y, ok),
      }
    },
  }
}
