import * as dense from '@secant/linalg'
import { normalizeAxes, normalizeAxis, type Shape, showShape, type Tensor, type TensorType } from '@secant/linalg'
import { asValue, bind, bindOne, type Operand, type Primitive, type Value, type Values } from '../core.ts'
import { asView, boxOf } from '../lowering.ts'
import { behindBatch, linearPrimitive, spread } from '../vector-space.ts'
import { concatenate, reshape } from './structure.ts'

const flipPrimitive: Primitive<{ readonly axes: readonly number[] }> = linearPrimitive({
  name: 'flip',
  typeOf: (x) => x,
  impl: (x, { axes }) => dense.flip(x, axes),
  adjoint: (w, { axes }) => flip(w, axes),
  batch: (x, { axes }) => flip(x, behindBatch(axes)),
  lower: asView(({ shape, start, strides }, { axes }) => ({
    shape,
    start: axes.reduce((at, axis) => at + ((shape[axis] as number) - 1) * (strides[axis] as number), start),
    strides: strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
  })),
})

/**
 * Entries in opposite order along the given axes, all if none are given.
 *
 * @example
 * toNested(concrete(flip(tensor([1, 2, 3])))) // => [3, 2, 1]
 */
export const flip = (x: Operand, axes?: readonly number[]): Value => {
  const value = asValue(x)
  const normal = normalizeAxes('flip', axes, value.shape.length)
  return normal.length === 0 ? value : bindOne(flipPrimitive, [value], { axes: normal })
}

interface Cut {
  readonly axis: number
  readonly lengths: readonly number[]
}

const partsOf = ({ shape }: TensorType, { axis, lengths }: Cut): readonly Shape[] =>
  lengths.map((length) => shape.with(axis, length))

const splitPrimitive: Primitive<Cut> = {
  name: 'split',
  typeOf: ([arg], cut) => {
    const x = arg as TensorType
    const total = cut.lengths.reduce((sum, length) => sum + length, 0)
    if (total !== x.shape[cut.axis] || !cut.lengths.every((length) => Number.isInteger(length) && length >= 0))
      throw new Error(
        `split: got lengths [${cut.lengths}] for axis ${cut.axis} of ${showShape(x.shape)}; needs lengths ≥ 0 that add up to it`,
      )
    return partsOf(x, cut).map((shape) => ({ dtype: x.dtype, shape }))
  },
  impl: ([arg], { axis, lengths }) => {
    const x = arg as Tensor
    const zeros = x.shape.map(() => 0)
    let start = 0
    return lengths.map((length) => {
      const [from, to] = [start, start + length]
      start = to
      return dense.slice(x, zeros.with(axis, from), x.shape.with(axis, to))
    })
  },
  // One primitive and not a slice for each part: the adjoint is then one concatenation and not a sum of pads.
  linearize: ([arg], cut) => {
    const x = arg as Value
    return [
      bind(splitPrimitive, [x], cut),
      {
        apply: ([v]) => (v ? bind(splitPrimitive, [v], cut) : cut.lengths.map(() => undefined)),
        adjoint: (ws) => [
          concatenate(
            partsOf(x, cut).map((shape, i) => ws[i] ?? dense.zeros(shape, x.dtype)),
            cut.axis,
          ),
        ],
      },
    ]
  },
  batch: ([x], _, { axis, lengths }) => bind(splitPrimitive, [x as Value], { axis: axis + 1, lengths }),
  lower: ({ axis, lengths }) => ({
    kind: 'views',
    of: (argument) => {
      const none = argument.shape.map(() => 0)
      let start = 0
      return lengths.map((length) => {
        const from = start
        start += length
        return boxOf(argument, none.with(axis, from), argument.shape.with(axis, length))
      })
    },
  }),
}

/**
 * A value cut along an axis: into a number of equal parts, or into parts of the given lengths. Undoes `concatenate`.
 * Fails (throws) where the parts do not add up to the axis.
 *
 * @example
 * split(tensor([1, 2, 3]), [1, 2]).map((part) => toNested(concrete(part))) // => [[1], [2, 3]]
 */
export const split = (x: Operand, parts: number | readonly number[], axis = 0): Values => {
  const value = asValue(x)
  const place = normalizeAxis('split', axis, value.shape.length)
  const length = value.shape[place] as number
  const lengths = typeof parts === 'number' ? Array.from({ length: parts }, () => length / parts) : parts
  return lengths.length === 1 && lengths[0] === length
    ? [value]
    : bind(splitPrimitive, [value], { axis: place, lengths })
}

/**
 * Entries moved on by `shift` places along an axis; what leaves at one end enters at the other.
 *
 * @example
 * toNested(concrete(roll(tensor([1, 2, 3]), 1))) // => [3, 1, 2]
 */
export const roll = (x: Operand, shift: number, axis = 0): Value => {
  const value = asValue(x)
  const place = normalizeAxis('roll', axis, value.shape.length)
  const length = value.shape[place] as number
  const moved = ((shift % length) + length) % length
  return length === 0 || moved === 0
    ? value
    : concatenate(split(value, [length - moved, moved], place).toReversed(), place)
}

/** Without the given axes, each of length 1; without all such axes, if none are given. */
export const squeeze = (x: Operand, axes?: readonly number[]): Value => {
  const value = asValue(x)
  const { shape } = value
  const ones = shape.map((_, axis) => axis).filter((axis) => shape[axis] === 1)
  const gone = axes === undefined ? ones : normalizeAxes('squeeze', axes, shape.length)
  if (!gone.every((axis) => shape[axis] === 1))
    throw new Error(`squeeze: got axes ${showShape(gone)} of ${showShape(shape)}; needs axes of length 1`)
  return reshape(
    value,
    shape.filter((_, axis) => !gone.includes(axis)),
  )
}

/**
 * With new axes of length 1, which have the given numbers in the result.
 *
 * @example
 * expandDims(zeros([2, 3]), [0, -1]).shape // => [1, 2, 3, 1]
 */
export const expandDims = (x: Operand, axes: readonly number[]): Value => {
  const value = asValue(x)
  const fresh = normalizeAxes('expandDims', axes, value.shape.length + axes.length)
  return reshape(
    value,
    fresh.reduce<Shape>((shape, axis) => shape.toSpliced(axis, 0, 1), value.shape),
  )
}

/** A second axis beside each of x, `inside` or outside of it, along which x is repeated; the two are then merged. */
const repeated = (operation: string, x: Value, counts: readonly number[], inside: boolean): Value => {
  if (counts.length !== x.shape.length || !counts.every((count) => Number.isInteger(count) && count >= 0))
    throw new Error(`${operation}: got counts [${counts}] for ${showShape(x.shape)}; needs one ≥ 0 for each axis`)
  const axes = counts.flatMap((count, axis) => (count === 1 ? [] : [2 * axis + (inside ? 1 : 0)]))
  const pairs = x.shape.map((length, axis) => (inside ? [length, counts[axis] ?? 1] : [counts[axis] ?? 1, length]))
  const kept = pairs.flat().filter((_, axis) => !axes.includes(axis))
  return reshape(
    spread(reshape(x, kept), pairs.flat(), axes),
    x.shape.map((length, axis) => length * (counts[axis] as number)),
  )
}

/**
 * Each entry `times` times along an axis.
 *
 * @example
 * toNested(concrete(repeat(tensor([1, 2]), 2))) // => [1, 1, 2, 2]
 */
export const repeat = (x: Operand, times: number, axis = 0): Value => {
  const value = asValue(x)
  const place = normalizeAxis('repeat', axis, value.shape.length)
  const counts = value.shape.map((_, i) => (i === place ? times : 1))
  return repeated('repeat', value, counts, true)
}

/**
 * The whole value repeated, `counts[a]` times along axis a.
 *
 * @example
 * toNested(concrete(tile(tensor([1, 2]), [2]))) // => [1, 2, 1, 2]
 */
export const tile = (x: Operand, counts: readonly number[]): Value => repeated('tile', asValue(x), counts, false)
