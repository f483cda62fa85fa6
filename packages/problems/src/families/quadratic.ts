import { dot, matmul, mul, sub, type Value } from '@secant/autodiff'
import { broadcast, fromData, matmul as product, qr, type Tensor, mul as times } from '@secant/linalg'
import { pipe } from 'fp-ts/lib/function.js'
import * as S from 'fp-ts/lib/State.js'
import type { Family } from '../family.ts'
import { checkCount, normals, uniforms } from './draws.ts'

/** A symmetric matrix `[n, n]` and the minimizer `[n]`. */
export interface Bowl {
  readonly matrix: Value
  readonly minimizer: Value
}

/** 1, numbers evenly spread in the logarithm between 1 and κ, and κ. */
const spectrumFrom = (fractions: Tensor, condition: number): Tensor =>
  fromData(
    fractions.data.map((u, i) => condition ** (i === 0 ? 0 : i === fractions.data.length - 1 ? 1 : u)),
    fractions.shape,
  )

/**
 * Quadratics `½ (x − x̂)' A (x − x̂)` with x̂ normal and `A = Q Λ Q'`, Q a random rotation or reflection (uniform, from the QR of
 * normal numbers: Stewart 1980) and Λ from 1 to the condition number, both of them taken; n ≥ 2. The minimum is 0 at x̂.
 *
 * @example
 * const { objective, data } = instanceOf(quadraticFamily({ n: 4, condition: 100 }), key(0))
 * item(objective(data.minimizer)) // => 0
 */
export const quadraticFamily = ({ n, condition }: { readonly n: number; readonly condition: number }): Family<Bowl> => {
  checkCount('quadraticFamily', n, 2)
  if (!(condition >= 1 && condition < Number.POSITIVE_INFINITY))
    throw new Error(`quadraticFamily: got condition = ${condition}; needs a number ≥ 1`)
  return {
    name: `quadratic ${n}, condition ${condition}`,
    n,
    sample: pipe(
      normals([n, n]),
      S.bindTo('entries'),
      S.bind('fractions', () => uniforms([n])),
      S.bind('minimizer', () => normals([n])),
      S.map(({ entries, fractions, minimizer }) => {
        // (Q Λ^½)(Q Λ^½)' is symmetric to the last bit.
        const roots = spectrumFrom(fractions, Math.sqrt(condition))
        const half = times(qr(entries).q, broadcast(roots, [n, n], [0]))
        return { matrix: product(half, half, { transposeB: true }), minimizer }
      }),
    ),
    start: normals([n]),
    objective: ({ matrix, minimizer }, x) => {
      const away = sub(x, minimizer)
      return mul(0.5, dot(away, matmul(matrix, away)))
    },
  }
}
