/** What the experiment trains and measures: plans as lists, carried out by whoever reports on them. */
import type { Row, Series } from './comparison.ts'
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

/** The lesson of the LSTM on a subject, by its own recipe. */
export const lessonOn = (subject: Subject, seed: number = 1): Lesson => ({
  subject,
  variant: lstm,
  recipe: subject.recipe,
  seed,
})

/** All lessons of the long form: the LSTM on every subject from several seeds, and what it can be exchanged for. */
export const lessonsOf = (seeds: number): readonly Lesson[] => {
  const { recipe } = leastSquares
  const lstms = Array.from({ length: seeds }, (_, i) => subjects.map((subject) => lessonOn(subject, i + 1)))
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

const dimensionsOf = (taught: Taught, problems: number, isQuick: boolean): readonly PartSeries[] => {
  const series = (subject: Subject, n: number, share: number, ceiling: boolean): PartSeries => ({
    part: 'dimensions',
    subject,
    n,
    problems: Math.ceil(problems * share),
    contenders: [...named('backtracking', 'wolfe-0.1', ...(ceiling ? ['best-steps'] : [])), ...both(taught)],
    maxIterations: 1000,
  })
  const { subject } = taught.lesson
  const small = [10, 50, 100].map((n) => series(subject, n, isQuick ? 1 / 8 : 1 / 2, n < 100))
  return isQuick || !subject.isQuadratic // whose minimum is one factorization away
    ? small
    : [...small, series(subject, 300, 1 / 8, false), series(subject, 1000, 1 / 16, false)]
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
  const learnedOn = subjects.filter((subject) => on(subject, firsts).length > 0)
  const methods = learnedOn.map(
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
    : learnedOn.map(
        (subject): PartSeries => ({
          part: 'seeds',
          subject,
          n: subject.n,
          problems,
          contenders: [reference, ...on(subject, plain).flatMap(both)],
        }),
      )
  const exchanged =
    isQuick || other.length === 0
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
      problems: Math.ceil(problems / (isQuick ? 4 : 2)),
      contenders: [reference, ...firsts.map(withGuard)],
    }),
  )
  const scaled = [leastSquares, stiffLeastSquares, logistic]
    .flatMap((subject) => on(subject, firsts))
    .flatMap((one) => dimensionsOf(one, problems, isQuick))
  return [...methods, ...seeds, ...exchanged, ...transfer, ...scaled]
}

/** A row that belongs to a part. */
export interface PartRow {
  readonly part: Part
  readonly row: Row
}

/** Rows as tables of entries: their paths are left out. */
export const tablesOf = (rows: readonly PartRow[]): Findings['tables'] => {
  const of = (part: Part) => rows.filter((one) => one.part === part).map(({ row: { path: _, ...entry } }) => entry)
  return {
    methods: of('methods'),
    seeds: of('seeds'),
    ablations: of('ablations'),
    transfer: of('transfer'),
    dimensions: of('dimensions'),
  }
}

/** The median of the finite losses: single ones scatter, and a mean would follow the largest. */
export const typicalLoss = (losses: readonly number[]): number | null => {
  const sorted = losses.filter(Number.isFinite).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? null
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
  const medians = Array.from({ length: Math.floor(losses.length / every) }, (_, i) =>
    typicalLoss(losses.slice(i * every, (i + 1) * every)),
  )
  return { lesson: lessonLabel(lesson), updates, dropped, every, losses: medians }
}
