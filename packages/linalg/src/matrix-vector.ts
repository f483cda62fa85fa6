/** A matrix times a vector in plain loops, four rows or columns at a time: each number of the vector is read once for four. */
import type { TypedArray } from './tensor.ts'

/** A matrix inside an array: entry (i, j) at `start + i·row + j·column`. */
export interface View {
  readonly data: TypedArray
  readonly start: number
  readonly row: number
  readonly column: number
}

/** Rows whose entries are neighbours, each folded in two running sums: its even terms and its odd ones. */
export const rowsTimesVector = (a: View, b: View, m: number, k: number, out: Float64Array): void => {
  const [x, y, { row }, { row: step }] = [a.data, b.data, a, b]
  const pairs = k - (k % 2)
  const last = b.start + pairs * step
  const whole = m - (m % 4)
  for (let i = 0; i < whole; i += 4) {
    const first = a.start + i * row
    let [even0, even1, even2, even3] = [0, 0, 0, 0]
    let [odd0, odd1, odd2, odd3] = [0, 0, 0, 0]
    for (let l = 0, q = b.start; l < pairs; l += 2, q += 2 * step) {
      const p = first + l
      const [p1, p2, p3] = [p + row, p + 2 * row, p + 3 * row]
      const even = y[q] as number
      const odd = y[q + step] as number
      even0 += (x[p] as number) * even
      odd0 += (x[p + 1] as number) * odd
      even1 += (x[p1] as number) * even
      odd1 += (x[p1 + 1] as number) * odd
      even2 += (x[p2] as number) * even
      odd2 += (x[p2 + 1] as number) * odd
      even3 += (x[p3] as number) * even
      odd3 += (x[p3 + 1] as number) * odd
    }
    if (pairs < k) {
      const [p, even] = [first + pairs, y[last] as number]
      even0 += (x[p] as number) * even
      even1 += (x[p + row] as number) * even
      even2 += (x[p + 2 * row] as number) * even
      even3 += (x[p + 3 * row] as number) * even
    }
    out[i] = even0 + odd0
    out[i + 1] = even1 + odd1
    out[i + 2] = even2 + odd2
    out[i + 3] = even3 + odd3
  }
  for (let i = whole; i < m; i++) {
    const first = a.start + i * row
    let [even, odd] = [0, 0]
    for (let l = 0, q = b.start; l < pairs; l += 2, q += 2 * step) {
      even += (x[first + l] as number) * (y[q] as number)
      odd += (x[first + l + 1] as number) * (y[q + step] as number)
    }
    if (pairs < k) even += (x[first + pairs] as number) * (y[last] as number)
    out[i] = even + odd
  }
}

/** Columns by the numbers of a vector, one after another, added to `out`: for columns whose entries are neighbours. */
export const columnsTimesVector = (a: View, b: View, m: number, k: number, out: Float64Array): void => {
  const [x, y, { row, column }] = [a.data, b.data, a]
  const factor = (l: number): number => y[b.start + l * b.row] as number
  const whole = k - (k % 4)
  for (let l = 0; l < whole; l += 4) {
    const [f0, f1, f2, f3] = [factor(l), factor(l + 1), factor(l + 2), factor(l + 3)]
    const [p1, p2, p3] = [column, 2 * column, 3 * column]
    for (let i = 0, p = a.start + l * column; i < m; i++, p += row)
      out[i] =
        (out[i] as number) +
        (x[p] as number) * f0 +
        (x[p + p1] as number) * f1 +
        (x[p + p2] as number) * f2 +
        (x[p + p3] as number) * f3
  }
  for (let l = whole; l < k; l++) {
    const f = factor(l)
    for (let i = 0, p = a.start + l * column; i < m; i++, p += row) out[i] = (out[i] as number) + (x[p] as number) * f
  }
}
