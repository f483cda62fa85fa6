import { eachLine } from './lines.ts'
import { normalizeAxis } from './shape.ts'
import type { Tensor } from './tensor.ts'

/** Largest first, if `descending`. */
export interface Sorting {
  readonly descending?: boolean
}

/**
 * The indices that sort each line along an axis; equal entries keep their order, NaN comes last either way.
 *
 * @example
 * toNested(argsort(tensor([3, 1, 2]), 0)) // => [1, 2, 0]
 */
export const argsort = (x: Tensor, axis: number, { descending = false }: Sorting = {}): Tensor => {
  const data = new Int32Array(x.data.length)
  eachLine(x.shape, normalizeAxis('argsort', axis, x.shape.length), (start, length, stride) => {
    const keys = new Float64Array(length)
    const order = new Int32Array(length)
    let numbers = 0
    let missing = length
    for (let i = length - 1; i >= 0; i--) {
      const key = x.data[start + i * stride] as number
      keys[i] = descending ? -key : key
      if (Number.isNaN(key)) order[--missing] = i
    }
    for (let i = 0; i < length; i++) if (!Number.isNaN(keys[i])) order[numbers++] = i
    order.subarray(0, numbers).sort((i, j) => (keys[i] as number) - (keys[j] as number) || i - j)
    for (let i = 0; i < length; i++) data[start + i * stride] = order[i] as number
  })
  return { dtype: 'int32', shape: x.shape, data }
}
