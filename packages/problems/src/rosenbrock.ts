import { add, mul, slice, square, sub, sum, type Value } from '@secant/autodiff'
import { fromData } from '@secant/linalg'
import type { Problem } from './problem.ts'

/**
 * Chained Rosenbrock function `Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)²` of n ≥ 2 variables, from (−1.2, 1, −1.2, …);
 * minimum 0 at (1, …, 1).
 *
 * @example
 * item(rosenbrock(2).objective(tensor([-1.2, 1]))) // => 24.2
 */
export const rosenbrock = (n = 2): Problem<Value> => {
  if (!Number.isInteger(n) || n < 2) throw new Error(`rosenbrock: got n = ${n}; needs a whole number ≥ 2`)
  return {
    name: `Rosenbrock ${n}`,
    n,
    objective: (x) => {
      const [head, tail] = [slice(x, [0], [n - 1]), slice(x, [1], [n])]
      return sum(add(mul(100, square(sub(tail, square(head)))), square(sub(1, head))))
    },
    start: fromData(Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? -1.2 : 1))),
    minimum: 0,
  }
}
