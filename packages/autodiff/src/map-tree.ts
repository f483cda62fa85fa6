import type { Value } from './core.ts'
import { flatten, sameStructure, unflatten } from './tree.ts'

/**
 * A function of leaves carried out on each leaf of a tree, and on the leaves at the same places of further trees.
 * Fails (throws) where those are nested otherwise.
 *
 * @example
 * mapTree((a, b) => add(a, b), { x: scalar(1), y: [scalar(2)] }, { x: scalar(10), y: [scalar(20)] }).y.map(item) // => [22]
 */
export const mapTree = <A>(
  f: (leaf: Value, ...others: readonly Value[]) => Value,
  tree: A,
  ...others: readonly unknown[]
): A => {
  const [leaves, structure] = flatten(tree)
  const rest = others.map((other) => {
    const [found, nested] = flatten(other)
    if (!sameStructure(nested, structure))
      throw new Error('mapTree: got trees nested unlike the first; needs the same nesting')
    return found
  })
  return unflatten(
    structure,
    leaves.map((leaf, i) => f(leaf, ...rest.map((found) => found[i] as Value))),
  ) as A
}
