/** Tools for tests: random problems about which everything is known, and the laws of methods and directions. */
export { type Facts, type KnownProblem, knownProblem, startedAt } from './known-problem.ts'
export type { Law } from './law.ts'
export { type DirectionClaims, lawsOf } from './laws-of.ts'
export { type LogSumExpParts, logSumExpLoss } from './log-sum-exp.ts'
export {
  convexProblems,
  type LossOptions,
  logisticLosses,
  logSumExpLosses,
  nonConvexProblems,
  type ProblemOptions,
  smoothProblems,
} from './losses.ts'
export { type MethodFor, trialsOf } from './method-laws.ts'
export { eighths, factors, starts, turns, vector, vectors } from './numbers.ts'
export {
  type RandomPolicy,
  type RandomPolicyParts,
  randomPolicies,
  randomPolicy,
  recurrentNetwork,
} from './policies.ts'
export { callOf, printedAs } from './printed.ts'
export { type MethodClaims, propertiesOf } from './properties-of.ts'
export { type KnownQuadratic, type QuadraticParts, quadratic, quadratics } from './quadratic.ts'
export { cauchy, logistic, type RegularizedParts, type RidgeParts, waves } from './ridge-sums.ts'
export { backtrackingSearches, type PromisingSearch, searches, wolfeConstants, wolfeSearches } from './searches.ts'
export { type Spectral, type SpectrumOptions, spdMatrices, spectra, symmetric } from './spectrum.ts'
export { diagonals, displacements, lengths, signals, windowFractions } from './steps.ts'
export {
  type Change,
  changed,
  permutation,
  rotation,
  type Symmetry,
  scalingOfValues,
  scalingOfVariables,
  translation,
} from './symmetry.ts'
export { isAtMost, isClose, isResolved, resolution, roundingOf, stepOf } from './tolerance.ts'
