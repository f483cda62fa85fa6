import { checkShape, type Shape, sameShape, showShape, sizeOf } from './shape.ts'

/** Kinds of numbers; `bool` is 0 or 1. Only the two floats have derivatives. */
export type DType = 'float64' | 'float32' | 'int32' | 'bool'
export type TypedArray = Float64Array | Float32Array | Int32Array | Uint8Array

/** What is known of a tensor before its numbers are. */
export interface TensorType {
  readonly dtype: DType
  readonly shape: Shape
}

/** Numbers in row-major order. Immutable once returned: nobody writes to `data` after that. */
export interface Tensor extends TensorType {
  readonly data: TypedArray
}

/** Numbers, or arrays of them of equal lengths. */
export type Nested = number | boolean | readonly Nested[]

/** A fresh zero-filled array for a number of entries. */
export const allocate = (dtype: DType, size: number): TypedArray => {
  switch (dtype) {
    case 'float64':
      return new Float64Array(size)
    case 'float32':
      return new Float32Array(size)
    case 'int32':
      return new Int32Array(size)
    case 'bool':
      return new Uint8Array(size)
  }
}

const dtypeOf = (data: TypedArray): DType => {
  if (data instanceof Float64Array) return 'float64'
  if (data instanceof Float32Array) return 'float32'
  return data instanceof Int32Array ? 'int32' : 'bool'
}

/**
 * A tensor around an array, which it takes over without copying. Fails (throws) where sizes disagree or are none.
 *
 * @example
 * fromData(Float64Array.of(1, 2, 3, 4), [2, 2]).dtype // => 'float64'
 */
export const fromData = (data: TypedArray, shape: Shape = [data.length]): Tensor => {
  checkShape('tensor', shape)
  if (sizeOf(shape) !== data.length)
    throw new Error(`tensor: got ${data.length} numbers for shape ${showShape(shape)}; needs ${sizeOf(shape)}`)
  return { dtype: dtypeOf(data), shape, data }
}

const shapeOfNested = (values: Nested): Shape => {
  if (!Array.isArray(values)) return []
  if (values.length === 0) return [0]
  const inner = shapeOfNested(values[0] as Nested)
  for (const value of values)
    if (!sameShape(shapeOfNested(value), inner))
      throw new Error('tensor: got rows of different lengths; needs equal ones')
  return [values.length, ...inner]
}

/**
 * A tensor of the given numbers, copied.
 *
 * @example
 * tensor([[1, 2], [3, 4]]).shape // => [2, 2]
 */
export const tensor = (values: Nested, dtype: DType = 'float64'): Tensor => {
  const shape = shapeOfNested(values)
  const data = allocate(dtype, sizeOf(shape))
  let next = 0
  const fill = (value: Nested): void => {
    if (typeof value === 'object') for (const item of value) fill(item)
    else if (typeof value === 'string') throw new Error(`tensor: got the string '${value}'; needs numbers`)
    else data[next++] = dtype === 'bool' ? Number(Boolean(value)) : Number(value)
  }
  fill(values)
  return { dtype, shape, data }
}

/** One number as a tensor of shape `[]`. */
export const scalar = (value: number, dtype: DType = 'float64'): Tensor => full([], value, dtype)

/** Every entry the same. Fails (throws) on lengths that are not whole numbers from 0. */
export const full = (shape: Shape, value: number, dtype: DType = 'float64'): Tensor => {
  checkShape('tensor', shape)
  const data = allocate(dtype, sizeOf(shape))
  if (value !== 0 || Object.is(value, -0)) data.fill(value)
  return { dtype, shape, data }
}

export const zeros = (shape: Shape, dtype: DType = 'float64'): Tensor => full(shape, 0, dtype)

export const ones = (shape: Shape, dtype: DType = 'float64'): Tensor => full(shape, 1, dtype)

/** The identity matrix, `[n, n]`. */
export const eye = (n: number, dtype: DType = 'float64'): Tensor => {
  const identity = zeros([n, n], dtype)
  for (let i = 0; i < n; i++) identity.data[i * (n + 1)] = 1
  return identity
}

/** Whether a value is a tensor, by its fields. */
export const isTensor = (value: unknown): value is Tensor =>
  typeof value === 'object' && value !== null && 'data' in value && 'shape' in value && ArrayBuffer.isView(value.data)

/** Whether derivatives exist in a kind of numbers. */
export const isFloat = (type: TensorType): boolean => type.dtype === 'float64' || type.dtype === 'float32'

/** Unit roundoff of a kind of numbers: half the gap above 1; 0 where arithmetic is exact. */
export const unitRoundoff = (dtype: DType): number =>
  dtype === 'float64' ? 2 ** -53 : dtype === 'float32' ? 2 ** -24 : 0

/**
 * The numbers as nested arrays.
 *
 * @example
 * toNested(eye(2)) // => [[1, 0], [0, 1]]
 */
export const toNested = (t: Tensor): Nested => {
  const build = (axis: number, offset: number): Nested => {
    if (axis === t.shape.length) return t.data[offset] as number
    const length = t.shape[axis] as number
    const stride = sizeOf(t.shape.slice(axis + 1))
    return Array.from({ length }, (_, i) => build(axis + 1, offset + i * stride))
  }
  return build(0, 0)
}
