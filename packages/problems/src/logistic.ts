import { add, dot, matmul, mean, mul, neg, softplus, type Value } from '@secant/autodiff'
import { type Tensor, zeros } from '@secant/linalg'
import type { Problem } from './problem.ts'

/**
 * Logistic regression `(1/m) Σ log(1 + exp(−yᵢ xᵢ·w)) + (λ/2)|w|²` in w `[k]`, from `w = 0`.
 * Features `[m, k]`, labels ±1 `[m]`; strongly convex for λ > 0.
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
  const n = features.shape[1] as number
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
