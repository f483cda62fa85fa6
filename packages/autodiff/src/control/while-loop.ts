import { bind, type Value, type Values } from '../core.ts'
import { recordValues } from '../record.ts'
import { flatten, unflatten } from '../tree.ts'
import { leavesAlike, showType } from './leaves.ts'
import { whilePrimitive } from './while-primitive.ts'

/**
 * `carry = body(carry)` as long as the condition (a `bool` scalar) holds, from `init`, a tree. Forward derivatives
 * exist; a reverse one is refused: `boundedWhile` has it, and so have `scan` and `foriLoop`. Under `vmap`, steps go on
 * until all members are done, and those that are keep their carry. The functions are recorded and must not read numbers.
 *
 * @example
 * const halved = whileLoop((x: Value) => greater(x, 1), (x) => div(x, 2))
 * item(halved(scalar(20))) // => 0.625
 */
export const whileLoop =
  <C>(condition: (carry: C) => Value, body: (carry: C) => C) =>
  (init: C): C => {
    const [leaves, nesting] = flatten(init)
    const carryOf = (xs: Values): C => unflatten(nesting, xs) as C
    const test = recordValues((xs) => {
      const holds = condition(carryOf(xs))
      if (holds.dtype !== 'bool' || holds.shape.length !== 0)
        throw new Error(`whileLoop: got a condition of ${showType(holds)}; needs a scalar, bool`)
      return [holds]
    }, leaves)
    const step = recordValues(
      (xs) => leavesAlike('whileLoop', 'the carry after a step', body(carryOf(xs)), nesting, leaves),
      leaves,
    )
    return carryOf(
      bind(whilePrimitive, [...test.captured, ...step.captured, ...leaves], {
        condition: test.program,
        body: step.program,
        conditionConsts: test.captured.length,
        bodyConsts: step.captured.length,
      }),
    )
  }
