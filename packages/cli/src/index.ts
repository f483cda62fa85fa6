export { compete, type Limits, type Result, type Sample, type Watch } from './compare.ts'
export { type ExitCode, type ExitReason, exitCodes } from './exit-codes.ts'
