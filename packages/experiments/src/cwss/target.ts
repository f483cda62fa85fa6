import { type Entry, gainOf } from './comparison.ts'
import { leastSquares, logistic, logSumExp, stiffLeastSquares } from './subject.ts'

/** How many times fewer iterations to 1e-8 than backtracking the learned steps are to need. */
export interface Target {
  readonly on: string
  readonly title: string
  readonly atLeast: number
  /** What is hoped for beyond it. */
  readonly stretch?: number
}

export const targets: readonly Target[] = [
  { on: leastSquares.name, title: leastSquares.title, atLeast: 2.2 },
  { on: stiffLeastSquares.name, title: stiffLeastSquares.title, atLeast: 2.6 },
  { on: logistic.name, title: logistic.title, atLeast: 1.8 },
  { on: logSumExp.name, title: logSumExp.title, atLeast: 1.05, stretch: 1.2 },
]

/** A target, and what was measured. Runs without a guard count only where all of them arrived. */
export interface Verdict {
  readonly target: Target
  readonly unguarded?: number
  readonly guarded?: number
  readonly isMet: boolean
}

const isWhole = ({ summary }: Entry): boolean => summary.reached.at(-1)?.runs === summary.runs

/** Each target beside the gains that entries of the LSTM have, without and with the guard. */
export const judged = (entries: readonly Entry[]): readonly Verdict[] =>
  targets.flatMap((target) => {
    const gain = (method: string): number | undefined => {
      const entry = entries.find((other) => other.on === target.on && other.method === method)
      return entry && isWhole(entry) ? gainOf(entry, entries) : undefined
    }
    const [unguarded, guarded] = [gain('lstm'), gain('lstm-guarded')]
    if (unguarded === undefined && guarded === undefined) return []
    const isMet = Math.max(unguarded ?? 0, guarded ?? 0) >= target.atLeast
    return [
      {
        target,
        ...(unguarded === undefined ? {} : { unguarded }),
        ...(guarded === undefined ? {} : { guarded }),
        isMet,
      },
    ]
  })
