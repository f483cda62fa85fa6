export { adam, type Moments } from './adam.ts'
export { backtracking } from './backtracking.ts'
export { bfgs, bfgsUpdate } from './bfgs.ts'
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
export { type Direction, steepest } from './direction.ts'
export { type AsyncObjective, drive, driveAsync, type Objective } from './drive.ts'
export { fixed } from './fixed.ts'
export { hasCurvature, type InitialScale, unitLength } from './initial-scale.ts'
export { inverseHessian, lbfgs, type Pairs } from './lbfgs.ts'
export { type Answer, type Ask, type Measuring, measurePoint, measureValue } from './measure.ts'
export { type Descent, descend, type Method } from './method.ts'
export { defaultMethod, minimize, type Solution } from './minimize.ts'
export { type Flattened, fromGradient, type GivenGradient, type Minimizable, objectiveOf } from './objective.ts'
export type { Move, Place, Point, Trial } from './point.ts'
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
export { type Ray, rayFrom, type Search, type StepFailure } from './search.ts'
export { strongWolfe } from './strong-wolfe.ts'
export { following, type Update } from './update.ts'
