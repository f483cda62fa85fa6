import type { Row } from '@secant/verify'
import type { TopLevelSpec } from 'vega-lite'
import { plotConfig, thinned } from './plots.ts'

const colours = { domain: ['measured', 'bound'], range: ['#0072B2', '#E69F00'] }

const step = { field: 'step', type: 'quantitative', title: 'step', axis: { tickCount: 6, grid: false } } as const

/** Measured and bound on a log scale, where both are positive somewhere; the slack of each step beside it. */
export const comparisonSpec = ({ theorem, comparisons }: Row): TopLevelSpec => {
  const kept = thinned(comparisons)
  const values = kept.flatMap(({ step, measured, bound }) =>
    [
      { step, value: Math.abs(measured), of: 'measured' },
      { step, value: Math.abs(bound), of: 'bound' },
    ].filter(({ value }) => value > 0 && Number.isFinite(value)),
  )
  const slacks = kept.map(({ step, slack }) => ({ step, slack })).filter(({ slack }) => Number.isFinite(slack))
  return {
    config: plotConfig,
    title: theorem,
    hconcat: [
      {
        width: 320,
        height: 180,
        data: { values },
        mark: { type: 'line', strokeWidth: 1.8, point: values.length <= 40 },
        encoding: {
          x: step,
          y: {
            field: 'value',
            type: 'quantitative',
            title: 'size',
            scale: { type: 'log' },
            axis: { tickCount: 5, format: '.0e' },
          },
          color: { field: 'of', type: 'nominal', title: null, scale: colours, legend: { orient: 'top' } },
        },
      },
      {
        width: 240,
        height: 180,
        data: { values: slacks },
        mark: { type: 'line', strokeWidth: 1.8, color: '#009E73', point: slacks.length <= 40 },
        encoding: { x: step, y: { field: 'slack', type: 'quantitative', title: 'slack', axis: { tickCount: 5 } } },
      },
    ],
  } as TopLevelSpec
}
