import type { Result } from './compare.ts'
import { gridHtml } from './grid.ts'
import { escapeHtml, listing, note, plots, renderPage } from './page.ts'
import { drawSvg, gapQuantity, gradientQuantity, plotSpec, stepsSpec } from './plots.ts'
import { gridOf, type Skipped } from './table.ts'

const section = async (results: readonly Result[]): Promise<string> => {
  const gap = gapQuantity(results)
  const specs = [
    plotSpec(results, 'evaluations', gap),
    plotSpec(results, 'seconds', gap),
    plotSpec(results, 'evaluations', gradientQuantity),
    plotSpec(results, 'seconds', gradientQuantity),
    stepsSpec(results),
  ]
  const { task } = results[0] as Result
  const reference = task.minimum === undefined ? 'no reference optimum is known' : `reference optimum ${task.minimum}`
  return [
    `<h2>${escapeHtml(task.title)}</h2>`,
    note(`${task.n} parameters; ${reference}.`),
    plots(await Promise.all(specs.map(drawSvg))),
  ].join('\n')
}

/** The report of a comparison: one self-contained page, without scripts. `facts` tell how it was run, `pages` where more is told of a run. */
export const renderReport = async (
  results: readonly Result[],
  skipped: readonly Skipped[],
  facts: readonly string[],
  pages: ReadonlyMap<Result, string> = new Map(),
): Promise<string> => {
  const byTask = [...new Set(results.map(({ task }) => task))].map((task) => results.filter((r) => r.task === task))
  const sections: string[] = []
  for (const group of byTask) sections.push(await section(group))
  const left = skipped.map(({ problem, method, why }) => `${method} was left out on ${problem}: ${why}`)
  return renderPage({ title: 'Secant: comparison of optimizers', heading: 'Comparison of optimizers', facts }, [
    gridHtml(gridOf(results, pages)),
    listing(left),
    ...sections,
  ])
}
