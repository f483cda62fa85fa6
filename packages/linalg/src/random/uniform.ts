import { checkShape, type Shape, sizeOf } from '../shape.ts'
import { allocate, type Tensor, type TypedArray } from '../tensor.ts'
import { bits32, bits64 } from './bits.ts'
import type { Key } from './key.ts'

export type FloatType = 'float64' | 'float32'

/** As many random bits as the fraction of a float has, as a multiple of 2⁻⁵² or 2⁻²³ in [0, 1). */
const fractions = (key: Key, size: number, dtype: FloatType): TypedArray => {
  const data = allocate(dtype, size)
  if (dtype === 'float64') {
    const { high, low } = bits64(key, size)
    for (let i = 0; i < size; i++) data[i] = (high[i] as number) * 2 ** -32 + ((low[i] as number) >>> 12) * 2 ** -52
  } else {
    const bits = bits32(key, size)
    for (let i = 0; i < size; i++) data[i] = ((bits[i] as number) >>> 9) * 2 ** -23
  }
  return data
}

/**
 * Numbers spread evenly over [min, max), by default [0, 1), of a shape. They are min + fraction · (max − min), so
 * rounding may reach max where the interval is not [0, 1). Fails (throws) unless min < max in the dtype, and on
 * lengths that are not whole numbers from 0.
 *
 * @example
 * uniform(key(0), [2]).data // => Float64Array.of(0.41845711171638644, 0.21629545460551136)
 */
export const uniform = (
  key: Key,
  shape: Shape,
  {
    min = 0,
    max = 1,
    dtype = 'float64',
  }: { readonly min?: number; readonly max?: number; readonly dtype?: FloatType } = {},
): Tensor => {
  checkShape('random numbers', shape)
  const round = dtype === 'float32' ? Math.fround : (x: number): number => x
  const low = round(min)
  const width = round(round(max) - low)
  if (!(width > 0 && width < Number.POSITIVE_INFINITY))
    throw new Error(`uniform: got [${min}, ${max}) in ${dtype}; needs min < max, a finite distance apart`)
  const data = fractions(key, sizeOf(shape), dtype)
  for (let i = 0; i < data.length; i++) data[i] = Math.max(low, low + (data[i] as number) * width)
  return { dtype, shape, data }
}
