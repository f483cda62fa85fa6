// optimization-js: its L-BFGS (m = 5, stops at ‖g‖∞ < 10⁻⁵, neither can be set) with gradients by hand. Where it ends is
// judged like all others.
import { installed, versionOf } from './installed.mjs'
import { local } from './local.mjs'

const rosenbrock = {
  value: (x) => {
    let sum = 0
    for (let i = 0; i < x.length; i += 2) sum += 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
    return sum
  },
  slope: (x) => {
    const g = x.map(() => 0)
    for (let i = 0; i < x.length; i += 2) {
      const off = x[i + 1] - x[i] ** 2
      g[i] = -400 * off * x[i] - 2 * (1 - x[i])
      g[i + 1] = 200 * off
    }
    return g
  },
}

const margins = ({ rows, labels }, x) => {
  const [m, n] = rows.shape
  return Array.from({ length: m }, (_, i) => {
    let sum = 0
    for (let j = 0; j < n; j++) sum += rows.data[i * n + j] * x[j]
    return labels.data[i] * sum
  })
}

const logistic = (data) => ({
  value: (x) => {
    const all = margins(data, x)
    const loss = all.reduce((sum, z) => sum + Math.max(-z, 0) + Math.log1p(Math.exp(-Math.abs(z))), 0) / all.length
    return loss + (data.lambda / 2) * x.reduce((sum, entry) => sum + entry * entry, 0)
  },
  slope: (x) => {
    const [m, n] = data.rows.shape
    const g = x.map((entry) => data.lambda * entry)
    for (const [i, z] of margins(data, x).entries()) {
      const pull = -data.labels.data[i] / (1 + Math.exp(z)) / m
      for (let j = 0; j < n; j++) g[j] += pull * data.rows.data[i * n + j]
    }
    return g
  },
})

export const start = async () => {
  const { minimize_L_BFGS: minimize } = installed('optimization-js')
  const table = {
    lbfgs: ({ of, x, ...data }) => {
      const { value, slope } = of === 'rosenbrock' ? rosenbrock : logistic(data)
      return [() => minimize(value, slope, [...x.data]), ({ argument }) => [argument]]
    },
  }
  const knows = ({ of }) => of !== 'lse'
  return [local({ name: 'optimization-js', note: versionOf('optimization-js'), table, knows })]
}
