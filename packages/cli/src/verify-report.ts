import type { Report, Row } from '@secant/verify'
import { gridHtml } from './grid.ts'
import { escapeHtml, listing, note, plots, renderPage } from './page.ts'
import { drawSvg } from './plots.ts'
import { comparisonSpec } from './verify-plots.ts'
import { applies, factsOf, verificationGrid } from './verify-table.ts'

/** Fewer comparisons than this make no plot. */
const fewestPlotted = 3

const sectionOf = async (row: Row): Promise<string> => {
  const plot = row.comparisons.length < fewestPlotted ? '' : plots([await drawSvg(comparisonSpec(row))])
  const assumptions = row.assumptions.map(({ statement, status, detail }) => `${status}: ${statement} (${detail})`)
  return `<h2>${escapeHtml(row.theorem)}: ${row.verdict}</h2>
<p>${escapeHtml(row.statement)}</p><p class="note">${escapeHtml(row.source)}</p>
${listing(assumptions)}${listing(row.reasons)}${plot}`
}

const otherOf = ({ theorem, statement, reasons }: Row): string =>
  `<li>${escapeHtml(`${theorem}: ${statement}`)}<br><span class="note">${escapeHtml(reasons.join('; '))}</span></li>`

/** The report of a verification: one self-contained page, without scripts. */
export const renderVerification = async (name: string, report: Report): Promise<string> => {
  const applied = report.rows.filter(applies)
  const sections: string[] = []
  for (const row of applied) sections.push(await sectionOf(row))
  const others = report.rows.filter((row) => !applies(row)).map(otherOf)
  const slack =
    'Slack is the distance to the bound, relative to the larger of the two numbers: 0 is equality, 1 a bound that is infinitely far off.'
  return renderPage(
    { title: 'Secant: theorems on a run', heading: 'Theorems on a run', facts: factsOf(name, report) },
    [
      gridHtml(verificationGrid(applied)),
      note(slack),
      ...sections,
      `<h2>Do not apply</h2><ul>${others.join('\n')}</ul>`,
    ],
  )
}
