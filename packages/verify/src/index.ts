export { adamTheorems, largestAdamStep } from './adam.ts'
export { bfgsTheorems } from './bfgs.ts'
export { above, atLeast, atMost, below, type Comparison, conjunction, equals, slackFactor } from './comparison.ts'
export { conditions } from './conditions.ts'
export type { Constants } from './constants.ts'
export { coordinatewiseTheorems } from './coordinatewise.ts'
export { coordinatewiseRates } from './coordinatewise-rates.ts'
export { type DescentConstants, descentConstants, type Spreads } from './descent-constants.ts'
export { type CurvatureBounds, curvatureBounds, type Extremes, extremeEigenvalues } from './estimate.ts'
export { type Curvature, constantsByLanczos, curvatureByDifferences, estimateKnown } from './estimate-known.ts'
export { gradientDescentTheorems } from './gradient-descent.ts'
export { guardTheorems } from './guards.ts'
export { hypergradientTheorems } from './hypergradient.ts'
export { jsonText } from './json.ts'
export { type Known, type Promised, promises, type Quantity } from './known.ts'
export type { Lazy } from './lazily.ts'
export { lbfgsTheorems } from './lbfgs.ts'
export { lineSearchTheorems } from './line-search.ts'
export { noisyBowlTheorems } from './lodo.ts'
export { gradientDescentLoss, heavyBallLoss, learnedDeviation, learningNoise, newtonLoss } from './noisy-bowl.ts'
export type { Replay, ReplayStep } from './replay.ts'
export { type RunView, viewOf } from './run-view.ts'
export { smoothnessTheorems } from './smoothness.ts'
export type { Status } from './status.ts'
export type { StepView } from './step-view.ts'
export { superlinearTheorems } from './superlinear.ts'
export {
  type Assumption,
  type CheckedAssumption,
  type Finding,
  onTrust,
  type Row,
  renamed,
  type Theorem,
  type TheoremParts,
  theorem,
  theoremMonoid,
  type Verdict,
} from './theorem.ts'
export { allTheorems, theoremsBySubject } from './theorems.ts'
export {
  decodeTrace,
  encodeHeader,
  encodeIterate,
  type Trace,
  type TraceError,
  type TraceHeader,
  type TraceIterate,
} from './trace.ts'
export { type LastStep, lastStep, traceIterate, traceOf } from './trace-of.ts'
export { type Report, verify, withVerdict } from './verify.ts'
