import { add, mapTree, mul } from '@secant/autodiff'
import { foldIn, type Key, split, zeros } from '@secant/linalg'
import { stepTree, type TreeUpdate } from '@secant/optim'
import * as E from 'fp-ts/lib/Either.js'
import type { Estimate, Estimator, NothingFinite } from './estimator.ts'
import type { Executor } from './executor.ts'

/** One stretch for one chunk of a batch: its runs, or `null` where fresh ones are to be drawn. */
export interface Order<T, S> {
  readonly theta: T
  readonly state: S | null
  /** What fresh runs are drawn from, and what the estimator draws from. */
  readonly forRuns: Key
  readonly forStretch: Key
}

/** What executors carry out. A pure function on plain data, so it may be done anywhere. */
export type Work<T, S> = (order: Order<T, S>) => E.Either<NothingFinite, Estimate<T, S>>

/** Work from an estimator and a way to draw a batch of runs that stand at their start. */
export const workOf =
  <T, Runs, S>(estimator: Estimator<T, Runs, S>, draw: (theta: T, key: Key) => Runs): Work<T, S> =>
  ({ theta, state, forRuns, forStretch }) =>
    estimator.estimate(theta, state ?? estimator.begin(theta, draw(theta, forRuns)), forStretch)

/** The plan of a training; what the work is, its executor knows. */
export interface Plan<U> {
  readonly update: TreeUpdate<U>
  readonly episodes: number
  /** Stretches of an episode, each with one meta-update. */
  readonly stretches: number
  /** Parts of a batch; each is one order. Their number, and not that of the workers, decides the bits. */
  readonly chunks: number
}

/** A part of a batch in the course of an episode; lost where nothing finite was left of it. */
type Chunk<S> = { readonly kind: 'fresh' } | { readonly kind: 'running'; readonly state: S } | { readonly kind: 'lost' }

/** A training as far as it has come: plain data, so that one that is saved goes on to the same bits. */
export interface Training<T, S, U> {
  readonly theta: T
  readonly trainer: U
  readonly key: Key
  /** Episodes that are over, and stretches of the present one. */
  readonly episode: number
  readonly stretch: number
  readonly chunks: readonly Chunk<S>[]
  /** Meta-updates, and problems that were dropped, so far. */
  readonly updates: number
  readonly dropped: number
  /** Mean loss of every stretch so far; NaN where nothing was finite. */
  readonly losses: readonly number[]
}

const fresh = (chunks: number): readonly Chunk<never>[] => Array.from({ length: chunks }, () => ({ kind: 'fresh' }))

/** A training that has not begun. */
export const trainingFrom = <T, S, U>({ update, chunks }: Plan<U>, theta: T, key: Key): Training<T, S, U> => ({
  theta,
  trainer: update.init(theta),
  key,
  episode: 0,
  stretch: 0,
  chunks: fresh(chunks),
  updates: 0,
  dropped: 0,
  losses: [],
})

/** Mean loss and gradient of several estimates, each as heavy as its members. */
const combined = <T, S>(theta: T, estimates: readonly Estimate<T, S>[]): Pick<Estimate<T, S>, 'loss' | 'gradient'> => {
  const members = estimates.reduce((sum, estimate) => sum + estimate.members, 0)
  let [loss, gradient] = [0, mapTree(({ shape }) => zeros(shape), theta)]
  for (const estimate of estimates) {
    const share = estimate.members / members
    loss += share * estimate.loss
    gradient = mapTree((sum, part) => add(sum, mul(share, part)), gradient, estimate.gradient)
  }
  return { loss, gradient }
}

/** Where the training stands once a stretch is done: within its episode, or before the next. */
const advanced = <S>(stretches: number, episode: number, stretch: number, chunks: readonly Chunk<S>[]) =>
  stretch + 1 < stretches && chunks.some(({ kind }) => kind !== 'lost')
    ? { episode, stretch: stretch + 1, chunks }
    : { episode: episode + 1, stretch: 0, chunks: fresh(chunks.length) }

/**
 * One meta-update: every chunk does its stretch, and θ follows the mean gradient. A pure function of the training, as the
 * work is one of its order.
 */
export const metaStep = async <T, S, U>(
  plan: Plan<U>,
  executor: Executor<Order<T, S>, ReturnType<Work<T, S>>>,
  training: Training<T, S, U>,
): Promise<Training<T, S, U>> => {
  const { theta, trainer, key, episode, stretch } = training
  const orders = training.chunks.flatMap((chunk, place) => {
    if (chunk.kind === 'lost') return []
    const [forRuns, forStretches] = split(foldIn(foldIn(key, episode), place))
    const state = chunk.kind === 'running' ? chunk.state : null
    return [{ theta, state, forRuns, forStretch: foldIn(forStretches, stretch) }]
  })
  const outcomes = await executor(orders)
  const estimates = outcomes.flatMap((outcome) => (E.isRight(outcome) ? [outcome.right] : []))
  const { loss, gradient } = combined(theta, estimates)
  const [next, nextTrainer] =
    estimates.length === 0 ? [theta, trainer] : stepTree(plan.update)(trainer, gradient, theta)
  let order = 0
  const chunks = training.chunks.map((chunk): Chunk<S> => {
    const outcome = chunk.kind === 'lost' ? undefined : outcomes[order++]
    return outcome !== undefined && E.isRight(outcome)
      ? { kind: 'running', state: outcome.right.state }
      : { kind: 'lost' }
  })
  const dropped = outcomes.map((outcome) => (E.isRight(outcome) ? outcome.right.dropped : outcome.left.dropped))
  return {
    theta: next,
    trainer: nextTrainer,
    key,
    ...advanced(plan.stretches, episode, stretch, chunks),
    updates: training.updates + (estimates.length === 0 ? 0 : 1),
    dropped: dropped.reduce((sum, count) => sum + count, training.dropped),
    losses: [...training.losses, estimates.length === 0 ? Number.NaN : loss],
  }
}

/** A training to the end of its plan, after each meta-update. */
export async function* train<T, S, U>(
  plan: Plan<U>,
  executor: Executor<Order<T, S>, ReturnType<Work<T, S>>>,
  from: Training<T, S, U>,
): AsyncGenerator<Training<T, S, U>> {
  let training = from
  while (training.episode < plan.episodes) {
    training = await metaStep(plan, executor, training)
    yield training
  }
}
