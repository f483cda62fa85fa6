import { type LinearMap, type Shape, sizeOf, type Tensor, zeros } from '@secant/linalg'
import { asValue, type Operand, type Value } from './core.ts'
import { grad, linearize } from './gradient.ts'
import { reshape, stack, transpose } from './ops/structure.ts'

/**
 * The value of `f` and its pull-back: cotangents of the result to cotangents of the argument (reverse mode).
 *
 * @example
 * const [, pull] = vjp((x: Value) => mul(x, x))(tensor([1, 2]))
 * toNested(concrete(pull(tensor([1, 10])))) // => [2, 40]
 */
export const vjp =
  <A, B>(f: (x: A) => B) =>
  (x: A): readonly [value: B, pull: (cotangent: B) => A] => {
    const [value, derivative] = linearize(f)(x)
    return [value, derivative.adjoint]
  }

/**
 * The value of `f` and its directional derivative (forward mode).
 *
 * @example
 * item(jvp((x: Value) => mul(x, x))(scalar(3), scalar(1))[1]) // => 6
 */
export const jvp =
  <A, B>(f: (x: A) => B) =>
  (x: A, direction: A): readonly [value: B, slope: B] => {
    const [value, derivative] = linearize(f)(x)
    return [value, derivative.apply(direction)]
  }

/**
 * Hessian times direction, forward over reverse; never forms the matrix.
 *
 * @example
 * item(hvp((x: Value) => mul(x, mul(x, x)))(scalar(2), scalar(1))) // => 12
 */
export const hvp =
  <A>(f: (x: A) => Operand) =>
  (x: A, direction: A): A =>
    jvp(grad(f))(x, direction)[1]

const basis = (shape: Shape, dtype: Tensor['dtype'], index: number): Tensor => {
  const unit = zeros(shape, dtype)
  unit.data[index] = 1
  return unit
}

/**
 * All partial derivatives of a function of one value, `[...shape of result, ...shape of x]`; by columns or by rows,
 * whichever are fewer.
 *
 * @example
 * toNested(concrete(jacobian((x: Value) => mul(x, x))(tensor([1, 2])))) // => [[2, 0], [0, 4]]
 */
export const jacobian =
  (f: (x: Value) => Operand) =>
  (point: Value): Value => {
    const x = asValue(point, undefined, 'jacobian')
    const [y, derivative]: readonly [Value, LinearMap<Value>] = linearize((v: Value) => asValue(f(v), v, 'jacobian'))(x)
    const [rows, columns] = [sizeOf(y.shape), sizeOf(x.shape)]
    if (rows === 0 || columns === 0) return zeros([...y.shape, ...x.shape], y.dtype)
    const units = (like: Value, count: number): readonly Tensor[] =>
      Array.from({ length: count }, (_, i) => basis(like.shape, like.dtype, i))
    const flat =
      columns < rows
        ? transpose(stack(units(x, columns).map((v) => reshape(derivative.apply(v), [rows]))))
        : stack(units(y, rows).map((w) => reshape(derivative.adjoint(w), [columns])))
    return reshape(flat, [...y.shape, ...x.shape])
  }

/**
 * All second derivatives of a scalar function of one value, `[...shape, ...shape]`.
 *
 * @example
 * toNested(concrete(hessian((x: Value) => dot(x, x))(tensor([1, 2])))) // => [[2, 0], [0, 2]]
 */
export const hessian =
  (f: (x: Value) => Operand) =>
  (x: Value): Value =>
    jacobian(grad(f))(x)
