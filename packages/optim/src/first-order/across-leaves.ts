import { concatenate, flatten, reshape, slice, unflatten, type Value, type Values } from '@secant/autodiff'
import { sizeOf } from '@secant/linalg'
import { leavesOf, type TreeUpdate } from './tree-update.ts'
import type { Update } from './update.ts'

/** Leaves one after another, `[n]`. */
const joined = (leaves: Values): Value => concatenate(leaves.map((leaf) => reshape(leaf, [sizeOf(leaf.shape)])))

/** A vector cut into leaves of the given shapes; the inverse of `joined`. */
const cut = (x: Value, like: Values): Values => {
  let end = 0
  return like.map(({ shape }) => {
    const start = end
    end += sizeOf(shape)
    return reshape(slice(x, [start], [end]), shape)
  })
}

/**
 * An update that sees all leaves of a tree as one vector; `acrossLeaves(clippedByNorm(1))` clips the norm of the whole
 * gradient. Fails (throws) where leaves differ in dtype.
 */
export const acrossLeaves = <S>(update: Update<S>): TreeUpdate<S> => ({
  name: update.name,
  init: (x) => update.init(joined(flatten(x)[0])),
  apply: <X>(state: S, gradients: X, x: X) => {
    const { leaves, along, structure } = leavesOf(gradients, x)
    const [step, next] = update.apply(state, joined(along), joined(leaves))
    return [unflatten(structure, cut(step, leaves)) as X, next]
  },
})

/**
 * An update of trees like the given one, as an update of vectors `[n]`: what `minimize` works on. The other way round
 * from `acrossLeaves`.
 *
 * @example
 * const f = (x: { a: Value; b: Value }): Value => add(sum(square(x.a)), sum(square(x.b)))
 * const start = { a: ones([2, 2]), b: ones([2]) }
 * const method = descend(following(onVector(byLeaf(shampoo({ rate: 0.5 })), start)), fixed(1))
 * item(f(minimize(f, start, { method, maxIterations: 50 }).x)) < 1e-3 // => true
 */
export const onVector = <S>(update: TreeUpdate<S>, like: unknown): Update<S> => {
  const [leaves, structure] = flatten(like)
  const treeOf = (x: Value): unknown => unflatten(structure, cut(x, leaves))
  return {
    name: update.name,
    init: (x) => update.init(treeOf(x)),
    apply: (state, gradient, x) => {
      const [steps, next] = update.apply(state, treeOf(gradient), treeOf(x))
      return [joined(flatten(steps)[0]), next]
    },
  }
}
