import { add, cast, matmul, mul, reshape, transpose, type Value, type Values } from '@secant/autodiff'
import { eye, type Shape, sizeOf } from '@secant/linalg'
import { beside } from './entries.ts'
import { inverseRoot } from './inverse-root.ts'
import { type Count, type Rate, rated } from './scaled.ts'
import type { Update } from './update.ts'

/** A vector or number as a column, anything else as a matrix of its first axis against the rest. */
const asMatrix = ([first = 1, ...rest]: Shape): readonly [number, number] => [first, sizeOf(rest)]

/**
 * Shampoo, `rate · L^(−1/4) G R^(−1/4)` with `L = εI + Σ G Gᵀ`, `R = εI + Σ Gᵀ G` (Gupta, Koren and Singer 2018,
 * algorithm 1). A vector has one factor and the exponent −1/2 (their algorithm 2 at order 1); more than two axes are
 * taken as a matrix `[first, rest]`, where algorithm 2 would keep a factor for each. Factors are float64 and cost
 * m³ + n³ operations a step: to be used `byLeaf`.
 */
export const shampoo = ({
  rate = 1,
  epsilon = 1e-4,
  iterations = 32,
}: {
  readonly rate?: Rate
  readonly epsilon?: number
  readonly iterations?: number
} = {}): Update<readonly [Values, Count]> => {
  if (!(epsilon > 0)) throw new Error(`shampoo: got epsilon ${epsilon}; needs a number > 0`)
  const factor = (n: number): Value => mul(epsilon, eye(n))
  return rated(
    {
      name: 'Shampoo',
      init: ({ shape }): Values => {
        const [rows, columns] = asMatrix(shape)
        return shape.length < 2 ? [factor(rows)] : [factor(rows), factor(columns)]
      },
      apply: (factors, gradient) => {
        const g = reshape(cast(gradient, 'float64'), asMatrix(gradient.shape))
        const gᵀ = transpose(g)
        const grams = [matmul(g, gᵀ), matmul(gᵀ, g)]
        const next = factors.map((sum, i) => add(sum, grams[i] as Value))
        const [left, right] = next.map((sum) => inverseRoot(sum, next.length === 1 ? 2 : 4, iterations))
        const conditioned = matmul(left as Value, g)
        const step = right === undefined ? conditioned : matmul(conditioned, right)
        return [reshape(beside(step, gradient), gradient.shape), next]
      },
    },
    rate,
  )
}
