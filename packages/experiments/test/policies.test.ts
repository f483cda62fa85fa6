import { concrete, flatten, mapTree, mul, type Value } from '@secant/autodiff'
import { foldIn, key, normal, type Tensor } from '@secant/linalg'
import { type Direction, descend, fixed, iterates, type Method, objectiveOf } from '@secant/optim'
import { type Diagonal, encodeWeights } from '@secant/policy'
import { expect, test } from 'vitest'
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

/** Parameters of a policy with normal numbers in the place of its first ones, many times as large. */
const wild = (draw: number): unknown => {
  const [theta] = lstm.policy.start(4)(key(0))
  let leaf = 0
  return mapTree(({ shape }: Value) => mul(10 ** (draw % 3), normal(foldIn(key(draw), leaf++), shape)), theta)
}

test('guarded, f falls at every step for any weights: 1,000 draws', () => {
  const families = [leastSquares, logistic, logSumExp, bent].map((subject) => problemOf(subject, 4))
  for (let draw = 0; draw < 1000; draw++) {
    const problem = families[draw % families.length] as (typeof families)[number]
    const values = valuesOf(problem, deployed(lstm.policy.direction(wild(draw))), 4)
    expect(values.length, `draw ${draw} moves`).toBeGreaterThan(1)
    for (const [i, value] of values.entries())
      if (i > 0) expect(value, `draw ${draw}`).toBeLessThan(values[i - 1] as number)
  }
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
  for (const { mean, quartiles, distance, descent, epsilon, rho } of seen) {
    expect({ mean, quartiles, distance, epsilon }).toEqual({ mean: 1, quartiles: [1, 1, 1], distance: 0, epsilon: 0 })
    expect(descent).toBeCloseTo(1, 12)
    expect(rho).toBeGreaterThan(0)
    expect(rho).toBeLessThanOrEqual(1 + 1e-12)
  }
})

test('where the box criterion of p holds, the step descends', () => {
  const seen = [0, 1, 2, 3].flatMap((draw) => observe(lstm.policy.direction(wild(3 * draw)), problemOf(bent, 6)))
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
