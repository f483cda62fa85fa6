import { cpus } from 'node:os'
import { join } from 'node:path'
import {
  encodeFindings,
  type Findings,
  lessonLabel,
  lstm,
  type NetworkRun,
  networkContenders,
  networkRuns,
  observe,
  type Subject,
  subjects,
  type Taught,
  tablesOf,
  testProblems,
  withGuard,
} from '@secant/experiments'
import { longFindings } from '@secant/experiments/node'
import * as E from 'fp-ts/lib/Either.js'
import type { Observed } from './cwss-plots.ts'
import { renderCwssReport } from './cwss-report.ts'
import { printedTables } from './cwss-text.ts'
import type { ExitReason } from './exit-codes.ts'
import { carriedOut, type Schooling, shippedSchooling, tinyCnnHere } from './experiment-lessons.ts'
import { measuring } from './experiment-measures.ts'
import { misunderstood } from './failure.ts'
import { checkPlace, replaceFile, saveFile } from './files.ts'
import type { Surroundings } from './surroundings.ts'
import { versionOf } from './version.ts'

/** What the command line says. */
export interface ExperimentOptions {
  readonly quick?: true
  readonly checkpoint?: string
  readonly finished?: boolean
  readonly family?: readonly string[]
  readonly seeds: number
  readonly episodes?: number
  readonly problems: number
  readonly workers: number
  readonly report: string
}

const checked = ({ quick, checkpoint, seeds, problems, workers }: ExperimentOptions): void => {
  if (quick !== true && checkpoint === undefined)
    throw misunderstood('--checkpoint: got none; the long form needs a folder for its trainings (or give --quick)')
  for (const [name, value] of Object.entries({ seeds, problems, workers }))
    if (value === 0) throw misunderstood(`--${name}: got 0; needs a whole number from 1`)
}

const familiesOf = ({ family, quick }: ExperimentOptions): readonly Subject[] => {
  const tiny = quick === true ? undefined : tinyCnnHere()
  const all = tiny === undefined ? subjects : [...subjects, tiny]
  const chosen = family === undefined ? all : all.filter(({ name }) => family.includes(name))
  if (chosen.length === 0)
    throw misunderstood(`--family: got ${family?.join(', ')}; needs digits that are here, and the long form`)
  return chosen
}

const isNetwork = ({ lesson }: Taught): boolean => lesson.subject.name === 'tiny-cnn'

const onNetworks = (taught: readonly Taught[], problems: number, { clock }: Surroundings): readonly NetworkRun[] =>
  taught.filter(isNetwork).flatMap((one) => {
    const { subject } = one.lesson
    const all = [...networkContenders(subject.n), withGuard(one)]
    return [...networkRuns(subject, all, Math.ceil(problems / 16), clock)]
  })

const observedOf = (taught: readonly Taught[]): readonly Observed[] =>
  taught
    .filter(
      ({ lesson: { variant, seed, recipe, subject } }) =>
        variant.name === lstm.name && seed === 1 && recipe.lambda === subject.recipe.lambda,
    )
    .flatMap(({ lesson: { subject, variant }, theta }) =>
      testProblems(subject, 1).map((problem) => ({
        on: subject.name,
        seen: observe(variant.policy.direction(theta), problem),
      })),
    )

/** Repeats the experiment: the quick form measures what the package brings along, the long one trains it first. */
export const experimentCwss = async (options: ExperimentOptions, surroundings: Surroundings): Promise<ExitReason> => {
  checked(options)
  const { out, clock } = surroundings
  const { quick = false, checkpoint = '', problems, report } = options
  const reportFile = join(report, 'index.html')
  const families = familiesOf(options)
  checkPlace('report', reportFile)
  const began = clock()
  const schooling: Schooling = quick
    ? shippedSchooling(families)
    : await carriedOut(families, { ...options, checkpoint }, surroundings)
  if (schooling.interrupted) return 'interrupted'
  const vectors = schooling.taught.filter((one) => !isNetwork(one))
  const folder = quick ? undefined : checkpoint
  const { rows, interrupted } = await measuring(vectors, { quick, problems, folder }, surroundings)
  if (interrupted) return 'interrupted'
  const findings: Findings = {
    about: {
      secant: versionOf(),
      node: process.version,
      processor: cpus()[0]?.model ?? 'unknown',
      form: quick ? 'quick' : 'long',
      seeds: quick ? 1 : options.seeds,
      problems,
      lessons: schooling.taught.map(({ lesson }) => lessonLabel(lesson)).join(' '),
      seconds: Math.round(clock() - began),
    },
    tables: tablesOf(rows),
    networks: onNetworks(schooling.taught, problems, surroundings),
    lessons: schooling.learned,
  }
  const earlier = longFindings()
  const long = quick ? (E.isRight(earlier) ? earlier.right : undefined) : findings
  const methods = rows.filter(({ part }) => part === 'methods').map(({ row }) => row)
  out.write(printedTables(findings, long))
  if (quick && E.isLeft(earlier)) out.write(`\nlong run: ${earlier.left}\n`)
  saveFile('report', reportFile, await renderCwssReport(findings, long, methods, observedOf(vectors)))
  out.write(`\nreport: ${reportFile}\n`)
  if (!quick) {
    const resultFile = join(report, 'result.json')
    replaceFile('result', resultFile, encodeFindings(findings))
    out.write(`result: ${resultFile}\n`)
  }
  return 'done'
}
