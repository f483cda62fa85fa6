import { closeSync, writeSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { decodeTrace, verify } from '@secant/verify'
import { type Command, Option } from 'commander'
import * as E from 'fp-ts/lib/Either.js'
import { type Contender, defaultProblems, fallbacks, methods, problems, type Task } from './catalogue.ts'
import { compete, type Limits, type Result } from './compare.ts'
import { misunderstood } from './failure.ts'
import { checkPlace, openFile, saveFile, writing } from './files.ts'
import { namesOf, positive } from './option-values.ts'
import { drawSvg, pictureSpec } from './plots.ts'
import { progressOn } from './progress.ts'
import { renderReport } from './report.ts'
import type { Surroundings } from './surroundings.ts'
import { renderTable, type Skipped } from './table.ts'
import { renderVerification } from './verify-report.ts'
import { versionOf } from './version.ts'

interface CompareOptions {
  readonly problem: readonly string[]
  readonly method: readonly string[]
  readonly maxSeconds: number
  readonly maxEvaluations: number
  readonly gradientTolerance: number
  readonly report: string
  readonly trace?: string
  readonly picture?: string
  readonly verify?: true
  readonly compile: boolean
}

/** The tasks that were asked for; one whose files are absent is replaced by the free table that stands in for it. */
const loadTasks = (
  names: readonly string[],
  { compile }: CompareOptions,
  say: (line: string) => void,
): readonly Task[] =>
  names.map((name) => {
    const loaded = problems.get(name)?.({ compile }) ?? E.left({ kind: 'missing', file: name } as const)
    if (E.isRight(loaded)) return loaded.right
    const why = loaded.left.kind === 'missing' ? `${loaded.left.file} is not here` : `${loaded.left.where} is malformed`
    const other = fallbacks.get(name)
    const instead = other === undefined ? undefined : problems.get(other)?.({ compile })
    if (instead === undefined || E.isLeft(instead)) throw misunderstood(`problem '${name}' cannot be loaded: ${why}`)
    say(`${name}: ${why}; ${other} takes its place`)
    return instead.right
  })

/** Where the iterates of one run go: to a file when traces are wanted, and into `lines` when they are to be verified. */
const openTrace = (folder: string | undefined, task: Task, contender: Contender, lines: string[] | undefined) => {
  const path = folder === undefined ? undefined : join(folder, `${nameOf(task, contender)}.jsonl`)
  if (path === undefined && lines === undefined) return { watch: {}, close: (): void => undefined }
  const file = path === undefined ? undefined : { path, descriptor: openFile('trace', path, 'w') }
  const writeTrace = (line: string): void => {
    lines?.push(line)
    if (file !== undefined) writing('trace', file.path, () => writeSync(file.descriptor, line))
  }
  const close = (): void => {
    if (file !== undefined) closeSync(file.descriptor)
  }
  return { watch: { writeTrace }, close }
}

const nameOf = (task: Task, contender: Contender): string => `${task.name}-${contender.name}`

/** Runs of more parameters are not verified: their traces would be large. */
const mostVerified = 100

/** Checks the theorems on one run; the page lies beside the report. */
const verifyRun = async (folder: string, { task, contender }: Result, lines: readonly string[]): Promise<string> => {
  const trace = decodeTrace(lines.join(''))
  if (E.isLeft(trace)) throw new Error(`verify: got a trace of its own that is bad: ${trace.left.message}`)
  const page = `${nameOf(task, contender)}.html`
  saveFile('report', join(folder, page), await renderVerification(task.title, verify(trace.right)))
  return page
}

const compareAll = async (options: CompareOptions, { out, clock }: Surroundings): Promise<void> => {
  const say = (line: string): void => {
    out.write(`${line}\n`)
  }
  const limits: Limits = options
  const reportFile = join(options.report, 'index.html')
  checkPlace('report', reportFile)
  if (options.picture !== undefined) checkPlace('picture', options.picture)
  const tasks = loadTasks([...new Set(options.problem)], options, say)
  const progress = progressOn(out)
  const results: Result[] = []
  const skipped: Skipped[] = []
  const pages = new Map<Result, string>()
  for (const task of tasks)
    for (const name of new Set(options.method)) {
      const contender = methods.get(name) as Contender
      if (task.n > contender.largest) {
        const why = `its ${task.n} × ${task.n} matrix would not fit; the limit is n = ${contender.largest}`
        skipped.push({ problem: task.name, method: contender.title, why })
        continue
      }
      const lines = options.verify === true && task.n <= mostVerified ? [] : undefined
      const trace = openTrace(options.trace, task, contender, lines)
      const watch = { clock, onSample: progress.show(task, contender), ...trace.watch }
      const result = compete(task, contender, limits, watch)
      trace.close()
      progress.finish(result)
      results.push(result)
      if (lines !== undefined) pages.set(result, await verifyRun(options.report, result, lines))
    }
  say(`\n${renderTable(results, skipped)}`)
  const facts = [
    `secant ${versionOf()}`,
    `Node ${process.version}`,
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, one thread used`,
    options.compile ? 'objectives compiled' : 'objectives not compiled',
    `at most ${limits.maxSeconds} s and ${limits.maxEvaluations} evaluations a run`,
  ]
  saveFile('report', reportFile, await renderReport(results, skipped, facts, pages))
  if (options.picture !== undefined) saveFile('picture', options.picture, await drawSvg(pictureSpec(results)))
  say(`\nreport: ${reportFile}`)
}

const choice = (flags: string, description: string, known: readonly string[], preset: readonly string[]): Option =>
  new Option(flags, description).choices(known).default(preset, preset.join(' '))

/** Adds `secant compare`. */
export const declareCompare = (program: Command, surroundings: Surroundings): void => {
  program
    .command('compare')
    .description('Run several methods on several problems; print a table and write a report with plots.')
    .addOption(choice('--problem <names...>', 'problems to solve', namesOf(problems), defaultProblems))
    .addOption(choice('--method <names...>', 'methods to compare', namesOf(methods), namesOf(methods)))
    .option('--max-seconds <number>', 'time limit for each run', positive, 10)
    .option('--max-evaluations <number>', 'limit of objective evaluations for each run', positive, 2000)
    .option(
      '--gradient-tolerance <number>',
      'a run succeeds when the largest gradient entry is at most this',
      positive,
      1e-7,
    )
    .option('--report <folder>', 'where the report goes', 'report')
    .option('--trace <folder>', 'also write one trace for each run (JSON lines, see docs/trace.md)')
    .option(
      '--verify',
      `also check theorems on each run of at most ${mostVerified} parameters; the report links a page for each`,
    )
    .option('--no-compile', 'evaluate the objectives one operation after another, without generated code')
    .option('--picture <file>', 'also write one SVG with the gap of all runs')
    .allowExcessArguments(false)
    .action((options: CompareOptions) => compareAll(options, surroundings))
}
