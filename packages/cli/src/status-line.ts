import { createLogUpdate } from 'log-update'
import type { Surroundings } from './surroundings.ts'

/** One line on a terminal that is written over and over; nothing elsewhere. */
export interface StatusLine {
  /** Shows a text, unless the last one is a moment ago. */
  readonly show: (seconds: number, text: string) => void
  readonly clear: () => void
}

/** Seconds between two updates. */
const interval = 0.1

export const statusLine = (out: Surroundings['out']): StatusLine => {
  if (!out.isTTY) return { show: () => undefined, clear: () => undefined }
  const live = createLogUpdate(out as NodeJS.WriteStream)
  let shown = Number.NEGATIVE_INFINITY
  return {
    show: (seconds, text) => {
      if (Math.abs(seconds - shown) < interval) return // a clock may begin again
      shown = seconds
      live(text)
    },
    clear: () => {
      live.clear()
      live.done()
    },
  }
}
