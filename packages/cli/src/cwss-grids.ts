/** The tables of the experiment with learned coordinate-wise steps. */
import {
  type Entry,
  evenLeastSquares,
  type Findings,
  gainOf,
  judged,
  lstm,
  marks,
  type NetworkRun,
  subjects,
  type Verdict,
} from '@secant/experiments'
import type { Grid, Mark } from './grid.ts'

const titles: ReadonlyMap<string, string> = new Map(
  [...subjects, evenLeastSquares].map(({ name, title }) => [name, title]),
)

/** What a family is called. */
export const titleOf = (name: string): string => titles.get(name) ?? name

const times = (gain: number | undefined): string => (gain === undefined ? '–' : `${gain.toFixed(2)}×`)

const verdictOf = ({ target, unguarded = 0, guarded = 0, isMet }: Verdict): string => {
  if (!isMet) return 'missed'
  if (target.stretch === undefined) return 'met'
  return Math.max(unguarded, guarded) >= target.stretch
    ? 'met, and the stretch'
    : `met; the stretch of ${target.stretch}× missed`
}

/** Each target beside what was measured, now and in the long run. */
export const targetsGrid = (now: readonly Entry[], long: Findings | undefined): Grid => {
  const before = new Map(judged(long?.tables.methods ?? []).map((verdict) => [verdict.target.on, verdict]))
  return {
    columns: [
      ['iterations to 1e-8 against backtracking', 'left'],
      ['target', 'right'],
      ['CWSS', 'right'],
      ['guarded', 'right'],
      ['', 'left'],
      ['long run', 'right'],
      ['guarded', 'right'],
    ],
    rows: judged(now).map((verdict) => {
      const { target, unguarded, guarded } = verdict
      const earlier = before.get(target.on)
      return [
        target.title,
        `≥ ${times(target.atLeast)}`,
        times(unguarded),
        times(guarded),
        verdictOf(verdict),
        times(earlier?.unguarded),
        times(earlier?.guarded),
      ]
    }),
  }
}

const isLearned = ({ trained }: Entry): boolean => trained !== null

const cells = (entry: Entry, among: readonly Entry[]): readonly string[] => {
  const { reached, runs, evaluationsPerIteration, seconds, objectiveMilliseconds, methodMilliseconds } = entry.summary
  const [rough, fine] = reached
  return [
    rough?.iterations.toFixed(1) ?? '–',
    fine?.iterations.toFixed(1) ?? '–',
    rough?.evaluations.toFixed(1) ?? '–',
    fine?.evaluations.toFixed(1) ?? '–',
    evaluationsPerIteration.toFixed(2),
    `${fine?.runs ?? 0}/${runs}`,
    times(gainOf(entry, among)),
    seconds.toFixed(3),
    objectiveMilliseconds.toFixed(2),
    methodMilliseconds.toFixed(2),
  ]
}

const measuredColumns: Grid['columns'] = [
  ['iter. 1e-4', 'right'],
  ['iter. 1e-8', 'right'],
  ['eval. 1e-4', 'right'],
  ['eval. 1e-8', 'right'],
  ['eval./iter.', 'right'],
  ['arrived', 'right'],
  ['gain', 'right'],
  ['s a run', 'right'],
  ['f ms/iter.', 'right'],
  ['method ms/iter.', 'right'],
]

const strongWhere = (entries: readonly Entry[], is: (entry: Entry) => boolean): ReadonlyMap<number, Mark> =>
  new Map(entries.flatMap((entry, i) => (is(entry) ? [[i, 'strong'] as const] : [])))

/** All methods on one family. */
export const methodsGrid = (entries: readonly Entry[]): Grid => ({
  columns: [['method', 'left'], ...measuredColumns],
  rows: entries.map((entry) => [entry.title, ...cells(entry, entries)]),
  marks: strongWhere(entries, isLearned),
})

/** What the LSTM was exchanged for. */
export const ablationsGrid = (entries: readonly Entry[]): Grid => ({
  columns: [['method', 'left'], ['lesson', 'left'], ...measuredColumns],
  rows: entries.map((entry) => [entry.title, entry.trained ?? '', ...cells(entry, entries)]),
})

/** Gains of every seed, and from which to which they reach. */
export const seedsGrid = (entries: readonly Entry[]): Grid => {
  const learned = entries.filter(isLearned)
  const seeds = Math.max(0, ...subjects.map(({ name }) => learned.filter(({ on }) => on === name).length / 2))
  return {
    columns: [
      ['family', 'left'],
      ['', 'left'],
      ...Array.from({ length: seeds }, (_, i) => [`seed ${i + 1}`, 'right'] as const),
      ['least', 'right'],
      ['most', 'right'],
    ],
    rows: subjects.flatMap(({ name }) =>
      [lstm.name, `${lstm.name}-guarded`].flatMap((method) => {
        const of = learned.filter((entry) => entry.on === name && entry.method === method)
        if (of.length === 0) return []
        const gains = of.map((entry) => gainOf(entry, entries) ?? Number.NaN)
        const listed = Array.from({ length: seeds }, (_, i) => times(gains[i]))
        return [[titleOf(name), of[0]?.title ?? '', ...listed, times(Math.min(...gains)), times(Math.max(...gains))]]
      }),
    ),
  }
}

/** Gains of each shipped policy on each family: rows are what it was trained on. */
export const transferGrid = (entries: readonly Entry[]): Grid => {
  const families = [...new Set(entries.map(({ on }) => on))]
  const lessons = [...new Set(entries.flatMap(({ trained }) => (trained === null ? [] : [trained])))]
  return {
    columns: [['trained on', 'left'], ...families.map((name) => [titleOf(name), 'right'] as const)],
    rows: lessons.map((lesson) => [
      lesson.replace(/-lstm-\d+$/, '').replace(/^.*$/, titleOf),
      ...families.map((family) => {
        const entry = entries.find(({ on, trained }) => on === family && trained === lesson)
        return times(entry && gainOf(entry, entries))
      }),
    ]),
  }
}

/** Iterations to 1e-8 of each method by dimension. */
export const dimensionsGrid = (entries: readonly Entry[]): Grid => {
  const sizes = [...new Map(entries.map((entry) => [`${entry.on} ${entry.n}`, entry])).values()]
  const methods = [...new Map(entries.map(({ method, title }) => [method, title]))]
  return {
    columns: [
      ['family', 'left'],
      ['n', 'right'],
      ['problems', 'right'],
      ...methods.map(([, title]) => [title, 'right'] as const),
      ['gain', 'right'],
      ['guarded', 'right'],
    ],
    rows: sizes.map(({ on, n, summary }) => {
      const here = entries.filter((entry) => entry.on === on && entry.n === n)
      const of = (method: string): Entry | undefined => here.find((entry) => entry.method === method)
      const gain = (method: string): string => {
        const entry = of(method)
        return times(entry && gainOf(entry, here))
      }
      return [
        titleOf(on),
        String(n),
        String(summary.runs),
        ...methods.map(([method]) => of(method)?.summary.reached.at(-1)?.iterations.toFixed(1) ?? '–'),
        gain(lstm.name),
        gain(`${lstm.name}-guarded`),
      ]
    }),
  }
}

/** Losses of the tiny network after so many iterations, and after so many evaluations. */
export const networksGrid = (runs: readonly NetworkRun[]): Grid => ({
  columns: [
    ['method', 'left'],
    ...marks.map((mark) => [`${mark} iter.`, 'right'] as const),
    ...marks.map((mark) => [`${mark} eval.`, 'right'] as const),
    ['s/iter.', 'right'],
  ],
  rows: runs.map(({ title, byIterations, byEvaluations, secondsPerIteration }) => [
    title,
    ...[...byIterations, ...byEvaluations].map((loss) => loss.toPrecision(3)),
    secondsPerIteration.toFixed(3),
  ]),
  marks: new Map(runs.flatMap(({ trained }, i) => (trained === null ? [] : [[i, 'strong'] as const]))),
})
