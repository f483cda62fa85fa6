import { addProduct, type Strided } from './product.ts'
import { type Shape, showShape, sizeOf } from './shape.ts'
import { isFloat, type Tensor, type TypedArray } from './tensor.ts'

/** Which factors are read with rows and columns exchanged. */
export interface Transposes {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
}

/**
 * Matrix product `[…, m, k] · […, k, n] → […, m, n]` with equal leading axes; float32 is summed in double and rounded
 * once. Error at most k roundoffs of |a|·|b|. Fails (throws) on other shapes, mixed dtypes, int32 and bool.
 *
 * @example
 * toNested(matmul(tensor([[1, 2], [3, 4]]), tensor([[1], [1]]))) // => [[3], [7]]
 */
export const matmul = (a: Tensor, b: Tensor, { transposeA = false, transposeB = false }: Transposes = {}): Tensor => {
  const rank = a.shape.length
  const rowsA = a.shape[rank - 2] as number
  const columnsA = a.shape[rank - 1] as number
  const rowsB = b.shape[rank - 2] as number
  const columnsB = b.shape[rank - 1] as number
  const m = transposeA ? columnsA : rowsA
  const k = transposeA ? rowsA : columnsA
  const n = transposeB ? rowsB : columnsB
  const inner = transposeB ? columnsB : rowsB
  const fits = rank >= 2 && b.shape.length === rank && k === inner && sameBatch(a.shape, b.shape)
  if (!fits || a.dtype !== b.dtype || !isFloat(a)) {
    const side = (t: Tensor, turned: boolean): string => `${t.dtype} ${showShape(t.shape)}${turned ? 'ᵀ' : ''}`
    throw new Error(
      `matmul: got ${side(a, transposeA)} · ${side(b, transposeB)}; needs [m, k] · [k, n] of one float dtype`,
    )
  }
  const multiply = a.dtype === 'float64' ? multiplyDoubles : multiplySingles
  if (rank === 2)
    return { dtype: a.dtype, shape: [m, n], data: multiply(1, m, k, n, a.data, b.data, transposeA, transposeB) }
  const batch = a.shape.slice(0, -2)
  const data = multiply(sizeOf(batch), m, k, n, a.data, b.data, transposeA, transposeB)
  return { dtype: a.dtype, shape: [...batch, m, n], data }
}

/** Whether two shapes agree but for their last two axes. */
const sameBatch = (a: Shape, b: Shape): boolean => {
  for (let axis = 0; axis < a.length - 2; axis++) if (a[axis] !== b[axis]) return false
  return true
}

/** `count` products of matrices that lie one after another. */
type Multiply = (
  count: number,
  m: number,
  k: number,
  n: number,
  a: TypedArray,
  b: TypedArray,
  transposeA: boolean,
  transposeB: boolean,
) => TypedArray

const multiplyDoubles: Multiply = (count, m, k, n, a, b, transposeA, transposeB) => {
  const data = new Float64Array(count * m * n)
  for (let i = 0; i < count; i++)
    addProduct(
      1,
      m,
      k,
      n,
      matrixIn(a as Float64Array, i * m * k, m, k, transposeA),
      matrixIn(b as Float64Array, i * k * n, k, n, transposeB),
      matrixIn(data, i * m * n, m, n, false),
    )
  return data
}

/** A row-major matrix of the given size, or the transpose of one. */
const matrixIn = (data: Float64Array, start: number, rows: number, columns: number, turned: boolean): Strided =>
  turned ? { data, start, row: 1, column: rows } : { data, start, row: columns, column: 1 }

/** Large factors are widened to doubles as a whole; where that would cost as much as the product, one by one. */
const multiplySingles: Multiply = (count, m, k, n, a, b, transposeA, transposeB) => {
  if (m > 1 && n > 1 && m * k * n > 8000) {
    const [wideA, wideB] = [new Float64Array(a), new Float64Array(b)]
    return new Float32Array(multiplyDoubles(count, m, k, n, wideA, wideB, transposeA, transposeB))
  }
  const data = new Float32Array(count * m * n)
  const rowA = transposeA ? 1 : k
  const columnA = transposeA ? m : 1
  const rowB = transposeB ? 1 : n
  const columnB = transposeB ? k : 1
  for (let g = 0, r = 0; g < count; g++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++, r++) {
        let p = g * m * k + i * rowA
        let q = g * k * n + j * columnB
        let even = 0
        let odd = 0
        let l = 0
        for (; l + 2 <= k; l += 2, p += 2 * columnA, q += 2 * rowB) {
          even += (a[p] as number) * (b[q] as number)
          odd += (a[p + columnA] as number) * (b[q + rowB] as number)
        }
        if (l < k) even += (a[p] as number) * (b[q] as number)
        data[r] = even + odd
      }
  return data
}

/** Matrix times vector, `[m, n] · [n] → [m]`. */
export const matvec = (a: Tensor, x: Tensor): Tensor => {
  const [m, n] = a.shape
  if (a.shape.length !== 2 || x.shape.length !== 1 || x.shape[0] !== n)
    throw new Error(`matvec: got ${showShape(a.shape)} · ${showShape(x.shape)}; needs [m, n] · [n]`)
  return { ...matmul(a, { ...x, shape: [n as number, 1] }), shape: [m as number] }
}

/** Outer product, `[m], [n] → [m, n]`. */
export const outer = (x: Tensor, y: Tensor): Tensor => {
  if (x.shape.length !== 1 || y.shape.length !== 1)
    throw new Error(`outer: got ${showShape(x.shape)} and ${showShape(y.shape)}; needs [m] and [n]`)
  return matmul({ ...x, shape: [x.data.length, 1] }, { ...y, shape: [1, y.data.length] })
}
