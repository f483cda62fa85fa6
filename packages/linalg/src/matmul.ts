import { columnsTimesVector, rowsTimesVector, type View } from './matrix-vector.ts'
import { showShape, sizeOf } from './shape.ts'
import { isFloat, type Tensor } from './tensor.ts'
import { gemm, gemmWork } from './wasm/kernels/gemm.ts'
import { lazily } from './wasm/lazy.ts'

/** Which factors are read with rows and columns exchanged. */
export interface Transposes {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
}

/** Depth of a block: two panels of four by this many doubles stay in the first-level cache. */
const depth = 256

/** Four rows of a view (missing ones as zeros), interleaved: entry (r, l) at `4 l + r`. */
const pack = (
  { data, start, row, column }: View,
  rows: number,
  from: number,
  count: number,
  l0: number,
  panel: Float64Array,
  at: number,
): void => {
  for (let r = 0; r < 4; r++) {
    if (from + r >= rows) for (let l = 0; l < count; l++) panel[at + 4 * l + r] = 0
    else {
      let p = start + (from + r) * row + l0 * column
      for (let l = 0; l < count; l++, p += column) panel[at + 4 * l + r] = data[p] as number
    }
  }
}

/** out += A · B for one block of depth, in 4×4 tiles whose sixteen sums stay in registers. */
const blockProduct = (
  a: Float64Array,
  b: Float64Array,
  count: number,
  m: number,
  n: number,
  i0: number,
  out: Float64Array,
): void => {
  for (let j0 = 0, q0 = 0; j0 < n; j0 += 4, q0 += 4 * count) {
    let [c00, c01, c02, c03, c10, c11, c12, c13] = [0, 0, 0, 0, 0, 0, 0, 0]
    let [c20, c21, c22, c23, c30, c31, c32, c33] = [0, 0, 0, 0, 0, 0, 0, 0]
    for (let p = 0, q = q0; p < 4 * count; p += 4, q += 4) {
      const b0 = b[q] as number
      const b1 = b[q + 1] as number
      const b2 = b[q + 2] as number
      const b3 = b[q + 3] as number
      const a0 = a[p] as number
      c00 += a0 * b0
      c01 += a0 * b1
      c02 += a0 * b2
      c03 += a0 * b3
      const a1 = a[p + 1] as number
      c10 += a1 * b0
      c11 += a1 * b1
      c12 += a1 * b2
      c13 += a1 * b3
      const a2 = a[p + 2] as number
      c20 += a2 * b0
      c21 += a2 * b1
      c22 += a2 * b2
      c23 += a2 * b3
      const a3 = a[p + 3] as number
      c30 += a3 * b0
      c31 += a3 * b1
      c32 += a3 * b2
      c33 += a3 * b3
    }
    const columns = Math.min(4, n - j0)
    const store = (i: number, x0: number, x1: number, x2: number, x3: number): void => {
      if (i >= m) return
      const at = i * n + j0
      out[at] = (out[at] as number) + x0
      if (columns > 1) out[at + 1] = (out[at + 1] as number) + x1
      if (columns > 2) out[at + 2] = (out[at + 2] as number) + x2
      if (columns > 3) out[at + 3] = (out[at + 3] as number) + x3
    }
    store(i0, c00, c01, c02, c03)
    store(i0 + 1, c10, c11, c12, c13)
    store(i0 + 2, c20, c21, c22, c23)
    store(i0 + 3, c30, c31, c32, c33)
  }
}

/** Both factors are copied, four rows or columns at a time, into the order in which the tiles read them. */
const packedProduct = (a: View, b: View, m: number, k: number, n: number, out: Float64Array): void => {
  const columnsOfB: View = { ...b, row: b.column, column: b.row }
  const panels = Math.ceil(n / 4)
  const rows = new Float64Array(4 * Math.min(k, depth))
  const columns = new Float64Array(4 * panels * Math.min(k, depth))
  for (let l0 = 0; l0 < k; l0 += depth) {
    const count = Math.min(depth, k - l0)
    for (let j = 0; j < panels; j++) pack(columnsOfB, n, 4 * j, count, l0, columns, 4 * j * count)
    for (let i0 = 0; i0 < m; i0 += 4) {
      pack(a, m, i0, count, l0, rows, 0)
      blockProduct(rows, columns, count, m, n, i0, out)
    }
  }
}

const gemmAlone = /* @__PURE__ */ lazily({ gemm })

/** From so many multiplications on, the copies in and out are worth it, and soon the compilation too. */
const enough = 2 ** 14

/** The same sums in the same order as `packedProduct`, two at a time in WebAssembly; false where there is none. */
const wasmProduct = (a: View, b: View, m: number, k: number, n: number, out: Float64Array): boolean => {
  const sizes = [8 * m * k, 8 * k * n, 8 * m * n, gemmWork(m, n, k)]
  const done = gemmAlone(sizes, ({ buffer, functions, places }) => {
    const [pa, pb, pc, work] = places as [number, number, number, number]
    new Float64Array(buffer, pa, m * k).set(a.data.subarray(a.start, a.start + m * k))
    new Float64Array(buffer, pb, k * n).set(b.data.subarray(b.start, b.start + k * n))
    functions['gemm']?.(m, n, k, 1, pa, a.row, a.column, pb, b.row, b.column, 0, pc, n, work)
    out.set(new Float64Array(buffer, pc, m * n))
    return true
  })
  return done ?? false
}

/** Row by row without copies: for small factors, and where one of them is a vector. */
const plainProduct = (a: View, b: View, m: number, k: number, n: number, out: Float64Array): void => {
  const [x, y] = [a.data, b.data]
  if (n === 1 && a.column === 1) rowsTimesVector(a, b, m, k, out)
  else if (n === 1) columnsTimesVector(a, b, m, k, out)
  else
    for (let i = 0; i < m; i++)
      for (let l = 0; l < k; l++) {
        const factor = x[a.start + i * a.row + l * a.column] as number
        for (let j = 0, at = i * n, q = b.start + l * b.row; j < n; j++, at++, q += b.column)
          out[at] = (out[at] as number) + factor * (y[q] as number)
      }
}

const viewOf = (t: Tensor, start: number, columns: number, turned: boolean): View => ({
  data: t.data,
  start,
  row: turned ? 1 : columns,
  column: turned ? columns : 1,
})

/**
 * Matrix product `[…, m, k] · […, k, n] → […, m, n]` with equal leading axes; float32 is summed in double and rounded
 * once. Error at most k roundoffs of |a|·|b|. Fails (throws) on other shapes, mixed dtypes, int32 and bool.
 *
 * @example
 * toNested(matmul(tensor([[1, 2], [3, 4]]), tensor([[1], [1]]))) // => [[3], [7]]
 */
export const matmul = (a: Tensor, b: Tensor, { transposeA = false, transposeB = false }: Transposes = {}): Tensor => {
  const rank = a.shape.length
  const [rowsA, columnsA] = [a.shape[rank - 2] as number, a.shape[rank - 1] as number]
  const [rowsB, columnsB] = [b.shape[rank - 2] as number, b.shape[rank - 1] as number]
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA]
  const [inner, n] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB]
  const batch = a.shape.slice(0, -2)
  const fits =
    rank >= 2 && b.shape.length === rank && batch.every((length, axis) => length === b.shape[axis]) && k === inner
  if (!fits || a.dtype !== b.dtype || !isFloat(a)) {
    const side = (t: Tensor, turned: boolean): string => `${t.dtype} ${showShape(t.shape)}${turned ? 'ᵀ' : ''}`
    throw new Error(
      `matmul: got ${side(a, transposeA)} · ${side(b, transposeB)}; needs [m, k] · [k, n] of one float dtype`,
    )
  }
  const count = sizeOf(batch)
  const single = new Float64Array(m * n)
  const data =
    a.dtype === 'float32' ? new Float32Array(count * m * n) : count === 1 ? single : new Float64Array(count * m * n)
  const small = n === 1 || m * n * k < 4096 || m < 4 || k < 4
  const multiply = small ? plainProduct : packedProduct
  for (let i = 0; i < count; i++) {
    if (i > 0) single.fill(0)
    const [p, q] = [viewOf(a, i * m * k, columnsA, transposeA), viewOf(b, i * k * n, columnsB, transposeB)]
    if (small || m * n * k < enough || !wasmProduct(p, q, m, k, n, single)) multiply(p, q, m, k, n, single)
    if (data !== single) data.set(single, i * m * n)
  }
  return { dtype: a.dtype, shape: [...batch, m, n], data }
}

/** Matrix times vector, `[m, n] · [n] → [m]`. */
export const matvec = (a: Tensor, x: Tensor): Tensor => {
  const product = matmul(a, { ...x, shape: [...x.shape, 1] })
  return { ...product, shape: [product.data.length] }
}

/** Outer product, `[m], [n] → [m, n]`. */
export const outer = (x: Tensor, y: Tensor): Tensor =>
  matmul({ ...x, shape: [...x.shape, 1] }, { ...y, shape: [1, ...y.shape] })
