/** What factorizations and solves have in common: their arguments are checked, their work is done in double. */
import { type Shape, showShape } from './shape.ts'
import { allocate, isFloat, type Tensor, type TensorType } from './tensor.ts'

const show = ({ dtype, shape }: TensorType): string => `${dtype} ${showShape(shape)}`

/** The number of rows and of columns. Fails (throws) unless given a float matrix. */
export const matrixSides = (operation: string, a: TensorType): readonly [rows: number, columns: number] => {
  if (a.shape.length !== 2 || !isFloat(a)) throw new Error(`${operation}: got ${show(a)}; needs a float matrix [m, n]`)
  return a.shape as unknown as readonly [number, number]
}

/** n for a float matrix `[n, n]`. Fails (throws) for anything else. */
export const squareOrder = (operation: string, a: TensorType): number => {
  const [n] = a.shape
  if (a.shape.length !== 2 || a.shape[1] !== n || !isFloat(a))
    throw new Error(`${operation}: got ${show(a)}; needs a float matrix [n, n]`)
  return n as number
}

/** How many right-hand sides b holds for a matrix with m rows. Fails (throws) unless b is `[m]` or `[m, k]`. */
export const rightHandSides = (operation: string, a: TensorType, b: TensorType): number => {
  if (b.shape[0] !== a.shape[0] || b.shape.length > 2 || a.dtype !== b.dtype)
    throw new Error(`${operation}: got ${show(a)} and ${show(b)}; needs [m, n] and [m] or [m, k] of one float dtype`)
  return b.shape[1] ?? 1
}

/** What was computed in double, rounded once to the kind of float asked for. Takes the array over. */
export const rounded = (data: Float64Array, shape: Shape, dtype: TensorType['dtype']): Tensor => {
  if (dtype === 'float64') return { dtype, shape, data }
  const single = allocate(dtype, data.length)
  single.set(data)
  return { dtype, shape, data: single }
}
