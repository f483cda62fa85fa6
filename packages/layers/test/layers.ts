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
export interface Instance {
  readonly name: string
  readonly at: (key: Key) => unknown
  readonly f: (tree: unknown) => unknown
}

/** Forgets what the tree looks like. */
const instance = <T>(name: string, at: (key: Key) => T, f: (tree: T) => unknown): Instance => ({
  name,
  at,
  f: (tree) => f(tree as T),
})

const noise = (from: Key, index: number, ...shape: Shape): Value => normal(split(from, index + 1)[index] as Key, shape)

/** Biases that are not 0, so that they count. */
const starting = { bias: normalOf(1) }

export const layers: readonly Instance[] = [
  instance(
    'dense',
    (k) => ({ theta: denseStart(3, 2, starting)(k)[0], x: noise(k, 2, 4, 3) }),
    ({ theta, x }) => dense(theta, x),
  ),
  instance(
    'dense on stacks of rows',
    (k) => ({ theta: denseStart(3, 2, starting)(k)[0], x: noise(k, 2, 2, 1, 3) }),
    ({ theta, x }) => dense(theta, x),
  ),
  instance(
    'mlp',
    (k) => ({ theta: mlpStart([3, 4, 2], starting)(k)[0], x: noise(k, 2, 3, 3) }),
    ({ theta, x }) => mlp(tanh)(theta, x),
  ),
  instance(
    'conv',
    (k) => ({ theta: convStart([2, 3], 2, 2, starting)(k)[0], x: noise(k, 2, 2, 3, 3, 2) }),
    ({ theta, x }) => conv({ padding: 'same', strides: [1, 2] })(theta, x),
  ),
  instance(
    'lstmCell',
    (k) => ({
      theta: lstmStart(3, 2)(k)[0],
      state: { hidden: noise(k, 2, 2, 2), cell: noise(k, 3, 2, 2) },
      x: noise(k, 4, 2, 3),
    }),
    ({ theta, state, x }) => lstmCell(theta, state, x),
  ),
  instance(
    'lstmStack',
    (k) => ({
      theta: lstmStackStart([2, 2, 1])(k)[0],
      states: [2, 1].map((h, i) => ({ hidden: noise(k, 2 * i + 2, 2, h), cell: noise(k, 2 * i + 3, 2, h) })),
      x: noise(k, 6, 2, 2),
    }),
    ({ theta, states, x }) => lstmStack(theta, states, x),
  ),
  instance(
    'gruCell',
    (k) => ({ theta: gruStart(3, 2)(k)[0], hidden: noise(k, 2, 2, 2), x: noise(k, 3, 2, 3) }),
    ({ theta, hidden, x }) => gruCell(theta, hidden, x),
  ),
]

/** Probabilities of three classes, in two rows. */
const shares = (from: Key): Tensor => {
  const [a = 0, b = 0, c = 0, d = 0] = uniform(from, [4], { max: 0.5 }).data
  return tensor([
    [a, b, 1 - a - b],
    [c, d, 1 - c - d],
  ])
}

/** A target, and predictions that lie more than a difference step on either side of the bend at 0.5. */
const aroundTheBend = (k: Key): { readonly prediction: Value; readonly target: Value } => {
  const residuals = uniform(k, [6], { min: 0.7, max: 1.3 }).data.map((r, i) => (i % 2 === 0 ? r : -r / 5))
  const target = normal(k, [6])
  const prediction = fromData(residuals.map((r, i) => r + (target.data[i] as number)))
  return { prediction, target }
}

export const losses: readonly Instance[] = [
  instance(
    'meanSquaredError',
    (k) => ({ prediction: noise(k, 0, 3, 2), target: noise(k, 1, 3, 2) }),
    ({ prediction, target }) => meanSquaredError(prediction, target),
  ),
  instance('huber', aroundTheBend, ({ prediction, target }) => huber(prediction, target, 0.5)),
  instance(
    'crossEntropy against classes',
    (k) => noise(k, 0, 2, 3),
    (logits) => crossEntropy(logits, tensor([2, 0], 'int32')),
  ),
  instance(
    'crossEntropy against probabilities',
    (k) => ({ logits: noise(k, 0, 2, 3), labels: shares(k) }),
    ({ logits, labels }) => crossEntropy(logits, labels),
  ),
  instance(
    'binaryCrossEntropy',
    (k) => ({ logits: noise(k, 0, 2, 3), targets: uniform(k, [2, 3]) }),
    ({ logits, targets }) => binaryCrossEntropy(logits, targets),
  ),
]
