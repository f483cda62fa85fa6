import { createLogUpdate } from 'log-update'
import type { Contender, Task } from './catalogue.ts'
import type { Result, Sample } from './compare.ts'
import { ending } from './table.ts'

/** Shows how a comparison gets on: a live line on a terminal, one plain line a finished run elsewhere. */
export interface Progress {
  readonly show: (task: Task, contender: Contender) => (sample: Sample) => void
  readonly finish: (result: Result) => void
}

/** Seconds between two updates of the live line. */
const interval = 0.1

const label = (task: Task, contender: Contender): string => `${task.name.padEnd(14)} ${contender.title.padEnd(17)}`

export const progressOn = (out: NodeJS.WritableStream & { readonly isTTY?: boolean }): Progress => {
  const finished = ({ task, contender, seconds, counts, best, ...rest }: Result): string =>
    `${label(task, contender)} ${seconds.toFixed(2).padStart(6)} s  ${String(counts.evaluations).padStart(5)} evaluations  f = ${best.toPrecision(8)}  ${ending({ task, contender, seconds, counts, best, ...rest })}\n`
  if (!out.isTTY) return { show: () => () => undefined, finish: (result) => out.write(finished(result)) }
  const live = createLogUpdate(out as NodeJS.WriteStream)
  return {
    show: (task, contender) => {
      let shown = Number.NEGATIVE_INFINITY
      return ({ k, value, gradientNorm, seconds }) => {
        if (seconds - shown < interval) return
        shown = seconds
        live(
          `${label(task, contender)} ${seconds.toFixed(1).padStart(6)} s  step ${k}  f = ${value.toPrecision(8)}  ‖g‖ = ${gradientNorm.toExponential(1)}`,
        )
      }
    },
    finish: (result) => {
      live.clear()
      live.done()
      out.write(finished(result))
    },
  }
}
