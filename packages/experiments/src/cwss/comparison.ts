import { split } from '@secant/linalg'
import { objectiveOf } from '@secant/optim'
import { type Instance, instanceOf } from '@secant/problems'
import { type Clock, type Measured, measureRun, type Path, type Summary, summarize } from '../iterations.ts'
import { type Contender, reference } from './contender.ts'
import type { Subject } from './subject.ts'
import { testKey } from './training.ts'

/** Gaps that count as reached, relative to the first. */
export const tolerances = [1e-4, 1e-8] as const

/** A problem of a test, and its least value. */
export interface TestProblem {
  readonly instance: Instance<unknown>
  readonly minimum: number
}

/** The first problems of the test set of a subject: always the same, and never seen in training. */
export const testProblems = (subject: Subject, count: number, n: number = subject.n): readonly TestProblem[] =>
  split(testKey, count).map((from) => {
    const instance = instanceOf(subject.family(n), from)
    return { instance, minimum: subject.minimum(instance) }
  })

/** How a method did on the test problems of a subject: plain data. */
export interface Entry {
  readonly on: string
  readonly n: number
  readonly method: string
  readonly title: string
  /** The lesson that its parameters come from, if any. */
  readonly trained: string | null
  readonly summary: Summary
}

/** An entry, and the path of the run on the first problem, for plots. */
export interface Row extends Entry {
  readonly path: Path
}

/** Methods on the test problems of a subject: one part of an experiment. */
export interface Series {
  readonly subject: Subject
  readonly n: number
  readonly problems: number
  readonly contenders: readonly Contender[]
  readonly maxIterations?: number
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

/** The rows of a series, one after another; methods that do not exist for its problems are left out. */
export function* compete(
  { subject, n, problems, contenders, maxIterations = 400 }: Series,
  clock: Clock,
): Generator<Row> {
  const tests = testProblems(subject, problems, n)
  for (const contender of contenders) {
    if (contender.onlyQuadratic && !subject.isQuadratic) continue
    const { name: method, title, trained = null } = contender
    const runs = tests.map((problem) => measured(contender, problem, maxIterations, clock))
    yield { on: subject.name, n, method, title, trained, summary: summarize(runs), path: runs[0]?.path ?? [] }
  }
}

const iterationsOf = ({ summary }: Entry): number => summary.reached.at(-1)?.iterations ?? Number.NaN

/** How many times fewer iterations to the last tolerance one entry takes than another. */
export const speedup = (entry: Entry, than: Entry): number => iterationsOf(than) / iterationsOf(entry)

/** The entry that an entry is measured against: BFGS with backtracking on the same problems. */
export const referenceFor = ({ on, n }: Entry, among: readonly Entry[]): Entry | undefined =>
  among.find((other) => other.method === reference.name && other.on === on && other.n === n)

/** Times fewer iterations than backtracking needs; `undefined` where that was not measured. */
export const gainOf = (entry: Entry, among: readonly Entry[]): number | undefined => {
  const than = referenceFor(entry, among)
  return than && speedup(entry, than)
}
