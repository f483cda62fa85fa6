import { flatten, type Structure, unflatten, type Value } from '@secant/autodiff'
import { leavesOf, type TreeUpdate } from './tree-update.ts'
import type { Update } from './update.ts'

/** Where a leaf hangs in its tree: keys of objects and places in arrays, from the root. */
export type Path = readonly (string | number)[]

const pathsOf = (structure: Structure, path: Path = []): readonly Path[] => {
  if (structure.kind === 'leaf') return [path]
  if (structure.kind === 'nothing') return []
  const keys: Path = structure.kind === 'array' ? structure.items.map((_, i) => i) : structure.keys
  return structure.items.flatMap((item, i) => pathsOf(item, [...path, keys[i] as string | number]))
}

/**
 * To each leaf the update chosen for its path; gradients pass unchanged where none is. The state is the list of the
 * states of the leaves that have one.
 *
 * @example
 * const update = byPath((path) => (path.at(-1) === 'bias' ? sgd({ rate: 1 }) : sgd({ rate: 0.1 })))
 * const x = [{ weight: scalar(1), bias: scalar(1) }]
 * item(update.apply(update.init(x), x, x)[0][0].weight) // => 0.1
 */
export const byPath = <S>(
  choose: (path: Path) => Update<S> | undefined,
  name = 'by path',
): TreeUpdate<readonly S[]> => ({
  name,
  init: (x) => {
    const [leaves, structure] = flatten(x)
    return pathsOf(structure).flatMap((path, i) => {
      const update = choose(path)
      return update === undefined ? [] : [update.init(leaves[i] as Value)]
    })
  },
  apply: <X>(states: readonly S[], gradients: X, x: X) => {
    const { leaves, along, structure } = leavesOf(gradients, x)
    const next: S[] = []
    const steps = pathsOf(structure).map((path, i) => {
      const gradient = along[i] as Value
      const update = choose(path)
      if (update === undefined) return gradient
      const [step, state] = update.apply(states[next.length] as S, gradient, leaves[i] as Value)
      next.push(state)
      return step
    })
    return [unflatten(structure, steps) as X, next]
  },
})

/** The same update for each leaf, each with a state of its own. */
export const byLeaf = <S>(update: Update<S>): TreeUpdate<readonly S[]> => byPath(() => update, `${update.name} by leaf`)

/**
 * An update for the leaves whose path is selected; the other gradients pass unchanged.
 *
 * @example
 * const decay = masked(weightDecay(0.1), (path) => path.at(-1) !== 'bias')
 * const x = { weight: scalar(1), bias: scalar(1) }
 * const [{ weight, bias }] = decay.apply(decay.init(x), { weight: scalar(0), bias: scalar(0) }, x)
 * stack([weight, bias]) // => tensor([0.1, 0])
 */
export const masked = <S>(update: Update<S>, selected: (path: Path) => boolean): TreeUpdate<readonly S[]> =>
  byPath((path) => (selected(path) ? update : undefined), `${update.name} masked`)
