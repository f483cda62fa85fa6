import type { Quantity, Report, Row } from '@secant/verify'
import { type Grid, gridText, type Mark } from './grid.ts'

/** A number in at most four digits. */
export const brief = (value: number): string => {
  const rounded = Number(value.toPrecision(4))
  const size = Math.abs(rounded)
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? rounded.toExponential() : String(rounded)
}

export const applies = ({ verdict }: Row): boolean => verdict !== 'does not apply'

/** The worst way in which the assumptions of a theorem are known. */
export const footing = ({ assumptions }: Row): string => {
  const order = ['estimated', 'given', 'measured', 'proved'] as const
  return order.find((one) => assumptions.some(({ status }) => status === one)) ?? 'nothing assumed'
}

const cellsOf = (row: Row): readonly string[] => {
  const { tightest } = row
  const numbers =
    tightest === undefined || !applies(row)
      ? ['', '', '', '', '']
      : [
          brief(tightest.slack),
          String(tightest.step),
          brief(tightest.measured),
          tightest.relation,
          brief(tightest.bound),
        ]
  return [row.theorem, row.verdict, ...numbers, applies(row) ? footing(row) : '']
}

const markOf = ({ verdict }: Row): Mark | undefined =>
  verdict === 'violated' || verdict === 'contradicted' ? 'bad' : verdict === 'inconclusive' ? 'unsure' : undefined

/** One row for each theorem; of one that does not apply, only its name. */
export const verificationGrid = (rows: readonly Row[]): Grid => ({
  columns: [
    ['theorem', 'left'],
    ['verdict', 'left'],
    ['slack', 'right'],
    ['step', 'right'],
    ['measured', 'right'],
    ['', 'left'],
    ['bound', 'right'],
    ['assumptions', 'left'],
  ],
  rows: rows.map(cellsOf),
  marks: new Map(
    rows.flatMap((row, i) => {
      const mark = markOf(row)
      return mark === undefined ? [] : [[i, mark] as const]
    }),
  ),
})

const quantityText = (name: string, quantity: Quantity | undefined): string =>
  quantity === undefined
    ? `${name}: not known`
    : `${name} = ${brief(quantity.value)} (${quantity.status}: ${quantity.how})`

/** What was looked at, line by line. */
export const factsOf = (name: string, { method, n, iterates, constants }: Report): readonly string[] => [
  `${name}: ${method}, n = ${n}, ${iterates} iterates`,
  quantityText('L', constants.L),
  quantityText('μ', constants.mu),
  quantityText('f*', constants.minimum),
]

const reasonsOf = (rows: readonly Row[]): readonly string[] =>
  rows.flatMap(({ theorem, reasons }) => reasons.map((reason) => `${theorem}: ${reason}`))

/** The report for people to read; theorems that do not apply are counted, or told with the reason. */
export const verificationText = (name: string, report: Report, all: boolean): string => {
  const [applied, others] = [report.rows.filter(applies), report.rows.filter((row) => !applies(row))]
  const left = all
    ? reasonsOf(others)
    : others.length === 0
      ? []
      : [`${others.length} theorems do not apply; --all tells why`]
  return [...factsOf(name, report), gridText(verificationGrid(applied)), ...reasonsOf(applied), ...left].join('\n')
}
