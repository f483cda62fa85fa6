import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { type Guard, isCount, isFacts, isListOf, isNumber, isRecordOf, isText, orNull } from '../guards.ts'
import type { Summary } from '../iterations.ts'
import type { Entry } from './comparison.ts'
import type { NetworkRun } from './network-runs.ts'

/** The parts of an experiment that are tables of entries. */
export const parts = ['methods', 'seeds', 'ablations', 'transfer', 'dimensions'] as const
export type Part = (typeof parts)[number]

/** How a training went; losses are medians of `every` updates each, `null` where nothing was finite. */
export interface Learned {
  readonly lesson: string
  readonly updates: number
  readonly dropped: number
  readonly every: number
  readonly losses: readonly (number | null)[]
}

/** What an experiment has found, as plain data. */
export interface Findings {
  /** Versions, machine, seeds and sizes. */
  readonly about: Readonly<Record<string, string | number | boolean>>
  readonly tables: Readonly<Record<Part, readonly Entry[]>>
  readonly networks: readonly NetworkRun[]
  readonly lessons: readonly Learned[]
}

const version = 1

const isSummary: Guard<Summary> = isRecordOf<Summary>({
  reached: isListOf(isRecordOf({ iterations: isNumber, evaluations: isNumber, runs: isCount })),
  runs: isCount,
  evaluationsPerIteration: isNumber,
  seconds: isNumber,
  objectiveMilliseconds: isNumber,
  methodMilliseconds: isNumber,
})

const areEntries: Guard<readonly Entry[]> = isListOf(
  isRecordOf<Entry>({
    on: isText,
    n: isCount,
    method: isText,
    title: isText,
    trained: orNull(isText),
    summary: isSummary,
  }),
)

const isFindings: Guard<Findings> = isRecordOf<Findings>({
  about: isFacts,
  tables: isRecordOf<Findings['tables']>({
    methods: areEntries,
    seeds: areEntries,
    ablations: areEntries,
    transfer: areEntries,
    dimensions: areEntries,
  }),
  networks: isListOf(
    isRecordOf<NetworkRun>({
      title: isText,
      trained: orNull(isText),
      byIterations: isListOf(isNumber),
      byEvaluations: isListOf(isNumber),
      secondsPerIteration: isNumber,
    }),
  ),
  lessons: isListOf(
    isRecordOf<Learned>({
      lesson: isText,
      updates: isCount,
      dropped: isCount,
      every: isCount,
      losses: isListOf(orNull(isNumber)),
    }),
  ),
})

const isFile = isRecordOf<{ readonly 'cwss-experiment': number; readonly findings: Findings }>({
  'cwss-experiment': (value): value is number => value === version,
  findings: isFindings,
})

/** Six digits are more than the means mean. */
const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value

/** Findings as text: one line for each entry. */
export const encodeFindings = (findings: Findings): string => {
  const line = (value: unknown): string => JSON.stringify(value, rounded)
  const list = (items: readonly unknown[]): string => `[\n${items.map(line).join(',\n')}\n]`
  const tables = parts.map((part) => `"${part}":${list(findings.tables[part])}`).join(',\n')
  return `{"cwss-experiment":${version},"findings":{
"about":${line(findings.about)},
"tables":{
${tables}
},
"networks":${list(findings.networks)},
"lessons":${list(findings.lessons)}
}}
`
}

/** Findings from their text, or what is wrong with it. */
export const decodeFindings = (text: string): E.Either<string, Findings> =>
  pipe(
    E.tryCatch(
      (): unknown => JSON.parse(text),
      () => 'is no JSON',
    ),
    E.filterOrElse(isFile, () => `has not the fields of version ${version} of the format`),
    E.map(({ findings }) => findings),
  )
