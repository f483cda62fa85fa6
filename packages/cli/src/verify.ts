import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gradientNorm, iterates } from '@secant/optim'
import {
  constantsByLanczos,
  curvatureByDifferences,
  decodeTrace,
  estimateKnown,
  type Known,
  lastStep,
  type Trace,
  type TraceIterate,
  traceIterate,
  verify,
  withVerdict,
} from '@secant/verify'
import * as E from 'fp-ts/lib/Either.js'
import { guarded, measureFirst } from './checked-objective.ts'
import type { ExitReason } from './exit-codes.ts'
import { misunderstood } from './failure.ts'
import { checkPlace, saveFile } from './files.ts'
import { loadModule } from './load-module.ts'
import { chooseMethod } from './method-catalogue.ts'
import { decodeProblem, type ProblemModule } from './problem-module.ts'
import type { Surroundings } from './surroundings.ts'
import { renderVerification } from './verify-report.ts'
import { verificationText } from './verify-table.ts'

/** What the command line says besides the file. */
export interface VerifyOptions {
  readonly L?: number
  readonly mu?: number
  readonly minimum?: number
  readonly method?: string
  readonly search?: string
  readonly gradientTolerance?: number
  readonly maxEvaluations: number
  readonly seed?: number
  readonly all?: true
  readonly report?: string
}

/** A run, and what is known of it. */
interface Subject {
  readonly name: string
  readonly trace: Trace
  readonly known: Known
}

const isTraceFile = (path: string): boolean => /\.jsonl?$/.test(path)

const readTrace = (path: string): Trace => {
  const text = E.tryCatch(
    () => readFileSync(path, 'utf8'),
    () => misunderstood(`'${path}': cannot be read; needs a trace (docs/trace.md)`),
  )
  if (E.isLeft(text)) throw text.left
  const trace = decodeTrace(text.right)
  if (E.isLeft(trace)) throw misunderstood(`'${path}': line ${trace.left.line}: ${trace.left.message}`)
  return trace.right
}

/** Runs the problem of a module and keeps its trace. */
const traceOfModule = (problem: ProblemModule, options: VerifyOptions): Trace => {
  const {
    method,
    name,
    promises,
    options: described,
  } = chooseMethod(options, problem.method, problem.start.data.length)
  measureFirst(problem.objective, problem.isFollowed, problem.start)
  const until =
    options.gradientTolerance === undefined && problem.until !== undefined
      ? problem.until
      : [gradientNorm(options.gradientTolerance ?? 1e-6)]
  const lines: TraceIterate[] = []
  let flush = (_state: unknown): void => undefined
  const limits = { until, maxEvaluations: options.maxEvaluations, maxIterations: options.maxEvaluations }
  for (const iterate of iterates(guarded(problem.objective), method, problem.start, limits)) {
    flush(iterate.state)
    flush = (state) => {
      lines.push(traceIterate(iterate, lastStep(state)))
    }
  }
  flush(null)
  const { constants } = problem
  return {
    header: {
      method: name,
      n: problem.start.data.length,
      options: { ...described, ...promises, problem: problem.name },
      ...(constants === undefined ? {} : { constants }),
    },
    iterates: lines,
  }
}

/** What the module itself declares stands before what is estimated of it. */
const knownOfModule = ({ objective, ofVector, constants = {} }: ProblemModule, trace: Trace): Known => {
  const estimated =
    ofVector === undefined
      ? { objective, ...constantsByLanczos(curvatureByDifferences(objective), trace) }
      : estimateKnown(ofVector, trace)
  return { ...estimated, ...constants }
}

const subjectAt = async (path: string, options: VerifyOptions, { load }: Surroundings): Promise<Subject> => {
  if (isTraceFile(path)) {
    const trace = readTrace(path)
    return { name: String(trace.header.options['problem'] ?? path), trace, known: {} }
  }
  const problem = decodeProblem(path, await loadModule(path, load), options.seed)
  const trace = traceOfModule(problem, options)
  return { name: problem.name, trace, known: knownOfModule(problem, trace) }
}

/** Numbers of the command line, which stand before all others. */
const given = ({ L, mu, minimum }: VerifyOptions): Known => ({
  ...(L === undefined ? {} : { L }),
  ...(mu === undefined ? {} : { mu }),
  ...(minimum === undefined ? {} : { minimum }),
})

/** Checks the theorems on a trace, or on a run of a module. Fails (rejects) with one sentence. */
export const verifyFile = async (
  path: string,
  options: VerifyOptions,
  surroundings: Surroundings,
): Promise<ExitReason> => {
  const reportFile = options.report === undefined ? undefined : join(options.report, 'index.html')
  if (reportFile !== undefined) checkPlace('report', reportFile)
  const { name, trace, known } = await subjectAt(path, options, surroundings)
  const report = verify(trace, { ...known, ...given(options) })
  surroundings.out.write(`${verificationText(name, report, options.all === true)}\n`)
  if (reportFile !== undefined) {
    saveFile('report', reportFile, await renderVerification(name, report))
    surroundings.out.write(`report: ${reportFile}\n`)
  }
  return withVerdict(report, 'violated').length === 0 ? 'done' : 'violated'
}
