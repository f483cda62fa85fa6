import { createLogUpdate } from 'log-update'
import type { Sample } from './compare.ts'
import type { Surroundings } from './surroundings.ts'

/** One line on a terminal that is written over and over; nothing elsewhere. */
export interface LiveLine {
  /** Shows how a run gets on. */
  readonly show: (label: string, sample: Sample) => void
  readonly clear: () => void
}

/** Seconds between two updates. */
const interval = 0.1

export const liveLine = (out: Surroundings['out']): LiveLine => {
  if (!out.isTTY) return { show: () => undefined, clear: () => undefined }
  const live = createLogUpdate(out as NodeJS.WriteStream)
  let shown = Number.NEGATIVE_INFINITY
  return {
    show: (label, { k, value, gradientNorm, seconds }) => {
      if (Math.abs(seconds - shown) < interval) return // the next run begins at 0 again
      shown = seconds
      live(
        `${label} ${seconds.toFixed(1).padStart(6)} s  step ${k}  f = ${value.toPrecision(8)}  ‖g‖ = ${gradientNorm.toExponential(1)}`,
      )
    },
    clear: () => {
      live.clear()
      live.done()
    },
  }
}
