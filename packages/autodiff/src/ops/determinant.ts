import * as dense from '@secant/linalg'
import { eye, scalar, selfAdjoint, squareOrder, type Tensor, type TensorType } from '@secant/linalg'
import { bind, bindOne, type Primitive, type Value } from '../core.ts'
import { oneByOne } from '../one-by-one.ts'
import { primitive } from '../primitive.ts'
import { div, mul, sub } from './arithmetic.ts'
import { product } from './product.ts'
import { sum } from './reduce.ts'
import { divisionBy } from './solve.ts'

const inner = (a: Value, b: Value): Value => sum(mul(a, b))

/** C = det a · a⁻ᵀ, whose derivative along V is `(⟨C, V⟩ C − C Vᵀ C) / det a`. */
const cofactorsPrimitive: Primitive<undefined> = primitive({
  name: 'cofactors',
  typeOf: ([a]) => a as TensorType,
  impl: ([a]) => dense.cofactors(a as Tensor),
  partials: [
    ([a], c) => {
      const size = determinant(a as Value)
      return selfAdjoint((v) => {
        const crossed = product(product(c, v, false, true), c, false, false)
        return div(sub(mul(inner(c, v), c), crossed), size)
      })
    },
  ],
  batch: (args, batched, _, count) => oneByOne(cofactorsPrimitive, args, batched, undefined, count)[0] as Value,
})

const determinantPrimitive: Primitive<undefined> = primitive({
  name: 'determinant',
  typeOf: ([a]) => ({ dtype: (a as TensorType).dtype, shape: [] }),
  impl: ([a], _, { dtype }) => scalar(dense.determinant(a as Tensor), dtype),
  partials: [
    ([a]) => {
      const c = bindOne(cofactorsPrimitive, [a as Value], undefined)
      return { apply: (v) => inner(c, v), adjoint: (w) => mul(w, c) }
    },
  ],
  batch: (args, batched, _, count) => oneByOne(determinantPrimitive, args, batched, undefined, count)[0] as Value,
})

/**
 * The determinant of a matrix `[n, n]`. Its gradient, the matrix of cofactors, is right for singular matrices too;
 * derivatives of second and higher order divide by the determinant, and are NaN or infinite there.
 *
 * @example
 * toNested(concrete(grad(determinant)(tensor([[3, 0], [0, 0]])))) // => [[0, 0], [0, 3]]
 */
export const determinant = (a: Value): Value => {
  squareOrder('determinant', a)
  return bindOne(determinantPrimitive, [a], undefined)
}

const logPrimitive: Primitive<undefined> = {
  name: 'logDeterminant',
  typeOf: ([a]) => {
    const { dtype } = a as TensorType
    return [
      { dtype, shape: [] },
      { dtype, shape: [] },
    ]
  },
  impl: ([a]) => {
    const { sign, logAbs } = dense.logDeterminant(a as Tensor)
    const { dtype } = a as Tensor
    return [scalar(sign, dtype), scalar(logAbs, dtype)]
  },
  linearize: ([a]) => {
    const { dtype, shape } = a as Value
    const slope = divisionBy(a as Value).divide(eye(shape[0] as number, dtype), true)
    return [
      bind(logPrimitive, [a as Value], undefined),
      { apply: ([v]) => [undefined, v && inner(slope, v)], adjoint: ([, w]) => [w && mul(w, slope)] },
    ]
  },
  batch: (args, batched, _, count) => oneByOne(logPrimitive, args, batched, undefined, count),
}

/** A determinant as `sign · exp(logAbs)`, both of shape `[]`. */
export interface LogDeterminantValues {
  /** 1, −1, or 0 for a singular matrix; locally constant. */
  readonly sign: Value
  readonly logAbs: Value
}

/**
 * Sign and logarithm of the determinant of a matrix `[n, n]`; 0 and −∞ where it is singular, with derivative NaN.
 *
 * @example
 * toNested(concrete(grad((a: Value) => logDeterminant(a).logAbs)(tensor([[2, 0], [0, 4]])))) // => [[0.5, 0], [0, 0.25]]
 */
export const logDeterminant = (a: Value): LogDeterminantValues => {
  squareOrder('logDeterminant', a)
  const [sign, logAbs] = bind(logPrimitive, [a], undefined) as readonly [Value, Value]
  return { sign, logAbs }
}
