import {
  add,
  broadcastTo,
  concatenate,
  exp,
  logSumExp,
  matmul,
  mul,
  neg,
  reshape,
  slice,
  sub,
  type Value,
} from '@secant/autodiff'
import { eye, zeros } from '@secant/linalg'
import { type InitialScale, type InverseUpdate, secantPair, unitLength } from '@secant/optim'
import { type CombinationFeatures, scaleFree } from './combination-features.ts'
import type { Network } from './network.ts'
import type { Policy } from './policy.ts'

/** An inverse Hessian, the pair that has not entered it yet, the state of the network, and its last weights. */
export interface Combined<H> {
  readonly inverse: Value
  readonly step: Value
  readonly change: Value
  /** The gradient g of the last proposal, and Hg. */
  readonly gradient: Value
  readonly scaled: Value
  readonly hidden: H
  /** One for each update; they are not negative and sum to 1. */
  readonly weights: Value
}

/**
 * A convex combination of quasi-Newton updates of one inverse Hessian, `H = Σ wⱼ H⁽ʲ⁾`, with weights that are the
 * softmax of a network's answers: one row for each update, `[updates, features + updates]`, the features of all
 * followed by a 1 in the place of the update. The secant equation and positive definiteness pass on to the combination.
 * Weights are chosen before the step that H proposes, so that its outcome depends on them (after an idea of Li, Liu and
 * Yin, OPT 2020).
 */
export const combined = <T, H>(
  updates: readonly InverseUpdate[],
  network: Network<T, H>,
  {
    initialScale = unitLength,
    features = scaleFree,
  }: { readonly initialScale?: InitialScale; readonly features?: CombinationFeatures } = {},
): Policy<T, Combined<H>> => {
  const count = updates.length
  if (count === 0) throw new Error('combined: got no updates; needs one or more')
  const rowsOf = (row: Value): Value =>
    concatenate(
      [broadcastTo(reshape(row, [1, row.shape[0] as number]), [count, row.shape[0] as number]), eye(count, row.dtype)],
      1,
    )
  const weighted = (weights: Value, matrices: readonly Value[]): Value =>
    matrices.map((h, j) => mul(reshape(slice(weights, [j], [j + 1]), []), h)).reduce((total, h) => add(total, h))
  return {
    name: `${network.name} over ${count} updates`,
    start: () => network.start,
    direction: (theta) => ({
      name: `updates combined by ${network.name}`,
      init: (start) => {
        const { shape, dtype } = start.x
        const none = zeros(shape, dtype)
        const inverse = mul(initialScale(start), eye(shape[0] as number, dtype))
        return {
          inverse,
          step: none,
          change: none,
          gradient: none,
          scaled: none,
          hidden: network.init(count),
          weights: zeros([count], dtype),
        }
      },
      propose: (memory, at) => {
        const candidates = updates.map((update) => update(memory.inverse, memory.step, memory.change))
        const first = matmul(candidates[0] as Value, at.grad)
        const row = features({ ...memory, before: memory.gradient, gradient: at.grad, first })
        const [answers, hidden] = network.apply(theta, memory.hidden, rowsOf(row))
        const weights = exp(sub(answers, logSumExp(answers)))
        const inverse = weighted(weights, candidates)
        const scaled = matmul(inverse, at.grad)
        return [neg(scaled), { ...memory, inverse, gradient: at.grad, scaled, hidden, weights }]
      },
      observe: (memory, taken) => {
        const [step, change] = secantPair(taken)
        return { ...memory, step, change }
      },
    }),
  }
}
