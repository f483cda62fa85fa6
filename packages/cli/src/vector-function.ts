import { flatten, type Operand, reshape, slice, unflatten, type Value, type Values } from '@secant/autodiff'
import { sizeOf } from '@secant/linalg'

/** A function of a tree as one of the vector of all its numbers, in operations that can be followed. */
export const vectorFunction = (f: (tree: unknown) => Operand, like: unknown): ((x: Value) => Operand) => {
  const [leaves, structure] = flatten(like)
  const parts = (x: Value): Values => {
    let offset = 0
    return leaves.map(({ shape }) => {
      const from = offset
      offset += sizeOf(shape)
      return reshape(slice(x, [from], [offset]), shape)
    })
  }
  return (x) => f(unflatten(structure, parts(x)))
}
