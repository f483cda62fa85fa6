import { showShape } from '@secant/linalg'
import {
  currentInterpreter,
  type Interpreter,
  interpretWith,
  isTracer,
  type Tracer,
  tracerOf,
  type Value,
  type Values,
} from './core.ts'
import { flatten, type Structure, unflatten } from './tree.ts'
import { wholeBatch } from './vector-space.ts'

/**
 * `f` for all members of a batch at once: each of `xs` has a leading axis of length `count`, which `f` does not see,
 * and so has every result. Operations that no member takes part in are carried out once.
 */
export const batchValues = (f: (xs: Values) => Values, xs: Values, count: number): Values => {
  const outer = currentInterpreter()
  const batches = new WeakMap<Tracer, Value>()
  let slots = 0

  const memberwise = (batch: Value): Tracer => {
    const tracer = tracerOf(interpreter, slots++, { dtype: batch.dtype, shape: batch.shape.slice(1) })
    batches.set(tracer, batch)
    return tracer
  }
  const isMine = (x: Value): x is Tracer => isTracer(x) && x.owner === interpreter
  const batchOf = (x: Value): Value => (isMine(x) ? (batches.get(x) as Value) : x)

  const interpreter: Interpreter = {
    name: 'vmap',
    bind: (primitive, args, params) => {
      const batched = args.map(isMine)
      if (!batched.includes(true)) return interpretWith(outer, () => outer.bind(primitive, args, params))
      return interpretWith(outer, () => primitive.batch(args.map(batchOf), batched, params, count)).map(memberwise)
    },
  }

  const outputs = interpretWith(interpreter, () => f(xs.map(memberwise)))
  return wholeBatch(outputs.map(batchOf), outputs.map(isMine), count)
}

/**
 * A function of one example as a function of a batch of them: every leaf of every argument has a leading axis of one
 * length, over which `f` is mapped, and so has every leaf of the result. What `f` closes over is shared by all.
 * Fails (throws) where the leading axes differ, or `f` reads a number out of a member.
 *
 * @example
 * toNested(concrete(vmap((x: Value) => dot(x, x))(tensor([[1, 2], [3, 4]])))) // => [5, 25]
 */
export const vmap =
  <A extends readonly unknown[], B>(f: (...args: A) => B) =>
  (...args: A): B => {
    const [leaves, structure] = flatten(args)
    const count = leaves[0]?.shape[0]
    if (count === undefined || leaves.some(({ shape }) => shape[0] !== count))
      throw new Error(
        `vmap: got leaves of shapes ${leaves.map(({ shape }) => showShape(shape)).join(', ')}; needs one leading length`,
      )
    let nesting: Structure = structure
    const flat = (xs: Values): Values => {
      const [outs, found] = flatten(f(...(unflatten(structure, xs) as A)))
      nesting = found
      return outs
    }
    const outs = batchValues(flat, leaves, count)
    return unflatten(nesting, outs) as B
  }
