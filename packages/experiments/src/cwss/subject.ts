import {
  bentFamily,
  type Digits,
  type Family,
  leastSquaresFamily,
  logisticFamily,
  logSumExpFamily,
} from '@secant/problems'

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
  readonly recipe: Recipe
  /** Whether objectives are quadratic, so that exact searches and best steps exist. */
  readonly isQuadratic: boolean
}

const recipe: Recipe = { lambda: 1e-3, guarded: false, batch: 16, chunks: 2, episodes: 100, steps: 60, rate: 1e-3 }

/** A family whose data only it needs to know. */
const known = <D>(family: Family<D>): Family<unknown> => family as Family<unknown>

export const leastSquares: Subject = {
  name: 'least-squares',
  title: 'least squares, C = 10',
  n: 30,
  family: (n) => known(leastSquaresFamily({ n, spread: 10 })),
  recipe,
  isQuadratic: true,
}

export const stiffLeastSquares: Subject = {
  name: 'least-squares-30',
  title: 'least squares, C = 30',
  n: 30,
  family: (n) => known(leastSquaresFamily({ n, spread: 30 })),
  recipe: { ...recipe, lambda: 1e-2, steps: 80, episodes: 75 },
  isQuadratic: true,
}

export const logistic: Subject = {
  name: 'logistic',
  title: 'logistic regression',
  n: 30,
  family: (n) => known(logisticFamily({ n })),
  recipe,
  isQuadratic: false,
}

export const logSumExp: Subject = {
  name: 'log-sum-exp',
  title: 'log-sum-exp',
  n: 30,
  family: (n) => known(logSumExpFamily({ n })),
  recipe: { ...recipe, guarded: true, steps: 40, episodes: 150 },
  isQuadratic: false,
}

export const bent: Subject = {
  name: 'bent',
  title: 'bent squares (not convex)',
  n: 30,
  family: (n) => known(bentFamily({ n })),
  recipe: { ...recipe, guarded: true },
  isQuadratic: false,
}

/**
 * The tiny network on digits, whose family is made of images from elsewhere. Its objective has kinks and no known minimum;
 * its matrix has 2.4 million entries, so the batch is small.
 */
export const tinyCnn = (family: Family<Digits>): Subject => ({
  name: 'tiny-cnn',
  title: 'tiny CNN on 200 digits',
  n: family.n,
  family: () => known(family),
  recipe: { ...recipe, guarded: true, batch: 2, chunks: 2, episodes: 8, steps: 60 },
  isQuadratic: false,
})

export const subjects: readonly Subject[] = [leastSquares, stiffLeastSquares, logistic, logSumExp, bent]
