import type { TopLevelSpec } from 'vega-lite'
import type { Sample } from './compare.ts'
import { floor, plotConfig, thinned } from './plots.ts'

const panel = (field: string, title: string, scale: 'log' | 'linear') => ({
  width: 480,
  height: 180,
  transform: scale === 'log' ? [{ filter: `datum.${field} > 0` }] : [],
  mark: { type: 'line', strokeWidth: 1.8, color: '#0072B2' },
  encoding: {
    x: { field: 'evaluations', type: 'quantitative', title: 'evaluations of the objective' },
    y: {
      field,
      type: 'quantitative',
      title,
      scale: scale === 'log' ? { type: 'log' } : { zero: false },
      axis: scale === 'log' ? { tickCount: 6, format: '.0e' } : { tickCount: 6 },
    },
    order: { field: 'evaluations' },
  },
})

/** One run: the gap to a known minimum, or the value where none is known, above the gradient norm. */
export const runSpec = (title: string, samples: readonly Sample[], minimum: number | undefined): TopLevelSpec =>
  ({
    config: plotConfig,
    title,
    data: {
      values: thinned(samples).map(({ evaluations, value, gradientNorm }) => ({
        evaluations,
        value,
        gradientNorm,
        gap: minimum === undefined ? undefined : Math.max(floor, value - minimum),
      })),
    },
    vconcat: [
      minimum === undefined ? panel('value', 'objective', 'linear') : panel('gap', 'gap to the minimum', 'log'),
      panel('gradientNorm', '‖g‖∞', 'log'),
    ],
  }) as TopLevelSpec
