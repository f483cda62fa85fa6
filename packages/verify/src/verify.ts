import type { Constants } from './constants.ts'
import type { Known } from './known.ts'
import { viewOf } from './run-view.ts'
import type { Row, Theorem, Verdict } from './theorem.ts'
import { allTheorems } from './theorems.ts'
import type { Trace } from './trace.ts'

/** What became of every theorem on one run. */
export interface Report {
  readonly method: string
  readonly n: number
  readonly iterates: number
  /** L, mu and the minimum, with how each is known. */
  readonly constants: Constants
  readonly rows: readonly Row[]
}

/**
 * Checks theorems on a run. What is known beside the trace makes more of them apply.
 *
 * @example
 * const iterate = { evaluations: 0, seconds: 0 }
 * const trace = {
 *   header: { method: 'halving', n: 1, options: {} },
 *   iterates: [
 *     { ...iterate, k: 0, x: [1], f: 0.5, g: [1] },
 *     { ...iterate, k: 1, x: [0.5], f: 0.125, g: [0.5] },
 *   ],
 * }
 * const report = verify(trace, { L: 1, mu: 1, minimum: 0 })
 * withVerdict(report, 'violated') // => []
 */
export const verify = (trace: Trace, known: Known = {}, theorems: readonly Theorem[] = allTheorems): Report => {
  const run = viewOf(trace, known)
  return {
    method: trace.header.method,
    n: trace.header.n,
    iterates: trace.iterates.length,
    constants: run.constants,
    rows: theorems.map(({ check }) => check(run)),
  }
}

/** The rows of a report that have a verdict. */
export const withVerdict = ({ rows }: Report, wanted: Verdict): readonly Row[] =>
  rows.filter(({ verdict }) => verdict === wanted)
