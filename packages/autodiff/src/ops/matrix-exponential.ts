import * as dense from '@secant/linalg'
import { isFloat, showShape, type Tensor, type TensorType, zeros } from '@secant/linalg'
import { bindOne, type Primitive, type Value } from '../core.ts'
import { oneByOne } from '../one-by-one.ts'
import { primitive } from '../primitive.ts'
import { div, mul } from './arithmetic.ts'
import { greater, stopGradient, where } from './compare.ts'
import { abs } from './piecewise.ts'
import { sum } from './reduce.ts'
import { concatenate, slice, transpose } from './structure.ts'

const exponentialPrimitive: Primitive<undefined> = primitive({
  name: 'matrixExponential',
  typeOf: ([a]) => {
    const { dtype, shape } = a as TensorType
    if (shape.length !== 2 || shape[0] !== shape[1] || !isFloat(a as TensorType))
      throw new Error(`matrixExponential: got ${dtype} ${showShape(shape)}; needs a float matrix [n, n]`)
    return { dtype, shape }
  },
  impl: ([a]) => dense.matrixExponential(a as Tensor),
  partials: [
    ([a]) => ({
      apply: (v) => slopeOf(a as Value, v),
      adjoint: (w) => slopeOf(transpose(a as Value), w),
    }),
  ],
  batch: (args, batched, params, count) => oneByOne(exponentialPrimitive, args, batched, params, count)[0] as Value,
})

/**
 * The derivative of eᵃ in direction v, as a block of another exponential: exp [[a, v], [0, a]] has it above the diagonal
 * (Higham, Functions of Matrices, theorem 3.6). It is linear in v, whose size is taken out so that it does not decide the
 * scaling.
 */
const slopeOf = (a: Value, v: Value): Value => {
  const n = a.shape[0] as number
  const total = stopGradient(sum(abs(v)))
  const size = where(greater(total, 0), total, 1)
  const above = concatenate([a, div(v, size)], 1)
  const below = concatenate([zeros([n, n], a.dtype), a], 1)
  return mul(size, slice(matrixExponential(concatenate([above, below])), [0, n], [n, 2 * n]))
}

/**
 * eᵃ of a matrix `[n, n]`, differentiable to any order; each order doubles the size of the matrix.
 *
 * @example
 * const angle = (t: Value) => matrixExponential(mul(t, tensor([[0, -1], [1, 0]])))
 * toNested(concrete(jvp(angle)(scalar(0), scalar(1))[1])) // => [[0, -1], [1, 0]]
 */
export const matrixExponential = (a: Value): Value => bindOne(exponentialPrimitive, [a], undefined)
