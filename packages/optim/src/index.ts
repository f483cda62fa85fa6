export { type Backtracking, backtracking } from './backtracking.ts'
export { boxMinimum } from './box-minimum.ts'
export {
  armijo,
  type Condition,
  conditionMonoid,
  curvature,
  holds,
  strongCurvature,
  strongWolfeCondition,
  wolfeCondition,
} from './condition.ts'
export { descendByProducts, multiply } from './descend-by-products.ts'
export { type Direction, steepest } from './direction.ts'
export { type AsyncObjective, drive, driveAsync, type Objective } from './drive.ts'
export { exactQuadratic } from './exact-quadratic.ts'
export { acrossLeaves, onVector } from './first-order/across-leaves.ts'
export { adadelta, type Deltas } from './first-order/adadelta.ts'
export { adagrad } from './first-order/adagrad.ts'
export { type AdamOptions, adam, adamw, type CorrectedMoments } from './first-order/adam.ts'
export { amsgrad, type LargestMoments } from './first-order/amsgrad.ts'
export { byLeaf, byPath, masked, type Path } from './first-order/by-path.ts'
export { chain, flatState, identity, updateMonoid } from './first-order/chain.ts'
export { clippedByNorm, clippedByValue } from './first-order/clipped.ts'
export { inverseRoot } from './first-order/inverse-root.ts'
export { lars } from './first-order/lars.ts'
export { lion } from './first-order/lion.ts'
export type { Moments } from './first-order/moments.ts'
export { momentum, nesterov } from './first-order/momentum.ts'
export { type NesterovMoments, nadam } from './first-order/nadam.ts'
export { centredRmsprop, rmsprop } from './first-order/rmsprop.ts'
export { type Count, type Rate, type Schedule, scaled, sgd } from './first-order/scaled.ts'
export {
  constant,
  cosineDecay,
  exponentialDecay,
  inverseTime,
  piecewise,
  polynomialDecay,
  thenAfter,
  warmup,
} from './first-order/schedules.ts'
export { shampoo } from './first-order/shampoo.ts'
export { stepTree, type TreeUpdate } from './first-order/tree-update.ts'
export { following, type Update } from './first-order/update.ts'
export { weightDecay } from './first-order/weight-decay.ts'
export { yogi } from './first-order/yogi.ts'
export { fixed } from './fixed.ts'
export { approximateWolfe, disjunction, goldstein } from './further-conditions.ts'
export { hagerZhang } from './hager-zhang.ts'
export { hasCurvature, type InitialScale, unitLength } from './initial-scale.ts'
export { bfgsUpdate, dfpUpdate, type InverseUpdate, secantPair, sr1Update } from './inverse-update.ts'
export { inverseHessian, lbfgs, type Pairs } from './lbfgs.ts'
export {
  type Answer,
  type Ask,
  type Measurement,
  type Measuring,
  measurePoint,
  measureValue,
} from './measure.ts'
export { type Descent, descend, type Method } from './method.ts'
export { defaultMethod, type MinimizeOptions, minimize, type Solution } from './minimize.ts'
export { type AsyncRunOptions, minimizeAsync } from './minimize-async.ts'
export { moreThuente } from './more-thuente.ts'
export { inverseTimes, type Multiplication } from './multiplication.ts'
export { type Average, averageOfValues, decreaseBelow, maximumOfLast } from './nonmonotone.ts'
export {
  type AsyncMinimizable,
  asyncObjectiveOf,
  type Flattened,
  fromGradient,
  type GivenGradient,
  type Minimizable,
  type ObjectiveOptions,
  objectiveOf,
} from './objective.ts'
export type { Move, Place, Point, Trial } from './point.ts'
export { bfgs, dfp, type QuasiNewton, quasiNewton, sr1 } from './quasi-newton.ts'
export { descendRemembering, fromLastStep, type Remembering, type RememberingDescent } from './remembering.ts'
export { type Rescaled, rescaledBfgs } from './rescaled-bfgs.ts'
export {
  type Certificate,
  type Counts,
  type Criterion,
  explain,
  gradientNorm,
  type Iterate,
  iterates,
  type Run,
  type RunOptions,
  resume,
  run,
  type Stopped,
} from './run.ts'
export { type Interrupted, iteratesAsync, resumeAsync, runAsync } from './run-async.ts'
export { isFinitePoint, noStep, type Ray, rayFrom, type Search, type StepFailure } from './search.ts'
export { strongWolfe } from './strong-wolfe.ts'
