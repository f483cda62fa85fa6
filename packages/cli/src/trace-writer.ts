import type { Iterate } from '@secant/optim'
import { encodeHeader, encodeIterate, type LastStep, lastStep, type TraceHeader, traceIterate } from '@secant/verify'

/** Writes a run as it goes on. */
export interface TraceWriter {
  readonly next: (iterate: Iterate<unknown>, seconds: number) => void
  readonly end: () => void
}

/** A line for an iterate can be written when the step that starts there is known: when the next one arrives. */
export const traceWriter = (header: TraceHeader, write: (line: string) => void): TraceWriter => {
  write(encodeHeader(header))
  let waiting: { readonly iterate: Iterate<unknown>; readonly seconds: number } | undefined
  const flush = (step: LastStep): void => {
    if (waiting !== undefined) write(encodeIterate(traceIterate(waiting.iterate, step, waiting.seconds)))
  }
  return {
    next: (iterate, seconds) => {
      flush(lastStep(iterate.state))
      waiting = { iterate, seconds }
    },
    end: () => flush(null),
  }
}
