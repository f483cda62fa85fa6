import { fromData, showShape, type Tensor } from '@secant/linalg'

const checkMatrix = (operation: string, { shape }: Tensor): readonly [rows: number, columns: number] => {
  if (shape.length !== 2) throw new Error(`${operation}: got ${showShape(shape)}; needs [rows, columns]`)
  return [shape[0] as number, shape[1] as number]
}

/**
 * Columns with mean 0 and population standard deviation 1; a constant column is only centred.
 *
 * @example
 * toNested(standardise(tensor([[1, 5], [3, 5]]))) // => [[-1, 0], [1, 0]]
 */
export const standardise = (x: Tensor): Tensor => {
  const [rows, columns] = checkMatrix('standardise', x)
  const data = Float64Array.from(x.data)
  for (let c = 0; c < columns; c++) {
    // Summed from the first entry on, so that the mean of a constant column is that constant to the last bit.
    const first = data[c] as number
    let excess = 0
    for (let r = 0; r < rows; r++) excess += (data[r * columns + c] as number) - first
    const mean = first + excess / rows
    let variance = 0
    for (let r = 0; r < rows; r++) variance += ((data[r * columns + c] as number) - mean) ** 2 / rows
    const scale = variance > 0 ? Math.sqrt(variance) : 1
    for (let r = 0; r < rows; r++) data[r * columns + c] = ((data[r * columns + c] as number) - mean) / scale
  }
  return fromData(data, x.shape)
}

/**
 * The matrix with a column of ones after its last: `[m, k] → [m, k + 1]`.
 *
 * @example
 * toNested(withOnes(tensor([[2], [3]]))) // => [[2, 1], [3, 1]]
 */
export const withOnes = (x: Tensor): Tensor => {
  const [rows, columns] = checkMatrix('withOnes', x)
  const data = new Float64Array(rows * (columns + 1)).fill(1)
  for (let r = 0; r < rows; r++) data.set(x.data.subarray(r * columns, (r + 1) * columns), r * (columns + 1))
  return fromData(data, [rows, columns + 1])
}

/** Every entry times a number. */
export const scaleBy = (x: Tensor, factor: number): Tensor =>
  fromData(
    Float64Array.from(x.data, (a) => a * factor),
    x.shape,
  )

/**
 * Class labels 0 … classes − 1 as rows with a single one: `[m] → [m, classes]`. Fails (throws) on another label.
 *
 * @example
 * toNested(oneHot(tensor([2, 0]), 3)) // => [[0, 0, 1], [1, 0, 0]]
 */
export const oneHot = (labels: Tensor, classes: number): Tensor => {
  const data = new Float64Array(labels.data.length * classes)
  labels.data.forEach((label, row) => {
    if (!Number.isInteger(label) || label < 0 || label >= classes)
      throw new Error(`oneHot: got label ${label}; needs a whole number from 0 to ${classes - 1}`)
    data[row * classes + label] = 1
  })
  return fromData(data, [labels.data.length, classes])
}

/** Labels 0 and 1 as −1 and 1. Fails (throws) on another label. */
export const signs = (labels: Tensor): Tensor => {
  const sign = (label: number): number => {
    if (label !== 0 && label !== 1) throw new Error(`signs: got label ${label}; needs 0 or 1`)
    return 2 * label - 1
  }
  return fromData(Float64Array.from(labels.data, sign), labels.shape)
}
