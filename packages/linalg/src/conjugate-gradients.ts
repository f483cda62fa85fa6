import * as E from 'fp-ts/lib/Either.js'
import { map } from './elementwise.ts'
import { identityMap, type LinearMap } from './linear-map.ts'
import { sameShape, showShape } from './shape.ts'
import { isFloat, type Tensor, unitRoundoff, zeros } from './tensor.ts'
import { axpy, dot, norm } from './vector.ts'

/** Where an iteration stands. */
export interface CgSolution {
  readonly x: Tensor
  /** ‖b − A x‖, computed from x and not carried along. */
  readonly residual: number
  readonly iterations: number
}

/**
 * Why there is no solution, with the last x, which is the best one: each step lowers the energy ½ xᵀ A x − bᵀ x.
 * `direction` has curvature `directionᵀ · operator · direction ≤ 0`.
 */
export type CgFailure = CgSolution &
  (
    | {
        readonly kind: 'not positive definite'
        readonly operator: 'map' | 'preconditioner'
        readonly direction: Tensor
        readonly curvature: number
      }
    | { readonly kind: 'budget' }
    | { readonly kind: 'non-finite' }
  )

export interface CgOptions {
  /** The solution is accepted at ‖b − A x‖ ≤ tolerance ‖b‖. */
  readonly tolerance?: number
  /** Steps, by default 10 n. */
  readonly maxIterations?: number
  /** First x, by default 0. */
  readonly start?: Tensor
  /** A symmetric positive definite map near A⁻¹; by default none. */
  readonly preconditioner?: LinearMap<Tensor>
}

/**
 * x with A x = b for a symmetric positive definite map, b `[n]`, by preconditioned conjugate gradients (Nocedal and
 * Wright, algorithm 5.3). The residual that the recurrence carries drifts: where it is small enough, b − A x is computed,
 * and unless that is small enough too the method starts again from x. Only `apply` of the maps is called.
 *
 * @example
 * const indefinite = conjugateGradients(matrixMap(tensor([[1, 0], [0, -1]])), tensor([0, 1]))
 * indefinite._tag // => 'Left'
 */
export const conjugateGradients = (
  { apply }: LinearMap<Tensor>,
  b: Tensor,
  {
    tolerance = 1e-10,
    maxIterations = 10 * b.data.length,
    start = zeros(b.shape, b.dtype),
    preconditioner = identityMap(),
  }: CgOptions = {},
): E.Either<CgFailure, CgSolution> => {
  if (b.shape.length !== 1 || !isFloat(b) || !sameShape(start.shape, b.shape))
    throw new Error(
      `conjugateGradients: got ${b.dtype} ${showShape(b.shape)} from ${showShape(start.shape)}; needs floats [n] from [n]`,
    )
  const goal = tolerance * norm(b)
  let x = start
  let iterations = 0
  for (;;) {
    const misfit = axpy(-1, apply(x), b)
    const residual = norm(misfit)
    if (!Number.isFinite(residual)) return E.left({ kind: 'non-finite', x, residual, iterations })
    if (residual <= goal) return E.right({ x, residual, iterations })
    if (iterations >= maxIterations) return E.left({ kind: 'budget', x, residual, iterations })
    // Solved for a residual of length 1: squares of small numbers do not vanish.
    let r = map(misfit, (entry) => entry / residual)
    let z = preconditioner.apply(r)
    let p = z
    let rz = dot(r, z)
    const refusal = (operator: 'map' | 'preconditioner', direction: Tensor, curvature: number): CgFailure => {
      const stop: CgSolution = { x, residual: norm(axpy(-1, apply(x), b)), iterations }
      return Number.isFinite(curvature)
        ? { kind: 'not positive definite', ...stop, operator, direction, curvature }
        : { kind: 'non-finite', ...stop }
    }
    // Beyond a roundoff the recurrence has nothing to say about b − A x.
    while (iterations < maxIterations && norm(r) > Math.max(goal / residual, unitRoundoff(b.dtype))) {
      if (!(rz > 0 && rz < Number.POSITIVE_INFINITY)) return E.left(refusal('preconditioner', r, rz))
      const q = apply(p)
      const curvature = dot(p, q)
      if (!(curvature > 0 && curvature < Number.POSITIVE_INFINITY)) return E.left(refusal('map', p, curvature))
      const alpha = rz / curvature
      x = axpy(alpha * residual, p, x)
      r = axpy(-alpha, q, r)
      z = preconditioner.apply(r)
      const next = dot(r, z)
      p = axpy(next / rz, p, z)
      rz = next
      iterations++
    }
  }
}
