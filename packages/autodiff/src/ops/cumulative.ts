import * as dense from '@secant/linalg'
import { normalizeAxis, type Order, sameShape, showShape, type Tensor, type TensorType } from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Value } from '../core.ts'
import { linearPrimitive, plus, wholeBatch } from '../vector-space.ts'
import { mul } from './arithmetic.ts'
import { matmul } from './product.ts'
import { pad, reshape, slice, transpose } from './structure.ts'

interface Direction {
  readonly axis: number
  readonly reverse: boolean
}

const backward = ({ axis, reverse }: Direction): Direction => ({ axis, reverse: !reverse })
const inBatch = ({ axis, reverse }: Direction): Direction => ({ axis: axis + 1, reverse })

/** Running sums as products with a triangle of ones. */
const byTriangle = (x: Value, { axis, reverse }: Direction): Value => {
  const length = x.shape[axis] as number
  const ones = dense.zeros([length, length], x.dtype)
  for (let from = 0; from < length; from++)
    for (let to = 0; to < length; to++) if (reverse ? from >= to : from <= to) ones.data[from * length + to] = 1
  const last = x.shape.length - 1
  const order = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i))
  const turned = transpose(x, order)
  const rows = reshape(turned, [dense.sizeOf(x.shape) / length, length])
  return transpose(reshape(matmul(rows, ones), turned.shape), order)
}

const cumulativeSumPrimitive: Primitive<Direction> = linearPrimitive({
  name: 'cumulativeSum',
  typeOf: (x) => x,
  impl: (x, { axis, reverse }) => dense.cumulativeSum(x, axis, { reverse }),
  adjoint: (w, direction) => bindOne(cumulativeSumPrimitive, [w], backward(direction)),
  batch: (x, direction) => bindOne(cumulativeSumPrimitive, [x], inBatch(direction)),
  lower: ({ axis, reverse }) => ({ kind: 'composed', of: ([x]) => byTriangle(x as Value, { axis, reverse }) }),
})

/**
 * Running sums along an axis, each with its own entry; from the end, if `reverse`.
 *
 * @example
 * toNested(concrete(cumulativeSum(tensor([1, 2, 3])))) // => [1, 3, 6]
 */
export const cumulativeSum = (x: Operand, axis = 0, { reverse = false }: Order = {}): Value => {
  const value = asValue(x)
  return bindOne(cumulativeSumPrimitive, [value], {
    axis: normalizeAxis('cumulativeSum', axis, value.shape.length),
    reverse,
  })
}

/** Entry i − 1 at place i and 0 first (against the direction: entry i + 1 at place i and 0 last). */
const previous = (x: Value, { axis, reverse }: Direction): Value => {
  const length = x.shape[axis] as number
  if (length === 0) return x
  const none = x.shape.map(() => 0)
  const one = none.with(axis, 1)
  const kept = slice(x, reverse ? one : none, reverse ? x.shape : x.shape.with(axis, length - 1))
  return pad(kept, reverse ? none : one, reverse ? one : none)
}

const recurrencePrimitive: Primitive<Direction> = {
  name: 'linearRecurrence',
  typeOf: ([a, b]) => {
    const [p, q] = [a as TensorType, b as TensorType]
    if (p.dtype !== q.dtype || !sameShape(p.shape, q.shape))
      throw new Error(
        `linearRecurrence: got ${p.dtype} ${showShape(p.shape)} and ${q.dtype} ${showShape(q.shape)}; needs one type`,
      )
    return [q]
  },
  impl: ([a, b], { axis, reverse }) => [dense.linearRecurrence(a as Tensor, b as Tensor, axis, { reverse })],
  // Not by `primitive`: δyᵢ = aᵢ δyᵢ₋₁ + (δaᵢ yᵢ₋₁ + δbᵢ) is one recurrence for both partials, and so is its adjoint
  // zᵢ = aᵢ₊₁ zᵢ₊₁ + wᵢ, which goes the other way.
  linearize: ([first, second], direction, active) => {
    const a = first as Value
    const y = recurrence(a, second as Value, direction)
    const before = active[0] ? previous(y, direction) : y
    return [
      [y],
      {
        apply: ([v, w]) => {
          const source = v ? (w ? plus(mul(v, before), w) : mul(v, before)) : w
          return [source && recurrence(a, source, direction)]
        },
        adjoint: ([w]) => {
          const z = w && recurrence(previous(a, backward(direction)), w, backward(direction))
          return [z && active[0] ? mul(z, before) : undefined, active[1] ? z : undefined]
        },
      },
    ]
  },
  batch: (args, batched, direction, count) => [
    bindOne(recurrencePrimitive, wholeBatch(args, batched, count), inBatch(direction)),
  ],
}

const recurrence = (a: Value, b: Value, direction: Direction): Value => bindOne(recurrencePrimitive, [a, b], direction)

/**
 * yᵢ = aᵢ yᵢ₋₁ + bᵢ along an axis, from y₋₁ = 0; from the end, if `reverse`. Discounted sums and moving averages are of
 * this form.
 *
 * @example
 * toNested(concrete(linearRecurrence(tensor([2, 2, 2]), tensor([1, 1, 1])))) // => [1, 3, 7]
 */
export const linearRecurrence = (a: Value, b: Value, axis = 0, { reverse = false }: Order = {}): Value =>
  recurrence(a, b, { axis: normalizeAxis('linearRecurrence', axis, b.shape.length), reverse })

/**
 * Running products along an axis, each with its own entry: a recurrence that starts from the first entry. Nothing is
 * divided, so the derivatives are those of the polynomial also where entries are 0.
 *
 * @example
 * toNested(concrete(cumulativeProduct(tensor([1, 2, 3])))) // => [1, 2, 6]
 */
export const cumulativeProduct = (x: Operand, axis = 0): Value => {
  const value = asValue(x)
  const place = normalizeAxis('cumulativeProduct', axis, value.shape.length)
  const length = value.shape[place] as number
  if (length === 0) return value
  const none = value.shape.map(() => 0)
  const first = slice(value, none, value.shape.with(place, 1))
  return linearRecurrence(value, pad(first, none, none.with(place, length - 1)), place)
}
