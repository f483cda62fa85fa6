import { normalizeAxes, normalizeAxis, type Shape, sameShape, showShape, sizeOf } from '@secant/linalg'
import { asValue, type Operand, type Value } from '../core.ts'
import { mul } from './arithmetic.ts'
import { product } from './product.ts'
import { reshape, transpose } from './structure.ts'

/** Axes of a and of b that belong together, in pairs. */
export type AxisPairs = readonly [axesOfA: readonly number[], axesOfB: readonly number[]]

/** Pairs of axes that are multiplied and summed, and pairs that are multiplied only and stay. */
export interface Contraction {
  readonly over: AxisPairs
  readonly batch?: AxisPairs
}

/** A factor, and which of its axes are kept beside those of the other, summed with those of the other, or its own. */
interface Side {
  readonly value: Value
  readonly batch: readonly number[]
  readonly over: readonly number[]
  readonly free: readonly number[]
}

const sideOf = (value: Value, batch: readonly number[], over: readonly number[]): Side => {
  const rank = value.shape.length
  const normal = (axes: readonly number[]) => axes.map((axis) => normalizeAxis('contract', axis, rank))
  const taken = normalizeAxes('contract', [...batch, ...over], rank)
  const free = value.shape.map((_, axis) => axis).filter((axis) => !taken.includes(axis))
  return { value, batch: normal(batch), over: normal(over), free }
}

const lengthsAt = ({ value }: Side, axes: readonly number[]): Shape => axes.map((axis) => value.shape[axis] as number)

/** Matrices of own axes and summed ones; which of the two are rows is left as it is in memory, where that is possible. */
const matrices = (side: Side): { readonly value: Value; readonly overFirst: boolean } => {
  const { value, batch, over, free } = side
  const overFirst = [...batch, ...over, ...free].every((axis, i) => axis === i)
  const [rows, columns] = overFirst ? [over, free] : [free, over]
  const sides = [rows, columns].map((axes) => sizeOf(lengthsAt(side, axes)))
  const moved = transpose(value, [...batch, ...rows, ...columns])
  return { value: reshape(moved, [...lengthsAt(side, batch), ...sides]), overFirst }
}

/**
 * Products summed over pairs of axes. The result has the batch axes, then what is left of a, then what is left of b.
 * Negative axes count from the end. Fails (throws) where paired lengths differ.
 *
 * @example
 * contract(zeros([2, 3, 4]), zeros([4, 3, 5]), { over: [[1, 2], [1, 0]] }).shape // => [2, 5]
 */
export const contract = (a: Operand, b: Operand, { over, batch = [[], []] }: Contraction): Value => {
  const left = sideOf(asValue(a, b), batch[0], over[0])
  const right = sideOf(asValue(b, a), batch[1], over[1])
  for (const pairs of ['batch', 'over'] as const) {
    const [p, q] = [lengthsAt(left, left[pairs]), lengthsAt(right, right[pairs])]
    if (!sameShape(p, q))
      throw new Error(`contract: got ${pairs} axes of lengths ${showShape(p)} and ${showShape(q)}; needs equal ones`)
  }
  const kept = lengthsAt(left, left.batch)
  const [rows, columns] = [lengthsAt(left, left.free), lengthsAt(right, right.free)]
  if (left.over.length === 0) {
    const x = transpose(left.value, [...left.batch, ...left.free])
    const y = transpose(right.value, [...right.batch, ...right.free])
    const ones = (shape: Shape): Shape => shape.map(() => 1)
    return mul(reshape(x, [...kept, ...rows, ...ones(columns)]), reshape(y, [...kept, ...ones(rows), ...columns]))
  }
  const [x, y] = [matrices(left), matrices(right)]
  return reshape(product(x.value, y.value, x.overFirst, !y.overFirst), [...kept, ...rows, ...columns])
}
