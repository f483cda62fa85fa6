import { add } from '../elementwise.ts'
import { checkShape, type Shape, sameShape, showShape, sizeOf } from '../shape.ts'
import { broadcast } from '../structure.ts'
import { scalar, type Tensor } from '../tensor.ts'
import { bits32 } from './bits.ts'
import { gumbel } from './continuous.ts'
import { type Key, split } from './key.ts'
import { type FloatType, uniform } from './uniform.ts'

/**
 * Whole numbers in [min, max), int32, of a shape: as in JAX, 64 random bits modulo the span max − min, but only 32 when
 * the span exceeds 2¹⁶. Some numbers are likelier than others, by a factor of about 1 + span / 2⁶⁴, or 1 + span / 2³²
 * (for the widest spans up to 2). Fails (throws) unless −2³¹ ≤ min < max ≤ 2³¹.
 *
 * @example
 * randint(key(1), [5], 0, 10).data // => Int32Array.of(6, 7, 0, 3, 8)
 */
export const randint = (key: Key, shape: Shape, min: number, max: number): Tensor => {
  const ordered = -(2 ** 31) <= min && min < max && max <= 2 ** 31
  if (!ordered || !Number.isInteger(min) || !Number.isInteger(max))
    throw new Error(`randint: got [${min}, ${max}); needs integers −2³¹ ≤ min < max ≤ 2³¹`)
  checkShape('randint', shape)
  const size = sizeOf(shape)
  const [first, second] = split(key)
  const high = bits32(first, size)
  const low = bits32(second, size)
  const span = max - min
  // JAX squares 2¹⁶ modulo the span to carry the high word over; above 2¹⁶ that overflows to 0.
  const carry = span <= 2 ** 16 ? 2 ** 32 % span : 0
  const data = new Int32Array(size)
  for (let i = 0; i < size; i++)
    data[i] = min + ((((high[i] as number) % span) * carry + ((low[i] as number) % span)) % span)
  return { dtype: 'int32', shape, data }
}

/** Axes of a shape that come before those of another, which it must end with. */
const leadingAxes = (operation: string, shape: Shape, ending: Shape): readonly number[] => {
  const lead = shape.length - ending.length
  if (lead < 0 || !sameShape(shape.slice(lead), ending))
    throw new Error(`${operation}: got shape ${showShape(shape)}; needs one that ends in ${showShape(ending)}`)
  return Array.from({ length: lead }, (_, axis) => axis)
}

const floatType = (operation: string, { dtype }: Tensor): FloatType => {
  if (dtype !== 'float64' && dtype !== 'float32') throw new Error(`${operation}: got ${dtype}; needs a float`)
  return dtype
}

/**
 * Coins, bool: 1 with the given probability. A shape, if given, ends in that of the probabilities. Fails (throws) on
 * probabilities outside [0, 1].
 */
export const bernoulli = (key: Key, probability: Tensor | number, shape?: Shape): Tensor => {
  const p = typeof probability === 'number' ? scalar(probability) : probability
  for (const value of p.data)
    if (!(value >= 0 && value <= 1)) throw new Error(`bernoulli: got probability ${value}; needs one in [0, 1]`)
  const result = shape ?? p.shape
  checkShape('bernoulli', result)
  leadingAxes('bernoulli', result, p.shape)
  const u = uniform(key, result, { dtype: floatType('bernoulli', p) })
  const data = new Uint8Array(u.data.length)
  for (let i = 0; i < data.length; i++) data[i] = (u.data[i] as number) < (p.data[i % p.data.length] as number) ? 1 : 0
  return { dtype: 'bool', shape: result, data }
}

/**
 * Indices into the last axis of logits `[…, k]`, int32, each with probability proportional to exp(logit): the largest
 * logit after Gumbel noise, of equal ones the first. A shape, if given, ends in `[…]`. Fails (throws) on no categories
 * and on a NaN.
 *
 * @example
 * categorical(key(0), tensor([0, -1, -2, 0.5]), [6]).data // => Int32Array.of(2, 3, 0, 1, 3, 3)
 */
export const categorical = (key: Key, logits: Tensor, shape: Shape = logits.shape.slice(0, -1)): Tensor => {
  const count = logits.shape.at(-1) ?? 0
  if (count === 0) throw new Error(`categorical: got logits ${showShape(logits.shape)}; needs at least one category`)
  checkShape('categorical', shape)
  const axes = leadingAxes('categorical', shape, logits.shape.slice(0, -1))
  const full = [...shape, count]
  const noise = gumbel(key, full, { dtype: floatType('categorical', logits) })
  const noisy = add(noise, broadcast(logits, full, axes)).data
  const data = new Int32Array(sizeOf(shape))
  for (let i = 0; i < data.length; i++) {
    let best = Number.NEGATIVE_INFINITY
    for (let j = 0; j < count; j++) {
      const value = noisy[i * count + j] as number
      if (Number.isNaN(value)) throw new Error('categorical: got a logit that is NaN; needs numbers')
      if (value > best) {
        best = value
        data[i] = j
      }
    }
  }
  return { dtype: 'int32', shape, data }
}
