import type { Contender, Task } from './catalogue.ts'
import type { Result, Sample } from './compare.ts'
import { liveLine } from './live-line.ts'
import type { Surroundings } from './surroundings.ts'
import { ending } from './table.ts'

/** Shows how a comparison gets on: a live line on a terminal, one plain line a finished run elsewhere. */
export interface Progress {
  readonly show: (task: Task, contender: Contender) => (sample: Sample) => void
  readonly finish: (result: Result) => void
}

const label = (task: Task, contender: Contender): string => `${task.name.padEnd(14)} ${contender.title.padEnd(17)}`

export const progressOn = (out: Surroundings['out']): Progress => {
  const finished = ({ task, contender, seconds, counts, best, ...rest }: Result): string =>
    `${label(task, contender)} ${seconds.toFixed(2).padStart(6)} s  ${String(counts.evaluations).padStart(5)} evaluations  f = ${best.toPrecision(8)}  ${ending({ task, contender, seconds, counts, best, ...rest })}\n`
  const live = liveLine(out)
  return {
    show: (task, contender) => (sample) => live.show(label(task, contender), sample),
    finish: (result) => {
      live.clear()
      out.write(finished(result))
    },
  }
}
