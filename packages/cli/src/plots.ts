import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import { methods } from './catalogue.ts'
import type { Result, Sample } from './compare.ts'

/** What stands on the vertical axis. */
interface Quantity {
  readonly title: string
  readonly of: (sample: Sample, result: Result) => number | undefined
}

type Horizontal = 'evaluations' | 'seconds' | 'k'

const horizontalTitles: Readonly<Record<Horizontal, string>> = {
  evaluations: 'evaluations of the objective',
  seconds: 'seconds',
  k: 'iteration',
}

/** Green, orange, blues and purple that remain distinct for colour-blind readers (Okabe and Ito). */
const palette = ['#009E73', '#E69F00', '#0072B2', '#CC3377', '#56B4E9']

/** Longer runs are thinned to about this many points a line. */
const mostPoints = 300

/** Gaps below this are rounding. */
export const floor = 1e-16

const leastSeen = (results: readonly Result[], { task }: Result): number =>
  results
    .filter((other) => other.task === task)
    .reduce((least, { best }) => Math.min(least, best), Number.POSITIVE_INFINITY)

/** The objective above its known minimum, or above the best value any method found. */
export const gapQuantity = (results: readonly Result[]): Quantity => ({
  title: results.every(({ task }) => task.minimum !== undefined)
    ? 'gap to the minimum'
    : 'objective above the best found',
  of: ({ value }, result) =>
    result.task.minimum === undefined
      ? value - leastSeen(results, result) // 0 at the best itself, which a log scale leaves out
      : Math.max(floor, value - result.task.minimum),
})

export const gradientQuantity: Quantity = { title: 'gradient norm', of: ({ gradientNorm }) => gradientNorm }

export const stepQuantity: Quantity = { title: 'step α', of: ({ alpha }) => alpha }

/** Every so many-th sample of a long run, and its last. */
export const thinned = <A>(samples: readonly A[]): readonly A[] => {
  const every = Math.ceil(samples.length / mostPoints)
  return samples.filter((_, i) => i % every === 0 || i === samples.length - 1)
}

const rowsOf = (results: readonly Result[], x: Horizontal, quantity: Quantity): Record<string, unknown>[] =>
  results.flatMap((result) =>
    thinned(result.samples).flatMap((sample) => {
      const y = quantity.of(sample, result)
      if (y === undefined || !(y > 0) || !Number.isFinite(y)) return []
      return [{ x: sample[x], y, method: result.contender.title, problem: result.task.title }]
    }),
  )

const titles = [...methods.values()].map(({ title }) => title)

const layerFor = (x: Horizontal, quantity: Quantity, marks: 'line' | 'point') => ({
  mark:
    marks === 'line'
      ? ({ type: 'line', strokeWidth: 1.8, interpolate: 'linear', clip: true } as const)
      : ({ type: 'point', filled: true, size: 14, opacity: 0.7, clip: true } as const),
  encoding: {
    x: { field: 'x', type: 'quantitative', title: horizontalTitles[x], axis: { tickCount: 6, grid: false } },
    y: {
      field: 'y',
      type: 'quantitative',
      title: quantity.title,
      scale: { type: 'log' },
      axis: { tickCount: 6, format: '.0e', gridOpacity: 0.4 },
    },
    color: {
      field: 'method',
      type: 'nominal',
      title: null,
      scale: { domain: titles, range: palette },
      legend: { orient: 'top', symbolType: 'stroke', symbolStrokeWidth: 3 },
    },
    order: { field: 'x' },
  },
})

/** Looks that all plots share. */
export const plotConfig = {
  background: 'white',
  font: 'system-ui, sans-serif',
  axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal' },
  legend: { labelFontSize: 12 },
  header: { labelFontSize: 13, title: null },
  view: { stroke: '#ddd' },
} as const

/** A plot as a specification: plain data, and what tests look at. */
export const plotSpec = (results: readonly Result[], x: Horizontal, quantity: Quantity): TopLevelSpec =>
  ({
    width: 420,
    height: 260,
    config: plotConfig,
    data: { values: rowsOf(results, x, quantity) },
    ...layerFor(x, quantity, 'line'),
  }) as TopLevelSpec

/** The chosen steps, one strip a method: most of them are 1, and would hide each other in one plot. */
export const stepsSpec = (results: readonly Result[]): TopLevelSpec => {
  const { mark, encoding } = layerFor('k', stepQuantity, 'point')
  const y = { ...encoding.y, axis: { tickCount: 3, format: '~g', gridOpacity: 0.4 } }
  return {
    config: plotConfig,
    data: { values: rowsOf(results, 'k', stepQuantity) },
    facet: { row: { field: 'method', type: 'nominal', sort: titles } },
    spec: { width: 400, height: 52, mark, encoding: { ...encoding, y, color: { ...encoding.color, legend: null } } },
    spacing: 12,
    resolve: { scale: { x: 'independent' } },
  } as TopLevelSpec
}

/** One picture of all problems side by side: the gap against evaluations. */
export const pictureSpec = (results: readonly Result[]): TopLevelSpec =>
  ({
    config: plotConfig,
    data: { values: rowsOf(results, 'evaluations', gapQuantity(results)) },
    facet: { column: { field: 'problem', type: 'nominal', sort: [...new Set(results.map(({ task }) => task.title))] } },
    spec: {
      width: 270,
      height: 230,
      ...layerFor('evaluations', { ...gapQuantity(results), title: 'objective above reference' }, 'line'),
    },
    resolve: { scale: { x: 'independent', y: 'independent' } },
  }) as TopLevelSpec

/** Draws a specification as SVG text; no browser is needed. */
export const drawSvg = (spec: TopLevelSpec): Promise<string> =>
  new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG()
