/**
 * Every first-order method beside its textbook recurrence in plain loops over numbers. What an update does in
 * autodiff operations is judged by these, with options that differ from the defaults.
 */
import { add, div, mul, sub, type Values } from '@secant/autodiff'
import { type Shape, sizeOf } from '@secant/linalg'
import {
  adadelta,
  adagrad,
  adam,
  adamw,
  amsgrad,
  centredRmsprop,
  chain,
  clippedByNorm,
  clippedByValue,
  flatState,
  lars,
  lion,
  momentum,
  nadam,
  nesterov,
  type Rate,
  rmsprop,
  scaled,
  sgd,
  shampoo,
  type Update,
  weightDecay,
  yogi,
} from '../src/index.ts'

/** The step at time t = 1, 2, … from the gradient and the place, with the rate of that time. */
export type Recurrence = (g: Float64Array, x: Float64Array, t: number, rate: number) => Float64Array

export interface Method {
  readonly name: string
  readonly at: (rate: Rate) => Update<Values>
  /** A fresh recurrence for leaves of a shape. */
  readonly textbook: (shape: Shape) => Recurrence
  /** With rates that fall from this one to 0 it converges on a quadratic. */
  readonly start: number
}

const method = <S>(
  name: string,
  make: (rate: Rate) => Update<S>,
  textbook: Method['textbook'],
  start = 0.2,
): Method => ({ name, at: (rate) => flatState(make(rate)), textbook, start })

const length = (a: Float64Array): number => Math.sqrt(a.reduce((total, entry) => total + entry * entry, 0))

/** A recurrence of each entry by itself, with three numbers to remember, 0 at first. */
const entrywise =
  (step: (g: number, x: number, memory: [number, number, number], t: number, rate: number) => number) =>
  (shape: Shape): Recurrence => {
    const memories = Array.from({ length: sizeOf(shape) }, (): [number, number, number] => [0, 0, 0])
    return (g, x, t, rate) =>
      g.map((entry, i) => step(entry, x[i] as number, memories[i] as [number, number, number], t, rate))
  }

const adamEntry = (g: number, memory: [number, number, number], t: number): number => {
  memory[0] = 0.8 * memory[0] + 0.2 * g
  memory[1] = 0.95 * memory[1] + 0.05 * g * g
  return memory[0] / (1 - 0.8 ** t) / (Math.sqrt(memory[1] / (1 - 0.95 ** t)) + 1e-3)
}
const adamOptions = { beta1: 0.8, beta2: 0.95, epsilon: 1e-3 }

/** Dozat's momentum at time t, here rising to 0.9. */
const mu = (t: number): number => 0.9 * (1 - 0.5 / t)
const muAfter = (count: Parameters<typeof add>[0]) => mul(0.9, sub(1, div(0.5, add(count, 1))))

type Matrix = readonly (readonly number[])[]

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => (b[0] ?? []).map((_, j) => row.reduce((total, entry, k) => total + entry * (b[k]?.[j] as number), 0)))
const turned = (a: Matrix): Matrix => (a[0] ?? []).map((_, j) => a.map((row) => row[j] as number))
const sum = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((entry, j) => entry + (b[i]?.[j] as number)))
const diagonal = (n: number, entry: (i: number) => number): Matrix =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => (i === j ? entry(i) : 0)))

/** A function of a symmetric matrix by way of its eigenvalues, found by Jacobi's rotations. */
export const ofEigenvalues = (a: Matrix, f: (eigenvalue: number) => number): Matrix => {
  const n = a.length
  let [m, q] = [a, diagonal(n, () => 1)]
  for (let sweep = 0; sweep < 12; sweep++)
    for (let i = 0; i < n; i++)
      for (let j = i + 1; j < n; j++) {
        const angle = Math.atan2(2 * (m[i]?.[j] as number), (m[j]?.[j] as number) - (m[i]?.[i] as number)) / 2
        const rotation = diagonal(n, (k) => (k === i || k === j ? Math.cos(angle) : 1)).map((row) => [...row])
        ;(rotation[i] as number[])[j] = Math.sin(angle)
        ;(rotation[j] as number[])[i] = -Math.sin(angle)
        m = product(product(turned(rotation), m), rotation)
        q = product(q, rotation)
      }
  return product(
    product(
      q,
      diagonal(n, (i) => f(m[i]?.[i] as number)),
    ),
    turned(q),
  )
}

const shampooTextbook = (shape: Shape): Recurrence => {
  const rows = shape[0] ?? 1
  const columns = sizeOf(shape) / rows
  let left = diagonal(rows, () => 0.1)
  let right = diagonal(columns, () => 0.1)
  return (gradient, _, __, rate) => {
    const g: Matrix = Array.from({ length: rows }, (___, i) => [...gradient.slice(i * columns, (i + 1) * columns)])
    left = sum(left, product(g, turned(g)))
    right = sum(right, product(turned(g), g))
    const root = shape.length < 2 ? -1 / 2 : -1 / 4
    const half = product(
      ofEigenvalues(left, (l) => l ** root),
      g,
    )
    const step =
      shape.length < 2
        ? half
        : product(
            half,
            ofEigenvalues(right, (l) => l ** root),
          )
    return Float64Array.from(step.flat(), (entry) => rate * entry)
  }
}

export const methods: readonly Method[] = [
  method(
    'scaled',
    scaled,
    entrywise((g, _, __, ___, rate) => rate * g),
  ),
  method(
    'SGD',
    (rate) => sgd({ rate }),
    entrywise((g, _, __, ___, rate) => rate * g),
  ),
  method(
    'momentum',
    (rate) => momentum({ rate, beta: 0.7 }),
    entrywise((g, _, memory, __, rate) => {
      memory[0] = 0.7 * memory[0] + rate * g
      return memory[0]
    }),
  ),
  method(
    'Nesterov',
    (rate) => nesterov({ rate, beta: 0.7 }),
    // θ and φ = θ − βv both move; the step is what φ moves by.
    entrywise((g, _, memory, __, rate) => {
      const before = memory[0]
      memory[0] = 0.7 * before + rate * g
      return memory[0] + 0.7 * (memory[0] - before)
    }),
  ),
  method(
    'AdaGrad',
    (rate) => adagrad({ rate, epsilon: 1e-3 }),
    entrywise((g, _, memory, __, rate) => {
      memory[0] += g * g
      return (rate * g) / (1e-3 + Math.sqrt(memory[0]))
    }),
    1,
  ),
  method(
    'RMSProp',
    (rate) => rmsprop({ rate, decay: 0.8, epsilon: 1e-3 }),
    entrywise((g, _, memory, __, rate) => {
      memory[0] = 0.8 * memory[0] + 0.2 * g * g
      return (rate * g) / (Math.sqrt(memory[0]) + 1e-3)
    }),
  ),
  method(
    'centred RMSProp',
    (rate) => centredRmsprop({ rate, decay: 0.8, epsilon: 0.1 }),
    entrywise((g, _, memory, __, rate) => {
      memory[0] = 0.8 * memory[0] + 0.2 * g * g
      memory[1] = 0.8 * memory[1] + 0.2 * g
      return (rate * g) / Math.sqrt(memory[0] - memory[1] ** 2 + 0.1)
    }),
  ),
  method(
    'ADADELTA',
    (rate) => adadelta({ rate, decay: 0.8, epsilon: 1e-2 }),
    entrywise((g, _, memory, __, rate) => {
      memory[0] = 0.8 * memory[0] + 0.2 * g * g
      const step = (Math.sqrt(memory[1] + 1e-2) / Math.sqrt(memory[0] + 1e-2)) * g
      memory[1] = 0.8 * memory[1] + 0.2 * step * step
      return rate * step
    }),
    1,
  ),
  method(
    'Adam',
    (rate) => adam({ rate, ...adamOptions }),
    entrywise((g, _, memory, t, rate) => rate * adamEntry(g, memory, t)),
  ),
  method(
    'AdamW, scheduled',
    (rate) => adamw({ rate: 0.5, decay: 0.01, schedule: rate, ...adamOptions }),
    entrywise((g, x, memory, t, rate) => rate * (0.5 * adamEntry(g, memory, t) + 0.01 * x)),
  ),
  method(
    'AdamW',
    (rate) => adamw({ rate, decay: 1e-6, ...adamOptions }),
    entrywise((g, x, memory, t, rate) => rate * adamEntry(g, memory, t) + 1e-6 * x),
  ),
  method(
    'Nadam',
    (rate) => nadam({ rate, ...adamOptions, beta1: muAfter }),
    entrywise((g, _, memory, t, rate) => {
      memory[0] = mu(t) * memory[0] + (1 - mu(t)) * g
      memory[1] = 0.95 * memory[1] + 0.05 * g * g
      memory[2] = t === 1 ? mu(1) : memory[2] * mu(t)
      const mean = (mu(t + 1) * memory[0]) / (1 - memory[2] * mu(t + 1)) + ((1 - mu(t)) * g) / (1 - memory[2])
      return (rate * mean) / (Math.sqrt(memory[1] / (1 - 0.95 ** t)) + 1e-3)
    }),
  ),
  method(
    'AMSGrad',
    (rate) => amsgrad({ rate, ...adamOptions }),
    entrywise((g, _, memory, __, rate) => {
      memory[0] = 0.8 * memory[0] + 0.2 * g
      memory[1] = 0.95 * memory[1] + 0.05 * g * g
      memory[2] = Math.max(memory[2], memory[1])
      return (rate * memory[0]) / (Math.sqrt(memory[2]) + 1e-3)
    }),
  ),
  method(
    'Yogi',
    (rate) => yogi({ rate, ...adamOptions }),
    entrywise((g, _, memory, __, rate) => {
      memory[0] = 0.8 * memory[0] + 0.2 * g
      memory[1] -= 0.05 * Math.sign(memory[1] - g * g) * g * g
      return (rate * memory[0]) / (Math.sqrt(memory[1]) + 1e-3)
    }),
  ),
  method(
    'Lion',
    (rate) => lion({ rate, beta1: 0.8, beta2: 0.95, decay: 0.01 }),
    entrywise((g, x, memory, _, rate) => {
      const towards = Math.sign(0.8 * memory[0] + 0.2 * g)
      memory[0] = 0.95 * memory[0] + 0.05 * g
      return rate * (towards + 0.01 * x)
    }),
  ),
  method(
    'LARS',
    (rate) => lars({ rate, trust: 0.1, beta: 0.7, decay: 0.01 }),
    (shape) => {
      let v = new Float64Array(sizeOf(shape))
      return (g, x, _, rate) => {
        const ratio = (0.1 * length(x)) / (length(g) + 0.01 * length(x))
        v = v.map((entry, i) => 0.7 * entry + rate * ratio * ((g[i] as number) + 0.01 * (x[i] as number)))
        return v
      }
    },
    1,
  ),
  method('Shampoo', (rate) => shampoo({ rate, epsilon: 0.1 }), shampooTextbook, 0.5),
  method(
    'clipped by value, scaled',
    (rate) => chain(clippedByValue(0.5), scaled(rate)),
    entrywise((g, _, __, ___, rate) => rate * Math.min(Math.max(g, -0.5), 0.5)),
  ),
  method(
    'clipped by norm, scaled',
    (rate) => chain(clippedByNorm(1.5), scaled(rate)),
    () => (g, _, __, rate) => g.map((entry) => (rate * entry * 1.5) / Math.max(length(g), 1.5)),
  ),
  method(
    'ℓ² penalty before momentum',
    (rate) => chain(weightDecay(0.01), momentum({ rate, beta: 0.7 })),
    entrywise((g, x, memory, _, rate) => {
      memory[0] = 0.7 * memory[0] + rate * (g + 0.01 * x)
      return memory[0]
    }),
  ),
]
