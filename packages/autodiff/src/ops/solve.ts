import * as dense from '@secant/linalg'
import { eye, fromData, full, type Singular, scalar, squareOrder, type Tensor, type TensorType } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { bind, bindOne, type Primitive, type Value } from '../core.ts'
import { oneByOne } from '../one-by-one.ts'
import { type Attempt, eitherOf } from './attempt.ts'
import { asColumns, inFormOf, solveBatch, solveDerivative } from './linear-solve.ts'

/**
 * What elimination prepares for dividing by a matrix: factors, always in double, and a permutation. They have no
 * derivative of their own: who divides with them hands over the matrix too, and differentiates in that.
 */
const eliminatePrimitive: Primitive<undefined> = {
  name: 'eliminate',
  typeOf: ([a]) => {
    const { shape } = a as TensorType
    return [
      { dtype: 'float64', shape },
      { dtype: 'int32', shape: shape.slice(1) },
      { dtype: 'int32', shape: [] },
    ]
  },
  impl: ([a]) => {
    const { shape } = a as Tensor
    const done = dense.lu(dense.cast(a as Tensor, 'float64'))
    return E.isRight(done)
      ? [done.right.factors, done.right.permutation, scalar(-1, 'int32')]
      : [full(shape, Number.NaN), unpermuted(shape[0] as number), scalar(done.left.pivot, 'int32')]
  },
  linearize: (args) => [bind(eliminatePrimitive, args, undefined), { apply: () => [], adjoint: () => [] }],
  batch: (args, batched, _, count) => oneByOne(eliminatePrimitive, args, batched, undefined, count),
}

const unpermuted = (n: number): Tensor => fromData(Int32Array.from({ length: n }, (_, i) => i))

const dividePrimitive: Primitive<{ readonly transpose: boolean }> = {
  name: 'divide',
  typeOf: ([, b]) => [b as TensorType],
  impl: ([, b, factors, permutation], params) => {
    const lu = { factors: factors as Tensor, permutation: permutation as Tensor }
    const x = dense.solveLu(lu, dense.cast(b as Tensor, 'float64'), params)
    return [dense.cast(x, (b as Tensor).dtype)]
  },
  linearize: ([a, b, ...prepared], { transpose }, active) => {
    const divide = (c: Value, turned: boolean): Value =>
      bindOne(dividePrimitive, [a as Value, c, ...prepared], { transpose: turned })
    const x = divide(b as Value, transpose)
    return [[x], solveDerivative(x, transpose, divide, (v) => v, active)]
  },
  batch: (args, batched, params, count) => solveBatch(dividePrimitive, args, batched, params, count),
}

/** Division by a matrix from the left, prepared once; NaN where the matrix is singular. */
export interface Division {
  readonly divide: (b: Value, transpose?: boolean) => Value
  readonly status: Value
}

export const divisionBy = (a: Value): Division => {
  const [factors, permutation, status] = bind(eliminatePrimitive, [a], undefined) as readonly [Value, Value, Value]
  return {
    divide: (b, transpose = false) => bindOne(dividePrimitive, [a, b, factors, permutation], { transpose }),
    status,
  }
}

const attempt = (operation: string, a: Value, b: Value): Attempt => {
  squareOrder(operation, a)
  const { divide, status } = divisionBy(a)
  return { value: inFormOf(b, divide(asColumns(operation, a, b))), status }
}

const attemptInverse = (a: Value): Attempt => attempt('inverse', a, eye(squareOrder('inverse', a), a.dtype))

const singular = (pivot: number): Singular => ({ kind: 'singular', pivot })

/**
 * x with `a x = b`, a `[n, n]`, b `[n]` or `[n, k]`, by elimination with partial pivoting. Derivatives of every order
 * reuse the one elimination. Fails (Left) where a pivot is zero or not finite; (throws) while recording.
 *
 * @example
 * solve(tensor([[1, 2], [2, 4]]), tensor([1, 1])) // => { _tag: 'Left', left: { kind: 'singular', pivot: 1 } }
 */
export const solve = (a: Value, b: Value): E.Either<Singular, Value> =>
  eitherOf('solve', attempt('solve', a, b), singular)

/**
 * `solve` for programs: NaN where a is singular.
 *
 * @example
 * const x = (b: Value) => solveOrNaN(tensor([[0, 2], [4, 0]]), b)
 * toNested(concrete(jacobian(x)(tensor([6, 4])))) // => [[0, 0.25], [0.5, 0]]
 */
export const solveOrNaN = (a: Value, b: Value): Value => attempt('solve', a, b).value

/** a⁻¹ `[n, n]`, where it is wanted itself; fails as `solve` does, which is cheaper and closer for products with it. */
export const inverse = (a: Value): E.Either<Singular, Value> => eitherOf('inverse', attemptInverse(a), singular)

/** `inverse` for programs: NaN where a is singular. */
export const inverseOrNaN = (a: Value): Value => attemptInverse(a).value
