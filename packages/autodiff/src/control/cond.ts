import { scalar } from '@secant/linalg'
import { bind, type Operand, type Value, type Values } from '../core.ts'
import { evaluate, recordValues } from '../record.ts'
import { flatten, type Structure, unflatten } from '../tree.ts'
import { leavesAlike, showType } from './leaves.ts'
import { programOf } from './program.ts'
import { switchPrimitive } from './switch-primitive.ts'

type Branch<A, B> = (operand: A) => B

/** The branches as programs of the same inputs, what they close over first, and a choice among them. */
const choose = <A, B>(name: string, selector: Value, branches: readonly Branch<A, B>[], operand: A): B => {
  const [leaves, nesting] = flatten(operand)
  let results: readonly [Values, Structure] | undefined
  const recordings = branches.map((branch, k) =>
    recordValues((xs) => {
      const result = branch(unflatten(nesting, xs) as A)
      results ??= flatten(result)
      return leavesAlike(name, `branch ${k}`, result, results[1], results[0])
    }, leaves),
  )
  const captured = [...new Set(recordings.flatMap((recording) => recording.captured))]
  const programs = recordings.map(({ program, captured: own }) =>
    programOf(
      (xs) => evaluate(program)([...own.map((x) => xs[captured.indexOf(x)] as Value), ...xs.slice(captured.length)]),
      [...captured, ...leaves],
    ),
  )
  const outs = bind(switchPrimitive, [selector, ...captured, ...leaves], { branches: programs })
  return unflatten((results as readonly [Values, Structure])[1], outs) as B
}

/**
 * `ifTrue(operand)` where the predicate (a `bool` scalar) holds and `ifFalse(operand)` elsewhere, trees of equal types.
 * Only the branch taken is computed and differentiated. Under `vmap` with a predicate for each member both are, and
 * `where` takes from each what is needed. The branches are recorded and must not read numbers.
 *
 * @example
 * const root = (x: Value) => cond(greater(x, 0), sqrt, (_: Value) => scalar(0))(x)
 * item(grad(root)(scalar(4))) // => 0.25
 */
export const cond =
  <A, B>(predicate: Value, ifTrue: Branch<A, B>, ifFalse: Branch<A, B>) =>
  (operand: A): B => {
    if (predicate.dtype !== 'bool' || predicate.shape.length !== 0)
      throw new Error(`cond: got a predicate of ${showType(predicate)}; needs a scalar, bool`)
    return choose('cond', predicate, [ifFalse, ifTrue], operand)
  }

/**
 * `branches[index](operand)`, the index an int32 scalar or a whole number; below the first branch and above the last it
 * means these, so that a batch and its members agree. Otherwise as `cond`.
 *
 * @example
 * item(switchCase(1, [sin, cos, exp])(scalar(0))) // => 1
 */
export const switchCase =
  <A, B>(index: Operand, branches: readonly Branch<A, B>[]) =>
  (operand: A): B => {
    if (branches.length === 0) throw new Error('switchCase: got no branches; needs at least one')
    if (typeof index === 'number' && !Number.isInteger(index))
      throw new Error(`switchCase: got index ${index}; needs a whole number`)
    const selector = typeof index === 'number' ? scalar(index, 'int32') : index
    if (selector.dtype !== 'int32' || selector.shape.length !== 0)
      throw new Error(`switchCase: got an index of ${showType(selector)}; needs a scalar, int32`)
    return choose('switchCase', selector, branches, operand)
  }
