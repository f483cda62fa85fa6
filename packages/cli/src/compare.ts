import { norm } from '@secant/linalg'
import { type Certificate, type Counts, gradientNorm, type Run, type Stopped } from '@secant/optim'
import type { TraceHeader } from '@secant/verify'
import type * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import type { Contender, Task } from './catalogue.ts'
import { traceWriter } from './trace-writer.ts'

/** What is kept of an iterate for tables and plots. */
export interface Sample {
  readonly k: number
  readonly evaluations: number
  readonly seconds: number
  readonly value: number
  readonly gradientNorm: number
  /** The step that led here. */
  readonly alpha: number | undefined
}

/** A finished run of one method on one problem. */
export interface Result {
  readonly task: Task
  readonly contender: Contender
  readonly samples: readonly Sample[]
  readonly best: number
  readonly gradientNorm: number
  readonly seconds: number
  readonly counts: Counts
  readonly outcome: E.Either<Stopped, NonEmptyArray<Certificate>>
}

export interface Limits {
  readonly maxSeconds: number
  readonly maxEvaluations: number
  readonly gradientTolerance: number
}

/** Surroundings of a run: a clock in seconds, what to do after each iterate, and where a trace goes. */
export interface Watch {
  readonly clock: () => number
  readonly onSample: (sample: Sample) => void
  readonly writeTrace?: (line: string) => void
}

const headerOf = (task: Task, { title, options }: Contender): TraceHeader => ({
  method: title,
  n: task.n,
  options: { ...options, problem: task.name },
  ...(task.minimum === undefined ? {} : { constants: { minimum: task.minimum } }),
})

/** Runs one method on one problem within its limits; the clock stands still while it is being watched. */
export const compete = (task: Task, contender: Contender, limits: Limits, watch: Watch): Result => {
  const samples: Sample[] = []
  const trace = watch.writeTrace && traceWriter(headerOf(task, contender), watch.writeTrace)
  let [seconds, resumed] = [0, watch.clock()]
  const elapsed = (): number => seconds + watch.clock() - resumed
  const run = contender.begin(task, {
    until: [gradientNorm(limits.gradientTolerance)],
    maxEvaluations: limits.maxEvaluations,
    maxIterations: limits.maxEvaluations,
    stop: () => elapsed() >= limits.maxSeconds,
  })
  for (let turn = run.next(); ; turn = run.next()) {
    seconds = elapsed()
    if (turn.done) {
      trace?.end()
      return resultOf(task, contender, samples, seconds, turn.value)
    }
    const { point, counts, state } = turn.value
    const sample = {
      k: counts.iterations,
      evaluations: counts.evaluations,
      seconds,
      value: point.value,
      gradientNorm: norm(point.grad),
      alpha: state.last?.alpha,
    }
    samples.push(sample)
    trace?.next(turn.value, seconds)
    watch.onSample(sample)
    resumed = watch.clock()
  }
}

const resultOf = (
  task: Task,
  contender: Contender,
  samples: readonly Sample[],
  seconds: number,
  { best, counts, outcome }: Run<unknown>,
): Result => ({
  task,
  contender,
  samples,
  best: best.value,
  gradientNorm: norm(best.grad),
  seconds,
  counts,
  outcome,
})
