/**
 * Means of ridge functions, `f(x) = (1/m) Σ φ(aⱼ'x, aⱼ'x*) + (λ/2)‖x − x*‖²`, made so that x* is stationary. Their Hessian
 * is `(1/m) Σ φ''(aⱼ'x) aⱼaⱼ' + λI`, so that with `|φ''| ≤ c` everywhere `L = c λ_max(A'A)/m + λ` will do; with `φ'' ≥ 0`
 * the function is convex and `μ = λ`.
 */
import {
  add,
  dot,
  log1p,
  matmul,
  mean,
  mul,
  type Operand,
  sigmoid,
  sin,
  softplus,
  square,
  sub,
  type Value,
} from '@secant/autodiff'
import { matmul as product, symmetricEigen, type Tensor, tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { type KnownProblem, knownProblem } from './known-problem.ts'
import { vector } from './numbers.ts'
import { callOf } from './printed.ts'

export interface RidgeParts {
  /** a₁, …, aₘ, n numbers each. */
  readonly rows: readonly (readonly number[])[]
  readonly minimizer?: readonly number[]
  readonly start?: readonly number[]
}

export interface RegularizedParts extends RidgeParts {
  readonly lambda?: number
}

/** The largest eigenvalue of A'A. */
export const squaredNorm = (a: Tensor): number => {
  const eigen = symmetricEigen(product(a, a, { transposeA: true }))
  if (E.isLeft(eigen)) throw new Error('squaredNorm: got a matrix without eigenvalues; needs finite entries')
  return Math.max(...eigen.right.values.data)
}

interface Profile {
  readonly name: string
  /** φ of the margins a'x, given those at the minimizer; entry by entry. */
  readonly of: (margins: Value, atMinimizer: Value) => Value
  /** c, a bound of |φ''|. */
  readonly bend: number
  readonly isConvex: boolean
}

const ridgeSum = ({ name, of, bend, isConvex }: Profile, parts: RegularizedParts): KnownProblem => {
  const { rows, lambda = 0 } = parts
  const n = rows[0]?.length ?? 0
  if (n === 0) throw new Error(`${name}: got no rows; needs at least one number in one row`)
  const a = tensor(rows)
  const numbers = { minimizer: parts.minimizer ?? rows[0]?.map(() => 0) ?? [], start: parts.start ?? Array(n).fill(1) }
  const minimizer = vector(numbers.minimizer)
  const atMinimizer = matmul(a, minimizer)
  const penalty = (x: Value): Operand => {
    const off = sub(x, minimizer)
    return mul(lambda / 2, dot(off, off))
  }
  const L = (bend * squaredNorm(a)) / rows.length + lambda
  return knownProblem({
    name: callOf(name, { rows, ...(isConvex ? { lambda } : {}), ...numbers }),
    objective: (x) => {
      const loss = mean(of(matmul(a, x), atMinimizer))
      return lambda === 0 ? loss : add(loss, penalty(x))
    },
    start: vector(numbers.start),
    minimizer,
    facts: isConvex ? { L, mu: lambda, convex: true } : { L, convex: false },
  })
}

/**
 * Logistic regression with the true probabilities as labels: `(1/m) Σ log(1 + e^aⱼ'x) − σ(aⱼ'x*) aⱼ'x` and a ridge
 * `(λ/2)‖x − x*‖²`. `φ'' = σ(1 − σ) ∈ (0, ¼]`: `L = λ_max(A'A)/4m + λ`, `μ = λ`.
 */
export const logistic = (parts: RegularizedParts): KnownProblem =>
  ridgeSum(
    {
      name: 'logistic',
      of: (margins, atMinimizer) => sub(softplus(margins), mul(sigmoid(atMinimizer), margins)),
      bend: 1 / 4,
      isConvex: true,
    },
    parts,
  )

/**
 * Waves, `(1/m) Σ 1 − cos aⱼ'(x − x*)`: not convex. `φ'' = cos`, `|φ''| ≤ 1`: `L = λ_max(A'A)/m`; the minimum is 0, at x*
 * and elsewhere.
 */
export const waves = (parts: RidgeParts): KnownProblem =>
  ridgeSum(
    {
      name: 'waves',
      // 1 − cos r without its cancellation.
      of: (margins, atMinimizer) => mul(2, square(sin(mul(0.5, sub(margins, atMinimizer))))),
      bend: 1,
      isConvex: false,
    },
    parts,
  )

/**
 * Robust regression with Cauchy's loss, `(1/m) Σ log(1 + r²/2)` with `r = aⱼ'(x − x*)`: not convex.
 * `φ'' = (1 − r²/2)/(1 + r²/2)² ∈ [−⅛, 1]`: `L = λ_max(A'A)/m`; the minimum is 0, at x*.
 */
export const cauchy = (parts: RidgeParts): KnownProblem =>
  ridgeSum(
    {
      name: 'cauchy',
      of: (margins, atMinimizer) => log1p(mul(0.5, square(sub(margins, atMinimizer)))),
      bend: 1,
      isConvex: false,
    },
    parts,
  )
