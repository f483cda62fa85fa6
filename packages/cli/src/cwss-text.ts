/** The experiment with learned coordinate-wise steps on a terminal. */
import type { Findings } from '@secant/experiments'
import {
  ablationsGrid,
  dimensionsGrid,
  methodsGrid,
  networksGrid,
  seedsGrid,
  targetsGrid,
  titleOf,
  transferGrid,
} from './cwss-grids.ts'
import { type Grid, gridText } from './grid.ts'

/** All tables: what was found now, and where that is nothing, what the long run has found. */
export const printedTables = (now: Findings, long: Findings | undefined): string => {
  const families = [...new Set(now.tables.methods.map(({ on }) => on))]
  const fromLong = now === long ? '' : ' (long run)'
  const sections: readonly (readonly [title: string, grid: Grid])[] = [
    ...families.map(
      (name) => [titleOf(name), methodsGrid(now.tables.methods.filter(({ on }) => on === name))] as const,
    ),
    ['targets', targetsGrid(now.tables.methods, long)],
    [
      'transfer of guarded policies: times fewer iterations to 1e-8 than backtracking',
      transferGrid(now.tables.transfer),
    ],
    ['dimensions: iterations to 1e-8', dimensionsGrid(now.tables.dimensions)],
    [`seeds${fromLong}`, seedsGrid(long?.tables.seeds ?? [])],
    [`ablations on least squares${fromLong}`, ablationsGrid(long?.tables.ablations ?? [])],
    [`tiny CNN: loss after so much work${fromLong}`, networksGrid(long?.networks ?? [])],
  ]
  return sections
    .filter(([, grid]) => grid.rows.length > 0)
    .map(([title, grid]) => `\n${title}\n${gridText(grid)}\n`)
    .join('')
}
