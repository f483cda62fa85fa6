// numeric.js on nested arrays.
import { installed } from './installed.mjs'
import { local } from './local.mjs'

const nested = ({ shape: [m, n], data }) => Array.from({ length: m }, (_, i) => [...data.slice(i * n, (i + 1) * n)])

export const start = async () => {
  const numeric = installed('numeric')
  const table = {
    matmul: ({ a, b }) => {
      const [p, q] = [nested(a), nested(b)]
      return [() => numeric.dot(p, q), (rows) => [rows.flat()]]
    },
    matvec: ({ a, x }) => {
      const [p, q] = [nested(a), [...x.data]]
      return [() => numeric.dot(p, q), (y) => [y]]
    },
    dot: ({ x, y }) => {
      const [p, q] = [[...x.data], [...y.data]]
      return [() => numeric.dot(p, q), (value) => [[value]]]
    },
    bfgs: ({ h, s, y }) => {
      const [H, S, Y] = [nested(h), [...s.data], [...y.data]]
      const { dot, mul, sub, add, tensor } = numeric
      const update = () => {
        const rho = 1 / dot(S, Y)
        const hy = dot(H, Y)
        const w = sub(mul(0.5 * rho * (1 + rho * dot(Y, hy)), S), mul(rho, hy))
        return add(H, add(tensor(S, w), tensor(w, S)))
      }
      return [update, (rows) => [rows.flat()]]
    },
    solve: ({ a, b }) => {
      const [p, q] = [nested(a), [...b.data]]
      return [() => numeric.solve(p, q), (x) => [x]]
    },
  }
  const knows = ({ dtype, kind, n }) => dtype === 'float64' && !(kind === 'matmul' && n > 512)
  return [local({ name: 'numeric', note: numeric.version, table, knows })]
}
