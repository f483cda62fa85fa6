import type { Report, Row } from '@secant/verify'
import { drawSvg } from './plots.ts'
import { escapeHtml, pageStyle } from './report.ts'
import { comparisonSpec } from './verify-plots.ts'
import { applies, cellsOfRow, factsOf, verificationHeadings } from './verify-table.ts'

const cells = (tag: 'td' | 'th', texts: readonly string[]): string =>
  texts.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join('')

const tableOf = (rows: readonly Row[]): string =>
  `<table><thead><tr>${cells('th', verificationHeadings)}</tr></thead><tbody>${rows
    .map((row) => `<tr class="${row.verdict.replaceAll(' ', '-')}">${cells('td', cellsOfRow(row))}</tr>`)
    .join('\n')}</tbody></table>`

const listOf = (items: readonly string[]): string =>
  items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`

/** Fewer comparisons than this make no plot. */
const fewestPlotted = 3

const sectionOf = async (row: Row): Promise<string> => {
  const plot = row.comparisons.length < fewestPlotted ? '' : `<figure>${await drawSvg(comparisonSpec(row))}</figure>`
  const assumptions = row.assumptions.map(({ statement, status, detail }) => `${status}: ${statement} (${detail})`)
  return `<h2>${escapeHtml(row.theorem)}: ${row.verdict}</h2>
<p>${escapeHtml(row.statement)}</p><p class="note">${escapeHtml(row.source)}</p>
${listOf(assumptions)}${listOf(row.reasons)}${plot}`
}

const otherOf = ({ theorem, statement, reasons }: Row): string =>
  `<li>${escapeHtml(`${theorem}: ${statement}`)}<br><span class="note">${escapeHtml(reasons.join('; '))}</span></li>`

/** The report of a verification: one self-contained page, without scripts. */
export const renderVerification = async (name: string, report: Report): Promise<string> => {
  const applied = report.rows.filter(applies)
  const sections: string[] = []
  for (const row of applied) sections.push(await sectionOf(row))
  const others = report.rows.filter((row) => !applies(row)).map(otherOf)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Secant: theorems on a run</title><style>${pageStyle}
  tr.violated, tr.contradicted { background: #fbe3e3; } tr.inconclusive { background: #fdf5d8; }</style></head>
<body><h1>Theorems on a run</h1>
${listOf(factsOf(name, report))}
${tableOf(applied)}
<p class="note">Slack is the distance to the bound, relative to the larger of the two numbers: 0 is equality, 1 a bound that is infinitely far off.</p>
${sections.join('\n')}
<h2>Do not apply</h2><ul>${others.join('\n')}</ul>
</body></html>
`
}
