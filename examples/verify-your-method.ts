// A method of one's own, held to what convergence theory promises of it.
import { tensor } from '@secant/linalg'
import { gradientDescentTheorems, type Trace, verify, withVerdict } from '@secant/verify'

/** f(x) = ½(x₁² + 10 x₂²), for which μ = 1, L = 10 and the minimum are known. */
const value = ([a = 0, b = 0]: readonly number[]): number => (a * a + 10 * b * b) / 2
const gradient = ([a = 0, b = 0]: readonly number[]): readonly number[] => [a, 10 * b]

/** Ten lines of gradient descent, which know nothing of this library: all they leave behind is a trace. */
const descend = (alpha: number, steps: number): Trace => {
  const iterates: Trace['iterates'][number][] = []
  let x: readonly number[] = [3, 1]
  for (let k = 0; k <= steps; k++) {
    const g = gradient(x)
    iterates.push({ k, x, f: value(x), g, evaluations: k + 1, seconds: 0 })
    x = x.map((entry, i) => entry - alpha * (g[i] ?? 0))
  }
  return { header: { method: 'my descent', n: 2, options: {} }, iterates }
}

const known = { L: 10, mu: 1, minimum: 0, minimizer: [0, 0] }

// With α = 1/L every theorem on gradient descent holds.
const good = verify(descend(0.1, 50), known)
withVerdict(good, 'violated').length // => 0
const rate = good.rows.find(({ theorem }) => theorem === gradientDescentTheorems.linear.name)
rate?.verdict // => 'holds'

// A step of 2.01/L is outside the window in which it converges.
const bad = verify(descend(0.201, 50), known)
withVerdict(bad, 'violated').map(({ theorem }) => theorem) // => ['step window of gradient descent']

// A constant that the run itself refutes is not believed, and nothing is concluded from it.
const mistaken = verify(descend(0.1, 50), { ...known, L: 2 }, [gradientDescentTheorems.linear])
mistaken.rows[0]?.reasons // => ['failed: f is L-smooth (L = 2 is refuted: step 0 has ‖y‖/‖s‖ = 9.583)']

// Without constants they are estimated from the run; then a broken bound proves nothing.
verify(descend(0.1, 50)).constants.L?.status // => 'estimated'

// That the objective is a quadratic makes more of the theory apply.
const hessian = tensor([
  [1, 0],
  [0, 10],
])
verify(descend(0.1, 50), { hessian }).constants.minimum?.status // => 'proved'
