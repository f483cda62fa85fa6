import { equal, mapTree, sub, type Value, where } from '@secant/autodiff'
import { isTensor, scalar, zeros } from '@secant/linalg'
import type { Network } from './network.ts'

/** The state of a network, how many answers are still to be repeated, and the last one. */
export interface Held<H> {
  readonly inner: H
  readonly left: Value
  readonly last: Value
}

/** One of two trees of the same nesting. */
const choose = <A>(mask: Value, a: A, b: A): A => mapTree((leaf, other) => where(mask, leaf, other as Value), a, b)

/**
 * The network asked every `count`-th time only, at first and then after count − 1 repetitions of its answer, in which
 * its state rests: step sizes are held between. Where numbers are known it is not even computed; recorded or batched,
 * the answer is computed and not used.
 */
export const every = <T, H>(count: number, network: Network<T, H>): Network<T, Held<H>> => {
  if (!Number.isInteger(count) || count < 1) throw new Error(`every: got count = ${count}; needs a whole number ≥ 1`)
  return {
    name: count === 1 ? network.name : `${network.name} every ${count}`,
    start: network.start,
    init: (rows) => ({ inner: network.init(rows), left: scalar(0), last: zeros([rows]) }),
    apply: (theta, state, features) => {
      const asked = (): readonly [Value, Held<H>] => {
        const [last, inner] = network.apply(theta, state.inner, features)
        return [last, { inner, left: scalar(count - 1), last }]
      }
      const held: readonly [Value, Held<H>] = [state.last, { ...state, left: sub(state.left, 1) }]
      const isDue = equal(state.left, 0)
      if (isTensor(isDue)) return isDue.data[0] === 1 ? asked() : held
      return choose(isDue, asked(), held)
    },
  }
}
