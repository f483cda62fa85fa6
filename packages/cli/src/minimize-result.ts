import { maxAbs } from '@secant/linalg'
import { explain } from '@secant/optim'
import { jsonText } from '@secant/verify'
import * as E from 'fp-ts/lib/Either.js'
import type { RunIdentity } from './checkpoint.ts'
import { type ExitReason, exitCodes } from './exit-codes.ts'
import type { ProblemModule } from './problem-module.ts'
import type { Watched } from './watched-run.ts'

/** Why a run ended; a run that stopped on request was asked for a reason. */
export const reasonOf = ({ run: { outcome }, request }: Watched): ExitReason => {
  if (E.isRight(outcome)) return 'done'
  return outcome.left.kind === 'aborted' ? (request ?? 'failed') : outcome.left.kind
}

const explanationOf = ({ run: { outcome }, request }: Watched): string =>
  E.isRight(outcome)
    ? outcome.right
        .map(({ criterion, measured, bound }) => `${criterion} = ${measured.toPrecision(3)} ≤ ${bound}`)
        .join(', ')
    : (request ?? explain(outcome.left))

/** The result for programs to read. */
export const resultText = (watched: Watched, problem: ProblemModule, identity: RunIdentity): string => {
  const { best, counts, outcome } = watched.run
  const result = {
    'secant-result': 1,
    version: identity.version,
    problem: problem.name,
    n: identity.n,
    method: { name: identity.method, ...identity.options },
    outcome: E.isRight(outcome)
      ? { certified: true, certificates: outcome.right }
      : { certified: false, reason: reasonOf(watched), explanation: explanationOf(watched) },
    value: best.value,
    gradientNorm: maxAbs(best.grad),
    x: problem.toNumbers(best.x),
    counts,
    seconds: watched.seconds,
  }
  return `${jsonText(result, 2)}\n`
}

/** More parameters than this are left to the JSON. */
const mostShown = 10

/** The result for people to read. */
export const summaryText = (watched: Watched, { toNumbers }: ProblemModule, { method }: RunIdentity): string => {
  const { best, counts, outcome } = watched.run
  const lines = [
    E.isRight(outcome)
      ? `certified: ${explanationOf(watched)}`
      : `stopped: ${explanationOf(watched)} (exit code ${exitCodes[reasonOf(watched)].code})`,
    `f = ${best.value}`,
    `‖g‖∞ = ${maxAbs(best.grad).toPrecision(3)}`,
    `${method}: ${counts.iterations} iterations, ${counts.evaluations} evaluations, ${counts.gradients} with gradient, ${watched.seconds.toFixed(2)} s`,
  ]
  return [...lines, ...(best.x.data.length <= mostShown ? [`x = ${jsonText(toNumbers(best.x))}`] : [])].join('\n')
}
