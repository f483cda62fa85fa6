import { concrete, item } from '@secant/autodiff'
import { leastSquares as solvedByQr } from '@secant/linalg'
import {
  bentFamily,
  type Digits,
  type Family,
  type Instance,
  type LinearSystem,
  leastSquaresFamily,
  logisticFamily,
  logSumExpFamily,
  minimumByNewton,
} from '@secant/problems'
import * as E from 'fp-ts/lib/Either.js'

/** How a policy is trained on a family. */
export interface Recipe {
  /** Weight of ‖P − I‖². */
  readonly lambda: number
  /** Whether steps are guarded while training: shrunk toward their mean, and halved until f decreases. */
  readonly guarded: boolean
  /** Problems at a time, and into how many parts they are cut. */
  readonly batch: number
  readonly chunks: number
  readonly episodes: number
  /** Steps, and so meta-updates, in an episode. */
  readonly steps: number
  readonly rate: number
}

/** A family of problems that policies are trained and tested on. */
export interface Subject {
  readonly name: string
  readonly title: string
  readonly n: number
  readonly family: (n: number) => Family<unknown>
  /** The least value of one of its problems. */
  readonly minimum: (instance: Instance<unknown>) => number
  readonly recipe: Recipe
  /** Whether objectives are quadratic, so that exact searches and best steps exist. */
  readonly isQuadratic: boolean
}

const recipe: Recipe = { lambda: 1e-3, guarded: false, batch: 16, chunks: 2, episodes: 100, steps: 60, rate: 1e-3 }

/** A family whose data only it needs to know. */
const known = <D>(family: Family<D>): Family<unknown> => family as Family<unknown>

const byNewton = ({ objective, start }: Instance<unknown>): number => minimumByNewton(objective, start).best.value

/** Newton's method takes n Hessian products a step; this one factorization. */
const byQr = ({ data, objective }: Instance<unknown>): number => {
  const { matrix, target } = data as LinearSystem
  const solution = solvedByQr(concrete(matrix), concrete(target))
  if (E.isLeft(solution)) throw new Error(`minimum: got a matrix of rank ${solution.left.rank}; needs full rank`)
  return item(objective(solution.right))
}

const leastSquaresOf = (name: string, spread: number, changes: Partial<Recipe>): Subject => ({
  name,
  title: `least squares, C = ${spread}`,
  n: 30,
  family: (n) => known(leastSquaresFamily({ n, spread })),
  minimum: byQr,
  recipe: { ...recipe, ...changes },
  isQuadratic: true,
})

export const leastSquares: Subject = leastSquaresOf('least-squares', 10, {})

export const stiffLeastSquares: Subject = leastSquaresOf('least-squares-30', 30, {
  lambda: 1e-2,
  steps: 80,
  episodes: 75,
})

/** Least squares with columns of one length: to test on what no policy was trained for. */
export const evenLeastSquares: Subject = leastSquaresOf('least-squares-1', 1, {})

export const logistic: Subject = {
  name: 'logistic',
  title: 'logistic regression',
  n: 30,
  family: (n) => known(logisticFamily({ n })),
  minimum: byNewton,
  recipe,
  isQuadratic: false,
}

export const logSumExp: Subject = {
  name: 'log-sum-exp',
  title: 'log-sum-exp',
  n: 30,
  family: (n) => known(logSumExpFamily({ n })),
  minimum: byNewton,
  recipe: { ...recipe, guarded: true, steps: 40, episodes: 150 },
  isQuadratic: false,
}

export const bent: Subject = {
  name: 'bent',
  title: 'bent squares (not convex)',
  n: 30,
  family: (n) => known(bentFamily({ n })),
  minimum: byNewton,
  recipe: { ...recipe, guarded: true },
  isQuadratic: false,
}

/**
 * The tiny network on digits, whose family is made of images from elsewhere. Its objective has kinks and no known
 * minimum, but 0 is below it; its matrix has 2.4 million entries, so the batch is small.
 */
export const tinyCnn = (family: Family<Digits>): Subject => ({
  name: 'tiny-cnn',
  title: 'tiny CNN on 200 digits',
  n: family.n,
  family: () => known(family),
  minimum: () => 0,
  recipe: { ...recipe, guarded: true, batch: 2, chunks: 2, episodes: 8, steps: 60 },
  isQuadratic: false,
})

/** What policies are trained on. */
export const subjects: readonly Subject[] = [leastSquares, stiffLeastSquares, logistic, logSumExp, bent]
