import Table from 'cli-table3'
import { escapeHtml } from './page.ts'

/** A table before it is text or HTML. */
export interface Grid {
  readonly columns: readonly (readonly [title: string, align: 'left' | 'right'])[]
  readonly rows: readonly (readonly string[])[]
  /** Rows that stand out, by their number. */
  readonly strong?: ReadonlySet<number>
}

/** The table as text. */
export const gridText = ({ columns, rows }: Grid): string => {
  const table = new Table({
    head: columns.map(([title]) => title),
    style: { head: [], border: [], compact: true },
    colAligns: columns.map(([, align]) => align),
  })
  for (const row of rows) table.push([...row])
  return table.toString()
}

/** The table as HTML. */
export const gridHtml = ({ columns, rows, strong = new Set() }: Grid): string => {
  const cell = (tag: 'th' | 'td', text: string, column: number): string =>
    `<${tag}${columns[column]?.[1] === 'left' ? ' class="left"' : ''}>${escapeHtml(text)}</${tag}>`
  const head = columns.map(([title], i) => cell('th', title, i)).join('')
  const body = rows.map((row, i) => {
    const cells = row.map((text, column) => cell('td', text, column)).join('')
    return `<tr${strong.has(i) ? ' class="strong"' : ''}>${cells}</tr>`
  })
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>`
}
