/** Runs that refute what is often believed. */
import { map, matvec, mul, neg, tensor, zip } from '@secant/linalg'
import type { Objective } from '@secant/optim'
import { bowl } from './problems.ts'
import { type Reference, traced } from './reference-runs.ts'

/** Counterexample 5 of the note on coordinate-wise steps: a perfect Hessian, p in (0, 2), and f rises. */
export const counterexample = (): Reference => {
  const a = tensor([
    [1, 0.99],
    [0.99, 1],
  ])
  const inverse = map(
    tensor([
      [1, -0.99],
      [-0.99, 1],
    ]),
    (entry) => entry / (1 - 0.99 ** 2),
  )
  const objective = bowl(a, tensor([0, 0]))
  const p = tensor([0.2, 1])
  const trace = traced('scaled Newton', objective, tensor([1, -0.9]), 1, ({ x, grad }) => {
    const d = neg(matvec(inverse, grad))
    return { x: zip(x, mul(p, d), (from, by) => from + by), said: { d: Array.from(d.data), p: [0.2, 1] } }
  })
  return { trace, known: { hessian: a, initialInverse: inverse, promises: ['descent'] } }
}

/** Adam on a given sequence of slopes of one variable; `isCorrected` false leaves v as it is. */
export const adamOn = (
  slopes: readonly number[],
  { rate, beta1, beta2 }: { readonly rate: number; readonly beta1: number; readonly beta2: number },
  isCorrected = true,
): Reference => {
  let [m, v, t] = [0, 0, 0]
  const objective: Objective = {
    value: () => Number.NaN,
    point: (x) => ({ x, value: 0, grad: tensor([slopes[Math.min(t, slopes.length - 1)] as number]) }),
  }
  const trace = traced('Adam', objective, tensor([0]), slopes.length, ({ x, grad }) => {
    t++
    const g = grad.data[0] as number
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    const [corrected, root] = [m / (1 - beta1 ** t), Math.sqrt(isCorrected ? v / (1 - beta2 ** t) : v)]
    return { x: map(x, (entry) => entry - (rate * corrected) / root) }
  })
  return { trace, known: { adam: { rate, beta1, beta2, epsilon: 0 } } }
}

/** Gradients that grow by β₂/β₁ a step: they make the inequality of Cauchy and Schwarz an equality. */
export const growing = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, t) => (0.999 / 0.9) ** (t - count))

/** Reddi's problem: Adam goes to +1, although −1 is the minimizer. */
export const reddi = (kind: 'Adam' | 'AMSGrad', steps = 4000): Reference => {
  const [C, rate, beta2] = [3, 0.5, 1 / 10]
  let [t, v, largest] = [0, 0, 0]
  const slopeAt = (k: number): number => (k % 3 === 1 ? C : -1)
  const objective: Objective = {
    value: () => Number.NaN,
    point: (x) => ({ x, value: slopeAt(t + 1) * (x.data[0] as number), grad: tensor([slopeAt(t + 1)]) }),
  }
  const trace = traced(kind, objective, tensor([0]), steps, ({ x, grad }) => {
    t++
    const g = grad.data[0] as number
    v = beta2 * v + (1 - beta2) * g * g
    largest = kind === 'Adam' ? v : Math.max(largest, v)
    const moved = (x.data[0] as number) - ((rate / Math.sqrt(t)) * g) / Math.sqrt(largest)
    return { x: tensor([Math.min(1, Math.max(-1, moved))]) }
  })
  return { trace, known: { minimizer: [-1], adam: { rate, beta1: 0, beta2 } } }
}
