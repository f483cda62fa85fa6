// Products, and the update of an inverse Hessian.
import { filled, positive, workload } from './data.mjs'

const matmul = (n, dtype) =>
  workload('matmul', n, {
    dtype,
    inputs: { a: filled([n, n], 1, dtype), b: filled([n, n], 2, dtype) },
    flops: 2 * n ** 3,
    terms: n,
  })

const matvec = (n) =>
  workload('matvec', n, { inputs: { a: filled([n, n], 1), x: filled([n], 3) }, flops: 2 * n ** 2, terms: n })

/** 10⁴ to 10⁶. */
const power = (n) => `10${'⁴⁵⁶'[Math.log10(n) - 4]}`

const dot = (n) =>
  workload('dot', n, {
    name: `dot ${power(n)}`,
    inputs: { x: filled([n], 5), y: filled([n], 6) },
    flops: 2 * n,
    terms: n,
  })

/** y ← α x + y in place where a contender can, which is why α is tiny: it is done many times. */
const axpy = (n) =>
  workload('axpy', n, {
    name: `axpy ${power(n)}`,
    inputs: { alpha: 1e-9, x: filled([n], 5), y: filled([n], 6) },
    flops: 2 * n,
    terms: 2,
  })

/** The step is along the change of gradient for the most part, so that there is curvature. */
const bfgs = (n) => {
  const [s, noise] = [filled([n], 3), filled([n], 4)]
  const y = { ...s, data: s.data.map((entry, i) => entry + 0.1 * noise.data[i]) }
  return workload('bfgs', n, {
    name: `BFGS update ${n}`,
    inputs: { h: positive(n, 1), s, y },
    flops: 6 * n ** 2,
    terms: n,
  })
}

export const products = ({ quick }) => [
  ...(quick ? [64, 512] : [64, 128, 256, 512, 1024]).flatMap((n) => [matmul(n, 'float64'), matmul(n, 'float32')]),
  ...(quick ? [1000] : [250, 500, 1000]).map(matvec),
  ...(quick ? [1e6] : [1e4, 1e5, 1e6]).flatMap((n) => [dot(n), axpy(n)]),
  ...(quick ? [1000] : [250, 500, 1000]).map(bfgs),
]
