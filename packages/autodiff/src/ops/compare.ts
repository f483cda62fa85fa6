import * as dense from '@secant/linalg'
import { broadcastShapes, scalar, selfAdjoint, type Tensor, type TensorType } from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Value } from '../core.ts'
import { byFormula, type Formula } from '../lowering.ts'
import type { Rule } from '../primitive.ts'
import { elementwiseType, linearPrimitive } from '../vector-space.ts'
import { div } from './arithmetic.ts'
import { aligned, binary, pointwise } from './pointwise.ts'
import { broadcastTo } from './structure.ts'

/* @__NO_SIDE_EFFECTS__ */
const comparison = (
  name: string,
  holds: (a: number, b: number) => boolean,
  formula: Formula,
): ((a: Operand, b: Operand) => Value) =>
  binary({
    name,
    formula,
    typeOf: (args) => ({ dtype: 'bool', shape: elementwiseType(name, args).shape }),
    impl: (a, b) => dense.zip(a, b, (p, q) => (holds(p, q) ? 1 : 0), 'bool'),
    partials: [undefined, undefined],
  })

/** a > b entry by entry, as `bool`. */
export const greater: (a: Operand, b: Operand) => Value = comparison(
  'greater',
  (a, b) => a > b,
  (on, a, b) => on.greater(a, b),
)

/** a ≥ b entry by entry, as `bool`. */
export const greaterEqual: (a: Operand, b: Operand) => Value = comparison(
  'greaterEqual',
  (a, b) => a >= b,
  (on, a, b) => on.greaterEqual(a, b),
)

/** a < b entry by entry, as `bool`. */
export const less: (a: Operand, b: Operand) => Value = comparison(
  'less',
  (a, b) => a < b,
  (on, a, b) => on.less(a, b),
)

/** a ≤ b entry by entry, as `bool`. */
export const lessEqual: (a: Operand, b: Operand) => Value = comparison(
  'lessEqual',
  (a, b) => a <= b,
  (on, a, b) => on.lessEqual(a, b),
)

/** a = b entry by entry, as `bool`. */
export const equal: (a: Operand, b: Operand) => Value = comparison(
  'equal',
  (a, b) => a === b,
  (on, a, b) => on.equal(a, b),
)

/** a ≠ b entry by entry, as `bool`. */
export const notEqual: (a: Operand, b: Operand) => Value = comparison(
  'notEqual',
  (a, b) => a !== b,
  (on, a, b) => on.notEqual(a, b),
)

/** An operation of masks alone. */
/* @__NO_SIDE_EFFECTS__ */
const ofMasks =
  (name: string, operation: (a: Operand, b: Operand) => Value) =>
  (a: Value, b: Value): Value => {
    if (a.dtype !== 'bool' || b.dtype !== 'bool')
      throw new Error(`${name}: got ${a.dtype} and ${b.dtype}; needs bool and bool`)
    return operation(a, b)
  }

/** Where both masks hold. */
export const logicalAnd: (a: Value, b: Value) => Value = ofMasks(
  'logicalAnd',
  comparison(
    'logicalAnd',
    (a, b) => a !== 0 && b !== 0,
    (on, a, b) => on.and(a, b),
  ),
)

/** Where at least one of the masks holds. */
export const logicalOr: (a: Value, b: Value) => Value = ofMasks(
  'logicalOr',
  comparison(
    'logicalOr',
    (a, b) => a !== 0 || b !== 0,
    (on, a, b) => on.or(a, b),
  ),
)

/** Where a mask does not hold. */
export const logicalNot = (mask: Value): Value => ofMasks('logicalNot', notEqual)(mask, scalar(1, 'bool'))

/** A branch of `where` passes its own entries and zero elsewhere, in both directions. */
const masked =
  (branch: 1 | 2): Rule<undefined> =>
  ([mask]) =>
    selfAdjoint((v) => (branch === 1 ? where(mask as Value, v, 0) : where(mask as Value, 0, v)))

const wherePrimitive: Primitive<undefined> = pointwise({
  name: 'where',
  typeOf: ([mask, a, b]) => {
    const [m, p, q] = [mask as TensorType, a as TensorType, b as TensorType]
    if (m.dtype !== 'bool') throw new Error(`where: got a mask of dtype ${m.dtype}; needs bool`)
    const { dtype } = elementwiseType('where', [p, q])
    const { shape } = elementwiseType('where', [m, { ...p, dtype: 'bool' }, { ...q, dtype: 'bool' }])
    return { dtype, shape }
  },
  impl: (mask, a, b) => dense.where(mask as Tensor, a as Tensor, b as Tensor),
  partials: [undefined, masked(1), masked(2)],
  formula: (on, mask, a, b) => on.select(mask, a, b),
})

/**
 * Entries of `a` where the mask holds and of `b` elsewhere, all three with broadcasting. The branch not taken is computed all the same, but neither
 * its value nor its derivative matters, be they infinite or NaN.
 *
 * @example
 * toNested(concrete(where(greater(tensor([1, -1]), 0), 10, 20))) // => [10, 20]
 */
export const where = (mask: Value, a: Operand, b: Operand): Value => {
  const [p, q] = aligned('where', a, b) as readonly [Value, Value]
  const shape = broadcastShapes(mask.shape, p.shape.length > 0 ? p.shape : q.shape, 'where')
  const stretched = [mask, p, q].map((x) => (x.shape.length === 0 ? x : broadcastTo(x, shape)))
  return bindOne(wherePrimitive, stretched, undefined)
}

/** a / b where `ok` holds and `otherwise` elsewhere, with finite derivatives even where b is 0. */
export const safeDiv = (a: Operand, b: Operand, ok: Value, otherwise: Operand = 0): Value =>
  where(ok, div(a, where(ok, b, 1)), otherwise)

const stopPrimitive: Primitive<undefined> = pointwise({
  name: 'stopGradient',
  typeOf: ([x]) => x as TensorType,
  impl: (x) => x as Tensor,
  partials: [undefined],
  formula: (_, a) => a,
})

/** The same value, to be treated as a constant by derivatives. */
export const stopGradient = (x: Operand): Value => bindOne(stopPrimitive, [asValue(x)], undefined)

const castPrimitive: Primitive<{ readonly dtype: 'float64' | 'float32' }> = linearPrimitive({
  name: 'cast',
  typeOf: ({ shape }, { dtype }) => ({ dtype, shape }),
  impl: (x, { dtype }) => dense.cast(x, dtype),
  adjoint: (w, _, x) => cast(w, x.dtype as 'float64' | 'float32'),
  batch: (x, { dtype }) => cast(x, dtype),
  lower: byFormula((_, a) => a),
})

/** Entries as another kind of float; also turns masks and integers into floats. */
export const cast = (x: Operand, dtype: 'float64' | 'float32'): Value => {
  const value = asValue(x)
  return value.dtype === dtype ? value : bindOne(castPrimitive, [value], { dtype })
}
