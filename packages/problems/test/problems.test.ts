import { checkDerivative, concrete, item, type Value, valueAndGrad } from '@secant/autodiff'
import { fromData, maxAbs, norm, type Tensor, tensor } from '@secant/linalg'
import { gradientNorm, minimize } from '@secant/optim'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { logisticRegression, mlp, type Problem, rosenbrock, softmaxRegression } from '../src/index.ts'
import { breastCancer, digits, iris, mnistMlp, readMnist, readReferences, readTable, wine } from '../src/node/index.ts'

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`got ${JSON.stringify(either.left)}; needs a result`)
  return either.right
}

const tables: readonly (readonly [string, () => E.Either<unknown, Problem<Value>>])[] = [
  ['wdbc', breastCancer],
  ['iris', iris],
  ['wine', wine],
  ['digits8x8', digits],
]

describe.each(tables)('%s', (data, load) => {
  const problem = right(load())
  const reference = right(readReferences()).find((entry) => entry.data === data)

  test('value and gradient norm at 0 are those of the reference, to 12 digits', () => {
    const [value, gradient] = valueAndGrad(problem.objective)(problem.start)
    expect(item(value) / (reference?.f0 as number)).toBeCloseTo(1, 12)
    expect(norm(concrete(gradient)) / (reference?.g0Norm as number)).toBeCloseTo(1, 12)
  })

  test('away from 0 the gradient agrees with differences', () => {
    const { data, shape } = concrete(problem.start)
    const w = fromData(
      data.map((_, i) => Math.cos(i) / 4),
      shape,
    )
    expect(problem.n).toBe(data.length)
    expect(checkDerivative(problem.objective, w)).toMatchObject({ agrees: true })
  })

  test('L-BFGS reaches the reference optimum, to 10 digits', () => {
    const { outcome, best } = minimize(problem.objective, problem.start, { until: [gradientNorm(1e-8)] })
    expect(E.isRight(outcome)).toBe(true)
    expect(problem.minimum).toBe(reference?.fmin)
    expect(Math.abs(best.value / (problem.minimum as number) - 1)).toBeLessThan(1e-10)
  })
})

describe('the network', () => {
  test('has 16,280 weights, the same from the same seed, and a gradient that agrees with differences', () => {
    const { n, start, objective } = right(mnistMlp(20))
    expect(n).toBe(16_280)
    expect(start.map(({ shape }) => shape)).toEqual([
      [784, 20],
      [20, 20],
      [20, 10],
    ])
    expect(right(mnistMlp(20)).start).toEqual(start)
    expect(checkDerivative(objective, start)).toMatchObject({ agrees: true })
  })

  test('its value is that of the formula, entry by entry', () => {
    const features = tensor([
      [0.5, -1],
      [2, 0.25],
      [-0.75, 1],
    ])
    const labels = [1, 0, 1]
    const { start, objective } = mlp({ features, labels: tensor(labels), sizes: [2, 3, 4, 2], seed: 7 })
    const through = (inputs: readonly number[], w: Tensor): readonly number[] => {
      const outputs = w.shape[1] as number
      return Array.from({ length: outputs }, (_, j) =>
        inputs.reduce((total, a, i) => total + a * (w.data[i * outputs + j] as number), 0),
      )
    }
    const logistic = (a: number): number => 1 / (1 + Math.exp(-a))
    const losses = labels.map((label, row) => {
      const [first, second, third] = start.map(concrete) as [Tensor, Tensor, Tensor]
      const inputs = Array.from(features.data.slice(2 * row, 2 * row + 2))
      const scores = through(through(through(inputs, first).map(logistic), second).map(logistic), third)
      return Math.log(scores.reduce((total, a) => total + Math.exp(a), 0)) - (scores[label] as number)
    })
    expect(item(objective(start))).toBeCloseTo(losses.reduce((a, b) => a + b) / 3, 14)
  })

  test('its first weights spread over ±√(6 / (inputs + outputs)), and differ with the seed', () => {
    const { start } = right(mnistMlp(1))
    for (const w of start.map(concrete)) {
      const [inputs, outputs] = w.shape as [number, number]
      const limit = Math.sqrt(6 / (inputs + outputs))
      expect(maxAbs(w)).toBeLessThan(limit)
      // A uniform sample of size n misses the mean 0 by more than six deviations limit/√(3n) once in 10⁹.
      const mean = Array.from(w.data).reduce((total, a) => total + a) / w.data.length
      expect(Math.abs(mean)).toBeLessThan((6 * limit) / Math.sqrt(3 * w.data.length))
      expect(maxAbs(w)).toBeGreaterThan(0.9 * limit)
    }
    const sown = (seed: number) => mlp({ features: tensor([[1]]), labels: tensor([0]), sizes: [1, 2], seed }).start
    expect(sown(1)).not.toEqual(sown(2))
  })

  test('its digits are images with labels', () => {
    const { images, labels } = right(readMnist(1000))
    expect(images.shape).toEqual([1000, 784])
    expect(Array.from(labels.data.slice(0, 5))).toEqual([5, 0, 4, 1, 9])
    expect(maxAbs(images)).toBe(1)
    expect(readMnist(2001)).toMatchObject({ _tag: 'Left', left: { kind: 'malformed' } })
    for (const count of [0, -1, 1.5]) expect(() => readMnist(count)).toThrow(`readMnist: got count = ${count}`)
  })
})

test('tables have the rows and columns they should', () => {
  const sizes = (['iris', 'wine', 'wdbc', 'digits8x8'] as const).map((name) => right(readTable(name)).features.shape)
  expect(sizes).toEqual([
    [150, 4],
    [178, 13],
    [569, 30],
    [1797, 64],
  ])
})

// The references cannot tell w from −w: the value at 0, the gradient's norm and the minimum are the same for both.
describe('away from 0 the value is that of the formula, entry by entry', () => {
  const rows = [
    [0.5, -1],
    [2, 0.25],
    [-0.75, 1],
  ] as const
  const features = tensor(rows)

  test('logistic regression', () => {
    const labels = [1, -1, 1]
    const w = [0.3, -0.8]
    const lambda = 0.1
    const { objective } = logisticRegression({ features, labels: tensor(labels), lambda })
    const losses = rows.map(([a, b], i) =>
      Math.log(1 + Math.exp(-(labels[i] as number) * (a * (w[0] as number) + b * (w[1] as number)))),
    )
    const penalty = (lambda / 2) * (0.3 ** 2 + 0.8 ** 2)
    expect(item(objective(tensor(w)))).toBeCloseTo(losses.reduce((a, b) => a + b) / 3 + penalty, 14)
  })

  test('softmax regression', () => {
    const labels = [2, 0, 1]
    const lambda = 0.1
    const w = [
      [0.3, -0.8, 0.1],
      [1, 0.2, -0.4],
    ] as const
    const { objective } = softmaxRegression({ features, labels: tensor(labels), classes: 3, lambda })
    const losses = rows.map(([a, b], i) => {
      const scores = [0, 1, 2].map((c) => a * (w[0][c] as number) + b * (w[1][c] as number))
      return (
        Math.log(scores.reduce((total, score) => total + Math.exp(score), 0)) - (scores[labels[i] as number] as number)
      )
    })
    const penalty = (lambda / 2) * w.flat().reduce((total, a) => total + a * a, 0)
    expect(item(objective(tensor(w)))).toBeCloseTo(losses.reduce((a, b) => a + b) / 3 + penalty, 14)
  })
})

describe('features and labels that do not belong together are refused', () => {
  const features = tensor([[1], [2]])
  test.each([
    ['one label for two rows', features, tensor([1])],
    ['a column of labels', features, tensor([[1], [1]])],
    ['a vector of features', tensor([1, 2]), tensor([1, 1])],
    ['no rows', fromData(new Float64Array(0), [0, 1]), tensor([])],
  ])('%s', (_, rows, labels) => {
    const given = { features: rows, labels }
    expect(() => logisticRegression({ ...given, lambda: 0 })).toThrow('logisticRegression: got features')
    expect(() => softmaxRegression({ ...given, classes: 2, lambda: 0 })).toThrow('softmaxRegression: got features')
    expect(() => mlp({ ...given, sizes: [1, 2] })).toThrow('mlp: got features')
  })

  test('labels of another kind, and sizes that do not fit', () => {
    const labels = tensor([0, 1])
    expect(() => logisticRegression({ features, labels, lambda: 0 })).toThrow('got label 0; needs 1 or -1')
    expect(() => softmaxRegression({ features, labels, classes: 1, lambda: 0 })).toThrow('oneHot: got label 1')
    expect(() => mlp({ features, labels, sizes: [2, 2] })).toThrow('mlp: got sizes [2, 2] for 1 columns')
    expect(() => mlp({ features, labels, sizes: [1] })).toThrow('mlp: got sizes [1]')
  })
})

describe('Rosenbrock', () => {
  test('value and gradient are those of the formula', () => {
    const x = [0.3, -1.2, 2, 0.7]
    const terms = x.slice(1).map((b, i) => [x[i] as number, b] as const)
    const value = terms.reduce((total, [a, b]) => total + 100 * (b - a * a) ** 2 + (1 - a) ** 2, 0)
    const gradient = x.map((_, i) => {
      const [own, before] = [terms[i], terms[i - 1]]
      return (
        (own ? -400 * own[0] * (own[1] - own[0] ** 2) - 2 * (1 - own[0]) : 0) +
        (before ? 200 * (before[1] - before[0] ** 2) : 0)
      )
    })
    const [found, slope] = valueAndGrad(rosenbrock(4).objective)(tensor(x))
    expect(item(found)).toBeCloseTo(value, 9)
    concrete(slope).data.forEach((entry, i) => {
      expect(entry).toBeCloseTo(gradient[i] as number, 9)
    })
  })

  test('it starts at (−1.2, 1, …), is 0 at (1, …, 1), and its gradient agrees with differences', () => {
    const { start, objective, minimum } = rosenbrock(5)
    expect(start).toEqual(tensor([-1.2, 1, -1.2, 1, -1.2]))
    expect(item(objective(tensor([1, 1, 1, 1, 1])))).toBe(minimum)
    expect(checkDerivative(objective, start)).toMatchObject({ agrees: true })
  })

  test('fewer than two variables are refused', () => {
    expect(() => rosenbrock(1)).toThrow('rosenbrock: got n = 1')
  })
})
