// Ratios against plain loops in the same run; `npm run bench`. Values agree before anything is timed.
import { grad, jvp } from '@secant/autodiff'
import { fromData, matmul } from '@secant/linalg'
import { rosenbrock } from '@secant/problems'

const filled = (rows, columns, seed) =>
  fromData(
    Float64Array.from({ length: rows * columns }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed)),
    [rows, columns],
  )

/** Rows of a times columns of b, innermost along rows of b: the plain loop that suits a row-major machine best. */
const plainMatmul = (a, b) => {
  const [m, k] = a.shape
  const n = b.shape[1]
  const out = new Float64Array(m * n)
  for (let i = 0; i < m; i++)
    for (let l = 0; l < k; l++) {
      const factor = a.data[i * k + l]
      for (let j = 0; j < n; j++) out[i * n + j] += factor * b.data[l * n + j]
    }
  return fromData(out, [m, n])
}

/** Median milliseconds of several bodies, run in turn so that a change of the machine's speed meets all alike. */
const medians = (bodies, rounds = 7) => {
  const times = bodies.map(() => [])
  for (const body of bodies) body()
  for (let round = 0; round < rounds; round++)
    for (const [i, body] of bodies.entries()) {
      const repeats = 1 + Math.floor(20 / Math.max(0.05, times[i][0] ?? 20))
      const start = performance.now()
      for (let r = 0; r < repeats; r++) body()
      times[i].push((performance.now() - start) / repeats)
    }
  return times.map((list) => list.toSorted((a, b) => a - b)[Math.floor(rounds / 2)])
}

const agree = (a, b) => {
  const off = a.data.reduce((most, entry, i) => Math.max(most, Math.abs(entry - b.data[i])), 0)
  if (!(off <= 1e-9)) throw new Error(`bench: results differ by ${off}`)
}

console.log('matmul, float64 (milliseconds, median of 7)\n')
console.log('| size | Secant | plain loop | plain / Secant |\n|---|---|---|---|')
for (const [m, k, n] of [
  [8, 8, 8],
  [32, 32, 32],
  [128, 128, 128],
  [512, 512, 512],
  [1000, 784, 20],
  [1000, 784, 1],
]) {
  const [a, b] = [filled(m, k, 1), filled(k, n, 2)]
  agree(matmul(a, b), plainMatmul(a, b))
  const [ours, plain] = medians([() => matmul(a, b), () => plainMatmul(a, b)])
  console.log(`| ${m}×${k}×${n} | ${ours.toFixed(4)} | ${plain.toFixed(4)} | ${(plain / ours).toFixed(2)} |`)
}

console.log('\nderivatives of the chained Rosenbrock function, n = 1000\n')
const { objective, start } = rosenbrock(1000)
const [value, gradient, direction] = medians([
  () => objective(start),
  () => grad(objective)(start),
  () => jvp(objective)(start, start),
])
console.log('| | milliseconds | relative to the value |\n|---|---|---|')
for (const [name, time] of [
  ['value', value],
  ['gradient', gradient],
  ['one direction', direction],
])
  console.log(`| ${name} | ${time.toFixed(4)} | ${(time / value).toFixed(2)} |`)
