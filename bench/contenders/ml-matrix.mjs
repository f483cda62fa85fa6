// ml-matrix: rows of doubles in plain JavaScript.
import { installed, versionOf } from './installed.mjs'
import { local } from './local.mjs'

export const start = async () => {
  const { Matrix, CholeskyDecomposition, solve } = installed('ml-matrix')
  const matrix = ({ shape: [m, n = 1], data }) => Matrix.from1DArray(m, n, [...data])
  const row = ({ data }) => Matrix.rowVector([...data])
  const read = (result) => [result.to1DArray()]
  const table = {
    matmul: ({ a, b }) => {
      const [p, q] = [matrix(a), matrix(b)]
      return [() => p.mmul(q), read]
    },
    matvec: ({ a, x }) => {
      const [p, q] = [matrix(a), matrix(x)]
      return [() => p.mmul(q), read]
    },
    dot: ({ x, y }) => {
      const [p, q] = [row(x), row(y)]
      return [() => p.dot(q), (value) => [[value]]]
    },
    bfgs: ({ h, s, y }) => {
      const [H, S, Y] = [matrix(h), matrix(s), matrix(y)]
      const update = () => {
        const rho = 1 / S.dot(Y)
        const hy = H.mmul(Y)
        const w = Matrix.mul(S, 0.5 * rho * (1 + rho * Y.dot(hy))).sub(hy.mul(rho))
        return S.mmul(w.transpose()).add(w.mmul(S.transpose())).add(H)
      }
      return [update, read]
    },
    cholesky: ({ a }) => {
      const p = matrix(a)
      return [() => new CholeskyDecomposition(p).lowerTriangularMatrix, read]
    },
    solve: ({ a, b }) => {
      const [p, q] = [matrix(a), matrix(b)]
      return [() => solve(p, q), read]
    },
  }
  const knows = ({ dtype, kind, n }) => dtype === 'float64' && !(kind === 'matmul' && n > 512)
  return [local({ name: 'ml-matrix', note: versionOf('ml-matrix'), table, knows })]
}
