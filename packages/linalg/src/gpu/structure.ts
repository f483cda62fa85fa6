import { normalizeAxes, type Shape, sameShape, showShape, sizeOf, stridesOf } from '../shape.ts'
import { fromData } from '../tensor.ts'
import { type DeviceTensor, enqueue, layoutOf, type Scope } from './scope.ts'

/** Axes of a result, each with its length and how far its neighbours lie apart in the argument. */
type Axes = readonly (readonly [length: number, stride: number])[]

/** Neighbouring axes that are walked as one become one; axes of length 1 go. */
const merged = (axes: Axes): Axes => {
  const blocks: (readonly [length: number, stride: number])[] = []
  for (const [length, stride] of axes) {
    if (length === 1) continue
    const before = blocks.at(-1)
    if (before !== undefined && before[1] === stride * length) blocks[blocks.length - 1] = [before[0] * length, stride]
    else blocks.push([length, stride])
  }
  return blocks
}

/** The tensor of the given shape whose entry at an index is the argument's at `offset + Σ index · stride`. */
const moved = (
  scope: Scope,
  operation: string,
  x: DeviceTensor,
  shape: Shape,
  strides: readonly number[],
  offset = 0,
): DeviceTensor => {
  const { columns } = layoutOf(shape)
  const outer = merged(shape.slice(0, -1).map((length, axis) => [length, strides[axis] as number]))
  if (outer.length > 3)
    throw new Error(
      `${operation}: got ${showShape(x.shape)} to ${showShape(shape)}; needs at most three blocks of axes before the last`,
    )
  const [first, second, third] = [...Array.from({ length: 3 - outer.length }, () => [1, 0] as const), ...outer] as [
    Axes[number],
    Axes[number],
    Axes[number],
  ]
  return enqueue(scope, operation, [x], shape, (engine, buffers) =>
    engine.run(
      {
        kind: 'gather',
        sizes: [first[0], second[0], third[0]],
        columns,
        strides: [first[1], second[1], third[1], strides.at(-1) ?? 0],
        offset,
      },
      buffers,
    ),
  )
}

/** The same entries in row-major order under another shape. */
export const reshape = (scope: Scope, x: DeviceTensor, shape: Shape): DeviceTensor => {
  if (sizeOf(shape) !== sizeOf(x.shape))
    throw new Error(`reshape: got ${showShape(x.shape)} for ${showShape(shape)}; needs as many entries`)
  return moved(scope, 'reshape', x, shape, stridesOf(shape))
}

/** So many entries as a shape has, from number `start` on in row-major order. */
export const entriesFrom = (scope: Scope, x: DeviceTensor, start: number, shape: Shape): DeviceTensor => {
  if (start < 0 || start + sizeOf(shape) > sizeOf(x.shape))
    throw new Error(
      `entriesFrom: got ${showShape(shape)} from ${start} on of ${showShape(x.shape)}; needs entries that are there`,
    )
  return moved(scope, 'entriesFrom', x, shape, stridesOf(shape), start)
}

/** Axes in another order, reversed if none is given. */
export const transpose = (
  scope: Scope,
  x: DeviceTensor,
  permutation: readonly number[] = x.shape.map((_, i) => x.shape.length - 1 - i),
): DeviceTensor => {
  if (normalizeAxes('transpose', permutation, x.shape.length).length !== x.shape.length)
    throw new Error(`transpose: got axes ${showShape(permutation)} for ${showShape(x.shape)}; needs each axis once`)
  const strides = stridesOf(x.shape)
  return moved(
    scope,
    'transpose',
    x,
    permutation.map((axis) => x.shape[axis] as number),
    permutation.map((axis) => strides[axis] as number),
  )
}

/** Repeated along the given axes of a shape, which the argument does not have. */
export const broadcast = (scope: Scope, x: DeviceTensor, shape: Shape, axes: readonly number[]): DeviceTensor => {
  const repeated = normalizeAxes('broadcast', axes, shape.length)
  const kept = shape.filter((_, axis) => !repeated.includes(axis))
  if (!sameShape(kept, x.shape))
    throw new Error(
      `broadcast: got ${showShape(x.shape)} for ${showShape(shape)} along ${showShape(axes)}; needs ${showShape(kept)}`,
    )
  const strides = [...stridesOf(x.shape)]
  return moved(
    scope,
    'broadcast',
    x,
    shape,
    shape.map((_, axis) => (repeated.includes(axis) ? 0 : (strides.shift() as number))),
  )
}

/** A box of entries, each axis from its start up to but without its stop. */
export const slice = (
  scope: Scope,
  x: DeviceTensor,
  starts: readonly number[],
  stops: readonly number[],
): DeviceTensor => {
  const inside = x.shape.every((length, axis) => {
    const [start, stop] = [starts[axis] as number, stops[axis] as number]
    return 0 <= start && start < stop && stop <= length && Number.isInteger(start) && Number.isInteger(stop)
  })
  if (starts.length !== x.shape.length || stops.length !== x.shape.length || !inside)
    throw new Error(
      `slice: got [${starts}] to [${stops}] of ${showShape(x.shape)}; needs 0 ≤ start < stop ≤ length for each axis`,
    )
  const strides = stridesOf(x.shape)
  const offset = starts.reduce((total, start, axis) => total + start * (strides[axis] as number), 0)
  return moved(
    scope,
    'slice',
    x,
    stops.map((stop, axis) => stop - (starts[axis] as number)),
    strides,
    offset,
  )
}

/** Rows of a matrix in the given order, which may leave some out or repeat them. */
export const takeRows = (scope: Scope, x: DeviceTensor, order: readonly number[]): DeviceTensor => {
  const [rows, columns] = x.shape as readonly [number, number]
  if (x.shape.length !== 2 || !order.every((row) => Number.isInteger(row) && 0 <= row && row < rows))
    throw new Error(
      `takeRows: got rows [${order}] of ${showShape(x.shape)}; needs a matrix and whole numbers below its rows`,
    )
  return enqueue(scope, 'takeRows', [x], [order.length, columns], async (engine, [from]) => {
    const indices = await engine.upload(fromData(Float64Array.from(order)).data, 1, order.length)
    try {
      return await engine.run({ kind: 'take rows', rows: order.length }, from === undefined ? [] : [from, indices])
    } finally {
      engine.free(indices)
    }
  })
}

/** The rows of a matrix or vector above those of another. */
export const stack = (scope: Scope, above: DeviceTensor, below: DeviceTensor): DeviceTensor => {
  if (above.columns !== below.columns || above.shape.length > 2 || below.shape.length > 2)
    throw new Error(`stack: got ${showShape(above.shape)} and ${showShape(below.shape)}; needs rows of one length`)
  const rows = above.rows + below.rows
  return enqueue(scope, 'stack', [above, below], [rows, above.columns], (engine, buffers) =>
    engine.run({ kind: 'stack', rows }, buffers),
  )
}
