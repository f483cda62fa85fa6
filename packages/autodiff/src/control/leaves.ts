import { sameShape, showShape, type TensorType } from '@secant/linalg'
import type { Values } from '../core.ts'
import { flatten, type Structure, sameStructure, unflatten } from '../tree.ts'

export const showType = ({ dtype, shape }: TensorType): string => `${dtype} ${showShape(shape)}`

export const sameType = (a: TensorType, b: TensorType): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape)

/** The leaves of a tree that has to be like another, as a carry after a step must be like the one before it. */
export const leavesAlike = (name: string, what: string, tree: unknown, structure: Structure, like: Values): Values => {
  const [leaves, found] = flatten(tree, like)
  if (!sameStructure(found, structure)) throw new Error(`${name}: got ${what} of another nesting; needs one tree`)
  leaves.forEach((leaf, i) => {
    const needed = like[i] as TensorType
    if (!sameType(leaf, needed))
      throw new Error(`${name}: got ${showType(leaf)} as leaf ${i} of ${what}; needs ${showType(needed)}`)
  })
  return leaves
}

/** A tree that may be missing: where only the number of steps matters, or there is nothing to return. */
export const flattenOptional = (tree: unknown): readonly [Values, (leaves: Values) => unknown] => {
  if (tree === null || tree === undefined) return [[], () => tree]
  const [leaves, structure] = flatten(tree)
  return [leaves, (values) => unflatten(structure, values)]
}
