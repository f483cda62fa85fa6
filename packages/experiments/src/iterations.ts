import type { Tensor } from '@secant/linalg'
import { iterates, type Method, type Objective } from '@secant/optim'

/** Seconds, from any beginning. */
export type Clock = () => number

/** What a run took until its gap to the minimum was a tenth, a hundredth, … of the first one. */
export interface Reached {
  readonly iterations: number
  readonly evaluations: number
}

/** Each iterate of a run: the evaluations so far, and the gap relative to the first. */
export type Path = readonly { readonly evaluations: number; readonly gap: number }[]

/** A run of one method on one problem, measured against its minimum. */
export interface Measured {
  /** For each tolerance what it took, or `null` where it was not reached. */
  readonly reached: readonly (Reached | null)[]
  readonly iterations: number
  readonly evaluations: number
  /** How many iterations it was allowed. */
  readonly limit: number
  /** All the time, and what of it the objective took. */
  readonly seconds: number
  readonly objectiveSeconds: number
  readonly path: Path
}

const timed = (objective: Objective, clock: Clock, spent: (seconds: number) => void): Objective => {
  const during =
    <A>(measure: (x: Tensor) => A) =>
    (x: Tensor): A => {
      const began = clock()
      const measured = measure(x)
      spent(clock() - began)
      return measured
    }
  return { value: during(objective.value), point: during(objective.point) }
}

/**
 * Runs a method until its gap to `minimum` is below the last of the tolerances, relative to the first gap, or its
 * iterations are used up. A run that ends by itself has reached what it has reached.
 */
export const measureRun = <S>(
  objective: Objective,
  method: Method<S>,
  start: Tensor,
  minimum: number,
  {
    tolerances,
    maxIterations,
    clock,
  }: { readonly tolerances: readonly number[]; readonly maxIterations: number; readonly clock: Clock },
): Measured => {
  let objectiveSeconds = 0
  const watched = timed(objective, clock, (seconds) => {
    objectiveSeconds += seconds
  })
  const reached: (Reached | null)[] = tolerances.map(() => null)
  const path: { readonly evaluations: number; readonly gap: number }[] = []
  const began = clock()
  let [iterations, evaluations] = [0, 0]
  let firstGap = Number.NaN
  for (const { point, counts } of iterates(watched, method, start, { until: [], maxIterations })) {
    const gap = point.value - minimum
    if (path.length === 0) firstGap = gap
    ;({ iterations, evaluations } = counts)
    path.push({ evaluations, gap: gap / firstGap })
    for (const [i, tolerance] of tolerances.entries())
      if (reached[i] === null && gap <= tolerance * firstGap) reached[i] = { iterations, evaluations }
    if (reached.at(-1) !== null) break
  }
  return { reached, iterations, evaluations, limit: maxIterations, seconds: clock() - began, objectiveSeconds, path }
}

/** Means over the runs of one method on several problems. */
export interface Summary {
  /** For each tolerance: means, where a run that did not reach it counts as if it had gone on to its limit. */
  readonly reached: readonly { readonly iterations: number; readonly evaluations: number; readonly runs: number }[]
  readonly runs: number
  readonly evaluationsPerIteration: number
  /** Seconds of a run. */
  readonly seconds: number
  /** Milliseconds an iteration: of the objective, and of everything else. */
  readonly objectiveMilliseconds: number
  readonly methodMilliseconds: number
}

const total = <A>(list: readonly A[], of: (one: A) => number): number => list.reduce((sum, one) => sum + of(one), 0)

const evaluationsAtLimit = ({ iterations, evaluations, limit }: Measured): number =>
  iterations === 0 ? limit : (evaluations * limit) / iterations

/** What several runs took on average. */
export const summarize = (runs: readonly Measured[]): Summary => {
  const count = runs.length
  const iterations = total(runs, (run) => run.iterations)
  const seconds = total(runs, (run) => run.seconds)
  const objective = total(runs, (run) => run.objectiveSeconds)
  return {
    reached: (runs[0]?.reached ?? []).map((_, i) => ({
      iterations: total(runs, (run) => run.reached[i]?.iterations ?? run.limit) / count,
      evaluations: total(runs, (run) => run.reached[i]?.evaluations ?? evaluationsAtLimit(run)) / count,
      runs: runs.filter((run) => run.reached[i] !== null).length,
    })),
    runs: count,
    evaluationsPerIteration: total(runs, (run) => run.evaluations - 1) / iterations,
    seconds: seconds / count,
    objectiveMilliseconds: (1000 * objective) / iterations,
    methodMilliseconds: (1000 * (seconds - objective)) / iterations,
  }
}
