// Values and gradients: (i) to (vii) of the table.

import { fromData } from '@secant/linalg'
import { mlp } from '@secant/problems'
import { filled, workload } from './data.mjs'

const narrowed = (x, dtype) => (dtype === 'float32' ? fromData(Float32Array.from(x.data), x.shape) : x)

/** (i) A 784-20-10 network of sigmoids with softmax cross-entropy, without biases. */
export const mlpGradient = (rows, dtype, hidden = 20) => {
  const sizes = [784, hidden, 10]
  const [features, labels] = [filled([rows, 784], 1), filled([rows], 2)]
  const hot = fromData(new Float64Array(rows * 10), [rows, 10])
  labels.data.forEach((label, i) => {
    hot.data[i * 10 + Math.floor(4.999 * (label + 1))] = 1
  })
  const [first, second] = mlp({ features, labels: fromData(new Float64Array(rows)), sizes }).start
  return workload('mlp', rows, {
    name: `(i) MLP 784-${hidden}-10, N = ${rows}`,
    dtype,
    inputs: {
      features: narrowed(features, dtype),
      labels: narrowed(hot, dtype),
      first: narrowed(first, dtype),
      second: narrowed(second, dtype),
    },
    flops: 2 * rows * (2 * 784 * hidden + 3 * hidden * 10),
    terms: Math.max(784, rows),
  })
}

export const logisticInputs = (m, n) => {
  const [rows, noise, truth] = [filled([m, n], 1), filled([m], 2), filled([n], 3)]
  const labels = noise.data.map((own, i) => {
    let margin = 0
    for (let j = 0; j < n; j++) margin += rows.data[i * n + j] * truth.data[j]
    return margin / Math.sqrt(n) + own > 0 ? 1 : -1
  })
  return { rows, labels: fromData(labels), x: filled([n], 4), lambda: 1e-2 }
}

export const lseInputs = (m, n) => ({ rows: filled([m, n], 1), offsets: filled([m], 2), x: filled([n], 4) })

/** n is even. */
export const rosenbrockInputs = (n) => ({
  x: fromData(Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? -1.2 : 1))),
})

const logistic = (n) =>
  workload('logistic', n, {
    name: `(ii) logistic regression ${5 * n}×${n}`,
    inputs: logisticInputs(5 * n, n),
    flops: 20 * n ** 2,
    terms: 5 * n,
  })

const lse = (n) =>
  workload('lse', n, {
    name: `(iii) log-sum-exp ${5 * n}×${n}`,
    inputs: lseInputs(5 * n, n),
    flops: 20 * n ** 2,
    terms: 5 * n,
  })

/** (iv) Extended Rosenbrock: pairs of variables, Σ 100 (x₂ᵢ − x₂ᵢ₋₁²)² + (1 − x₂ᵢ₋₁)². */
const rosenbrock = (n) =>
  workload('rosenbrock', n, {
    name: `(iv) extended Rosenbrock ${n}`,
    inputs: rosenbrockInputs(n),
    flops: (13 * n) / 2,
    terms: n,
  })

/** (v) Some rounds of sine, product, sum, tanh and product of one number, five operations each. */
const chain = (rounds) =>
  workload('chain', 5 * rounds, {
    name: `(v) scalar chain, ${5 * rounds} operations`,
    inputs: { x: fromData(Float64Array.of(0.7), []), rounds },
    flops: 5 * rounds,
    terms: 5 * rounds,
  })

/** (vi) The derivative of (ii) after some steps of gradient descent with respect to the step size. */
const unrolled = (n, steps = 20) =>
  workload('unrolled', n, {
    name: `(vi) through ${steps} gradient steps on ${5 * n}×${n}`,
    inputs: { ...logisticInputs(5 * n, n), step: 0.1, steps },
    flops: steps * 60 * n ** 2,
    terms: 5 * n * steps,
  })

const hvp = (n) =>
  workload('hvp', n, {
    name: `(vii) Hessian product of ${5 * n}×${n}`,
    inputs: { ...logisticInputs(5 * n, n), v: filled([n], 7) },
    flops: 40 * n ** 2,
    terms: 5 * n,
  })

export const gradients = ({ quick }) => [
  ...(quick ? [1000] : [250, 500, 1000]).flatMap((rows) => [
    mlpGradient(rows, 'float64'),
    mlpGradient(rows, 'float32'),
  ]),
  ...(quick ? [100] : [50, 100, 200]).flatMap((n) => [logistic(n), lse(n)]),
  ...(quick ? [1000] : [1000, 4000, 16000]).map(rosenbrock),
  ...(quick ? [33] : [11, 33, 99]).map(chain),
  ...(quick ? [100] : [50, 100, 200]).flatMap((n) => [unrolled(n), hvp(n)]),
]
