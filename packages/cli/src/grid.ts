import Table from 'cli-table3'
import { escapeHtml } from './page.ts'

/** What stands in a cell: a text, and on a page perhaps where it leads. */
export type Cell = string | { readonly text: string; readonly page: string }

/** How a row stands out. */
export type Mark = 'strong' | 'bad' | 'unsure'

/** A table before it is text or HTML. */
export interface Grid {
  readonly columns: readonly (readonly [title: string, align: 'left' | 'right'])[]
  readonly rows: readonly (readonly Cell[])[]
  /** Rows that stand out, by their number. */
  readonly marks?: ReadonlyMap<number, Mark>
}

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text)

/** The table as text. */
export const gridText = ({ columns, rows }: Grid): string => {
  const table = new Table({
    head: columns.map(([title]) => title),
    style: { head: [], border: [], compact: true },
    colAligns: columns.map(([, align]) => align),
  })
  for (const row of rows) table.push(row.map(textOf))
  return table.toString()
}

const cellHtml = (cell: Cell): string =>
  typeof cell === 'string' ? escapeHtml(cell) : `<a href="${escapeHtml(cell.page)}">${escapeHtml(cell.text)}</a>`

/** The table as HTML. */
export const gridHtml = ({ columns, rows, marks = new Map() }: Grid): string => {
  const cell = (tag: 'th' | 'td', content: Cell, column: number): string =>
    `<${tag}${columns[column]?.[1] === 'left' ? ' class="left"' : ''}>${cellHtml(content)}</${tag}>`
  const head = columns.map(([title], i) => cell('th', title, i)).join('')
  const body = rows.map((row, i) => {
    const mark = marks.get(i)
    const cells = row.map((content, column) => cell('td', content, column)).join('')
    return `<tr${mark === undefined ? '' : ` class="${mark}"`}>${cells}</tr>`
  })
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>`
}
