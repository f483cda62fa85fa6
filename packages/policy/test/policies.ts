import { add, asValue, dot, logSumExp, matmul, mean, mul, type Operand, softplus, type Value } from '@secant/autodiff'
import * as dense from '@secant/linalg'
import { key, normal, type Tensor, tensor } from '@secant/linalg'
import { bfgs, type Direction, iterates, type Method, type Objective, objectiveOf, type Point } from '@secant/optim'
import { beginning, type Episode, type Network, type StepLoss, type Unrolling, unroll } from '../src/index.ts'

/** `z = features · weights + memory · state`, the state being the last answer: the smallest network that remembers. */
export const linear: Network<{ readonly weights: Value; readonly memory: Value }, Value> = {
  name: 'linear',
  start: (from) => [{ weights: normal(from, [3]), memory: dense.scalar(0.3) }, from],
  init: (rows) => dense.zeros([rows]),
  apply: ({ weights, memory }, state, features) => {
    const z = add(matmul(features, weights), mul(memory, state))
    return [z, z]
  },
}

/** A network that always answers 0. */
export const silent: Network<null, null> = {
  name: 'silent',
  start: (from) => [null, from],
  init: () => null,
  apply: (_, state, features) => [dense.zeros([features.shape[0] as number]), state],
}

/** BFGS from the identity. */
export const unit: Direction<Value> = bfgs({ initialScale: () => 1 })

/** −H g for a matrix that stays. */
export const byMatrix = (h: Tensor): Direction<null> => ({
  name: 'fixed matrix',
  init: () => null,
  propose: (memory, at) => [matmul(dense.neg(h), at.grad), memory],
  observe: (memory) => memory,
})

/** A symmetric matrix with the given eigenvalues, turned by a random rotation. */
export const withSpectrum = (values: readonly number[], seed: number): Tensor => {
  const n = values.length
  const { q } = dense.qr(normal(key(seed), [n, n]))
  return dense.matmul(dense.mul(q, dense.broadcast(tensor([...values]), [n, n], [0])), q, { transposeB: true })
}

type Loss = (x: Value) => Value

export const quadratic =
  (a: Tensor): Loss =>
  (x) =>
    mul(0.5, dot(x, matmul(a, x)))

/** Convex losses of n variables, from a seed. */
export const losses: readonly (readonly [string, (n: number, seed: number) => Loss])[] = [
  [
    'quadratic',
    (n, seed) =>
      quadratic(
        withSpectrum(
          Array.from({ length: n }, (_, i) => 3 ** i),
          seed,
        ),
      ),
  ],
  [
    'logistic',
    (n, seed) => {
      const rows = normal(key(seed), [4 * n, n])
      return (x) => add(mean(softplus(matmul(rows, x))), mul(5e-4, dot(x, x)))
    },
  ],
  [
    'log-sum-exp',
    (n, seed) => {
      const rows = normal(key(seed), [4 * n, n])
      return (x) => add(logSumExp(matmul(rows, x)), mul(5e-3, dot(x, x)))
    },
  ],
]

export const measured = (f: Loss, x0: Tensor): Objective => objectiveOf(f, x0 as Value).objective

export const pointAt = (f: Loss, x: Tensor): Point => measured(f, x).point(x)

/** The first iterates of a run that nothing but their number ends. */
export const iteratesOf = <S>(f: Loss, method: Method<S>, start: Tensor, maxIterations: number) => [
  ...iterates(measured(f, start), method, start, { maxIterations, until: [] }),
]

/** x'A x / 2 with A as the data, and a quartic that bends its gradient. */
export const bowl = (a: Value, x: Value): Operand =>
  add(mul(0.5, dot(x, matmul(a, x))), mul(0.1, dot(mul(x, x), mul(x, x))))

export const bowlMatrix = withSpectrum([1, 4, 9], 3)

/** What a step leads to. */
export const gain: StepLoss<unknown> = ({ to }) => asValue(to.value)

/** The loss of parameters over the first steps of a run in the bowl. */
export const lossOver =
  <T, M>(unrolling: Unrolling<T, Value, M>, start: Tensor, steps: number) =>
  (theta: T): Value =>
    unroll(unrolling, steps)(theta, beginning(unrolling)(theta, bowlMatrix, start))[0]

/** The same, step by step instead of in one loop. */
export const lossStepByStep =
  <T, M>(unrolling: Unrolling<T, Value, M>, start: Tensor, steps: number) =>
  (theta: T): Value => {
    let [total, episode]: readonly [Value, Episode<Value, M>] = [
      dense.scalar(0),
      beginning(unrolling)(theta, bowlMatrix, start),
    ]
    for (let k = 0; k < steps; k++) {
      const [loss, next] = unroll(unrolling)(theta, episode)
      ;[total, episode] = [add(total, loss), next]
    }
    return total
  }
