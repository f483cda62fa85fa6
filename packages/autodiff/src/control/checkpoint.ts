import { bind, type Values } from '../core.ts'
import { recordValues } from '../record.ts'
import { flatten, type Structure, unflatten } from '../tree.ts'
import { checkpointPrimitive } from './checkpoint-primitive.ts'

/**
 * The same function, computed again when it is differentiated: what a tape keeps of it is its argument and what it
 * closes over. It is recorded and must not read numbers.
 *
 * @example
 * const deep = checkpoint((x: Value) => sin(exp(x)))
 * item(grad(deep)(scalar(0))) === item(grad((x: Value) => sin(exp(x)))(scalar(0))) // => true
 */
export const checkpoint =
  <A extends readonly unknown[], B>(f: (...args: A) => B) =>
  (...args: A): B => {
    const [leaves, nesting] = flatten(args)
    let to: Structure = nesting
    const flat = (xs: Values): Values => {
      const [outs, found] = flatten(f(...(unflatten(nesting, xs) as A)))
      to = found
      return outs
    }
    const { program, captured } = recordValues(flat, leaves)
    return unflatten(to, bind(checkpointPrimitive, [...captured, ...leaves], { program })) as B
  }
