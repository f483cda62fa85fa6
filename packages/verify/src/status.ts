/**
 * How an assumption stands on a run: proved (follows from something given), given (declared by whoever asks), measured
 * (seen to hold along the run), estimated (a number that is on the wrong side of the true one, or is only close to it),
 * failed, or unknown.
 */
export type Status = 'proved' | 'given' | 'measured' | 'estimated' | 'failed' | 'unknown'
