import { zeros } from '@secant/linalg'
import type { Values } from '../core.ts'
import { leavesIn } from '../gradient.ts'
import { linearizeValues } from '../linearize.ts'
import { tensorBehind } from '../read.ts'
import { evaluate, recordValues } from '../record.ts'
import { flatten, type Structure, unflatten } from '../tree.ts'
import { written } from './flags.ts'
import { pruned, reached } from './program.ts'

/**
 * The adjoint of a linear function of a tree: `⟨f(x), w⟩ = ⟨x, linearTranspose(f, example)(w)⟩`; the example gives the
 * nesting and the types, its numbers are not used. The derivative of f is recorded at an unknown point, and its reverse
 * is the result. Fails (throws) where the derivative uses the point or f(0) is not 0: then f is not linear, or not
 * visibly so, such as x · x / x. f must not read numbers.
 *
 * @example
 * const flipped = linearTranspose((x: Value) => matmul(tensor([[1, 2]]), x), tensor([0, 0]))
 * toNested(concrete(flipped(tensor([10])))) // => [10, 20]
 */
export const linearTranspose = <A, B>(f: (x: A) => B, example: A): ((w: B) => A) => {
  const [leaves, from] = flatten(example)
  let to: Structure = from
  const flat = (xs: Values): Values => {
    const [outs, found] = flatten(f(unflatten(from, xs) as A))
    to = found
    return outs
  }
  const origin = leaves.map((type) => zeros(type.shape, type.dtype))
  const space = flat(origin)
  const offset = space.find((y) => tensorBehind(y)?.data.some((entry) => entry !== 0))
  if (offset !== undefined) throw new Error('linearTranspose: got a function with f(0) ≠ 0; needs a linear one')
  const { program, captured } = recordValues(
    (xs) => {
      const [, map] = linearizeValues(flat, xs.slice(0, leaves.length))
      return map.adjoint(xs.slice(leaves.length)).map((part, i) => written(part, leaves[i] as (typeof leaves)[0]))
    },
    [...leaves, ...space],
  )
  const isPoint = program.inputs.map((_, i) => i >= captured.length && i < captured.length + leaves.length)
  if (reached(program, isPoint).includes(true))
    throw new Error('linearTranspose: got a function whose derivative depends on the point; needs a linear one')
  const run = evaluate(pruned(program))
  return (w) => unflatten(from, run([...captured, ...origin, ...leavesIn(w, to, space, 'linearTranspose')])) as A
}
