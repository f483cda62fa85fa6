import { concatenate, dot, mul, sin, slice, sub, type Value } from '@secant/autodiff'
import { map } from '@secant/linalg'
import { pipe } from 'fp-ts/lib/function.js'
import * as S from 'fp-ts/lib/State.js'
import type { Family } from '../family.ts'
import { checkCount, normals, uniforms } from './draws.ts'

/** What bends each variable by the one before it, `[n − 1]`; weights of the residuals and the minimizer, `[n]`. */
export interface BentBowl {
  readonly bends: Value
  readonly weights: Value
  readonly minimizer: Value
}

const frequency = 3

/**
 * Non-convex sums of squares `½ Σ wᵢ rᵢ²` of residuals that bend along a chain, as in Rosenbrock's function:
 * `rᵢ = zᵢ − (bᵢ/3) sin 3zᵢ₋₁` with `z = x − x̂`, x̂ normal, bᵢ uniform in [−bend, bend) and weights from 1 to `spread`, evenly in the
 * logarithm.
 *
 * The residuals have a triangular Jacobian `J` with ones on the diagonal and |bᵢ| beside them, so x̂ with minimum 0 is the
 * only stationary point, and for bend < 1 `‖g‖² ≥ 2 (1 − bend)² f`, Polyak and Łojasiewicz's inequality: a method with a guard
 * of sufficient decrease converges linearly to x̂ from anywhere (chained Rosenbrock functions have further minima instead).
 *
 * @example
 * const { objective, data } = instanceOf(bentFamily({ n: 4 }), key(0))
 * item(objective(data.minimizer)) // => 0
 */
export const bentFamily = ({
  n,
  bend = 0.9,
  spread = 10,
}: {
  readonly n: number
  readonly bend?: number
  readonly spread?: number
}): Family<BentBowl> => {
  checkCount('bentFamily', n, 2)
  if (!(0 < bend && bend < 1)) throw new Error(`bentFamily: got bend = ${bend}; needs 0 < bend < 1`)
  if (!(spread >= 1 && spread < Number.POSITIVE_INFINITY))
    throw new Error(`bentFamily: got spread = ${spread}; needs a number ≥ 1`)
  return {
    name: `bent squares ${n}`,
    n,
    sample: pipe(
      uniforms([n - 1]),
      S.bindTo('bends'),
      S.bind('powers', () => uniforms([n])),
      S.bind('minimizer', () => normals([n])),
      S.map(({ bends, powers, minimizer }) => ({
        bends: map(bends, (u) => bend * (2 * u - 1)),
        weights: map(powers, (u) => spread ** u),
        minimizer,
      })),
    ),
    start: normals([n]),
    objective: ({ bends, weights, minimizer }, x) => {
      const z = sub(x, minimizer)
      const bent = mul(bends, mul(1 / frequency, sin(mul(frequency, slice(z, [0], [n - 1])))))
      const residuals = concatenate([slice(z, [0], [1]), sub(slice(z, [1], [n]), bent)])
      return mul(0.5, dot(weights, mul(residuals, residuals)))
    },
  }
}
