export { above, atLeast, atMost, below, type Comparison, conjunction, equals, slackFactor } from './comparison.ts'
export type { Constants } from './constants.ts'
export { jsonText } from './json.ts'
export type { Known, Quantity } from './known.ts'
export { type RunView, type StepView, viewOf } from './run-view.ts'
export {
  type Assumption,
  type CheckedAssumption,
  type Finding,
  onTrust,
  type Row,
  type Status,
  type Theorem,
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
