/** Random problems with known constants, by construction: nothing is drawn and thrown away. */
import fc from 'fast-check'
import type { KnownProblem } from './known-problem.ts'
import { logSumExpLoss } from './log-sum-exp.ts'
import { eighths, entries, factors } from './numbers.ts'
import { quadratics } from './quadratic.ts'
import { cauchy, logistic, type RegularizedParts, waves } from './ridge-sums.ts'
import type { SpectrumOptions } from './spectrum.ts'

export interface LossOptions {
  /** The largest number of variables. */
  readonly maxN?: number
  /** The largest number of rows. */
  readonly maxRows?: number
  /** The least λ, and so the least μ; 0 allows functions that are only convex. */
  readonly leastLambda?: number
}

/** Data of a loss: they shrink to one variable, one row and ones. */
const parts = ({
  maxN = 4,
  maxRows = 6,
  leastLambda = 0.01,
}: LossOptions): fc.Arbitrary<Required<RegularizedParts>> => {
  const positive = factors(leastLambda > 0 ? leastLambda : 0.01)
  const variable = fc.record({
    column: fc.array(entries, { minLength: maxRows, maxLength: maxRows }),
    minimizer: eighths(2),
    start: eighths(4, 1),
  })
  return fc
    .record({
      variables: fc.array(variable, { minLength: 1, maxLength: maxN }),
      m: fc.integer({ min: 1, max: maxRows }),
      lambda: leastLambda > 0 ? positive : fc.oneof(positive, fc.constant(0)),
    })
    .map(({ variables, m, lambda }) => ({
      rows: Array.from({ length: m }, (_, j) => variables.map(({ column }) => column[j] as number)),
      minimizer: variables.map(({ minimizer }) => minimizer),
      start: variables.map(({ start }) => start),
      lambda,
    }))
}

/** Logistic regressions. */
export const logisticLosses = (options: LossOptions = {}): fc.Arbitrary<KnownProblem> => parts(options).map(logistic)

/** Log-sum-exp losses. One of their rows is 0, which a shift of all rows would make it. */
export const logSumExpLosses = (options: LossOptions = {}): fc.Arbitrary<KnownProblem> =>
  fc.tuple(parts(options), fc.array(eighths(1), { minLength: 7, maxLength: 7 })).map(([data, shifts]) =>
    logSumExpLoss({
      ...data,
      rows: [data.minimizer.map(() => 0), ...data.rows],
      shifts: [0, ...data.rows.map((_, j) => shifts[j % shifts.length] as number)],
    }),
  )

export interface ProblemOptions extends SpectrumOptions, LossOptions {}

/** Quadratics, logistic regressions and log-sum-exp losses; strongly convex unless `leastLambda` is 0. */
export const convexProblems = (options: ProblemOptions = {}): fc.Arbitrary<KnownProblem> =>
  fc.oneof(quadratics(options), logisticLosses(options), logSumExpLosses(options))

/** Waves and Cauchy losses: smooth, bounded below, not convex. */
export const nonConvexProblems = (options: LossOptions = {}): fc.Arbitrary<KnownProblem> =>
  fc.oneof(
    parts(options).map(({ lambda: _, ...data }) => waves(data)),
    parts(options).map(({ lambda: _, ...data }) => cauchy(data)),
  )

/** All of these. */
export const smoothProblems = (options: ProblemOptions = {}): fc.Arbitrary<KnownProblem> =>
  fc.oneof(convexProblems(options), nonConvexProblems(options))
