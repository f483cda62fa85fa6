import { dot, matmul, mul, sub, type Value } from '@secant/autodiff'
import { add, broadcast, map, matvec, scalar, mul as times } from '@secant/linalg'
import { pipe } from 'fp-ts/lib/function.js'
import * as S from 'fp-ts/lib/State.js'
import type { Family } from '../family.ts'
import { checkCount, normals, uniforms } from './draws.ts'

/** A matrix `[m, n]` and what its product with x should be, `[m]`. */
export interface LinearSystem {
  readonly matrix: Value
  readonly target: Value
}

/**
 * Least squares `‖A x − b‖² / (2m)` with m = 2n: A of normal numbers, column j times `C^(−uⱼ)` with u uniform in [0, 1),
 * and `b = A x̂ + 0.1 ξ` with x̂ and ξ normal. The spread C ≥ 1 of the columns makes the condition number: near 30 for
 * C = 1, near 300 for C = 10.
 *
 * @example
 * instanceOf(leastSquaresFamily({ n: 4, spread: 10 }), key(0)).data.matrix.shape // => [8, 4]
 */
export const leastSquaresFamily = ({
  n,
  spread = 1,
}: {
  readonly n: number
  readonly spread?: number
}): Family<LinearSystem> => {
  checkCount('leastSquaresFamily', n)
  if (!(spread >= 1 && spread < Number.POSITIVE_INFINITY))
    throw new Error(`leastSquaresFamily: got spread = ${spread}; needs a number ≥ 1`)
  const m = 2 * n
  return {
    name: `least squares ${n}, spread ${spread}`,
    n,
    sample: pipe(
      normals([m, n]),
      S.bindTo('entries'),
      S.bind('powers', () => uniforms([n])),
      S.bind('solution', () => normals([n])),
      S.bind('noise', () => normals([m])),
      S.map(({ entries, powers, solution, noise }) => {
        const scales = map(powers, (u) => spread ** -u)
        const matrix = times(entries, broadcast(scales, [m, n], [0]))
        return { matrix, target: add(matvec(matrix, solution), times(scalar(0.1), noise)) }
      }),
    ),
    start: normals([n]),
    objective: ({ matrix, target }, x) => {
      const misfit = sub(matmul(matrix, x), target)
      return mul(1 / (2 * m), dot(misfit, misfit))
    },
  }
}
