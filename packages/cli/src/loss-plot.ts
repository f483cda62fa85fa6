import { typicalLoss } from '@secant/experiments'
import type { TopLevelSpec } from 'vega-lite'
import { plotConfig } from './plots.ts'

/** Medians of as many updates as make about so many points. */
const points = 200

/** The loss of a training against its updates, smoothed, as a specification. */
export const lossSpec = (title: string, losses: readonly number[]): TopLevelSpec => {
  const every = Math.max(1, Math.ceil(losses.length / points))
  const values = Array.from({ length: Math.floor(losses.length / every) }, (_, i) => {
    const part = losses.slice(i * every, (i + 1) * every)
    return { update: (i + 1) * every, loss: typicalLoss(part) }
  })
  return {
    width: 420,
    height: 240,
    title,
    config: plotConfig,
    data: { values },
    mark: { type: 'line', strokeWidth: 1.8, color: '#0072B2' },
    encoding: {
      x: { field: 'update', type: 'quantitative', title: 'meta-update', axis: { grid: false, tickCount: 6 } },
      y: { field: 'loss', type: 'quantitative', title: `loss, median of ${every}`, scale: { zero: false } },
    },
  } as TopLevelSpec
}
