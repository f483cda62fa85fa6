import { explain } from '@secant/optim'
import * as E from 'fp-ts/lib/Either.js'
import type { Result } from './compare.ts'
import { type Cell, type Grid, gridText } from './grid.ts'

/** A method that was left out, and why. */
export interface Skipped {
  readonly problem: string
  readonly method: string
  readonly why: string
}

const short = (value: number): string => value.toExponential(1)

/** How a run ended, in a few words. */
export const ending = ({ outcome, seconds }: Result): string => {
  if (E.isRight(outcome)) return outcome.right.map(({ criterion, bound }) => `${criterion} ≤ ${bound}`).join(', ')
  return outcome.left.kind === 'aborted' ? `${seconds.toFixed(0)} s used up` : explain(outcome.left)
}

/** Above the reference optimum; a hair below it is rounding in the reference. */
const gapOf = ({ task, best }: Result): string => (task.minimum === undefined ? '–' : short(best - task.minimum))

const cellsOf = (result: Result, page: string | undefined): readonly Cell[] => [
  result.task.name,
  page === undefined ? result.contender.title : { text: result.contender.title, page },
  String(result.counts.evaluations),
  String(result.counts.iterations),
  result.seconds.toFixed(2),
  result.best.toPrecision(10),
  gapOf(result),
  short(result.gradientNorm),
  ending(result),
]

/** One row for each run; `pages` tells of those that have more to say. */
export const gridOf = (results: readonly Result[], pages: ReadonlyMap<Result, string> = new Map()): Grid => ({
  columns: [
    ['problem', 'left'],
    ['method', 'left'],
    ['evaluations', 'right'],
    ['iterations', 'right'],
    ['seconds', 'right'],
    ['objective', 'right'],
    ['gap', 'right'],
    ['‖g‖', 'right'],
    ['ended by', 'left'],
  ],
  rows: results.map((result) => cellsOf(result, pages.get(result))),
})

/** The table of a comparison, as text. */
export const renderTable = (results: readonly Result[], skipped: readonly Skipped[]): string => {
  const left = skipped.map(({ problem, method, why }) => `${method} was left out on ${problem}: ${why}`)
  return [gridText(gridOf(results)), ...left].join('\n')
}
