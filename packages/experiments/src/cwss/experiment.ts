/** What the experiment trains and measures: plans as lists, carried out by whoever reports on them. */
import { compete, type Row, type Series } from './comparison.ts'
import { type Contender, contenders, reference, type Taught, unguarded, withGuard } from './contender.ts'
import { ablations, lstm } from './policy.ts'
import type { Findings, Learned, Part } from './result.ts'
import {
  bent,
  evenLeastSquares,
  leastSquares,
  logistic,
  logSumExp,
  type Subject,
  stiffLeastSquares,
  subjects,
} from './subject.ts'
import { type Lesson, lessonLabel } from './training.ts'

/** All lessons of the long form: the LSTM on every subject from several seeds, and what it can be exchanged for. */
export const lessonsOf = (seeds: number): readonly Lesson[] => {
  const { recipe } = leastSquares
  const lstms = Array.from({ length: seeds }, (_, i) =>
    subjects.map((subject): Lesson => ({ subject, variant: lstm, recipe: subject.recipe, seed: i + 1 })),
  )
  const others = ablations.map((variant): Lesson => ({ subject: leastSquares, variant, recipe, seed: 1 }))
  const near: Lesson = { subject: leastSquares, variant: lstm, recipe: { ...recipe, lambda: 0.1 }, seed: 1 }
  return [...lstms.flat(), ...others, near]
}

const named = (...names: readonly string[]): readonly Contender[] =>
  contenders.filter(({ name }) => names.includes(name))

const isPlain = ({ lesson: { subject, variant, recipe } }: Taught): boolean =>
  variant.name === lstm.name && recipe.lambda === subject.recipe.lambda

/** Both forms of what is taught. */
const both = (taught: Taught): readonly Contender[] => [unguarded(taught), withGuard(taught)]

/** A series that belongs to a part. */
export type PartSeries = Series & { readonly part: Part }

const dimensionsOf = (taught: Taught, isQuick: boolean): readonly PartSeries[] => {
  const series = (subject: Subject, n: number, problems: number, ceiling: boolean): PartSeries => ({
    part: 'dimensions',
    subject,
    n,
    problems,
    contenders: [...named('backtracking', 'wolfe-0.1', ...(ceiling ? ['best-steps'] : [])), ...both(taught)],
    maxIterations: 1000,
  })
  const { subject } = taught.lesson
  const small = [10, 50, 100].map((n) => series(subject, n, isQuick ? 4 : 16, n < 100))
  return isQuick || subject.name !== leastSquares.name
    ? small
    : [...small, series(subject, 300, 4, false), series(subject, 1000, 2, false)]
}

/** All series for what was taught. Methods come with the lessons of seed 1, and transfer and dimensions too. */
export const seriesOf = (
  taught: readonly Taught[],
  { isQuick, problems }: { readonly isQuick: boolean; readonly problems: number },
): readonly PartSeries[] => {
  const plain = taught.filter(isPlain)
  const firsts = plain.filter(({ lesson }) => lesson.seed === 1)
  const on = (subject: Subject, of: readonly Taught[]): readonly Taught[] =>
    of.filter(({ lesson }) => lesson.subject.name === subject.name)
  const other = taught.filter((one) => !isPlain(one))
  const methods = subjects.map(
    (subject): PartSeries => ({
      part: 'methods',
      subject,
      n: subject.n,
      problems,
      contenders: [...contenders, ...on(subject, firsts).flatMap(both)],
    }),
  )
  const seeds = isQuick
    ? []
    : subjects.map(
        (subject): PartSeries => ({
          part: 'seeds',
          subject,
          n: subject.n,
          problems,
          contenders: [reference, ...on(subject, plain).flatMap(both)],
        }),
      )
  const exchanged = isQuick
    ? []
    : [
        {
          part: 'ablations' as const,
          subject: leastSquares,
          n: leastSquares.n,
          problems,
          contenders: [reference, ...on(leastSquares, [...firsts, ...other]).flatMap(both)],
        },
      ]
  const transfer = [evenLeastSquares, leastSquares, stiffLeastSquares, logistic, logSumExp, bent].map(
    (subject): PartSeries => ({
      part: 'transfer',
      subject,
      n: subject.n,
      problems: isQuick ? 8 : 16,
      contenders: [reference, ...firsts.map(withGuard)],
    }),
  )
  const scaled = [leastSquares, stiffLeastSquares, logistic]
    .flatMap((subject) => on(subject, firsts))
    .flatMap((one) => dimensionsOf(one, isQuick))
  return [...methods, ...seeds, ...exchanged, ...transfer, ...scaled].filter(({ contenders: all }) => all.length > 0)
}

/** How far an experiment is, and its last row. */
export interface Progress {
  readonly part: Part
  readonly row: Row
  /** The series that is being measured, from 1. */
  readonly series: number
  readonly of: number
}

/** Measures series after series. */
export function* measureAll(all: readonly PartSeries[], clock: () => number): Generator<Progress> {
  for (const [i, series] of all.entries())
    for (const row of compete(series, clock)) yield { part: series.part, row, series: i + 1, of: all.length }
}

/** Rows as tables of entries: their paths are left out. */
export const tablesOf = (progress: readonly Progress[]): Findings['tables'] => {
  const of = (part: Part) => progress.filter((one) => one.part === part).map(({ row: { path: _, ...entry } }) => entry)
  return {
    methods: of('methods'),
    seeds: of('seeds'),
    ablations: of('ablations'),
    transfer: of('transfer'),
    dimensions: of('dimensions'),
  }
}

/** How a training went, in about a hundred numbers. */
export const learnedFrom = (
  lesson: Lesson,
  {
    losses,
    updates,
    dropped,
  }: { readonly losses: readonly number[]; readonly updates: number; readonly dropped: number },
): Learned => {
  const every = Math.max(1, Math.ceil(losses.length / 100))
  const means = Array.from({ length: Math.floor(losses.length / every) }, (_, i) => {
    const part = losses.slice(i * every, (i + 1) * every).filter(Number.isFinite)
    return part.length === 0 ? null : part.reduce((sum, loss) => sum + loss, 0) / part.length
  })
  return { lesson: lessonLabel(lesson), updates, dropped, every, losses: means }
}
