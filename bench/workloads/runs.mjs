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

export const runs = ({ quick }) => [
  ...(quick ? [100] : [50, 100, 200]).flatMap((n) => [
    run('logistic', n, `(ii) ${5 * n}×${n}`, logisticInputs(5 * n, n)),
    run('lse', n, `(iii) ${5 * n}×${n}`, lseInputs(5 * n, n)),
  ]),
  ...(quick ? [1000] : [1000, 4000, 16000]).map((n) => run('rosenbrock', n, `(iv) n = ${n}`, rosenbrockInputs(n))),
]
