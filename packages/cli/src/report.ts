import type { Result } from './compare.ts'
import { drawSvg, gapQuantity, gradientQuantity, plotSpec, stepsSpec } from './plots.ts'
import { cellsOf, headings, type Skipped } from './table.ts'

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

export const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => escapes[character] as string)

/** Looks of all reports. */
export const pageStyle = `
  :root { color-scheme: light; }
  body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fafafa; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
  h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
  table { border-collapse: collapse; width: 100%; background: #fff; font-variant-numeric: tabular-nums; font-size: 13px; }
  th, td { text-align: right; padding: .3rem .5rem; border-bottom: 1px solid #e3e3e3; }
  th:nth-child(-n+2), td:nth-child(-n+2), th:last-child, td:last-child { text-align: left; }
  figure { margin: .5rem; background: #fff; border: 1px solid #e3e3e3; border-radius: 6px; padding: .5rem; }
  .plots { display: flex; flex-wrap: wrap; } svg { max-width: 100%; height: auto; } .note { color: #555; }`

const linked = (text: string, page: string | undefined): string =>
  page === undefined ? escapeHtml(text) : `<a href="${escapeHtml(page)}">${escapeHtml(text)}</a>`

const renderRows = (results: readonly Result[], pages: ReadonlyMap<Result, string>): string => {
  const head = headings.map((heading) => `<th>${escapeHtml(heading)}</th>`).join('')
  const rows = results.map(
    (result) =>
      `<tr>${cellsOf(result)
        .map((cell, i) => `<td>${linked(cell, i === 1 ? pages.get(result) : undefined)}</td>`)
        .join('')}</tr>`,
  )
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`
}

const section = async (results: readonly Result[]): Promise<string> => {
  const gap = gapQuantity(results)
  const specs = [
    plotSpec(results, 'evaluations', gap),
    plotSpec(results, 'seconds', gap),
    plotSpec(results, 'evaluations', gradientQuantity),
    plotSpec(results, 'seconds', gradientQuantity),
    stepsSpec(results),
  ]
  const figures = (await Promise.all(specs.map(drawSvg))).map((svg) => `<figure>${svg}</figure>`)
  const { task } = results[0] as Result
  const reference = task.minimum === undefined ? 'no reference optimum is known' : `reference optimum ${task.minimum}`
  return `<h2>${escapeHtml(task.title)}</h2><p class="note">${task.n} parameters; ${reference}.</p><div class="plots">${figures.join('\n')}</div>`
}

/** The report of a comparison: one self-contained page, without scripts. `facts` tell how it was run, `pages` what theorems say of a run. */
export const renderReport = async (
  results: readonly Result[],
  skipped: readonly Skipped[],
  facts: readonly string[],
  pages: ReadonlyMap<Result, string> = new Map(),
): Promise<string> => {
  const byTask = [...new Set(results.map(({ task }) => task))].map((task) => results.filter((r) => r.task === task))
  const sections: string[] = []
  for (const group of byTask) sections.push(await section(group))
  const left = skipped.map(
    ({ problem, method, why }) => `<li>${escapeHtml(`${method} was left out on ${problem}: ${why}`)}</li>`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Secant: comparison of optimizers</title><style>${pageStyle}</style></head>
<body><h1>Comparison of optimizers</h1>
<p class="note">${facts.map(escapeHtml).join(' · ')}</p>
${renderRows(results, pages)}
<ul class="note">${left.join('\n')}</ul>
${sections.join('\n')}
</body></html>
`
}
