// Whole runs of L-BFGS (m = 10) until ‖g‖∞ < 1e-6. Contenders take paths of their own; what counts is where they end.
import { workload } from './data.mjs'
import { logisticInputs, lseInputs, rosenbrockInputs } from './gradients.mjs'

const run = (of, n, name, inputs) =>
  workload('lbfgs', n, {
    family: `lbfgs ${of}`,
    of,
    name: `L-BFGS on ${name}`,
    inputs: { ...inputs, of, bound: 1e-6 },
    flops: undefined,
    endsAtMinimum: true,
  })

export const runs = () => [
  run('logistic', 100, '(ii) 500×100', logisticInputs(500, 100)),
  run('lse', 100, '(iii) 500×100', lseInputs(500, 100)),
  run('rosenbrock', 1000, '(iv) n = 1000', rosenbrockInputs(1000)),
]
