import { explain } from '@secant/optim'
import Table from 'cli-table3'
import * as E from 'fp-ts/lib/Either.js'
import type { Result } from './compare.ts'

/** A method that was left out, and why. */
export interface Skipped {
  readonly problem: string
  readonly method: string
  readonly why: string
}

export const headings: readonly string[] = [
  'problem',
  'method',
  'evaluations',
  'iterations',
  'seconds',
  'objective',
  'gap',
  '‖g‖',
  'ended by',
]

const short = (value: number): string => value.toExponential(1)

/** How a run ended, in a few words. */
export const ending = ({ outcome, seconds }: Result): string => {
  if (E.isRight(outcome)) return outcome.right.map(({ criterion, bound }) => `${criterion} ≤ ${bound}`).join(', ')
  return outcome.left.kind === 'aborted' ? `${seconds.toFixed(0)} s used up` : explain(outcome.left)
}

/** Above the reference optimum; a hair below it is rounding in the reference. */
const gapOf = ({ task, best }: Result): string => (task.minimum === undefined ? '–' : short(best - task.minimum))

/** The cells of one row, in the order of `headings`. */
export const cellsOf = (result: Result): readonly string[] => [
  result.task.name,
  result.contender.title,
  String(result.counts.evaluations),
  String(result.counts.iterations),
  result.seconds.toFixed(2),
  result.best.toPrecision(10),
  gapOf(result),
  short(result.gradientNorm),
  ending(result),
]

/** The table of a comparison, as text. */
export const renderTable = (results: readonly Result[], skipped: readonly Skipped[]): string => {
  const table = new Table({
    head: [...headings],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'left'],
  })
  for (const result of results) table.push([...cellsOf(result)])
  const left = skipped.map(({ problem, method, why }) => `${method} was left out on ${problem}: ${why}`)
  return [table.toString(), ...left].join('\n')
}
