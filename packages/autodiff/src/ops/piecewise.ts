import type { Tensor } from '@secant/linalg'
import * as dense from '@secant/linalg'
import { asValue, bindOne, type Operand, type Value } from '../core.ts'
import { arithmeticType } from '../vector-space.ts'
import { scaledBy } from './arithmetic.ts'
import { greater, less, where } from './compare.ts'
import { unary } from './elementwise.ts'
import { binary, pointwise } from './pointwise.ts'

/** A function that is constant between its jumps: its derivative is 0, at the jumps too. */
/* @__NO_SIDE_EFFECTS__ */
const step = (name: string, f: (a: number) => number): ((x: Operand) => Value) => {
  const operation = pointwise({ name, impl: (x) => dense.map(x as Tensor, f), partials: [undefined] })
  return (x) => bindOne(operation, [asValue(x)], undefined)
}

/** −1, 0 or 1. */
export const sign: (x: Operand) => Value = step('sign', Math.sign)

/** The largest whole number that is not above x. */
export const floor: (x: Operand) => Value = step('floor', Math.floor)

/** The smallest whole number that is not below x. */
export const ceil: (x: Operand) => Value = step('ceil', Math.ceil)

/** |x|; its slope at 0 is 0. */
export const abs: (x: Operand) => Value = unary('abs', Math.abs, (x) => sign(x), arithmeticType)

/** The part of a's entry in the maximum: 1 above b, 0 below, ½ where they tie. */
const share = binary({
  name: 'share',
  impl: (a, b) => dense.zip(a, b, (p, q) => (p > q ? 1 : p < q ? 0 : p === q ? 0.5 : Number.NaN)),
  partials: [undefined, undefined],
})

/** The larger of two entries; ties share the derivative equally. NaN propagates. */
export const maximum: (a: Operand, b: Operand) => Value = binary({
  name: 'maximum',
  impl: (a, b) => dense.zip(a, b, Math.max),
  partials: [([a, b]) => scaledBy(share(a as Value, b as Value)), ([a, b]) => scaledBy(share(b as Value, a as Value))],
})

/** The smaller of two entries; ties share the derivative equally. NaN propagates. */
export const minimum: (a: Operand, b: Operand) => Value = binary({
  name: 'minimum',
  impl: (a, b) => dense.zip(a, b, Math.min),
  partials: [([a, b]) => scaledBy(share(b as Value, a as Value)), ([a, b]) => scaledBy(share(a as Value, b as Value))],
})

/**
 * x cut to the interval from `low` to `high`; at its ends the slope is 1.
 *
 * @example
 * toNested(concrete(clip(tensor([-3, 0.5, 2]), 0, 1))) // => [0, 0.5, 1]
 */
export const clip = (x: Operand, low: Operand, high: Operand): Value =>
  where(less(x, low), low, where(greater(x, high), high, x))
