/**
 * Random numbers inside recorded programs. A key is a value like any other: pass it as an input, since what is drawn from
 * a key that is known while recording enters the program as numbers. For the same key the bits are linalg's.
 */
import * as dense from '@secant/linalg'
import {
  allocate,
  broadcastShapes,
  type FloatType,
  type Key,
  type Shape,
  sameShape,
  showShape,
  sizeOf,
  type Tensor,
  type TensorType,
} from '@secant/linalg'
import { bindOne, type Operand, type Primitive, type Value } from '../core.ts'
import { primitive } from '../primitive.ts'
import { wholeBatch } from '../vector-space.ts'
import { add, mul, sub } from './arithmetic.ts'
import { expandDims } from './arrange.ts'
import { take } from './indexing.ts'
import { broadcastTo } from './structure.ts'

/**
 * A key as a value, its two words as int32 `[2]`. Where operations take a key they also take keys `[…, 2]`, and draw from
 * each by itself.
 *
 * @example
 * keyValue(key(7)) // => tensor([0, 7], 'int32')
 */
export const keyValue = (key: Key): Tensor => ({ dtype: 'int32', shape: [2], data: Int32Array.of(...key) })

/** One of several keys, by its number. */
const keyAt = ({ data }: Tensor, i: number): Key => [(data[2 * i] as number) >>> 0, (data[2 * i + 1] as number) >>> 0]

/** The axes before the words of keys `[…, 2]`. */
const leadingOf = (operation: string, { dtype, shape }: TensorType): Shape => {
  if (dtype !== 'int32' || shape.at(-1) !== 2)
    throw new Error(`${operation}: got keys ${dtype} ${showShape(shape)}; needs int32 […, 2]`)
  return shape.slice(0, -1)
}

const foldPrimitive: Primitive<undefined> = primitive({
  name: 'foldIn',
  typeOf: ([keys]) => keys as TensorType,
  impl: ([keys, data], _, { dtype, shape }) => {
    const words = allocate(dtype, sizeOf(shape))
    const [parents, numbers] = [keys as Tensor, data as Tensor]
    numbers.data.forEach((entry, i) => {
      words.set(keyValue(dense.foldIn(keyAt(parents, i), entry >>> 0)).data, 2 * i)
    })
    return { dtype, shape, data: words }
  },
  partials: [undefined, undefined],
  batch: (args, batched, _, count) => bindOne(foldPrimitive, wholeBatch(args, batched, count), undefined),
})

/** A whole number as int32, where those from 2³¹ on are negative. */
const wordOf = (data: number): Tensor => {
  if (data !== data >>> 0) throw new Error(`foldInKey: got ${data}; needs an integer in [0, 2³²)`)
  return { dtype: 'int32', shape: [], data: Int32Array.of(data) }
}

/**
 * The key of a parent and a number, such as the count of a step: `[…, 2], […] → […, 2]`, leading axes stretched to common
 * ones. The bits of an int32 count as a number in [0, 2³²). Fails (throws) on other kinds of numbers.
 *
 * @example
 * foldInKey(keyValue(key(0)), 3) // => keyValue(foldIn(key(0), 3))
 */
export const foldInKey = (key: Value, data: Operand): Value => {
  const numbers = typeof data === 'number' ? wordOf(data) : data
  if (numbers.dtype !== 'int32') throw new Error(`foldInKey: got data ${numbers.dtype}; needs int32`)
  const leading = broadcastShapes(leadingOf('foldInKey', key), numbers.shape)
  return bindOne(foldPrimitive, [broadcastTo(key, [...leading, 2]), broadcastTo(numbers, leading)], undefined)
}

/**
 * Independent keys, `[…, 2] → […, count, 2]`; a key that was split is used up. As in linalg the i-th is the key with i
 * folded in. Fails (throws) on a count that is not a whole number.
 *
 * @example
 * splitKey(keyValue(key(0)), 5).shape // => [5, 2]
 */
export const splitKey = (key: Value, count = 2): Value => {
  leadingOf('splitKey', key)
  if (count !== count >>> 0) throw new Error(`splitKey: got count ${count}; needs an integer in [0, 2³²)`)
  const places = Int32Array.from({ length: count }, (_, i) => i)
  return foldInKey(expandDims(key, [-2]), { dtype: 'int32', shape: [count], data: places })
}

/** What linalg draws from a key, `[…, 2] → […, ...shape]`; there is no derivative in the key. */
/* @__NO_SIDE_EFFECTS__ */
const sampler = <P>(name: string, typeOf: (params: P) => TensorType, draw: (key: Key, params: P) => Tensor) => {
  const self: Primitive<P> = primitive<P>({
    name,
    typeOf: ([keys], params) => {
      const { dtype, shape } = typeOf(params)
      return { dtype, shape: [...leadingOf(name, keys as TensorType), ...shape] }
    },
    impl: ([keys], params, { dtype, shape }) => {
      const data = allocate(dtype, sizeOf(shape))
      const length = sizeOf(typeOf(params).shape)
      const count = (keys as Tensor).data.length / 2
      for (let i = 0; i < count; i++) data.set(draw(keyAt(keys as Tensor, i), params).data, i * length)
      return { dtype, shape, data }
    },
    partials: [undefined],
    batch: (args, _, params) => bindOne(self, args, params),
  })
  return (key: Value, params: P): Value => bindOne(self, [key], params)
}

const uniformIn = sampler(
  'randomUniform',
  (type: { readonly shape: Shape; readonly dtype: FloatType; readonly min: number; readonly max: number }) => type,
  (key, { shape, ...options }) => dense.uniform(key, shape, options),
)

/**
 * Numbers spread evenly over [min, max), by default [0, 1). The ends may be values that stretch to the shape; it is then
 * min + u (max − min), with that derivative in them. Fails (throws) on other shapes, and on ends that are numbers unless
 * min < max.
 *
 * @example
 * randomUniform(keyValue(key(0)), [2]) // => uniform(key(0), [2])
 */
export const randomUniform = (
  key: Value,
  shape: Shape,
  {
    min = 0,
    max = 1,
    dtype = 'float64',
  }: { readonly min?: Operand; readonly max?: Operand; readonly dtype?: FloatType } = {},
): Value => {
  if (typeof min === 'number' && typeof max === 'number') return uniformIn(key, { shape, dtype, min, max })
  const fractions = uniformIn(key, { shape, dtype, min: 0, max: 1 })
  const between = add(min, mul(fractions, sub(max, min)))
  if (!sameShape(between.shape, fractions.shape))
    throw new Error(
      `randomUniform: got ends that stretch ${showShape(fractions.shape)} to ${showShape(between.shape)}; needs the former`,
    )
  return between
}

const normalOf = sampler(
  'randomNormal',
  (type: { readonly shape: Shape; readonly dtype: FloatType }) => type,
  (key, { shape, dtype }) => dense.normal(key, shape, { dtype }),
)

/**
 * Normal numbers of mean 0 and variance 1. Others are μ + σ times these, with that derivative in μ and σ.
 *
 * @example
 * randomNormal(keyValue(key(0)), [2]) // => normal(key(0), [2])
 */
export const randomNormal = (
  key: Value,
  shape: Shape,
  { dtype = 'float64' }: { readonly dtype?: FloatType } = {},
): Value => normalOf(key, { shape, dtype })

const integersIn = sampler(
  'randomInteger',
  ({ shape }: { readonly shape: Shape; readonly min: number; readonly max: number }) => ({ dtype: 'int32', shape }),
  (key, { shape, min, max }) => dense.randint(key, shape, min, max),
)

/** Whole numbers in [min, max), int32. Fails (throws) unless −2³¹ ≤ min < max ≤ 2³¹. */
export const randomInteger = (key: Value, shape: Shape, min: number, max: number): Value =>
  integersIn(key, { shape, min, max })

const orderOf = sampler(
  'randomPermutation',
  ({ count }: { readonly count: number }) => ({ dtype: 'int32', shape: [count] }),
  (key, { count }) => dense.permutation(key, count),
)

/**
 * The numbers below n (int32 `[n]`), or the slices of a value along its first axis, in random order. The derivative moves
 * with the slices. Fails (throws) on a negative or fractional n and on a value without axes.
 *
 * @example
 * randomPermutation(keyValue(key(3)), 5) // => permutation(key(3), 5)
 */
export const randomPermutation = (key: Value, source: number | Value): Value => {
  const count = typeof source === 'number' ? source : source.shape[0]
  if (count === undefined || count !== count >>> 0)
    throw new Error(`randomPermutation: got ${count ?? 'shape []'}; needs a whole number or at least one axis`)
  const order = orderOf(key, { count })
  return typeof source === 'number' ? order : take(source, order)
}
