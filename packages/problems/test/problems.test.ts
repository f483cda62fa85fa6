import { checkDerivative, concrete, item, type Value, valueAndGrad } from '@secant/autodiff'
import { maxAbs, norm, tensor } from '@secant/linalg'
import { gradientNorm, minimize } from '@secant/optim'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { type Problem, rosenbrock } from '../src/index.ts'
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

  test('its digits are images with labels', () => {
    const { images, labels } = right(readMnist(1000))
    expect(images.shape).toEqual([1000, 784])
    expect(Array.from(labels.data.slice(0, 5))).toEqual([5, 0, 4, 1, 9])
    expect(maxAbs(images)).toBe(1)
    expect(readMnist(2001)).toMatchObject({ _tag: 'Left', left: { kind: 'malformed' } })
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

  test('fewer than two variables are refused', () => {
    expect(() => rosenbrock(1)).toThrow('rosenbrock: got n = 1')
  })
})
