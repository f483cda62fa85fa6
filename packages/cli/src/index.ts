export { compete, type Limits, type Result, type Sample, type Watch } from './compare.ts'
export {
  decodeTrace,
  encodeHeader,
  encodeIterate,
  type Trace,
  type TraceError,
  type TraceHeader,
  type TraceIterate,
} from './trace.ts'
