export { bestSteps } from './best-steps.ts'
export { type BeforeUpdate, type CombinationFeatures, scaleFree } from './combination-features.ts'
export { type Combined, combined } from './combined.ts'
export { type Coordinatewise, coordinatewise } from './coordinatewise.ts'
export { type Annealing, annealed, type Diagonal, distanceFromOne, shrunk } from './diagonal.ts'
export { every, type Held } from './every.ts'
export { type Features, normalised, raw } from './features.ts'
export { type GivenSteps, givenSteps } from './given-steps.ts'
export { type Fallback, gradientDecrease, guarded, unitStepIf, unscaled } from './guarded.ts'
export { type HypergradientSteps, hypergradientSteps } from './hypergradient-steps.ts'
export type { Network } from './network.ts'
export { type LstmTheta, lstmNetwork } from './networks/lstm-network.ts'
export { mlpNetwork } from './networks/mlp-network.ts'
export { type Online, online } from './online.ts'
export { frozen, type Policy } from './policy.ts'
export { type RandomSteps, randomSteps } from './random-steps.ts'
export { innerProducts, pooled, type StepFeatures, type Surroundings } from './step-features.ts'
export { aroundOne, logarithmic, type StepRange, type StepScaled, stepScaled } from './step-scaled.ts'
export type { Estimate, Estimator, NothingFinite } from './training/estimator.ts'
export { type EvolutionOptions, evolution, type Particle, persistentEvolution } from './training/evolution.ts'
export { type Executor, inProcess } from './training/executor.ts'
export { differentiatedThrough, heldConstant, type Measured, measuredBy } from './training/measured.ts'
export {
  metaStep,
  type Order,
  type Plan,
  type Training,
  train,
  trainingFrom,
  type Work,
  workOf,
} from './training/meta-training.ts'
export { halvings, type StepLength, wholeStep } from './training/step-length.ts'
export { throughTime } from './training/through-time.ts'
export { beginning, type Episode, type StepLoss, type Stretch, type Unrolling, unroll } from './training/unroll.ts'
export { type About, decodeWeights, encodeWeights, type Weights } from './weights.ts'
