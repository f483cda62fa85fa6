import type { TopLevelSpec } from 'vega-lite'
import { plotConfig } from './plots.ts'

/** A line of a plot, by the name that the legend shows. */
export interface Line {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

/** Colours that remain distinct for colour-blind readers (Okabe and Ito), and a grey. */
const palette = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#D55E00', '#56B4E9', '#B8A500', '#666666']

/** Longer lines are thinned to about this many points. */
const mostPoints = 250

const shown = ({ points }: Line): Line['points'] => {
  const every = Math.ceil(points.length / mostPoints)
  return points.filter((_, i) => i % every === 0 || i === points.length - 1)
}

/** Lines on common axes, as a specification. */
export const linesSpec = (
  {
    title,
    x,
    y,
    scale = 'linear',
    width = 360,
  }: {
    readonly title: string
    readonly x: string
    readonly y: string
    readonly scale?: 'linear' | 'log'
    readonly width?: number
  },
  lines: readonly Line[],
): TopLevelSpec => {
  const isDrawn = (value: number): boolean => Number.isFinite(value) && (scale === 'linear' || value > 0)
  return {
    width,
    height: 260,
    title: { text: title, fontSize: 13, fontWeight: 'normal' },
    config: plotConfig,
    data: {
      values: lines.flatMap((line) =>
        shown(line)
          .filter((point) => isDrawn(point.y))
          .map((point) => ({ ...point, line: line.name })),
      ),
    },
    mark: { type: 'line', strokeWidth: 1.8, clip: true },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: x, axis: { tickCount: 6, grid: false } },
      y: {
        field: 'y',
        type: 'quantitative',
        title: y,
        scale: scale === 'log' ? { type: 'log' } : { zero: false },
        axis: { tickCount: 6, gridOpacity: 0.4, ...(scale === 'log' ? { format: '.0e' } : {}) },
      },
      color: {
        field: 'line',
        type: 'nominal',
        title: null,
        scale: { domain: lines.map(({ name }) => name), range: palette },
        legend: { orient: 'bottom', columns: 1, symbolType: 'stroke', symbolStrokeWidth: 3, labelLimit: 600 },
      },
      order: { field: 'x' },
    },
  } as TopLevelSpec
}
