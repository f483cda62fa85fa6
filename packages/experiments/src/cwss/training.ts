import { type Value, vmap } from '@secant/autodiff'
import { foldIn, type Key, key, split } from '@secant/linalg'
import {
  acrossLeaves,
  adam,
  type CorrectedMoments,
  type Count,
  chain,
  clippedByNorm,
  type TreeUpdate,
} from '@secant/optim'
import {
  beginning,
  type Diagonal,
  type Episode,
  halvings,
  heldConstant,
  type Plan,
  shrunk,
  type Training,
  throughTime,
  trainingFrom,
  unroll,
  type Work,
  wholeStep,
  workOf,
} from '@secant/policy'
import { batchOf, type Family } from '@secant/problems'
import { cwssLoss, type DiagonalPolicy, type Variant } from './policy.ts'
import type { Recipe, Subject } from './subject.ts'

/** A batch of runs of a policy in training. */
export type Runs = Episode<unknown, Diagonal>

/** What is trained, on what, and how. */
export interface Lesson {
  readonly subject: Subject
  readonly variant: Variant
  readonly recipe: Recipe
  readonly seed: number
}

/** A name for tables and folders: what differs from the subject's own recipe is told by λ. */
export const lessonLabel = ({ subject, variant, recipe, seed }: Lesson): string => {
  const lambda = recipe.lambda === subject.recipe.lambda ? '' : `-lambda-${recipe.lambda}`
  return `${subject.name}-${variant.name}${lambda}-${seed}`
}

/** What Adam remembers. */
export type Trainer = readonly [readonly [], readonly [CorrectedMoments, Count]]

/** Adam on a gradient whose norm is at most 1. */
const trainer = (rate: number): TreeUpdate<Trainer> => acrossLeaves(chain(clippedByNorm(1), adam({ rate })))

export const planOf = ({ recipe }: Lesson): Plan<Trainer> => ({
  update: trainer(recipe.rate),
  episodes: recipe.episodes,
  stretches: recipe.steps,
  chunks: recipe.chunks,
})

/** The guard of deployment, as far as it can be written in values: shrunk steps, halved until f decreases. */
const guardedPolicy = (policy: DiagonalPolicy): DiagonalPolicy => ({
  ...policy,
  direction: (theta) => shrunk(policy.direction(theta)),
})

/** One-step training: the loss of the next step, its gradient, and the runs after that step. */
export const lessonWork = ({ subject, variant, recipe }: Lesson): Work<unknown, Runs> => {
  const family: Family<unknown> = subject.family(subject.n)
  const unrolling = {
    policy: recipe.guarded ? guardedPolicy(variant.policy) : variant.policy,
    measured: heldConstant(family.objective),
    loss: cwssLoss(recipe.lambda),
    length: recipe.guarded ? halvings({ most: 20 }) : wholeStep,
  }
  const begin = beginning(unrolling)
  const draw = (theta: unknown, from: Key): Runs => {
    const { data, starts } = batchOf(family, split(from, recipe.batch / recipe.chunks))
    return vmap((each: unknown, x: Value) => begin(theta, each, x))(data, starts)
  }
  return workOf(throughTime(unroll(unrolling)), draw)
}

/** Keys of a seed: for first parameters, for training, and for tests, which no training sees. */
const keysOf = (seed: number): { readonly forTheta: Key; readonly forTraining: Key } => {
  const [forTheta, forTraining] = split(key(seed))
  return { forTheta, forTraining }
}

/** Where testing problems come from. */
export const testKey: Key = foldIn(key(2 ** 40), 0)

/** A lesson before its first step. */
export const lessonFrom = (lesson: Lesson): Training<unknown, Runs, Trainer> => {
  const { forTheta, forTraining } = keysOf(lesson.seed)
  const [theta] = lesson.variant.policy.start(lesson.subject.n)(forTheta)
  return trainingFrom(planOf(lesson), theta, forTraining)
}
