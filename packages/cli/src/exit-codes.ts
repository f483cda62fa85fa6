import type { Stopped } from '@secant/optim'

/** Why the command ended. */
export type ExitReason =
  | 'done'
  | 'failed'
  | 'misunderstood'
  | 'wrong gradient'
  | 'out of time'
  | 'objective failed'
  | 'bad checkpoint'
  | 'violated'
  | 'interrupted'
  | Exclude<Stopped['kind'], 'aborted'>

/** What a script sees of a reason, and what it means. */
export interface ExitCode {
  readonly code: number
  readonly meaning: string
}

/** The exit codes: help and documentation show this table. */
export const exitCodes: Readonly<Record<ExitReason, ExitCode>> = {
  done: { code: 0, meaning: 'done; for minimize: certified, a criterion was met; for verify: nothing is violated' },
  failed: { code: 1, meaning: 'failed while working' },
  misunderstood: { code: 2, meaning: 'the command line or the module was not understood; nothing was run' },
  'wrong gradient': { code: 3, meaning: '--check-gradient found a gradient that disagrees with differences' },
  'non-finite objective': { code: 4, meaning: 'value or gradient is not finite, at x0 or along every step tried' },
  'not a descent direction': { code: 5, meaning: 'the method proposed a direction that does not lead down' },
  'search exhausted': { code: 6, meaning: 'the search found no acceptable step' },
  'roundoff-limited': { code: 7, meaning: 'what is left to gain is below the rounding of the objective' },
  budget: { code: 8, meaning: 'the evaluations were used up' },
  'out of time': { code: 9, meaning: 'the seconds were used up' },
  'objective failed': { code: 10, meaning: 'the objective threw, or returned no scalar, after the first step began' },
  'bad checkpoint': { code: 11, meaning: 'the checkpoint is missing, damaged, or of another problem or method' },
  'no curvature': { code: 12, meaning: 'an exact search found the objective curved downwards along the direction' },
  violated: { code: 13, meaning: 'verify found a theorem, or a promise of the method, violated' },
  interrupted: { code: 130, meaning: 'interrupted (Ctrl-C)' },
}

/** The table as lines of help. */
export const exitCodeHelp: string = Object.values(exitCodes)
  .map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`)
  .join('\n')
