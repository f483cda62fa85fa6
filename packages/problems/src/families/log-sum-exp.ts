import { logSumExp, matmul, sub, type Value } from '@secant/autodiff'
import { broadcast, sub as minus, mul, scalar, sum } from '@secant/linalg'
import { pipe } from 'fp-ts/lib/function.js'
import * as S from 'fp-ts/lib/State.js'
import type { Family } from '../family.ts'
import { checkCount, normals } from './draws.ts'

/** The affine functions `aⱼ·x − bⱼ`: rows `[m, n]` and offsets `[m]`. */
export interface AffineFunctions {
  readonly rows: Value
  readonly offsets: Value
}

/**
 * Log-sum-exp `log Σ exp(aⱼ·x − bⱼ)` of m = 4n rows of normal numbers less their mean, b normal. Since the rows sum to
 * 0, it lies in the interior of their hull, and there is a minimizer.
 *
 * @example
 * instanceOf(logSumExpFamily({ n: 3 }), key(0)).data.rows.shape // => [12, 3]
 */
export const logSumExpFamily = ({ n }: { readonly n: number }): Family<AffineFunctions> => {
  checkCount('logSumExpFamily', n)
  const m = 4 * n
  return {
    name: `log-sum-exp ${n}`,
    n,
    sample: pipe(
      normals([m, n]),
      S.bindTo('entries'),
      S.bind('offsets', () => normals([m])),
      S.map(({ entries, offsets }) => {
        const means = mul(sum(entries, [0]), scalar(1 / m))
        return { rows: minus(entries, broadcast(means, [m, n], [0])), offsets }
      }),
    ),
    start: normals([n]),
    objective: ({ rows, offsets }, x) => logSumExp(sub(matmul(rows, x), offsets)),
  }
}
