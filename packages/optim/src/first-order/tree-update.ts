import { flatten, type Structure, sameStructure, sub, unflatten, type Value, type Values } from '@secant/autodiff'
import { sameShape, showShape } from '@secant/linalg'

/** An update of whole trees of parameters; a value is the smallest tree, so this is an `Update` as well. */
export interface TreeUpdate<S> {
  readonly name: string
  readonly init: <X>(x: X) => S
  readonly apply: <X>(state: S, gradients: X, x: X) => readonly [steps: X, state: S]
}

/** The leaves of parameters and of what lies in the same space, which is checked. */
export const leavesOf = (
  gradients: unknown,
  x: unknown,
): { readonly leaves: Values; readonly along: Values; readonly structure: Structure } => {
  const [leaves, structure] = flatten(x)
  const [along, nested] = flatten(gradients, leaves)
  if (!sameStructure(nested, structure))
    throw new Error('update: got gradients nested unlike the parameters; needs the same tree')
  along.forEach(({ shape }, i) => {
    const like = (leaves[i] as Value).shape
    if (!sameShape(shape, like))
      throw new Error(`update: got a gradient ${showShape(shape)}; needs ${showShape(like)}, as the parameter`)
  })
  return { leaves, along, structure }
}

/**
 * One step of training: the parameters after it, and the state. Numbers of the tree come back as values.
 *
 * @example
 * const update = byLeaf(sgd({ rate: 0.5 }))
 * const start = { a: tensor([1, 2]), b: scalar(3) }
 * const [{ a }] = stepTree(update)(update.init(start), { a: tensor([2, 2]), b: scalar(0) }, start)
 * toNested(a) // => [0, 1]
 */
export const stepTree =
  <S>(update: TreeUpdate<S>) =>
  <X>(state: S, gradients: X, x: X): readonly [x: X, state: S] => {
    const [steps, next] = update.apply(state, gradients, x)
    const { leaves, along, structure } = leavesOf(steps, x)
    const moved = leaves.map((leaf, i) => sub(leaf, along[i] as Value))
    return [unflatten(structure, moved) as X, next]
  }
