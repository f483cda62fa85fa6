/** Gradients from values alone: losses are measured at parameters moved at random, in pairs of opposite directions. */
import { add, concrete, mapTree, mul, vmap } from '@secant/autodiff'
import { foldIn, type Key, normal, type Tensor, zeros } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { membersAt, placesOf } from './batch.ts'
import type { Estimate, Estimator } from './estimator.ts'
import type { Stretch } from './unroll.ts'

export interface EvolutionOptions {
  /** Standard deviation of the moves. */
  readonly sigma?: number
  readonly pairs?: number
}

const checked = (operation: string, { sigma = 0.01, pairs = 8 }: EvolutionOptions): Required<EvolutionOptions> => {
  if (!(sigma > 0)) throw new Error(`${operation}: got sigma = ${sigma}; needs a number > 0`)
  if (!(Number.isInteger(pairs) && pairs > 0))
    throw new Error(`${operation}: got ${pairs} pairs; needs a whole number ≥ 1`)
  return { sigma, pairs }
}

/** Two batches of runs that a move and its opposite are tried on, and the moves they have seen, added up. */
export interface Particle<T, Runs> {
  readonly up: Runs
  readonly down: Runs
  readonly drift: T
}

/** A particle after a stretch, and what its members lost on both sides. */
interface Trial<T, Runs> extends Particle<T, Runs> {
  readonly above: Tensor
  readonly below: Tensor
}

const nothingLike = <T>(theta: T): T => mapTree(({ shape }) => zeros(shape), theta)

/** `a + c b`, leaf by leaf. */
const moved = <T>(a: T, c: number, b: T): T => mapTree((leaf, other) => add(leaf, mul(c, other)), a, b)

/** A tree of normal numbers like the parameters. */
const moveOf = <T>(theta: T, key: Key): T => {
  let leaf = 0
  return mapTree(({ shape }) => normal(foldIn(key, leaf++), shape), theta)
}

/** The losses of a batch of runs, and the runs after the stretch. */
const runsAfter =
  <T, Runs>(stretch: Stretch<T, Runs>) =>
  (theta: T, runs: Runs): readonly [losses: Tensor, runs: Runs] => {
    const [losses, next] = vmap((episode: Runs) => stretch(theta, episode))(runs)
    return [concrete(losses), next]
  }

const tried =
  <T, Runs>(stretch: Stretch<T, Runs>, theta: T, sigma: number) =>
  ({ up, down, drift }: Particle<T, Runs>, key: Key): Trial<T, Runs> => {
    const run = runsAfter(stretch)
    const move = moveOf(theta, key)
    const [above, upNext] = run(moved(theta, sigma, move), up)
    const [below, downNext] = run(moved(theta, -sigma, move), down)
    return { above, below, up: upNext, down: downNext, drift: moved(drift, 1, move) }
  }

/** The members whose losses are all finite. */
const soundIn = (losses: readonly Tensor[]): readonly number[] =>
  placesOf(losses).filter((i) => losses.every(({ data }) => Number.isFinite(data[i])))

/** Mean loss and `Σ (L₊ − L₋) drift / (2 σ pairs)` over the sound members. */
const gathered = <T, Runs>(
  theta: T,
  trials: readonly Trial<T, Runs>[],
  sound: readonly number[],
  sigma: number,
): Pick<Estimate<T, Runs>, 'loss' | 'gradient'> => {
  const meanOf = ({ data }: Tensor): number => sound.reduce((sum, i) => sum + (data[i] as number), 0) / sound.length
  let [loss, gradient] = [0, nothingLike(theta)]
  for (const { above, below, drift } of trials) {
    const [high, low] = [meanOf(above), meanOf(below)]
    loss += (high + low) / (2 * trials.length)
    gradient = moved(gradient, (high - low) / (2 * sigma * trials.length), drift)
  }
  return { loss, gradient }
}

/**
 * Antithetic evolution strategies (Salimans et al. 2017): all moves start from the same runs, which then go on with the
 * parameters themselves. Estimates the gradient of the loss smoothed over N(θ, σ²); as with truncated backpropagation,
 * what a stretch does to later ones is not seen.
 */
export const evolution = <T, Runs>(
  stretch: Stretch<T, Runs>,
  options: EvolutionOptions = {},
): Estimator<T, Runs, Runs> => {
  const { sigma, pairs } = checked('evolution', options)
  return {
    name: `evolution strategies, ${pairs} pairs`,
    begin: (_, runs) => runs,
    estimate: (theta, runs, key) => {
      const [own, next] = runsAfter(stretch)(theta, runs)
      const start = { up: runs, down: runs, drift: nothingLike(theta) }
      const trials = Array.from({ length: pairs }, (_, j) => tried(stretch, theta, sigma)(start, foldIn(key, j)))
      const sound = soundIn([own, ...trials.flatMap(({ above, below }) => [above, below])])
      const dropped = placesOf(runs).length - sound.length
      if (sound.length === 0) return E.left({ kind: 'nothing finite', dropped })
      const state = dropped === 0 ? next : membersAt(next, sound)
      return E.right({ ...gathered(theta, trials, sound, sigma), state, members: sound.length, dropped })
    },
  }
}

/**
 * Persistent evolution strategies (Vicol, Metz and Sohl-Dickstein 2021, algorithm 2): each pair keeps runs of its own
 * and multiplies by all moves they have seen, so that the influence of a stretch on later ones is counted: no truncation
 * bias, at the price of more variance.
 */
export const persistentEvolution = <T, Runs>(
  stretch: Stretch<T, Runs>,
  options: EvolutionOptions = {},
): Estimator<T, Runs, readonly Particle<T, Runs>[]> => {
  const { sigma, pairs } = checked('persistentEvolution', options)
  return {
    name: `persistent evolution strategies, ${pairs} pairs`,
    begin: (theta, runs) => Array.from({ length: pairs }, () => ({ up: runs, down: runs, drift: nothingLike(theta) })),
    estimate: (theta, particles, key) => {
      const trials = particles.map((particle, j) => tried(stretch, theta, sigma)(particle, foldIn(key, j)))
      const sound = soundIn(trials.flatMap(({ above, below }) => [above, below]))
      const dropped = placesOf(particles[0]?.up).length - sound.length
      if (sound.length === 0) return E.left({ kind: 'nothing finite', dropped })
      const kept = (batch: Runs): Runs => (dropped === 0 ? batch : membersAt(batch, sound))
      const state = trials.map(({ up, down, drift }) => ({ up: kept(up), down: kept(down), drift }))
      return E.right({ ...gathered(theta, trials, sound, sigma), state, members: sound.length, dropped })
    },
  }
}
