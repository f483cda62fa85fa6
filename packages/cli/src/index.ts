export { compete, type Limits, type Result, type Sample, type Watch } from './compare.ts'
export { type ExitCode, type ExitReason, exitCodes } from './exit-codes.ts'
export {
  decodeTrace,
  encodeHeader,
  encodeIterate,
  type Trace,
  type TraceError,
  type TraceHeader,
  type TraceIterate,
} from './trace.ts'
