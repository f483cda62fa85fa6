export {
  compete,
  type Entry,
  gainOf,
  type Row,
  referenceFor,
  type Series,
  speedup,
  type TestProblem,
  testProblems,
  tolerances,
} from './cwss/comparison.ts'
export { type Contender, contenders, deployed, reference, type Taught, unguarded, withGuard } from './cwss/contender.ts'
export {
  learnedFrom,
  lessonOn,
  lessonsOf,
  type PartRow,
  type PartSeries,
  seriesOf,
  tablesOf,
  typicalLoss,
} from './cwss/experiment.ts'
export { marks, type NetworkRun, networkContenders, networkRuns } from './cwss/network-runs.ts'
export { type Observation, observe } from './cwss/observation.ts'
export { ablations, cwssLoss, type DiagonalPolicy, lstm, plainBfgs, type Variant, variantOf } from './cwss/policy.ts'
export { decodeFindings, encodeFindings, type Findings, type Learned, type Part, parts } from './cwss/result.ts'
export {
  bent,
  evenLeastSquares,
  leastSquares,
  logistic,
  logSumExp,
  type Recipe,
  type Subject,
  stiffLeastSquares,
  subjects,
  tinyCnn,
} from './cwss/subject.ts'
export { judged, type Target, targets, type Verdict } from './cwss/target.ts'
export {
  type Lesson,
  lessonFrom,
  lessonLabel,
  lessonWork,
  planOf,
  type Runs,
  type Trainer,
  testKey,
} from './cwss/training.ts'
export {
  type Clock,
  type Measured,
  measureRun,
  type Path,
  type Reached,
  type Summary,
  summarize,
} from './iterations.ts'
