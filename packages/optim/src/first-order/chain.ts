import { flatten, sameStructure, unflatten, type Value, type Values } from '@secant/autodiff'
import { sameShape } from '@secant/linalg'
import type { Monoid } from 'fp-ts/lib/Monoid.js'
import type { TreeUpdate } from './tree-update.ts'
import type { Update } from './update.ts'

/**
 * Updates one after another: the step of one is the gradient of the next. The state is the tuple of their states.
 *
 * @example
 * const update = chain(clippedByNorm(1), momentum({ rate: 0.1 }))
 * update.name // => 'clipped by norm 1 → momentum(0.1)'
 */
export function chain<S extends readonly unknown[]>(
  ...updates: { readonly [I in keyof S]: TreeUpdate<S[I]> }
): TreeUpdate<Readonly<S>>
export function chain<S extends readonly unknown[]>(
  ...updates: { readonly [I in keyof S]: Update<S[I]> }
): Update<Readonly<S>>
export function chain<S extends readonly unknown[]>(
  ...updates: { readonly [I in keyof S]: Update<S[I]> }
): Update<Readonly<S>> {
  return {
    name: updates.map(({ name }) => name).join(' → '),
    init: (x) => updates.map(({ init }) => init(x)) as unknown as S,
    apply: (states, gradient, x) => {
      let step = gradient
      const next = updates.map(({ apply }, i) => {
        const [out, state] = apply(states[i], step, x)
        step = out
        return state
      })
      return [step, next as unknown as S]
    },
  }
}

/** The update that leaves gradients as they are. */
export const identity: TreeUpdate<readonly []> = {
  name: 'identity',
  init: () => [],
  apply: (state, gradients) => [gradients, state],
}

/**
 * The same update with its state as the flat list of the values in it, so that updates of all kinds have one type.
 * Fails (throws) when it is handed a list that does not fit its state.
 *
 * @example
 * const update = flatState(adam())
 * update.init(tensor([1, 2])).map(({ shape }) => shape) // => [[2], [], [], [2], []]
 */
export const flatState = <S>(update: Update<S>): Update<Values> => ({
  name: update.name,
  init: (x) => flatten(update.init(x))[0],
  apply: (state, gradient, x) => {
    const [like, structure] = flatten(update.init(x))
    const fits = ({ dtype, shape }: Value, i: number): boolean =>
      dtype === like[i]?.dtype && sameShape(shape, like[i].shape)
    if (state.length !== like.length || !state.every(fits))
      throw new Error(`${update.name}: got the state of another update; needs what its init gives`)
    const [step, next] = update.apply(unflatten(structure, state) as S, gradient, x)
    const [values, found] = flatten(next)
    if (!sameStructure(found, structure))
      throw new Error(`${update.name}: got a state nested unlike the first; needs the same tree at every step`)
    return [step, values]
  },
})

/** Chains as a monoid: associative, with the update that changes nothing as its identity. */
export const updateMonoid: Monoid<Update<Values>> = {
  empty: flatState(identity),
  concat: (a, b) => flatState(chain(a, b)),
}
