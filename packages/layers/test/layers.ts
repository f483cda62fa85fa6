import { tanh, type Value } from '@secant/autodiff'
import { fromData, type Key, normal, type Shape, split, type Tensor, tensor, uniform } from '@secant/linalg'
import {
  binaryCrossEntropy,
  conv,
  convStart,
  crossEntropy,
  dense,
  denseStart,
  gruCell,
  gruStart,
  huber,
  lstmCell,
  lstmStack,
  lstmStackStart,
  lstmStart,
  meanSquaredError,
  mlp,
  mlpStart,
  normalOf,
} from '../src/index.ts'

/** A layer as a function of one tree, and such a tree for a key. */
export interface Instance<T> {
  readonly name: string
  readonly f: (tree: T) => unknown
  readonly at: (key: Key) => T
}

/** Forgets what the tree looks like. */
const instance = <T>(name: string, f: (tree: T) => unknown, at: (key: Key) => T): Instance<unknown> => ({
  name,
  f: (tree) => f(tree as T),
  at,
})

const noise = (from: Key, index: number, ...shape: Shape): Tensor => normal(split(from, index + 1)[index] as Key, shape)

/** Biases that are not 0, so that they count. */
const starting = { bias: normalOf(1) }

export const layers: readonly Instance<unknown>[] = [
  instance(
    'dense',
    ({ theta, x }) => dense(theta, x),
    (k) => ({ theta: denseStart(3, 2, starting)(k)[0], x: noise(k, 2, 4, 3) }),
  ),
  instance(
    'dense on stacks of rows',
    ({ theta, x }) => dense(theta, x),
    (k) => ({ theta: denseStart(3, 2, starting)(k)[0], x: noise(k, 2, 2, 1, 3) }),
  ),
  instance(
    'mlp',
    ({ theta, x }) => mlp(tanh)(theta, x),
    (k) => ({ theta: mlpStart([3, 4, 2], starting)(k)[0], x: noise(k, 2, 3, 3) }),
  ),
  instance(
    'conv',
    ({ theta, x }) => conv({ padding: 'same', strides: [1, 2] })(theta, x),
    (k) => ({ theta: convStart([2, 3], 2, 2, starting)(k)[0], x: noise(k, 2, 2, 3, 3, 2) }),
  ),
  instance(
    'lstmCell',
    ({ theta, state, x }) => lstmCell(theta, state, x),
    (k) => ({
      theta: lstmStart(3, 2)(k)[0],
      state: { hidden: noise(k, 2, 2, 2), cell: noise(k, 3, 2, 2) },
      x: noise(k, 4, 2, 3),
    }),
  ),
  instance(
    'lstmStack',
    ({ theta, states, x }) => lstmStack(theta, states, x),
    (k) => ({
      theta: lstmStackStart([2, 2, 1])(k)[0],
      states: [2, 1].map((h, i) => ({ hidden: noise(k, 2 * i + 2, 2, h), cell: noise(k, 2 * i + 3, 2, h) })),
      x: noise(k, 6, 2, 2),
    }),
  ),
  instance(
    'gruCell',
    ({ theta, hidden, x }) => gruCell(theta, hidden, x),
    (k) => ({ theta: gruStart(3, 2)(k)[0], hidden: noise(k, 2, 2, 2), x: noise(k, 3, 2, 3) }),
  ),
]

const pair = (k: Key): readonly [Value, Value] => [noise(k, 0, 3, 2), noise(k, 1, 3, 2)]

/** Probabilities of three classes. */
const shares = (from: Key): Tensor => {
  const u = uniform(from, [2, 2], { max: 0.5 }).data
  return tensor(
    [0, 1].map((row) => {
      const [a, b] = [u[2 * row] as number, u[2 * row + 1] as number]
      return [a, b, 1 - a - b]
    }),
  )
}

export const losses: readonly Instance<unknown>[] = [
  instance('meanSquaredError', ([a, b]) => meanSquaredError(a, b), pair),
  // Half of the residuals lie beyond the bend, none within a difference step of it.
  instance(
    'huber',
    ([a, b]) => huber(a, b, 0.5),
    (k) => {
      const residual = uniform(k, [6], { min: 0.7, max: 1.3 }).data.map((r, i) => (i % 2 === 0 ? r : -r / 5))
      const target = noise(k, 1, 6)
      return [
        fromData(
          residual.map((r, i) => r + (target.data[i] as number)),
          [6],
        ),
        target,
      ] as readonly [Value, Value]
    },
  ),
  instance(
    'crossEntropy against classes',
    (logits: Value) => crossEntropy(logits, tensor([2, 0], 'int32')),
    (k) => noise(k, 0, 2, 3),
  ),
  instance(
    'crossEntropy against probabilities',
    ([a, b]) => crossEntropy(a, b),
    (k): readonly [Value, Value] => [noise(k, 0, 2, 3), shares(k)],
  ),
  instance(
    'binaryCrossEntropy',
    ([z, t]) => binaryCrossEntropy(z, t),
    (k): readonly [Value, Value] => [noise(k, 0, 2, 3), uniform(k, [2, 3])],
  ),
]
