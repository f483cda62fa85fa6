// Dense factorizations and solves.
import { filled, positive, workload } from './data.mjs'

const cholesky = (n) => workload('cholesky', n, { inputs: { a: positive(n, 1) }, flops: n ** 3 / 3, terms: n })

const solve = (n) => {
  const a = filled([n, n], 2)
  for (let i = 0; i < n; i++) a.data[i * n + ((i * 7 + 3) % n)] += Math.sqrt(n)
  return workload('solve', n, { inputs: { a, b: filled([n], 3) }, flops: (2 * n ** 3) / 3, terms: n })
}

export const factorizations = ({ quick }) =>
  (quick ? [500] : [125, 250, 500]).flatMap((n) => [cholesky(n), solve(n % 7 === 0 ? n + 1 : n)])
