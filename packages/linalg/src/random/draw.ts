import type { State } from 'fp-ts/lib/State.js'
import { type Key, split } from './key.ts'

/** A random value that hands on a fresh key: `key => [value, next key]`. For short chains; long runs are loops. */
export type Draw<A> = State<Key, A>

/**
 * A sampler as a draw: the sampler gets one child of the key, whatever is drawn next starts from the other.
 *
 * @example
 * const [x, next] = drawing((k) => uniform(k, [3]))(key(0))
 * next // => split(key(0))[0]
 */
export const drawing =
  <A>(sample: (key: Key) => A): Draw<A> =>
  (key) => {
    const [next, child] = split(key)
    return [sample(child), next]
  }
