/** Sizes along each axis, row-major; `[]` is a scalar, a zero anywhere makes an empty tensor. */
export type Shape = readonly number[]

/** Number of entries of a shape. */
export const sizeOf = (shape: Shape): number => {
  let size = 1
  for (const length of shape) size *= length
  return size
}

/** Fails (throws) in the name of the operation unless all lengths are whole numbers from 0. */
export const checkShape = (operation: string, shape: Shape): void => {
  if (!shape.every((length) => Number.isInteger(length) && length >= 0))
    throw new Error(`${operation}: got shape ${showShape(shape)}; needs whole numbers ≥ 0`)
}

/** Whether two shapes have the same lengths in the same order. */
export const sameShape = (a: Shape, b: Shape): boolean => {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Distance in memory between neighbours along each axis of a row-major tensor. */
export const stridesOf = (shape: Shape): readonly number[] => {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis] as number
  }
  return strides
}

/** A shape as it is written in messages: `[2, 3]`. */
export const showShape = (shape: Shape): string => `[${shape.join(', ')}]`

/**
 * The shape that both arguments stretch to: axes are aligned at the right, and a length of 1 stretches.
 * Fails (throws) in the name of the operation where two lengths differ and neither is 1.
 *
 * @example
 * broadcastShapes([3, 1], [4]) // => [3, 4]
 */
export const broadcastShapes = (a: Shape, b: Shape, operation = 'broadcast'): Shape => {
  if (sameShape(a, b)) return a
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const p = a[axis - rank + a.length] ?? 1
    const q = b[axis - rank + b.length] ?? 1
    if (p !== q && p !== 1 && q !== 1)
      throw new Error(`${operation}: got ${showShape(a)} and ${showShape(b)}; needs equal lengths or 1 along each axis`)
    return p === 1 ? q : p
  })
}

/**
 * Axes as non-negative numbers in increasing order; negative ones count from the end, none given means all.
 * Fails (throws) on an axis out of range or named twice, and on anything but a list.
 *
 * @example
 * normalizeAxes('sum', [-1], 3) // => [2]
 */
export const normalizeAxes = (
  operation: string,
  axes: readonly number[] | undefined,
  rank: number,
): readonly number[] => {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis)
  if (!Array.isArray(axes)) throw new Error(`${operation}: got axes ${axes}; needs a list, such as [0]`)
  const normal = axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b)
  normal.forEach((axis, i) => {
    if (!Number.isInteger(axis) || axis < 0 || axis >= rank || axis === normal[i - 1])
      throw new Error(
        `${operation}: got axes ${showShape(axes)}; needs different axes between ${-rank} and ${rank - 1}`,
      )
  })
  return normal
}

/**
 * An axis as a non-negative number; a negative one counts from the end. Fails (throws) on an axis out of range.
 *
 * @example
 * normalizeAxis('flip', -1, 3) // => 2
 */
export const normalizeAxis = (operation: string, axis: number, rank: number): number => {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw new Error(`${operation}: got axis ${axis} of rank ${rank}; needs one between ${-rank} and ${rank - 1}`)
  return axis < 0 ? axis + rank : axis
}
