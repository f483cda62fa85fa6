/**
 * The noisy quadratic bowl: f_t(x) = ½(x − c_t)'H(x − c_t), where c_t drifts by σ² in each coordinate a step, and each loss
 * is measured after the drift. Stationary losses in closed form; section 5 of the LODO note.
 */
import { solve, tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'

/**
 * The least loss that any method can have: ½σ² tr H, that of Newton's.
 *
 * @example
 * newtonLoss([1, 3], 1) // => 2
 */
export const newtonLoss = (eigenvalues: readonly number[], variance: number): number =>
  (variance / 2) * eigenvalues.reduce((total, value) => total + value, 0)

/**
 * The loss of gradient descent with step α < 2/λ_max: ½σ² Σ 1/(α(2 − αλ)).
 *
 * @example
 * gradientDescentLoss([1], 1, 1) // => 0.5
 */
export const gradientDescentLoss = (eigenvalues: readonly number[], variance: number, alpha: number): number =>
  (variance / 2) * eigenvalues.reduce((total, value) => total + 1 / (alpha * (2 - alpha * value)), 0)

/** E b² in the stationary state of b₊ = b + v₊ − noise, v₊ = μv − αλb: a discrete Lyapunov equation, 2 × 2. */
const stationaryVariance = (value: number, alpha: number, momentum: number): number => {
  const [p, q, r] = [1 - alpha * value, momentum, -alpha * value]
  // Unknowns E b², E bv, E v²; the state maps by [[p, q], [r, q]].
  const rows = [
    [1 - p * p, -2 * p * q, -q * q],
    [-p * r, 1 - p * q - q * r, -q * q],
    [-r * r, -2 * r * q, 1 - q * q],
  ]
  const solved = solve(tensor(rows), tensor([1, 0, 0]))
  return E.isRight(solved) ? (solved.right.data[0] as number) : Number.NaN
}

/**
 * The loss of heavy ball, v ← μv − αg, x ← x + v. With m ← βm + (1 − β)g, x ← x − αm it is that of rate α(1 − β) and μ = β.
 *
 * @example
 * heavyBallLoss([1], 1, 1, 0) // => 0.5
 */
export const heavyBallLoss = (
  eigenvalues: readonly number[],
  variance: number,
  alpha: number,
  momentum: number,
): number =>
  (variance / 2) * eigenvalues.reduce((total, value) => total + value * stationaryVariance(value, alpha, momentum), 0)

/**
 * How far a learned inverse Hessian is from the true one in an eigendirection, a = 1 − gλ, after t steps of hypergradient
 * descent with rate η: the solution of da/dt = −ησ²λ³a/(1 − a²) from a₀ in (0, 1). The rate of learning is λ³.
 *
 * @example
 * learnedDeviation(0.7, { eta: 0.03, variance: 1, eigenvalue: 0.3 }, 200).toFixed(3) // => '0.539'
 */
export const learnedDeviation = (
  start: number,
  { eta, variance, eigenvalue }: { readonly eta: number; readonly variance: number; readonly eigenvalue: number },
  t: number,
): number => {
  if (start === 0) return 0
  // ln a − a²/2 falls linearly in t, and rises in a.
  const target = Math.log(start) - start ** 2 / 2 - eta * variance * eigenvalue ** 3 * t
  let [low, high] = [Math.exp(target), start]
  for (let k = 0; k < 60; k++) {
    const middle = (low + high) / 2
    if (Math.log(middle) - middle ** 2 / 2 < target) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** What learning leaves around G = H⁻¹: E‖I − GH‖²_F and the loss beyond Newton's. */
export const learningNoise = (
  eigenvalues: readonly number[],
  { eta, variance }: { readonly eta: number; readonly variance: number },
): { readonly squaredError: number; readonly excessLoss: number } => {
  const sum = eigenvalues.reduce((total, value) => total + value, 0)
  const squares = eigenvalues.reduce((total, value) => total + value ** 2, 0)
  return { squaredError: (eta * variance * sum * squares) / 2, excessLoss: (eta * variance ** 2 * squares ** 2) / 4 }
}
