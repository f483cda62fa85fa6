import { add, dot, matmul, mean, mul, neg, softplus, type Value } from '@secant/autodiff'
import { matvec, zip } from '@secant/linalg'
import { pipe } from 'fp-ts/lib/function.js'
import * as S from 'fp-ts/lib/State.js'
import type { Family } from '../family.ts'
import { checkCount, normals, uniforms } from './draws.ts'

/** Rows of features `[m, n]` with labels ±1 `[m]`. */
export interface LabelledRows {
  readonly rows: Value
  readonly labels: Value
}

/**
 * Logistic regression `mean log(1 + exp(−yᵢ aᵢ·x)) + (λ/2)‖x‖²` on m = 4n rows of normal numbers, of which yᵢ is 1 with
 * probability σ(3 aᵢ·x̂ / √n), x̂ normal, and −1 otherwise.
 *
 * @example
 * instanceOf(logisticFamily({ n: 3 }), key(0)).data.labels.shape // => [12]
 */
export const logisticFamily = ({
  n,
  lambda = 1e-3,
}: {
  readonly n: number
  readonly lambda?: number
}): Family<LabelledRows> => {
  checkCount('logisticFamily', n)
  if (!(lambda >= 0 && lambda < Number.POSITIVE_INFINITY))
    throw new Error(`logisticFamily: got lambda = ${lambda}; needs a number ≥ 0`)
  const m = 4 * n
  return {
    name: `logistic ${n}`,
    n,
    sample: pipe(
      normals([m, n]),
      S.bindTo('rows'),
      S.bind('truth', () => normals([n])),
      S.bind('coins', () => uniforms([m])),
      S.map(({ rows, truth, coins }) => ({
        rows,
        labels: zip(coins, matvec(rows, truth), (u, t) => (u < 1 / (1 + Math.exp((-3 * t) / Math.sqrt(n))) ? 1 : -1)),
      })),
    ),
    start: normals([n]),
    objective: ({ rows, labels }, x) =>
      add(mean(softplus(neg(mul(labels, matmul(rows, x))))), mul(lambda / 2, dot(x, x))),
  }
}
