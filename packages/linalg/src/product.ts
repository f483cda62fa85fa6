/**
 * The one loop beneath products, triangular solves and Cholesky: `C += sign · A · B` on matrices inside arrays of
 * doubles. Exchanging the two strides of a matrix transposes it, and packing only changes strides, so one 4×4 tile
 * serves every case.
 */

/** A matrix inside an array: entry (i, j) at `start + i·row + j·column`. */
export interface Strided {
  readonly data: Float64Array
  readonly start: number
  readonly row: number
  readonly column: number
}

/** The same entries with rows and columns exchanged. */
export const turned = ({ data, start, row, column }: Strided): Strided => ({ data, start, row: column, column: row })

/** The part of a matrix that begins at row i and column j. */
export const from = ({ data, start, row, column }: Strided, i: number, j: number): Strided => ({
  data,
  start: start + i * row + j * column,
  row,
  column,
})

/**
 * `C += sign · A · B` for `[m, k] · [k, n]`, sign 1 or −1. Each entry is a sum of its k products in an order that
 * depends on the sizes alone: its error is at most k roundoffs of |C| + |A||B|. C shares no entry with A and B.
 */
export const addProduct = (
  sign: number,
  m: number,
  k: number,
  n: number,
  a: Strided,
  b: Strided,
  c: Strided,
): void => {
  if (k === 1) addOuter(sign, m, n, a, b, c)
  else if (m < 4 || n < 4) addThin(sign, m, k, n, a, b, c)
  else if (m * k * n < packingPays) addInPlace(sign, m, k, n, a, b, c)
  else addPacked(sign, m, k, n, a, b, c)
}

/** Multiplications from which copying both factors costs less than walking through them with long strides. */
const packingPays = 2 ** 20

const addOuter = (sign: number, m: number, n: number, a: Strided, b: Strided, c: Strided): void => {
  const [x, y, z] = [a.data, b.data, c.data]
  for (let i = 0; i < m; i++) {
    const factor = sign * (x[a.start + i * a.row] as number)
    for (let j = 0, q = b.start, r = c.start + i * c.row; j < n; j++, q += b.column, r += c.column)
      z[r] = (z[r] as number) + factor * (y[q] as number)
  }
}

/** Fewer than four columns (or rows, by transposing all): one vector after another. */
const addThin = (sign: number, m: number, k: number, n: number, a: Strided, b: Strided, c: Strided): void => {
  if (n >= 4) {
    addThin(sign, n, k, m, turned(b), turned(a), turned(c))
    return
  }
  // Rows that lie next to each other in memory are read together, and whole, unless there are few of them.
  const addVector = a.column <= a.row || k < 64 ? addRows : addColumns
  for (let j = 0; j < n; j++) addVector(sign, m, k, a, from(b, 0, j), from(c, 0, j))
}

/** y += sign · A x, as the inner products of four rows at a time; x and y are first columns. */
const addRows = (sign: number, m: number, k: number, a: Strided, x: Strided, y: Strided): void => {
  const [d, v, w] = [a.data, x.data, y.data]
  const { row, column } = a
  let i = 0
  let r = y.start
  for (; i + 4 <= m; i += 4) {
    let [s0, s1, s2, s3] = [0, 0, 0, 0]
    let p = a.start + i * row
    for (let l = 0, q = x.start; l < k; l++, p += column, q += x.row) {
      const factor = v[q] as number
      s0 += (d[p] as number) * factor
      s1 += (d[p + row] as number) * factor
      s2 += (d[p + 2 * row] as number) * factor
      s3 += (d[p + 3 * row] as number) * factor
    }
    w[r] = (w[r] as number) + sign * s0
    w[r + y.row] = (w[r + y.row] as number) + sign * s1
    w[r + 2 * y.row] = (w[r + 2 * y.row] as number) + sign * s2
    w[r + 3 * y.row] = (w[r + 3 * y.row] as number) + sign * s3
    r += 4 * y.row
  }
  for (; i < m; i++, r += y.row) {
    let [even, odd] = [0, 0]
    let [p, q, l] = [a.start + i * row, x.start, 0]
    for (; l + 2 <= k; l += 2, p += 2 * column, q += 2 * x.row) {
      even += (d[p] as number) * (v[q] as number)
      odd += (d[p + column] as number) * (v[q + x.row] as number)
    }
    if (l < k) even += (d[p] as number) * (v[q] as number)
    w[r] = (w[r] as number) + sign * (even + odd)
  }
}

/** y += sign · A x, as a sum of the columns of A, four at a time. */
const addColumns = (sign: number, m: number, k: number, a: Strided, x: Strided, y: Strided): void => {
  const [d, v, w] = [a.data, x.data, y.data]
  const { row, column } = a
  let l = 0
  for (; l + 4 <= k; l += 4) {
    const q = x.start + l * x.row
    const f0 = sign * (v[q] as number)
    const f1 = sign * (v[q + x.row] as number)
    const f2 = sign * (v[q + 2 * x.row] as number)
    const f3 = sign * (v[q + 3 * x.row] as number)
    for (let i = 0, p = a.start + l * column, r = y.start; i < m; i++, p += row, r += y.row)
      w[r] =
        (w[r] as number) +
        ((d[p] as number) * f0 + (d[p + column] as number) * f1) +
        ((d[p + 2 * column] as number) * f2 + (d[p + 3 * column] as number) * f3)
  }
  for (; l < k; l++) {
    const factor = sign * (v[x.start + l * x.row] as number)
    for (let i = 0, p = a.start + l * column, r = y.start; i < m; i++, p += row, r += y.row)
      w[r] = (w[r] as number) + (d[p] as number) * factor
  }
}

/** Tiles straight from the factors; what is left at the right and at the bottom row by row. */
const addInPlace = (sign: number, m: number, k: number, n: number, a: Strided, b: Strided, c: Strided): void => {
  const [tiledRows, tiledColumns] = [m - (m % 4), n - (n % 4)]
  for (let j = 0; j < tiledColumns; j += 4)
    for (let i = 0; i < tiledRows; i += 4)
      addTile(sign, k, a, a.start + i * a.row, b, b.start + j * b.column, c, c.start + i * c.row + j * c.column)
  for (let j = tiledColumns; j < n; j++) addRows(sign, m, k, a, from(b, 0, j), from(c, 0, j))
  for (let i = tiledRows; i < m; i++)
    addRows(sign, tiledColumns, k, turned(b), turned(from(a, i, 0)), turned(from(c, i, 0)))
}

/** Sizes of the copied blocks: a panel of four by `depth` stays in the first-level cache, a block of A in the second. */
const depth = 256
const height = 64
const width = 512

/** Blocks of both factors are copied, in panels of four rows or columns, into the order in which tiles read them. */
const addPacked = (sign: number, m: number, k: number, n: number, a: Strided, b: Strided, c: Strided): void => {
  const count = Math.min(k, depth)
  const rows: Strided = packedFor(Math.min(m, height), count)
  const columns: Strided = turned(packedFor(Math.min(n, width), count))
  const edge: Strided = { data: new Float64Array(16), start: 0, row: 4, column: 1 }
  for (let j0 = 0; j0 < n; j0 += width) {
    const wide = Math.min(width, n - j0)
    for (let l0 = 0; l0 < k; l0 += depth) {
      const deep = Math.min(depth, k - l0)
      pack(turned(from(b, l0, j0)), wide, deep, columns.data)
      for (let i0 = 0; i0 < m; i0 += height) {
        const high = Math.min(height, m - i0)
        pack(from(a, i0, l0), high, deep, rows.data)
        for (let j = 0; j < wide; j += 4)
          for (let i = 0; i < high; i += 4) {
            const at = c.start + (i0 + i) * c.row + (j0 + j) * c.column
            if (i + 4 <= high && j + 4 <= wide) addTile(sign, deep, rows, i * deep, columns, j * deep, c, at)
            else {
              edge.data.fill(0)
              addTile(sign, deep, rows, i * deep, columns, j * deep, edge, 0)
              addCorner(Math.min(4, high - i), Math.min(4, wide - j), edge, c, at)
            }
          }
      }
    }
  }
}

const packedFor = (rows: number, count: number): Strided => ({
  data: new Float64Array(4 * Math.ceil(rows / 4) * count),
  start: 0,
  row: 1,
  column: 4,
})

/** Panels of four rows, one after another: entry (i, l) at `4 (⌊i/4⌋ count + l) + i mod 4`; missing rows are zeros. */
const pack = ({ data, start, row, column }: Strided, rows: number, count: number, panels: Float64Array): void => {
  for (let i = 0, to = 0; i < rows; i += 4) {
    let p = start + i * row
    if (i + 4 <= rows)
      for (let l = 0; l < count; l++, p += column, to += 4) {
        panels[to] = data[p] as number
        panels[to + 1] = data[p + row] as number
        panels[to + 2] = data[p + 2 * row] as number
        panels[to + 3] = data[p + 3 * row] as number
      }
    else
      for (let l = 0; l < count; l++, p += column, to += 4)
        for (let r = 0; r < 4; r++) panels[to + r] = i + r < rows ? (data[p + r * row] as number) : 0
  }
}

/** Adds the upper left part of a tile that reaches over the edge. */
const addCorner = (rows: number, columns: number, tile: Strided, c: Strided, at: number): void => {
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const r = at + i * c.row + j * c.column
      c.data[r] = (c.data[r] as number) + (tile.data[4 * i + j] as number)
    }
}

/** `C += sign · A · B` for `[4, k] · [k, 4]` from the given places, its sixteen sums in local variables. */
const addTile = (
  sign: number,
  k: number,
  a: Strided,
  atA: number,
  b: Strided,
  atB: number,
  c: Strided,
  atC: number,
): void => {
  const [x, y] = [a.data, b.data]
  const [row1, down] = [a.row, a.column]
  const [row2, row3] = [2 * row1, 3 * row1]
  const [column1, along] = [b.column, b.row]
  const [column2, column3] = [2 * column1, 3 * column1]
  let c00 = 0
  let c01 = 0
  let c02 = 0
  let c03 = 0
  let c10 = 0
  let c11 = 0
  let c12 = 0
  let c13 = 0
  let c20 = 0
  let c21 = 0
  let c22 = 0
  let c23 = 0
  let c30 = 0
  let c31 = 0
  let c32 = 0
  let c33 = 0
  for (let l = 0, p = atA, q = atB; l < k; l++, p += down, q += along) {
    const b0 = y[q] as number
    const b1 = y[q + column1] as number
    const b2 = y[q + column2] as number
    const b3 = y[q + column3] as number
    const a0 = x[p] as number
    c00 += a0 * b0
    c01 += a0 * b1
    c02 += a0 * b2
    c03 += a0 * b3
    const a1 = x[p + row1] as number
    c10 += a1 * b0
    c11 += a1 * b1
    c12 += a1 * b2
    c13 += a1 * b3
    const a2 = x[p + row2] as number
    c20 += a2 * b0
    c21 += a2 * b1
    c22 += a2 * b2
    c23 += a2 * b3
    const a3 = x[p + row3] as number
    c30 += a3 * b0
    c31 += a3 * b1
    c32 += a3 * b2
    c33 += a3 * b3
  }
  addFour(sign, c, atC, c00, c01, c02, c03)
  addFour(sign, c, atC + c.row, c10, c11, c12, c13)
  addFour(sign, c, atC + 2 * c.row, c20, c21, c22, c23)
  addFour(sign, c, atC + 3 * c.row, c30, c31, c32, c33)
}

const addFour = (
  sign: number,
  { data, column }: Strided,
  at: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
): void => {
  data[at] = (data[at] as number) + sign * s0
  data[at + column] = (data[at + column] as number) + sign * s1
  data[at + 2 * column] = (data[at + 2 * column] as number) + sign * s2
  data[at + 3 * column] = (data[at + 3 * column] as number) + sign * s3
}
