import { add, dot, logSumExp, matmul, mul, sub } from '@secant/autodiff'
import { tensor } from '@secant/linalg'
import { type KnownProblem, knownProblem } from './known-problem.ts'
import { vector } from './numbers.ts'
import { callOf } from './printed.ts'
import { type RegularizedParts, squaredNorm } from './ridge-sums.ts'

export interface LogSumExpParts extends RegularizedParts {
  /** b₁, …, bₘ. */
  readonly shifts: readonly number[]
}

const inner = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((total, entry, i) => total + entry * (b[i] as number), 0)

/** The rows less their mean with weights `softmax(Ax − b)`: the gradient of the log-sum-exp of these is 0 at x. */
const centredAt = (
  rows: readonly (readonly number[])[],
  shifts: readonly number[],
  x: readonly number[],
): readonly (readonly number[])[] => {
  const levels = rows.map((row, j) => inner(row, x) - (shifts[j] as number))
  const top = Math.max(...levels)
  const weights = levels.map((level) => Math.exp(level - top))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const mean = x.map((_, i) => inner(weights, rows.map((row) => row[i] as number)) / total) // biome-ignore format: one line
  return rows.map((row) => row.map((entry, i) => entry - (mean[i] as number)))
}

const largestDistance = (rows: readonly (readonly number[])[]): number =>
  Math.max(...rows.flatMap((a) => rows.map((b) => Math.hypot(...a.map((entry, i) => entry - (b[i] as number))))))

/**
 * `log Σ exp((aⱼ − ā)'x − bⱼ) + (λ/2)‖x − x*‖²`, where ā is the mean of the rows with the weights `softmax(Ax* − b)`: so
 * centred, x* is the minimizer. With `p = softmax`, the Hessian of the first part is the covariance `A'(diag p − pp')A`.
 * Along a unit vector v it is the variance of numbers no further apart than `max ‖aᵢ − aⱼ‖`, at most ¼ of its square
 * (Popoviciu); and `diag p − pp' ⪯ ½ I`, since its row sums of absolute values are `2p(1 − p) ≤ ½` (Gershgorin). Hence
 * `L = min(¼ max ‖aᵢ − aⱼ‖², ½ λ_max(A'A)) + λ` and `μ = λ`.
 */
export const logSumExpLoss = (parts: LogSumExpParts): KnownProblem => {
  const { rows, shifts, lambda = 0 } = parts
  const n = rows[0]?.length ?? 0
  if (n === 0 || shifts.length !== rows.length)
    throw new Error(
      `logSumExpLoss: got ${rows.length} rows of ${n} numbers and ${shifts.length} shifts; needs one each`,
    )
  const numbers = { minimizer: parts.minimizer ?? Array(n).fill(0), start: parts.start ?? Array(n).fill(1) }
  const [minimizer, b] = [vector(numbers.minimizer), vector(shifts)]
  const a = tensor(centredAt(rows, shifts, numbers.minimizer))
  return knownProblem({
    name: callOf('logSumExpLoss', { rows, shifts, lambda, ...numbers }),
    objective: (x) => {
      const loss = logSumExp(sub(matmul(a, x), b))
      if (lambda === 0) return loss
      const off = sub(x, minimizer)
      return add(loss, mul(lambda / 2, dot(off, off)))
    },
    start: vector(numbers.start),
    minimizer,
    facts: { L: Math.min(largestDistance(rows) ** 2 / 4, squaredNorm(a) / 2) + lambda, mu: lambda, convex: true },
  })
}
