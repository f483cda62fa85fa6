// Training what chooses steps: only Secant does this, so its own forms are compared.
import { workload } from './data.mjs'
import { mlpGradient } from './gradients.mjs'

/** One meta-gradient of CWSS: BFGS whose steps an LSTM scales, 16 problems of 30 variables. */
const cwss = (problems, n) =>
  workload('cwss', n, {
    name: `CWSS training step, ${problems} problems, n = ${n}`,
    inputs: { problems, n },
    terms: 1e4,
  })

/** The derivative of the loss after 50 steps of L-BFGS on (i) with respect to a step size for each. */
const window = (rows, hidden, steps) => {
  const { inputs } = mlpGradient(rows, 'float64', hidden)
  return workload('window', rows, {
    name: `${steps}-step L-BFGS window on 784-${hidden}-10, N = ${rows}`,
    inputs: { ...inputs, steps },
    terms: 1e6,
  })
}

export const training = ({ quick }) => [
  ...(quick ? [30] : [15, 30, 60]).map((n) => cwss(16, n)),
  ...(quick ? [] : [250, 500, 1000].map((rows) => window(rows, 20, 50))),
]
