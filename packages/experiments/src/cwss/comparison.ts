import { split } from '@secant/linalg'
import { objectiveOf } from '@secant/optim'
import { type Family, type Instance, instanceOf, minimumByNewton } from '@secant/problems'
import { type Clock, type Measured, measureRun, type Summary, summarize } from '../iterations.ts'
import type { Contender } from './contender.ts'
import { testKey } from './training.ts'

/** Gaps that count as reached, relative to the first. */
export const tolerances = [1e-4, 1e-8] as const

/** A problem of a test, and its least value. */
export interface TestProblem {
  readonly instance: Instance<unknown>
  readonly minimum: number
}

/** The first problems of the test set of a family: always the same, and never seen in training. */
export const testProblems = (family: Family<unknown>, count: number): readonly TestProblem[] =>
  split(testKey, count).map((from) => {
    const instance = instanceOf(family, from)
    return { instance, minimum: minimumByNewton(instance.objective, instance.start).best.value }
  })

/** A row of a table. */
export interface Row {
  readonly name: string
  readonly title: string
  readonly summary: Summary
  /** Gaps of the run on the first problem, for plots. */
  readonly gaps: readonly number[]
}

const measured = (
  contender: Contender,
  { instance, minimum }: TestProblem,
  maxIterations: number,
  clock: Clock,
): Measured => {
  const { objective } = objectiveOf<Instance<unknown>['start']>((x) => instance.objective(x), instance.start)
  return measureRun(objective, contender.method(instance), instance.start, minimum, {
    tolerances,
    maxIterations,
    clock,
  })
}

/** How a contender does on test problems. */
export const compete = (
  contender: Contender,
  problems: readonly TestProblem[],
  { clock, maxIterations = 400 }: { readonly clock: Clock; readonly maxIterations?: number },
): Row => {
  const runs = problems.map((problem) => measured(contender, problem, maxIterations, clock))
  return { name: contender.name, title: contender.title, summary: summarize(runs), gaps: runs[0]?.gaps ?? [] }
}

/** How many times fewer iterations to the last tolerance one row takes than another. */
export const speedup = (row: Row, than: Row): number => {
  const iterationsOf = ({ summary }: Row): number => summary.reached.at(-1)?.iterations ?? Number.NaN
  return iterationsOf(than) / iterationsOf(row)
}
