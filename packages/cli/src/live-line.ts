import type { Sample } from './compare.ts'
import { statusLine } from './status-line.ts'
import type { Surroundings } from './surroundings.ts'

/** How a run gets on, on one line of a terminal; nothing elsewhere. */
export interface LiveLine {
  readonly show: (label: string, sample: Sample) => void
  readonly clear: () => void
}

export const liveLine = (out: Surroundings['out']): LiveLine => {
  const { show, clear } = statusLine(out)
  return {
    show: (label, { k, value, gradientNorm, seconds }) =>
      show(
        seconds,
        `${label} ${seconds.toFixed(1).padStart(6)} s  step ${k}  f = ${value.toPrecision(8)}  ‖g‖ = ${gradientNorm.toExponential(1)}`,
      ),
    clear,
  }
}
