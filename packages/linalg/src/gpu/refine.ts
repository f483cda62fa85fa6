import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { type NotPositiveDefinite, solveCholesky } from '../cholesky.ts'
import { add, sub } from '../elementwise.ts'
import { rightHandSides } from '../float-matrix.ts'
import { solveLu } from '../lu.ts'
import { matmul } from '../matmul.ts'
import { fromData, type Tensor } from '../tensor.ts'
import type { Singular } from '../triangular.ts'
import { maxAbs } from '../vector.ts'
import type { DeviceError } from './device.ts'
import { cholesky, lu } from './factorize.ts'
import type { Scope } from './scope.ts'

/** A solution and how well it fits: `‖b − a x‖ / (‖a‖ ‖x‖ + ‖b‖)`, in the largest row sums and entries. */
export interface Refined {
  readonly x: Tensor
  readonly steps: number
  readonly backwardError: number
}

const rowSumNorm = (a: Tensor): number => {
  const n = a.shape[1] as number
  let most = 0
  for (let i = 0; i < a.data.length; i += n) {
    let sum = 0
    for (let j = 0; j < n; j++) sum += Math.abs(a.data[i + j] as number)
    most = Math.max(most, sum)
  }
  return most
}

/** Iterative refinement with residuals in float64 (Higham, chapter 12), until the backward error stops halving. */
export const refined = (a: Tensor, b: Tensor, solve: (residual: Tensor) => Tensor, maxSteps = 20): Refined => {
  const n = rightHandSides('solve', a, b)
  const asMatrix = (t: Tensor): Tensor => ({ ...t, shape: [a.shape[0] as number, n] })
  const [size, right] = [rowSumNorm(a), asMatrix(b)]
  const errorOf = (x: Tensor, r: Tensor): number => maxAbs(r) / (size * maxAbs(x) + maxAbs(b) || 1)
  let x = asMatrix(solve(right))
  let residual = sub(right, matmul(a, x))
  let backwardError = errorOf(x, residual)
  let steps = 0
  while (steps < maxSteps && backwardError > 2 ** -53) {
    const next = add(x, asMatrix(solve(residual)))
    const left = sub(right, matmul(a, next))
    const error = errorOf(next, left)
    if (!(error <= backwardError / 2)) break
    ;[x, residual, backwardError] = [next, left, error]
    steps++
  }
  return { x: fromData(x.data, b.shape), steps, backwardError }
}

/** x with `a x = b` by LU on the device, refined on the host: as accurate as in float64 where a is not too close to singular. */
export const solve =
  (scope: Scope, a: Tensor, b: Tensor): TaskEither<DeviceError | Singular, Refined> =>
  async () =>
    E.map((factors: Parameters<typeof solveLu>[0]) => refined(a, b, (r) => solveLu(factors, r)))(await lu(scope, a)())

/** The same by Cholesky, for symmetric positive definite a; only its lower triangle is factorized. */
export const solvePositive =
  (scope: Scope, a: Tensor, b: Tensor): TaskEither<DeviceError | NotPositiveDefinite, Refined> =>
  async () => {
    const factor = await cholesky(scope, a)()
    if (E.isLeft(factor)) return factor
    // Its diagonal is positive, so that it can be solved with.
    const by = (r: Tensor): Tensor => E.getOrElse(() => r)(solveCholesky(factor.right, r))
    return E.right(refined(a, b, by))
  }
