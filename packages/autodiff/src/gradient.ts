import { isFloat, type LinearMap, sameShape, showShape, zeros } from '@secant/linalg'
import { asValue, type Operand, type Tangents, type Value, type Values } from './core.ts'
import { linearizeValues } from './linearize.ts'
import { flatten, type Structure, sameStructure, unflatten } from './tree.ts'

/** Zeros written out where a direction was left away. */
export const filled = (tangents: Tangents, like: Values): Values =>
  tangents.map((v, i) => v ?? zeros((like[i] as Value).shape, (like[i] as Value).dtype))

/** The leaves of a direction, checked against the space it should lie in. */
export const leavesIn = (direction: unknown, structure: Structure, like: Values, name: string): Values => {
  const [leaves, given] = flatten(direction, like)
  if (!sameStructure(given, structure))
    throw new Error(`${name}: got a direction nested unlike its point; needs the same tree`)
  leaves.forEach((v, i) => {
    const { shape, dtype } = like[i] as Value
    if (v.dtype !== dtype || !sameShape(v.shape, shape))
      throw new Error(`${name}: got ${v.dtype} ${showShape(v.shape)}; needs ${dtype} ${showShape(shape)}, as the point`)
  })
  return leaves
}

/**
 * The value of `f` at a point and its derivative there, as a linear map between trees.
 * Fails (throws) where a leaf of the point is not a float, or `f` returns something that is not a tree of values.
 *
 * @example
 * const [y, derivative] = linearize((x: Value) => mul(x, x))(scalar(3))
 * item(derivative.apply(scalar(1))) // => 6
 */
export const linearize =
  <A, B>(f: (x: A) => B) =>
  (x: A): readonly [B, LinearMap<A, B>] => {
    const [leaves, from] = flatten(x)
    for (const leaf of leaves)
      if (!isFloat(leaf)) throw new Error(`linearize: got a leaf of dtype ${leaf.dtype}; needs float64 or float32`)
    let to: Structure = from
    const flat = (xs: Values): Values => {
      const [outs, structure] = flatten(f(unflatten(from, xs) as A))
      to = structure
      return outs
    }
    const [outs, map] = linearizeValues(flat, leaves)
    return [
      unflatten(to, outs) as B,
      {
        apply: (v) => unflatten(to, filled(map.apply(leavesIn(v, from, leaves, 'apply')), outs)) as B,
        adjoint: (w) => unflatten(from, filled(map.adjoint(leavesIn(w, to, outs, 'adjoint')), leaves)) as A,
      },
    ]
  }

/** A value that has to be a scalar. */
export const scalarOf = (value: Value): Value => {
  if (value.shape.length !== 0)
    throw new Error(`grad: got a result of shape ${showShape(value.shape)}; needs a scalar, []`)
  return value
}

/** A function of a tree with one number as its result, and what else it takes. */
type Objective<A, R extends readonly unknown[]> = (x: A, ...rest: R) => Operand

/**
 * The value and the gradient of a scalar function, in its first argument; further arguments are constants.
 * Fails (throws) where the result is not a scalar.
 *
 * @example
 * const [value, gradient] = valueAndGrad((x: Value) => sum(mul(x, x)))(tensor([1, 2]))
 * toNested(concrete(add(gradient, value))) // => [7, 9]
 */
export const valueAndGrad =
  <A, R extends readonly unknown[]>(f: Objective<A, R>) =>
  (x: A, ...rest: R): readonly [value: Value, gradient: A] => {
    const [value, derivative] = linearize((point: A) => asValue(f(point, ...rest), undefined, 'grad'))(x)
    return [scalarOf(value), derivative.adjoint(asValue(1, value))]
  }

/**
 * The gradient of a scalar function, shaped like its first argument.
 *
 * @example
 * item(grad((x: Value) => mul(x, mul(x, x)))(scalar(2))) // => 12
 */
export const grad =
  <A, R extends readonly unknown[]>(f: Objective<A, R>) =>
  (x: A, ...rest: R): A =>
    valueAndGrad(f)(x, ...rest)[1]
