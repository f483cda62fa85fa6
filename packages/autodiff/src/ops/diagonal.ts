import * as dense from '@secant/linalg'
import { type Shape, showShape } from '@secant/linalg'
import { asValue, type Operand, type Value } from '../core.ts'
import { sumOver } from '../vector-space.ts'
import { where } from './compare.ts'
import { broadcastTo, pad, reshape, slice } from './structure.ts'

const sidesOf = (operation: string, shape: Shape): readonly [leading: Shape, rows: number, columns: number] => {
  if (shape.length < 2) throw new Error(`${operation}: got ${showShape(shape)}; needs […, m, n]`)
  return [shape.slice(0, -2), shape.at(-2) as number, shape.at(-1) as number]
}

const zeros = (shape: Shape): readonly number[] => shape.map(() => 0)

/**
 * The main diagonal of matrices, `[…, m, n] → […, min(m, n)]`: in row-major order, every (n + 1)-th entry.
 *
 * @example
 * toNested(concrete(diagonal(tensor([[1, 2], [3, 4]])))) // => [1, 4]
 */
export const diagonal = (x: Operand): Value => {
  const value = asValue(x)
  const [leading, rows, columns] = sidesOf('diagonal', value.shape)
  const count = Math.min(rows, columns)
  const stop = count === 0 ? 0 : (count - 1) * (columns + 1) + 1
  const steps = [...leading.map(() => 1), columns + 1]
  return slice(reshape(value, [...leading, rows * columns]), [...zeros(leading), 0], [...leading, stop], steps)
}

/**
 * Matrices with the given diagonals and zeros elsewhere, `[…, n] → […, n, n]`.
 *
 * @example
 * toNested(concrete(diag(tensor([1, 2])))) // => [[1, 0], [0, 2]]
 */
export const diag = (x: Operand): Value => {
  const value = asValue(x)
  const n = value.shape.at(-1)
  if (n === undefined) throw new Error('diag: got []; needs […, n]')
  const none = zeros(value.shape)
  return reshape(pad(value, none, none, none.with(-1, n)), [...value.shape, n])
}

/** The sum of the main diagonal, `[…, m, n] → […]`. */
export const trace = (x: Operand): Value => {
  const entries = diagonal(x)
  return sumOver(entries, [entries.shape.length - 1])
}

/**
 * Matrices with zeros on one side of the main diagonal: above it if `lower`, below it otherwise.
 *
 * @example
 * toNested(concrete(triangle(tensor([[1, 2], [3, 4]]), { lower: true }))) // => [[1, 0], [3, 4]]
 */
export const triangle = (x: Operand, { lower }: { readonly lower: boolean }): Value => {
  const value = asValue(x)
  const [, rows, columns] = sidesOf('triangle', value.shape)
  const inside = (_: unknown, at: number): number => {
    const [i, j] = [Math.floor(at / columns), at % columns]
    return (lower ? j <= i : j >= i) ? 1 : 0
  }
  const mask = dense.fromData(Uint8Array.from({ length: rows * columns }, inside), [rows, columns])
  return where(broadcastTo(mask, value.shape), value, dense.zeros([], value.dtype))
}
