/** The tiny network on digits: no minimum is known, so what counts is the loss after so much work. */
import { split, zeros } from '@secant/linalg'
import {
  adam,
  byLeaf,
  descend,
  fixed,
  following,
  iterates,
  lbfgs,
  objectiveOf,
  onVector,
  shampoo,
  strongWolfe,
} from '@secant/optim'
import { type Instance, instanceOf, tinyCnnLayers } from '@secant/problems'
import type { Clock } from '../iterations.ts'
import { always, type Contender, reference } from './contender.ts'
import type { Subject } from './subject.ts'
import { testKey } from './training.ts'

/** Iterations, and evaluations, after which the loss is read. */
export const marks = [25, 50, 100, 200] as const

/** The loss of one method, mean over problems. */
export interface NetworkRun {
  readonly title: string
  readonly trained: string | null
  readonly byIterations: readonly number[]
  readonly byEvaluations: readonly number[]
  readonly secondsPerIteration: number
}

/** What the learned steps are compared with on networks; the rates are usual ones, not tuned. */
export const networkContenders = (n: number): readonly Contender[] => [
  always('adam', 'Adam, rate 0.03', descend(following(adam({ rate: 0.03 })), fixed(1))),
  always(
    'shampoo',
    'Shampoo, rate 0.1',
    descend(following(onVector(byLeaf(shampoo({ rate: 0.1 })), tinyCnnLayers(zeros([n])))), fixed(1)),
  ),
  reference,
  always('lbfgs', 'L-BFGS(10), strong Wolfe', descend(lbfgs(), strongWolfe())),
]

const lossesOf = (contender: Contender, instance: Instance<unknown>, clock: Clock) => {
  const last = marks.at(-1) as number
  const { objective } = objectiveOf<Instance<unknown>['start']>((x) => instance.objective(x), instance.start)
  const seen: { readonly iterations: number; readonly evaluations: number; readonly loss: number }[] = []
  const began = clock()
  for (const { best, counts } of iterates(objective, contender.method(instance), instance.start, {
    until: [],
    maxIterations: last,
  }))
    seen.push({ ...counts, loss: best.value })
  /** The best loss within so much work; where the run ended before, that at its end. */
  const within = (field: 'iterations' | 'evaluations'): readonly number[] =>
    marks.map((mark) => seen.filter((at) => at[field] <= mark).at(-1)?.loss ?? Number.NaN)
  return {
    byIterations: within('iterations'),
    byEvaluations: within('evaluations'),
    seconds: (clock() - began) / Math.max(1, seen.length - 1),
  }
}

/** One row for each contender: the loss on the first problems of the test set. */
export function* networkRuns(
  subject: Subject,
  contenders: readonly Contender[],
  problems: number,
  clock: Clock,
): Generator<NetworkRun> {
  const instances = split(testKey, problems).map((from) => instanceOf(subject.family(subject.n), from))
  for (const contender of contenders) {
    const runs = instances.map((instance) => lossesOf(contender, instance, clock))
    const mean = (of: (run: (typeof runs)[number]) => number): number =>
      runs.reduce((sum, run) => sum + of(run), 0) / runs.length
    yield {
      title: contender.title,
      trained: contender.trained ?? null,
      byIterations: marks.map((_, i) => mean((run) => run.byIterations[i] as number)),
      byEvaluations: marks.map((_, i) => mean((run) => run.byEvaluations[i] as number)),
      secondsPerIteration: mean((run) => run.seconds),
    }
  }
}
