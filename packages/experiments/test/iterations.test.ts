import { dot, mul, type Value } from '@secant/autodiff'
import { tensor } from '@secant/linalg'
import { descend, fixed, objectiveOf, steepest } from '@secant/optim'
import { expect, test } from 'vitest'
import { type Measured, measureRun, summarize } from '../src/index.ts'

/** ½x² + 3 by steps of half the gradient: x halves, and the gap is a quarter of the one before. */
const start = tensor([8])
const { objective } = objectiveOf<Value>((x) => mul(0.5, dot(x, x)), start)
const lifted = {
  value: (x: Value) => objective.value(x as typeof start) + 3,
  point: (x: Value) => {
    const point = objective.point(x as typeof start)
    return { ...point, value: point.value + 3 }
  },
}
const halving = descend(steepest(), fixed(0.5))

const ticking = () => {
  let ticks = 0
  return () => ticks++
}

test('a run is measured at each tolerance, and ends at the last', () => {
  const run = measureRun(lifted, halving, start, 3, { tolerances: [0.3, 0.01], maxIterations: 50, clock: ticking() })
  expect(run.reached).toEqual([
    { iterations: 1, evaluations: 2 },
    { iterations: 4, evaluations: 5 },
  ])
  expect(run.path).toEqual([1, 2, 3, 4, 5].map((evaluations) => ({ evaluations, gap: 4 ** (1 - evaluations) })))
  expect(run).toMatchObject({ iterations: 4, evaluations: 5, limit: 50 })
})

test('the clock is asked before and after each evaluation, and at both ends of a run', () => {
  const run = measureRun(lifted, halving, start, 3, { tolerances: [0.01], maxIterations: 50, clock: ticking() })
  expect(run.objectiveSeconds).toBe(5)
  expect(run.seconds).toBe(11)
})

test('a tolerance that is not reached is null', () => {
  const run = measureRun(lifted, halving, start, 3, { tolerances: [0.3, 1e-9], maxIterations: 3, clock: ticking() })
  expect(run.reached).toEqual([{ iterations: 1, evaluations: 2 }, null])
  expect(run.iterations).toBe(3)
})

test('means; a run that does not arrive counts as if it had gone on to its limit', () => {
  const arrived: Measured = {
    reached: [{ iterations: 4, evaluations: 9 }],
    iterations: 4,
    evaluations: 9,
    limit: 100,
    seconds: 3,
    objectiveSeconds: 1,
    path: [],
  }
  const failed: Measured = { ...arrived, reached: [null], iterations: 10, evaluations: 21 }
  expect(summarize([arrived, failed])).toEqual({
    reached: [{ iterations: 52, evaluations: (9 + 210) / 2, runs: 1 }],
    runs: 2,
    evaluationsPerIteration: 2,
    seconds: 3,
    objectiveMilliseconds: 2000 / 14,
    methodMilliseconds: 4000 / 14,
  })
})
