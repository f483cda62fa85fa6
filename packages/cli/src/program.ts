import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import * as E from 'fp-ts/lib/Either.js'
import { type Contender, defaultProblems, fallbacks, methods, problems, type Task } from './catalogue.ts'
import { compete, type Limits, type Result } from './compare.ts'
import { drawSvg, pictureSpec } from './plots.ts'
import { progressOn } from './progress.ts'
import { renderReport } from './report.ts'
import { renderTable, type Skipped } from './table.ts'

/** Where the command writes, and its clock in seconds. */
export interface Surroundings {
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly err: NodeJS.WritableStream
  readonly clock: () => number
}

/** A mistake of the user's, told in one sentence. */
class UsageError extends Error {}

interface CompareOptions {
  readonly problem: readonly string[]
  readonly method: readonly string[]
  readonly maxSeconds: number
  readonly maxEvaluations: number
  readonly gradientTolerance: number
  readonly report: string
  readonly trace?: string
  readonly picture?: string
}

const positive = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !(value > 0)) throw new InvalidArgumentError('It needs a number above 0.')
  return value
}

const versionOf = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return String((manifest as { readonly version: unknown }).version)
}

/** Runs a file operation; where it fails, the sentence names what was being written. */
const writing = <A>(what: string, path: string, operation: () => A): A => {
  try {
    return operation()
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : error
    throw new UsageError(`cannot write the ${what} to '${path}' (${reason}); needs a place that can be written`)
  }
}

/** Folder by folder: the recursive mode of Node 20 never returns where the system refuses with ENOENT, as /proc does. */
const makeFolder = (path: string): void => {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
}

/** Opens a file in a folder that is made where it is missing. */
const openFile = (what: string, path: string, flags: 'a' | 'w'): number =>
  writing(what, path, () => {
    makeFolder(dirname(path))
    return openSync(path, flags)
  })

/** Tells before anything is computed that a place cannot be written; what is there already stays. */
const reserve = (what: string, path: string): void => closeSync(openFile(what, path, 'a'))

const saveFile = (what: string, path: string, text: string): void =>
  writing(what, path, () => writeFileSync(path, text))

/** The tasks that were asked for; one whose files are absent is replaced by the free table that stands in for it. */
const loadTasks = (names: readonly string[], say: (line: string) => void): readonly Task[] =>
  names.map((name) => {
    const loaded = problems.get(name)?.() ?? E.left({ kind: 'missing', file: name } as const)
    if (E.isRight(loaded)) return loaded.right
    const why = loaded.left.kind === 'missing' ? `${loaded.left.file} is not here` : `${loaded.left.where} is malformed`
    const other = fallbacks.get(name)
    const instead = other === undefined ? undefined : problems.get(other)?.()
    if (instead === undefined || E.isLeft(instead)) throw new UsageError(`problem '${name}' cannot be loaded: ${why}`)
    say(`${name}: ${why}; ${other} takes its place`)
    return instead.right
  })

/** Where the iterates of one run go, when traces are wanted. */
const openTrace = (folder: string | undefined, task: Task, contender: Contender) => {
  if (folder === undefined) return { watch: {}, close: (): void => undefined }
  const path = join(folder, `${task.name}-${contender.name}.jsonl`)
  const file = openFile('trace', path, 'w')
  const writeTrace = (line: string): void => {
    writing('trace', path, () => writeSync(file, line))
  }
  return { watch: { writeTrace }, close: (): void => closeSync(file) }
}

const compareAll = async (options: CompareOptions, { out, clock }: Surroundings): Promise<void> => {
  const say = (line: string): void => {
    out.write(`${line}\n`)
  }
  const limits: Limits = options
  const reportFile = join(options.report, 'index.html')
  reserve('report', reportFile)
  if (options.picture !== undefined) reserve('picture', options.picture)
  const tasks = loadTasks([...new Set(options.problem)], say)
  const progress = progressOn(out)
  const results: Result[] = []
  const skipped: Skipped[] = []
  for (const task of tasks)
    for (const name of new Set(options.method)) {
      const contender = methods.get(name) as Contender
      if (task.n > contender.largest) {
        const why = `its ${task.n} × ${task.n} matrix would not fit; the limit is n = ${contender.largest}`
        skipped.push({ problem: task.name, method: contender.title, why })
        continue
      }
      const trace = openTrace(options.trace, task, contender)
      const watch = { clock, onSample: progress.show(task, contender), ...trace.watch }
      const result = compete(task, contender, limits, watch)
      trace.close()
      progress.finish(result)
      results.push(result)
    }
  say(`\n${renderTable(results, skipped)}`)
  const facts = [
    `secant ${versionOf()}`,
    `Node ${process.version}`,
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, one thread used`,
    `at most ${limits.maxSeconds} s and ${limits.maxEvaluations} evaluations a run`,
  ]
  saveFile('report', reportFile, await renderReport(results, skipped, facts))
  if (options.picture !== undefined) saveFile('picture', options.picture, await drawSvg(pictureSpec(results)))
  say(`\nreport: ${reportFile}`)
}

const names = (known: ReadonlyMap<string, unknown>): readonly string[] => [...known.keys()]

const choice = (flags: string, description: string, known: readonly string[], preset: readonly string[]): Option =>
  new Option(flags, description).choices(known).default(preset, preset.join(' '))

/** The command line as commander sees it. */
const commandLine = (surroundings: Surroundings): Command => {
  const program = new Command('secant')
    .description('Functional automatic differentiation and quasi-Newton optimization.')
    .version(versionOf())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.out.write(text),
      writeErr: (text) => surroundings.err.write(text),
      outputError: () => undefined, // `main` tells it, with what is accepted
    })
  program
    .command('compare')
    .description('Run several methods on several problems; print a table and write a report with plots.')
    .addOption(choice('--problem <names...>', 'problems to solve', names(problems), defaultProblems))
    .addOption(choice('--method <names...>', 'methods to compare', names(methods), names(methods)))
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
    .option('--picture <file>', 'also write one SVG with the gap of all runs')
    .allowExcessArguments(false)
    .action((options: CompareOptions) => compareAll(options, surroundings))
  return program
}

/** What was not understood and what is accepted, in one sentence. */
const sentenceOf = ({ code, message }: CommanderError, program: Command, args: readonly string[]): string => {
  const help = program.createHelp()
  const command = program.commands.find((known) => known.name() === args[0]) ?? program
  const accepted: Readonly<Record<string, readonly string[]>> = {
    'commander.unknownCommand': help.visibleCommands(program).map((known) => known.name()),
    'commander.unknownOption': help.visibleOptions(command).map(({ long }) => long ?? ''),
    'commander.optionMissingArgument': [`what 'secant ${command.name()} --help' lists`],
  }
  const [first = ''] = message.replace(/^error: /, '').split('\n')
  return accepted[code] === undefined ? first : `${first}; needs one of ${accepted[code].join(', ')}`
}

/** Runs the command; the number is the exit code: 0 done, 1 failed while working, 2 not understood. */
export const main = async (args: readonly string[], surroundings: Surroundings): Promise<number> => {
  const program = commandLine(surroundings)
  const tell = (sentence: string): void => {
    surroundings.err.write(`secant: ${sentence}\n`)
  }
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      if (error.code !== 'commander.help') tell(sentenceOf(error, program, args))
      return 2
    }
    tell(error instanceof Error ? error.message : String(error))
    return error instanceof UsageError ? 2 : 1
  }
}
