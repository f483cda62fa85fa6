import type { Tensor } from '@secant/linalg'
import * as dense from '@secant/linalg'
import { asValue, bindOne, type Operand, type Value } from '../core.ts'
import type { Formula } from '../lowering.ts'
import { arithmeticType } from '../vector-space.ts'
import { scaledBy } from './arithmetic.ts'
import { greater, less, where } from './compare.ts'
import { unary } from './elementwise.ts'
import { binaryOf, pointwise } from './pointwise.ts'

/** A function that is constant between its jumps: its derivative is 0, at the jumps too. */
/* @__NO_SIDE_EFFECTS__ */
const step = (
  name: string,
  f: (a: number) => number,
  formula: Formula = (on, a) => on.call(f, a),
): ((x: Operand) => Value) => {
  const operation = pointwise({ name, impl: (x) => dense.map(x as Tensor, f), partials: [undefined], formula })
  return (x) => bindOne(operation, [asValue(x)], undefined)
}

/** −1, 0 or 1. */
export const sign: (x: Operand) => Value = step('sign', Math.sign)

/** The largest whole number that is not above x. */
export const floor: (x: Operand) => Value = step('floor', Math.floor, (on, a) => on.floor(a))

/** The smallest whole number that is not below x. */
export const ceil: (x: Operand) => Value = step('ceil', Math.ceil, (on, a) => on.ceil(a))

/** |x|; its slope at 0 is 0. */
export const abs: (x: Operand) => Value = unary(
  'abs',
  Math.abs,
  (x) => sign(x),
  (on, a) => on.abs(a),
  arithmeticType,
)

/** The part of a's entry in the maximum: 1 above b, 0 below, ½ where they tie. */
const share = binaryOf(
  'share',
  (a, b) => (a > b ? 1 : a < b ? 0 : a === b ? 0.5 : Number.NaN),
  [undefined, undefined],
  (on, a, b) => {
    const tied = on.select(on.equal(a, b), on.constant(0.5), on.constant(Number.NaN))
    return on.select(on.greater(a, b), on.constant(1), on.select(on.less(a, b), on.constant(0), tied))
  },
)

/** The larger of two entries; ties share the derivative equally. NaN propagates. */
export const maximum: (a: Operand, b: Operand) => Value = binaryOf(
  'maximum',
  Math.max,
  [([a, b]) => scaledBy(share(a as Value, b as Value)), ([a, b]) => scaledBy(share(b as Value, a as Value))],
  (on, a, b) => on.max(a, b),
)

/** The smaller of two entries; ties share the derivative equally. NaN propagates. */
export const minimum: (a: Operand, b: Operand) => Value = binaryOf(
  'minimum',
  Math.min,
  [([a, b]) => scaledBy(share(b as Value, a as Value)), ([a, b]) => scaledBy(share(a as Value, b as Value))],
  (on, a, b) => on.min(a, b),
)

/**
 * x cut to the interval from `low` to `high`; at its ends the slope is 1.
 *
 * @example
 * toNested(concrete(clip(tensor([-3, 0.5, 2]), 0, 1))) // => [0, 0.5, 1]
 */
export const clip = (x: Operand, low: Operand, high: Operand): Value =>
  where(less(x, low), low, where(greater(x, high), high, x))
