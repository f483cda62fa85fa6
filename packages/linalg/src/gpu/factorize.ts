/**
 * Blocked factorizations: panels are factorized on the host in float64, the updates of what is left, which are nearly
 * all of the work, are products on the device. Factors are as accurate as the device; `refined` makes solutions exact.
 */
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { cholesky as choleskyOnHost, type NotPositiveDefinite } from '../cholesky.ts'
import { squareOrder } from '../float-matrix.ts'
import type { Lu } from '../lu.ts'
import { fromData, type Tensor } from '../tensor.ts'
import type { Singular } from '../triangular.ts'
import type { DeviceError } from './device.ts'
import { addProduct, matmul } from './products.ts'
import { type DeviceTensor, read, release, type Scope, upload, within } from './scope.ts'
import { slice, takeRows } from './structure.ts'
import { inverseOfBlock } from './triangular.ts'

/** Columns of a panel. */
const width = 64

/** Rows and columns of a matrix from (row, column) on. */
const paste = (to: Float64Array, n: number, row: number, column: number, block: Tensor): void => {
  const [rows, columns] = block.shape as readonly [number, number]
  for (let i = 0; i < rows; i++)
    to.set(block.data.subarray(i * columns, (i + 1) * columns) as Float64Array, (row + i) * n + column)
}

const block = (t: Tensor, fromRow: number, toRow: number): Tensor => {
  const columns = t.shape[1] as number
  return fromData(t.data.slice(fromRow * columns, toRow * columns), [toRow - fromRow, columns])
}

/** Elimination with partial pivoting in a panel of m rows; the order of rows, or the column without a pivot. */
const eliminatePanel = (a: Float64Array, m: number, w: number): E.Either<number, number[]> => {
  const order = Array.from({ length: m }, (_, i) => i)
  for (let k = 0; k < w; k++) {
    let best = k
    for (let i = k + 1; i < m; i++)
      if (!(Math.abs(a[i * w + k] as number) <= Math.abs(a[best * w + k] as number))) best = i
    const pivot = a[best * w + k] as number
    if (pivot === 0 || !Number.isFinite(pivot)) return E.left(k)
    if (best !== k) {
      const row = a.slice(k * w, (k + 1) * w)
      a.copyWithin(k * w, best * w, (best + 1) * w)
      a.set(row, best * w)
      ;[order[k], order[best]] = [order[best] as number, order[k] as number]
    }
    for (let i = k + 1; i < m; i++) {
      const factor = (a[i * w + k] as number) / pivot
      a[i * w + k] = factor
      for (let j = k + 1; j < w; j++) a[i * w + j] = (a[i * w + j] as number) - factor * (a[k * w + j] as number)
    }
  }
  return E.right(order)
}

/** +1 or −1: a permutation of c cycles of n places is made of n − c exchanges. */
const signOf = (order: Int32Array): 1 | -1 => {
  const seen = new Set<number>()
  let exchanges = order.length
  for (let i = 0; i < order.length; i++) {
    if (!seen.has(i)) exchanges--
    for (let j = i; !seen.has(j); j = order[j] as number) seen.add(j)
  }
  return exchanges % 2 === 0 ? 1 : -1
}

const permuteRows = (a: Float64Array, n: number, from: number, columns: number, order: readonly number[]): void => {
  const rows = order.map((row) => a.slice((from + row) * n, (from + row) * n + columns))
  rows.forEach((row, i) => {
    a.set(row, (from + i) * n)
  })
}

/** `P a = L U` as linalg's `lu` has it, of a matrix `[n, n]` on the host. Fails (Left) at a pivot that is no number or 0. */
export const lu =
  (scope: Scope, a: Tensor): TaskEither<DeviceError | Singular, Lu> =>
  async () => {
    const n = squareOrder('lu', a)
    const factors = new Float64Array(n * n)
    const permutation = Int32Array.from({ length: n }, (_, i) => i)
    let left = upload(scope, a)
    for (let k = 0; k < n; k += width) {
      const [m, w] = [n - k, Math.min(width, n - k)]
      const columns = within(scope, (inner) => slice(inner, left, [0, 0], [m, w]))
      const found = await read(columns)()
      release(scope, columns)
      if (E.isLeft(found)) return found
      const panel = found.right.data as Float64Array
      const eliminated = eliminatePanel(panel, m, w)
      if (E.isLeft(eliminated)) return E.left({ kind: 'singular', pivot: k + eliminated.left })
      const order = eliminated.right
      permuteRows(factors, n, k, k, order)
      permutation.set(
        order.map((row) => permutation[k + row] as number),
        k,
      )
      const whole = fromData(panel, [m, w])
      paste(factors, n, k, k, whole)
      const before = left
      if (m > w) {
        const [upper, rest] = within(scope, (inner) => {
          const moved = takeRows(inner, before, order)
          const inverse = inverseOfBlock({ lower: true, unitDiagonal: true })(block(whole, 0, w))
          const right = matmul(inner, upload(inner, inverse), slice(inner, moved, [0, w], [w, m]))
          const below = upload(inner, block(whole, w, m))
          return [right, addProduct(inner, slice(inner, moved, [w, w], [m, m]), -1, below, right)]
        })
        const row = await read(upper)()
        release(scope, upper)
        left = rest
        if (E.isLeft(row)) return row
        paste(factors, n, k, k + w, row.right)
      }
      release(scope, before)
    }
    return E.right({
      factors: fromData(factors, [n, n]),
      permutation: fromData(permutation, [n]),
      sign: signOf(permutation),
    })
  }

/** L with `L Lᵀ = a` as linalg's `cholesky` has it; only the lower triangle of a is read. */
export const cholesky =
  (scope: Scope, a: Tensor): TaskEither<DeviceError | NotPositiveDefinite, Tensor> =>
  async () => {
    const n = squareOrder('cholesky', a)
    const factor = new Float64Array(n * n)
    let left = upload(scope, a)
    for (let k = 0; k < n; k += width) {
      const [m, w] = [n - k, Math.min(width, n - k)]
      const corner = slice(scope, left, [0, 0], [w, w])
      const found = await read(corner)()
      release(scope, corner)
      if (E.isLeft(found)) return found
      const top = choleskyOnHost(found.right)
      if (E.isLeft(top)) return E.left({ ...top.left, pivot: k + top.left.pivot })
      paste(factor, n, k, k, top.right)
      const before: DeviceTensor = left
      if (m > w) {
        const inverse = inverseOfBlock({ lower: true })(top.right)
        const [below, rest] = within(scope, (inner) => {
          const under = matmul(inner, slice(inner, before, [w, 0], [m, w]), upload(inner, inverse), {
            transposeB: true,
          })
          return [
            under,
            addProduct(inner, slice(inner, before, [w, w], [m, m]), -1, under, under, { transposeB: true }),
          ]
        })
        const column = await read(below)()
        release(scope, below)
        left = rest
        if (E.isLeft(column)) return column
        paste(factor, n, k + w, k, column.right)
      }
      release(scope, before)
    }
    return E.right(fromData(factor, [n, n]))
  }
