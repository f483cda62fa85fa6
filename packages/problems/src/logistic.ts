import { add, dot, matmul, mean, mul, neg, softplus, type Value } from '@secant/autodiff'
import { type Tensor, zeros } from '@secant/linalg'
import type { Problem } from './problem.ts'
import { columnsOf } from './rows.ts'

/**
 * Logistic regression `(1/m) Σ log(1 + exp(−yᵢ xᵢ·w)) + (λ/2)|w|²` in w `[k]`, from `w = 0`.
 * Features `[m, k]`, labels ±1 `[m]`; strongly convex for λ > 0. Fails (throws) on other shapes and labels.
 *
 * @example
 * const problem = logisticRegression({ features: tensor([[1], [2]]), labels: tensor([1, -1]), lambda: 0 })
 * item(problem.objective(problem.start)) // => 0.693147
 */
export const logisticRegression = ({
  features,
  labels,
  lambda,
}: {
  readonly features: Tensor
  readonly labels: Tensor
  readonly lambda: number
}): Problem<Value> => {
  const n = columnsOf('logisticRegression', features, labels)
  const other = labels.data.find((label) => label !== 1 && label !== -1)
  if (other !== undefined) throw new Error(`logisticRegression: got label ${other}; needs 1 or -1`)
  return {
    name: 'logistic regression',
    n,
    objective: (w) => {
      const margins = mul(labels, matmul(features, w))
      return add(mean(softplus(neg(margins))), mul(lambda / 2, dot(w, w)))
    },
    start: zeros([n]),
  }
}
