import { fromData, type Tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { type DecodeError, malformed } from './decode-error.ts'

/** A table of numbers whose last column is the target. */
export interface Table {
  readonly columns: readonly string[]
  /** `[rows, columns − 1]` */
  readonly features: Tensor
  /** `[rows]` */
  readonly target: Tensor
}

/** Digits, signs, a point, an exponent: `Number` alone would also take `0x10` and `Infinity`. */
const decimal = /^[-+.\de]+$/i

/**
 * A table from comma-separated text: a header line, then rows of finite decimal numbers of equal length.
 *
 * @example
 * const table = decodeCsv('a,target\n1,0\n2,1\n')
 * table._tag // => 'Right'
 */
export const decodeCsv = (text: string): E.Either<DecodeError, Table> => {
  const lines = text.split(/\r?\n/)
  if (lines.length > 1 && lines[lines.length - 1] === '') lines.pop()
  const columns = (lines[0] ?? '').split(',')
  const [width, rows] = [columns.length - 1, lines.length - 1]
  if (width < 1 || rows < 1 || columns.some((name) => name === ''))
    return E.left(
      malformed('line 1', `${columns.length} columns and ${rows} rows`, 'names of two or more columns, then rows'),
    )
  const features = new Float64Array(rows * width)
  const target = new Float64Array(rows)
  for (let r = 0; r < rows; r++) {
    const cells = (lines[r + 1] as string).split(',')
    if (cells.length !== columns.length)
      return E.left(malformed(`line ${r + 2}`, `${cells.length} cells`, `${columns.length}`))
    for (let c = 0; c <= width; c++) {
      const cell = (cells[c] as string).trim()
      const value = Number(cell)
      if (!decimal.test(cell) || !Number.isFinite(value))
        return E.left(malformed(`line ${r + 2}, column ${columns[c]}`, `"${cell}"`, 'a finite decimal number'))
      if (c < width) features[r * width + c] = value
      else target[r] = value
    }
  }
  return E.right({ columns, features: fromData(features, [rows, width]), target: fromData(target) })
}
