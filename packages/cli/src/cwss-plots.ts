/** The drawings of the experiment with learned coordinate-wise steps. */
import type { Learned, Observation, Row } from '@secant/experiments'
import type { TopLevelSpec } from 'vega-lite'
import { type Line, linesSpec } from './line-plot.ts'
import { plotConfig } from './plots.ts'

/** The steps that a policy chose on the first test problem of its family. */
export interface Observed {
  readonly on: string
  readonly seen: readonly Observation[]
}

/** The rows that a plot shows; all of them would hide each other. */
const shownMethods = [
  'lstm',
  'lstm-guarded',
  'backtracking',
  'wolfe-0.1',
  'random-diagonal',
  'lbfgs',
  'diagonal-h0',
  'best-steps',
]

/** The gap on the first test problem against iterations and against evaluations. */
export const gapSpecs = (rows: readonly Row[]): readonly TopLevelSpec[] => {
  const shown = shownMethods.flatMap((name) => rows.filter(({ method }) => method === name))
  const lines = (xOf: (at: Row['path'][number], k: number) => number): readonly Line[] =>
    shown.map(({ title, path }) => ({ name: title, points: path.map((at, k) => ({ x: xOf(at, k), y: at.gap })) }))
  const y = 'gap, relative to the first'
  return [
    linesSpec(
      { title: 'first test problem', x: 'iterations', y, scale: 'log' },
      lines((_, k) => k),
    ),
    linesSpec(
      { title: 'first test problem', x: 'evaluations', y, scale: 'log' },
      lines(({ evaluations }) => evaluations),
    ),
  ]
}

/** Mean and quartiles of p against iterations. */
export const stepsOverTime = (seen: readonly Observation[]): TopLevelSpec =>
  ({
    width: 360,
    height: 260,
    title: { text: 'the learned p', fontSize: 13, fontWeight: 'normal' },
    config: plotConfig,
    data: {
      values: seen.map(({ k, mean, quartiles: [low, median, high] }) => ({ k, mean, low, median, high })),
    },
    encoding: {
      x: { field: 'k', type: 'quantitative', title: 'iterations', axis: { tickCount: 6, grid: false } },
    },
    layer: [
      {
        mark: { type: 'area', color: '#0072B2', opacity: 0.2 },
        encoding: {
          y: {
            field: 'low',
            type: 'quantitative',
            title: 'p: quartiles, median (dashed), mean',
            scale: { domain: [0, 2] },
            axis: { gridOpacity: 0.4 },
          },
          y2: { field: 'high' },
        },
      },
      {
        mark: { type: 'line', color: '#0072B2', strokeWidth: 1, strokeDash: [4, 3] },
        encoding: { y: { field: 'median', type: 'quantitative' } },
      },
      {
        mark: { type: 'line', color: '#0072B2', strokeWidth: 2 },
        encoding: { y: { field: 'mean', type: 'quantitative' } },
      },
    ],
  }) as TopLevelSpec

/** What the theory asks about p, against iterations. */
export const theoryOverTime = (seen: readonly Observation[]): TopLevelSpec => {
  const line = (name: string, of: (one: Observation) => number): Line => ({
    name,
    points: seen.map((one) => ({ x: one.k, y: of(one) })),
  })
  return linesSpec({ title: 'descent, and the distance from P = I', x: 'iterations', y: '' }, [
    line('‖(P − I)d‖ / ‖d‖', ({ distance }) => distance),
    line('c / g′d: descent where > 0', ({ descent }) => descent),
    line('ε, how wide the box of p is', ({ epsilon }) => epsilon),
    line('ρ: the whole box descends where ε < ρ', ({ rho }) => rho),
  ])
}

/** Losses of trainings against updates. */
export const lessonsSpec = (title: string, lessons: readonly Learned[]): TopLevelSpec =>
  linesSpec(
    { title, x: 'meta-updates', y: 'loss (its unit is the decrease g′d)' },
    lessons.map(({ lesson, every, losses }) => ({
      name: lesson,
      points: losses.map((loss, i) => ({ x: (i + 1) * every, y: loss ?? Number.NaN })),
    })),
  )
