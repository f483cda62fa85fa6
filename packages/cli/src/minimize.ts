import { closeSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { gradientNorm, type Iterate, type Point, resume } from '@secant/optim'
import * as E from 'fp-ts/lib/Either.js'
import { guarded, measureFirst } from './checked-objective.ts'
import {
  type Checkpoint,
  hasCheckpoint,
  isPointOf,
  mismatch,
  type RunIdentity,
  readCheckpoint,
  writeCheckpoint,
} from './checkpoint.ts'
import type { Sample } from './compare.ts'
import type { ExitReason } from './exit-codes.ts'
import { Failure, misunderstood } from './failure.ts'
import { checkPlace, openFile, saveFile, writing } from './files.ts'
import { checkGradient, renderChecks } from './gradient-check.ts'
import { liveLine } from './live-line.ts'
import { loadModule } from './load-module.ts'
import { type Chosen, chooseMethod } from './method-catalogue.ts'
import { reasonOf, resultText, summaryText } from './minimize-result.ts'
import { drawSvg } from './plots.ts'
import { decodeProblem, type ProblemModule } from './problem-module.ts'
import { runSpec } from './run-plot.ts'
import { fingerprint } from './sealed.ts'
import type { Surroundings } from './surroundings.ts'
import { traceWriter } from './trace-writer.ts'
import { versionOf } from './version.ts'
import { type Watched, watchRun } from './watched-run.ts'

/** What the command line says besides the module. */
export interface MinimizeOptions {
  readonly method?: string
  readonly search?: string
  readonly gradientTolerance?: number
  readonly maxEvaluations: number
  readonly maxSeconds?: number
  readonly seed?: number
  readonly json?: string
  readonly trace?: string
  readonly plot?: string
  readonly checkpoint?: string
  readonly resume?: string
  readonly checkGradient?: true
}

const identityOf = ({ name, start, x0 }: ProblemModule, { method, options }: Chosen): RunIdentity => ({
  version: versionOf(),
  problem: name,
  n: start.data.length,
  dtype: start.dtype,
  start: fingerprint(x0),
  method: method.name,
  options,
})

const numbersOf = ({ value, grad }: Point): string => fingerprint([value, grad.data])

/** A checkpoint that fits, with an objective that still measures where it was saved what it measured then. */
const savedRun = (folder: string, wanted: RunIdentity, { method }: Chosen, problem: ProblemModule): Checkpoint => {
  const refuse = (sentence: string): Failure => new Failure('bad checkpoint', `--resume: ${sentence}`)
  const read = readCheckpoint(folder)
  if (E.isLeft(read)) throw refuse(read.left)
  const saved = read.right
  const differs = mismatch(saved.identity, wanted)
  if (differs !== undefined) throw refuse(`the checkpoint ${differs}`)
  const point = E.tryCatch(() => method.at(saved.state), String)
  if (E.isLeft(point) || !isPointOf(point.right, wanted)) throw refuse('the checkpoint holds no state of this method')
  const measured = measureFirst(problem.objective, problem.isFollowed, point.right.x)
  if (numbersOf(measured) !== numbersOf(point.right))
    throw refuse('the checkpoint is of another objective: where it was saved, this one has another value or gradient')
  return saved
}

/** Tells before anything is computed which places cannot be written, and which hold what should not be lost. */
const checkPlaces = ({ json, trace, plot, checkpoint, resume }: MinimizeOptions): void => {
  const places = [json, trace, plot].flatMap((path) => (path === undefined ? [] : [resolve(path)]))
  const shared = places.find((place, i) => places.indexOf(place) !== i)
  if (shared !== undefined) throw misunderstood(`--json, --trace, --plot: got '${shared}' twice; needs a file for each`)
  if (json !== undefined) checkPlace('result', json)
  if (plot !== undefined) checkPlace('plot', plot)
  const goesOn = checkpoint !== undefined && resume !== undefined && resolve(checkpoint) === resolve(resume)
  if (checkpoint !== undefined && !goesOn && hasCheckpoint(checkpoint))
    throw misunderstood(
      `--checkpoint: got '${checkpoint}', which holds a checkpoint; needs --resume '${checkpoint}' with it, or another folder`,
    )
}

/** Something that sees every iterate, and is told when there are no more. */
interface Listener {
  readonly next: (iterate: Iterate<unknown>, sample: Sample) => void
  readonly end: () => void
}

const tracing = (path: string, { constants }: ProblemModule, identity: RunIdentity, { promises }: Chosen): Listener => {
  const file = openFile('trace', path, 'w')
  const { method, n, options, problem } = identity
  const header = {
    method,
    n,
    options: { ...options, ...promises, problem },
    ...(constants === undefined ? {} : { constants }),
  }
  const trace = traceWriter(header, (line) => writing('trace', path, () => writeSync(file, line)))
  return {
    next: (iterate, { seconds }) => trace.next(iterate, seconds),
    end: () => {
      trace.end()
      closeSync(file)
    },
  }
}

/** Seconds of work between two checkpoints. */
const checkpointInterval = 10

/** Saves the first iterate, one every so many seconds, and the last. */
const saving = (folder: string, identity: RunIdentity): Listener => {
  let latest: Checkpoint | undefined
  let due = Number.NEGATIVE_INFINITY
  return {
    next: ({ state, counts, best }, { seconds }) => {
      latest = { identity, seconds, counts, best, state }
      if (seconds < due) return
      writeCheckpoint(folder, latest)
      due = seconds + checkpointInterval
    },
    end: () => {
      if (latest !== undefined) writeCheckpoint(folder, latest)
    },
  }
}

/** Checks the gradient where the run begins, and refuses to run with one that is wrong. */
const insistOnGradient = (problem: ProblemModule, at: Point, say: (text: string) => void): void => {
  const checks = checkGradient(guarded(problem.objective), at)
  say(renderChecks(checks))
  const wrong = checks.filter(({ verdict }) => verdict === 'disagrees').length
  if (wrong > 0)
    throw new Failure(
      'wrong gradient',
      `--check-gradient: got ${wrong} of ${checks.length} slopes unlike differences of values`,
    )
}

/** Minimizes the problem of a user's module. Fails (rejects) with one sentence; otherwise tells why the run ended. */
export const minimizeModule = async (
  path: string,
  options: MinimizeOptions,
  surroundings: Surroundings,
): Promise<ExitReason> => {
  const say = (text: string): void => {
    surroundings.out.write(`${text}\n`)
  }
  const problem = decodeProblem(path, await loadModule(path, surroundings.load), options.seed)
  const chosen = chooseMethod(options, problem.method, problem.start.data.length)
  const identity = identityOf(problem, chosen)
  checkPlaces(options)
  const { method } = chosen
  const saved = options.resume === undefined ? undefined : savedRun(options.resume, identity, chosen, problem)
  const first = saved ? method.at(saved.state) : measureFirst(problem.objective, problem.isFollowed, problem.start)
  if (options.checkGradient) insistOnGradient(problem, first, say)

  const limits = {
    until:
      options.gradientTolerance === undefined && problem.until !== undefined
        ? problem.until
        : [gradientNorm(options.gradientTolerance ?? 1e-6)],
    maxEvaluations: options.maxEvaluations,
    maxIterations: options.maxEvaluations,
  }
  const samples: Sample[] = []
  const live = liveLine(surroundings.out)
  const listeners: readonly Listener[] = [
    { next: (_, sample) => samples.push(sample), end: () => undefined },
    { next: (_, sample) => live.show(problem.name, sample), end: live.clear },
    ...(options.trace === undefined ? [] : [tracing(options.trace, problem, identity, chosen)]),
    ...(options.checkpoint === undefined ? [] : [saving(options.checkpoint, identity)]),
  ]
  const go = (): Promise<Watched> =>
    watchRun(
      (stop) =>
        resume(
          guarded(problem.objective),
          method,
          saved ? saved.state : method.init(first),
          { ...limits, stop },
          saved?.counts ?? { iterations: 0, evaluations: 1, gradients: 1 },
          saved?.best,
        ),
      (iterate, sample) => {
        for (const { next } of listeners) next(iterate, sample)
      },
      surroundings,
      { maxSeconds: options.maxSeconds ?? Number.POSITIVE_INFINITY, secondsBefore: saved?.seconds ?? 0 },
    )
  const watched = await go().finally(() => {
    for (const { end } of listeners) end()
  })
  say(summaryText(watched, problem, identity))
  if (options.json !== undefined) saveFile('result', options.json, resultText(watched, problem, identity))
  if (options.plot !== undefined)
    saveFile(
      'plot',
      options.plot,
      await drawSvg(runSpec(`${problem.name}, ${identity.method}`, samples, problem.constants?.minimum)),
    )
  return reasonOf(watched)
}
