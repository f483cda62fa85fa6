import { isTensor } from '@secant/linalg'
import type { Descent, Iterate } from '@secant/optim'
import { isPlainObject } from './describe.ts'
import { encodeHeader, encodeIterate, type TraceHeader } from './trace.ts'

type Step = Descent<unknown>['last']

/** The step that led to a state; methods that are no descents do not tell. */
export const lastStep = (state: unknown): Step => {
  if (!isPlainObject(state) || !isPlainObject(state['last'])) return null
  const { direction, alpha }: { readonly direction?: unknown; readonly alpha?: unknown } = state['last']
  return isTensor(direction) && typeof alpha === 'number' ? { direction, alpha } : null
}

const numbers = (data: ArrayLike<number>): readonly number[] => Array.from(data)

/** Writes a run as it goes on. */
export interface TraceWriter {
  readonly next: (iterate: Iterate<unknown>, seconds: number) => void
  readonly end: () => void
}

/** A line for an iterate can be written when the step that starts there is known: when the next one arrives. */
export const traceWriter = (header: TraceHeader, write: (line: string) => void): TraceWriter => {
  write(encodeHeader(header))
  let waiting: { readonly iterate: Iterate<unknown>; readonly seconds: number } | undefined
  const flush = (step: Step): void => {
    if (waiting === undefined) return
    const { iterate, seconds } = waiting
    const { counts, point } = iterate
    const line = {
      k: counts.iterations,
      x: numbers(point.x.data),
      f: point.value,
      g: numbers(point.grad.data),
      evaluations: counts.evaluations,
      seconds,
    }
    write(encodeIterate(step === null ? line : { ...line, d: numbers(step.direction.data), alpha: step.alpha }))
  }
  return {
    next: (iterate, seconds) => {
      flush(lastStep(iterate.state))
      waiting = { iterate, seconds }
    },
    end: () => flush(null),
  }
}
