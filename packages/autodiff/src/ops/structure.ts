import * as dense from '@secant/linalg'
import {
  broadcastShapes,
  normalizeAxes,
  normalizeAxis,
  type Shape,
  sameShape,
  showShape,
  sizeOf,
  type Tensor,
  type TensorType,
} from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Tangents, type Value } from '../core.ts'
import { asView, boxOf, denseLayout, reshaped } from '../lowering.ts'
import { behindBatch, linearPrimitive, spread, wholeBatch } from '../vector-space.ts'

const reshapePrimitive: Primitive<{ readonly shape: Shape }> = linearPrimitive({
  name: 'reshape',
  typeOf: (x, { shape }) => {
    if (sizeOf(x.shape) !== sizeOf(shape) || !shape.every((length) => Number.isInteger(length) && length >= 0))
      throw new Error(`reshape: got ${showShape(x.shape)} for ${showShape(shape)}; needs lengths ≥ 0, as many entries`)
    return { dtype: x.dtype, shape }
  },
  impl: (x, { shape }) => dense.reshape(x, shape),
  adjoint: (w, _, x) => reshape(w, x.shape),
  batch: (x, { shape }, count) => reshape(x, [count, ...shape]),
  lower: asView((argument, { shape }) => reshaped(argument, shape)),
})

/** A shape whose −1, if it has one, is what the others leave of a size. */
const completed = (shape: Shape, size: number): Shape => {
  const open = shape.indexOf(-1)
  if (open < 0) return shape
  const others = -sizeOf(shape)
  return others > 0 ? shape.with(open, size / others) : shape
}

/**
 * The same entries in row-major order under another shape. One of its lengths may be −1: it is what the others leave.
 *
 * @example
 * reshape(zeros([2, 6]), [3, -1]).shape // => [3, 4]
 */
export const reshape = (x: Operand, shape: Shape): Value => {
  const value = asValue(x)
  const full = completed(shape, sizeOf(value.shape))
  return sameShape(value.shape, full) ? value : bindOne(reshapePrimitive, [value], { shape: full })
}

const transposePrimitive: Primitive<{ readonly permutation: readonly number[] }> = linearPrimitive({
  name: 'transpose',
  typeOf: (x, { permutation }) => {
    normalizeAxes('transpose', permutation, x.shape.length)
    if (permutation.length !== x.shape.length || permutation.some((axis) => axis < 0))
      throw new Error(`transpose: got axes ${showShape(permutation)} for ${showShape(x.shape)}; needs each axis once`)
    return { dtype: x.dtype, shape: permutation.map((axis) => x.shape[axis] as number) }
  },
  impl: (x, { permutation }) => dense.transpose(x, permutation),
  adjoint: (w, { permutation }) =>
    transpose(
      w,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  batch: (x, { permutation }) => transpose(x, [0, ...behindBatch(permutation)]),
  lower: asView(({ shape, start, strides }, { permutation }) => ({
    shape: permutation.map((axis) => shape[axis] as number),
    start,
    strides: permutation.map((axis) => strides[axis] as number),
  })),
})

/**
 * Axes in another order, reversed if none is given.
 *
 * @example
 * transpose(zeros([2, 3])).shape // => [3, 2]
 */
export const transpose = (x: Operand, permutation?: readonly number[]): Value => {
  const value = asValue(x)
  const rank = value.shape.length
  const order = permutation ?? Array.from({ length: rank }, (_, i) => rank - 1 - i)
  const unchanged = order.length === rank && order.every((axis, i) => axis === i)
  return unchanged ? value : bindOne(transposePrimitive, [value], { permutation: order })
}

/**
 * Stretched to a shape: axes are aligned at the right, lengths of 1 repeat.
 * Fails (throws) where another length differs.
 *
 * @example
 * toNested(concrete(broadcastTo(tensor([1, 2]), [2, 2]))) // => [[1, 2], [1, 2]]
 */
export const broadcastTo = (x: Operand, shape: Shape): Value => {
  const value = asValue(x)
  if (sameShape(value.shape, shape)) return value
  if (!sameShape(broadcastShapes(value.shape, shape), shape))
    throw new Error(
      `broadcastTo: got ${showShape(value.shape)} for ${showShape(shape)}; needs lengths that are equal or 1`,
    )
  const missing = shape.length - value.shape.length
  const stretches = (axis: number): boolean => axis < missing || value.shape[axis - missing] !== shape[axis]
  const axes = shape.map((_, axis) => axis).filter(stretches)
  return spread(
    reshape(
      value,
      shape.filter((_, axis) => !stretches(axis)),
    ),
    shape,
    axes,
  )
}

interface Range {
  readonly starts: readonly number[]
  readonly stops: readonly number[]
  readonly steps: readonly number[]
}

const lengthOf = (start: number, stop: number, step: number): number => Math.ceil((stop - start) / step)

const slicePrimitive: Primitive<Range> = linearPrimitive({
  name: 'slice',
  typeOf: (x, { starts, stops, steps }) => {
    const rank = x.shape.length
    const fits = (length: number, axis: number): boolean => {
      const [start, stop, step] = [starts[axis] as number, stops[axis] as number, steps[axis] as number]
      return 0 <= start && start <= stop && stop <= length && step >= 1 && [start, stop, step].every(Number.isInteger)
    }
    if (starts.length !== rank || stops.length !== rank || steps.length !== rank || !x.shape.every(fits))
      throw new Error(
        `slice: got [${starts}] to [${stops}] by [${steps}] of ${showShape(x.shape)}; needs 0 ≤ start ≤ stop ≤ length and step ≥ 1 for each axis`,
      )
    const shape = starts.map((start, axis) => lengthOf(start, stops[axis] as number, steps[axis] as number))
    return { dtype: x.dtype, shape }
  },
  impl: (x, { starts, stops, steps }) => dense.slice(x, starts, stops, steps),
  adjoint: (w, { starts, steps }, x) => {
    const between = steps.map((step) => step - 1)
    const after = x.shape.map((length, axis) => {
      const count = w.shape[axis] as number
      return length - (starts[axis] as number) - (count === 0 ? 0 : (count - 1) * (steps[axis] as number) + 1)
    })
    return pad(w, starts, after, between)
  },
  batch: (x, { starts, stops, steps }, count) => slice(x, [0, ...starts], [count, ...stops], [1, ...steps]),
  lower: asView((argument, { starts, stops, steps }) =>
    boxOf(
      argument,
      starts,
      starts.map((start, axis) => lengthOf(start, stops[axis] as number, steps[axis] as number)),
      steps,
    ),
  ),
})

/**
 * A box of entries, each axis from start up to but without stop.
 *
 * @example
 * toNested(concrete(slice(tensor([1, 2, 3, 4]), [0], [4], [2]))) // => [1, 3]
 */
export const slice = (
  x: Operand,
  starts: readonly number[],
  stops: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): Value => bindOne(slicePrimitive, [asValue(x)], { starts, stops, steps })

interface Padding {
  readonly before: readonly number[]
  readonly after: readonly number[]
  readonly between: readonly number[]
}

const paddedLength = (length: number, before: number, after: number, between: number): number =>
  before + length + Math.max(0, length - 1) * between + after

const padPrimitive: Primitive<Padding> = linearPrimitive({
  name: 'pad',
  typeOf: (x, { before, after, between }) => {
    const rank = x.shape.length
    const counts = [before, after, between]
    if (counts.some((c) => c.length !== rank || c.some((n) => !Number.isInteger(n) || n < 0)))
      throw new Error(
        `pad: got [${before}], [${after}], [${between}] for ${showShape(x.shape)}; needs a count ≥ 0 for each axis`,
      )
    const grown = (length: number, axis: number): number =>
      paddedLength(length, before[axis] as number, after[axis] as number, between[axis] as number)
    return { dtype: x.dtype, shape: x.shape.map(grown) }
  },
  impl: (x, { before, after, between }) => dense.pad(x, before, after, between),
  adjoint: (w, { before, between }, x) => {
    const stops = x.shape.map((length, axis) =>
      paddedLength(length, before[axis] as number, 0, between[axis] as number),
    )
    return slice(
      w,
      before,
      stops,
      between.map((gap) => gap + 1),
    )
  },
  batch: (x, { before, after, between }) => pad(x, [0, ...before], [0, ...after], [0, ...between]),
  lower: ({ before, after, between }, [x]) => {
    const { shape } = x as TensorType
    const grown = shape.map((length, axis) =>
      paddedLength(length, before[axis] as number, after[axis] as number, between[axis] as number),
    )
    const steps = between.map((gap) => gap + 1)
    return { kind: 'placed', at: [boxOf(denseLayout(grown), before, shape, steps)] }
  },
})

/**
 * Zeros put before, after and between the entries along each axis; the adjoint of `slice`.
 *
 * @example
 * toNested(concrete(pad(tensor([1, 2]), [1], [0], [1]))) // => [0, 1, 0, 2]
 */
export const pad = (
  x: Operand,
  before: readonly number[],
  after: readonly number[],
  between: readonly number[] = before.map(() => 0),
): Value => bindOne(padPrimitive, [asValue(x)], { before, after, between })

const concatenatePrimitive: Primitive<{ readonly axis: number }> = {
  name: 'concatenate',
  typeOf: (args, { axis }) => {
    const first = args[0]
    const agrees = (arg: TensorType): boolean =>
      first !== undefined &&
      arg.dtype === first.dtype &&
      arg.shape.length === first.shape.length &&
      arg.shape.every((length, i) => i === axis || length === first.shape[i])
    if (first === undefined || axis < 0 || axis >= first.shape.length || !args.every(agrees))
      throw new Error(
        `concatenate: got ${args.map((a) => `${a.dtype} ${showShape(a.shape)}`).join(', ') || 'nothing'} along axis ${axis}; needs at least one, of one dtype, equal along all other axes`,
      )
    const total = args.reduce((length, arg) => length + (arg.shape[axis] as number), 0)
    return [{ dtype: first.dtype, shape: first.shape.map((length, i) => (i === axis ? total : length)) }]
  },
  impl: (args, { axis }) => [dense.concatenate(args as readonly Tensor[], axis)],
  linearize: (args, params, active) => {
    const { axis } = params
    const apply = (tangents: Tangents): Tangents => {
      const parts = tangents.map((v, i) => v ?? dense.zeros((args[i] as Value).shape, (args[i] as Value).dtype))
      return [concatenate(parts, axis)]
    }
    const adjoint = ([w]: Tangents): Tangents => {
      let start = 0
      return args.map((arg, k) => {
        const stop = start + (arg.shape[axis] as number)
        const starts = arg.shape.map((_, i) => (i === axis ? start : 0))
        const stops = arg.shape.map((length, i) => (i === axis ? stop : length))
        start = stop
        return w && active[k] ? slice(w, starts, stops) : undefined
      })
    }
    return [[bindOne(concatenatePrimitive, args, params)], { apply, adjoint }]
  },
  batch: (args, batched, { axis }, count) => [concatenate(wholeBatch(args, batched, count), axis + 1)],
  lower: ({ axis }, args) => {
    const lengths = args.map(({ shape }) => shape[axis] as number)
    const whole = (args[0] as TensorType).shape.with(
      axis,
      lengths.reduce((total, length) => total + length, 0),
    )
    let start = 0
    const at = args.map(({ shape }, i) => {
      const from = start
      start += lengths[i] as number
      return boxOf(denseLayout(whole), shape.map(() => 0).with(axis, from), shape)
    })
    return { kind: 'placed', at }
  },
}

/**
 * Values one after another along an axis.
 *
 * @example
 * toNested(concrete(concatenate([tensor([1]), tensor([2, 3])]))) // => [1, 2, 3]
 */
export const concatenate = (xs: readonly Operand[], axis = 0): Value => {
  const values = xs.map((x) => asValue(x))
  const rank = values[0]?.shape.length ?? 0
  return bindOne(concatenatePrimitive, values, { axis: axis < 0 ? axis + rank : axis })
}

/**
 * Values of one shape side by side along a new axis, the first if none is given.
 *
 * @example
 * stack([zeros([2, 3]), zeros([2, 3])], -1).shape // => [2, 3, 2]
 */
export const stack = (xs: readonly Operand[], axis = 0): Value => {
  const values = xs.map((x) => asValue(x))
  const place = normalizeAxis('stack', axis, (values[0]?.shape.length ?? 0) + 1)
  return concatenate(
    values.map((x) => reshape(x, x.shape.toSpliced(place, 0, 1))),
    place,
  )
}
