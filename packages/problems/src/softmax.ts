import { add, logSumExp, matmul, mean, mul, type Operand, square, sub, sum, type Value } from '@secant/autodiff'
import { type Tensor, zeros } from '@secant/linalg'
import { oneHot } from './preprocess.ts'
import type { Problem } from './problem.ts'
import { columnsOf } from './rows.ts'

/** Mean cross-entropy of scores `[m, classes]` against one-hot rows `[m, classes]`. */
export const crossEntropy = (scores: Value, rows: Value): Value =>
  mean(sub(logSumExp(scores, { axes: [1] }), sum(mul(scores, rows), { axes: [1] })))

/**
 * Softmax regression `(1/m) Σ (log Σ_c exp(xᵢ·w_c) − xᵢ·w_{yᵢ}) + (λ/2)|w|²` in w `[k, classes]`, from `w = 0`.
 * Features `[m, k]`, labels 0 … classes − 1 `[m]`; strongly convex for λ > 0.
 * Fails (throws) on other shapes and labels.
 *
 * @example
 * const problem = softmaxRegression({ features: tensor([[1], [2]]), labels: tensor([0, 2]), classes: 3, lambda: 0 })
 * item(problem.objective(problem.start)) // => 1.098612
 */
export const softmaxRegression = ({
  features,
  labels,
  classes,
  lambda,
}: {
  readonly features: Tensor
  readonly labels: Tensor
  readonly classes: number
  readonly lambda: number
}): Problem<Value> => {
  const k = columnsOf('softmaxRegression', features, labels)
  const rows = oneHot(labels, classes)
  return {
    name: 'softmax regression',
    n: k * classes,
    objective: (w): Operand => add(crossEntropy(matmul(features, w), rows), mul(lambda / 2, sum(square(w)))),
    start: zeros([k, classes]),
  }
}
