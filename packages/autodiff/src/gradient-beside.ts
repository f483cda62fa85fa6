import { asValue, type Operand, type Value, type Values } from './core.ts'
import { filled, scalarOf } from './gradient.ts'
import { linearizeValues } from './linearize.ts'
import { flatten, type Structure, unflatten } from './tree.ts'

/**
 * Value and gradient of the first of two results, and the second one as it is: for losses that also return what the
 * next step starts from. Fails (throws) where the first is not a scalar.
 *
 * @example
 * const [value, gradient, halved] = valueAndGradBeside((x: Value) => [mul(x, x), div(x, 2)])(scalar(4))
 * toNested(concrete(stack([value, gradient, halved]))) // => [16, 8, 2]
 */
export const valueAndGradBeside =
  <A, B, R extends readonly unknown[]>(f: (x: A, ...rest: R) => readonly [Operand, B]) =>
  (x: A, ...rest: R): readonly [value: Value, gradient: A, beside: B] => {
    const [leaves, from] = flatten(x)
    let to: Structure = from
    const flat = (xs: Values): Values => {
      const [value, beside] = f(unflatten(from, xs) as A, ...rest)
      const [outs, structure] = flatten(beside)
      to = structure
      return [asValue(value), ...outs]
    }
    const [[value, ...outs], map] = linearizeValues(flat, leaves)
    const one = asValue(1, scalarOf(value as Value))
    const gradient = filled(map.adjoint([one]), leaves)
    return [value as Value, unflatten(from, gradient) as A, unflatten(to, outs) as B]
  }
