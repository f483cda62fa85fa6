import { map } from '../elementwise.ts'
import type { Shape } from '../shape.ts'
import { type Tensor, unitRoundoff } from '../tensor.ts'
import { erfinv, erfinv32 } from './erfinv.ts'
import type { Key } from './key.ts'
import { type FloatType, uniform } from './uniform.ts'

// Each law is the inverse of its distribution function, applied to uniform numbers.

interface Options {
  readonly dtype?: FloatType
}

/**
 * Normal numbers of mean 0 and variance 1: √2 erf⁻¹ of uniform ones in (−1, 1).
 *
 * @example
 * normal(key(0), [2]).data // => Float64Array.of(-0.2058421394796434, -0.7847657764467411)
 */
export const normal = (key: Key, shape: Shape, { dtype = 'float64' }: Options = {}): Tensor => {
  const u = uniform(key, shape, { min: -1 + unitRoundoff(dtype), max: 1, dtype })
  const scale = dtype === 'float64' ? Math.SQRT2 : Math.fround(Math.SQRT2)
  return map(u, dtype === 'float64' ? (x) => scale * erfinv(x) : (x) => scale * erfinv32(x))
}

/** Exponential numbers of mean 1: −log(1 − u). */
export const exponential = (key: Key, shape: Shape, { dtype = 'float64' }: Options = {}): Tensor =>
  map(uniform(key, shape, { dtype }), (u) => -Math.log1p(-u))

const smallestNormal = { float64: 2 ** -1022, float32: 2 ** -126 } as const

/** Standard Gumbel numbers, −log(−log u): the largest of many exponential ones, centred. */
export const gumbel = (key: Key, shape: Shape, { dtype = 'float64' }: Options = {}): Tensor => {
  const minusLog = (x: Tensor): Tensor => map(x, (u) => -Math.log(u))
  return minusLog(minusLog(uniform(key, shape, { min: smallestNormal[dtype], dtype })))
}
