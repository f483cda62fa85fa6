import { concrete, flatten, mapTree, mul, type Value } from '@secant/autodiff'
import { fromData, key, type Tensor, zeros } from '@secant/linalg'
import { type Direction, descend, fixed, iterates, type Method, objectiveOf } from '@secant/optim'
import { type Diagonal, encodeWeights } from '@secant/policy'
import { describe, expect, test } from 'vitest'
import {
  ablations,
  bent,
  deployed,
  leastSquares,
  lessonFrom,
  lessonLabel,
  lessonOn,
  lessonsOf,
  logistic,
  logSumExp,
  lstm,
  observe,
  plainBfgs,
  testProblems,
} from '../src/index.ts'

const problemOf = (subject: typeof leastSquares, n: number) => {
  const [problem] = testProblems(subject, 1, n)
  if (problem === undefined) throw new Error('needs a problem')
  return problem
}

const valuesOf = <S>(problem: ReturnType<typeof problemOf>, method: Method<S>, steps: number): readonly number[] => {
  const { instance } = problem
  const { objective } = objectiveOf<Tensor>((x) => instance.objective(x), instance.start)
  const options = { until: [], maxIterations: steps }
  return Array.from(iterates(objective, method, instance.start, options), ({ point }) => point.value)
}

/** Numbers in [−1, 1), by a generator that is fast rather than good: 5,801 of them a thousand times. */
const drawing = (seed: number) => {
  let state = seed
  return (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return state / 2 ** 31
  }
}

/** Random parameters of the LSTM, of size 1, 10 or 100. */
const [first] = lstm.policy.start(4)(key(0))
const wild = (draw: number): unknown => {
  const next = drawing(draw)
  return mapTree(({ shape }: Value) => {
    const { data } = zeros(shape)
    return fromData(
      Float64Array.from(data, () => 10 ** (draw % 3) * next()),
      shape,
    )
  }, first)
}

describe('guarded, f falls at every step for any weights: 1,000 draws', () => {
  test.each([leastSquares, logistic, logSumExp, bent])('250 on $name', (subject) => {
    const problem = problemOf(subject, 4)
    for (let draw = 0; draw < 250; draw++) {
      const values = valuesOf(problem, deployed(lstm.policy.direction(wild(draw))), 3)
      expect(values, `draw ${draw} moves`).toHaveLength(4)
      const falls = values.every((value, i) => i === 0 || value < (values[i - 1] as number))
      expect(falls, `draw ${draw}: ${values}`).toBe(true)
    }
  })
})

test('without the guard some of these weights do not descend', () => {
  const problem = problemOf(logSumExp, 4)
  const rises = Array.from({ length: 40 }, (_, draw) => {
    const values = valuesOf(problem, descend(lstm.policy.direction(wild(draw)), fixed(1)), 4)
    return values.some((value, i) => i > 0 && !(value < (values[i - 1] as number)))
  })
  expect(rises).toContain(true)
})

test('networks that answer 0 are BFGS, bit for bit', () => {
  const problem = problemOf(logistic, 6)
  const plain = valuesOf(problem, descend(plainBfgs, fixed(1)), 12)
  for (const { name, policy } of [lstm, ...ablations]) {
    const [theta] = policy.start(6)(key(1))
    const silent = mapTree((leaf: Value) => mul(0, leaf), theta)
    const direction: Direction<Diagonal> = policy.direction(silent)
    expect(valuesOf(problem, descend(direction, fixed(1)), 12), name).toEqual(plain)
  }
})

test('what is observed of p: that of BFGS is 1, descends, and its box is a point', () => {
  const silent = mapTree((leaf: Value) => mul(0, leaf), lstm.policy.start(6)(key(1))[0])
  const seen = observe(lstm.policy.direction(silent), problemOf(leastSquares, 6), { maxIterations: 8 })
  expect(seen.map(({ k }) => k)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  expect(seen[0]?.gap).toBe(1)
  expect(seen[0]?.rho).toBeCloseTo(1, 12) // d is −g at first
  for (const { mean, quartiles, distance, descent, epsilon, rho } of seen) {
    expect({ mean, quartiles, distance, epsilon }).toEqual({ mean: 1, quartiles: [1, 1, 1], distance: 0, epsilon: 0 })
    expect(descent).toBeCloseTo(1, 12)
    expect(rho).toBeGreaterThan(0)
    expect(rho).toBeLessThanOrEqual(1 + 1e-12)
  }
})

test('where the box criterion of p holds, the step descends', () => {
  const seen = [0, 1].flatMap((draw) => observe(lstm.policy.direction(wild(3 * draw)), problemOf(bent, 4)))
  const certain = seen.filter(({ epsilon, rho }) => epsilon < rho)
  expect(certain.length).toBeGreaterThan(0)
  for (const { descent } of certain) expect(descent).toBeGreaterThan(0)
})

test('lessons: every family and seed, every exchanged part, each by a label of its own', () => {
  const lessons = lessonsOf(2)
  const labels = lessons.map(lessonLabel)
  expect(new Set(labels).size).toBe(labels.length)
  expect(labels).toHaveLength(2 * 5 + ablations.length + 1)
  expect(labels).toContain('least-squares-lstm-2')
  expect(labels).toContain('least-squares-lstm-lambda-0.1-1')
})

test('a policy has 5,801 parameters, and another seed others', () => {
  const [one, two] = [1, 2].map((seed) => lessonFrom(lessonOn(leastSquares, seed)).theta)
  const count = flatten(one)[0].reduce((sum, leaf) => sum + concrete(leaf).data.length, 0)
  expect(count).toBe(5801)
  expect(encodeWeights('', one)).not.toBe(encodeWeights('', two))
})
