export { compete, type Row, speedup, type TestProblem, testProblems, tolerances } from './cwss/comparison.ts'
export { type Contender, contenders, deployed, learned, reference } from './cwss/contender.ts'
export { ablations, cwssLoss, type DiagonalPolicy, lstm, plainBfgs, type Variant } from './cwss/policy.ts'
export {
  bent,
  leastSquares,
  logistic,
  logSumExp,
  type Recipe,
  type Subject,
  stiffLeastSquares,
  subjects,
  tinyCnn,
} from './cwss/subject.ts'
export { type Lesson, lessonFrom, lessonWork, planOf, type Runs, type Trainer, testKey } from './cwss/training.ts'
export { type Clock, type Measured, measureRun, type Reached, type Summary, summarize } from './iterations.ts'
