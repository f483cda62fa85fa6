import { threefry, type Words } from './threefry.ts'

/**
 * Where random numbers come from: plain data, equal keys give equal numbers. Keys and bits are those of JAX ≥ 0.5 in its
 * default settings: threefry2x32, `jax_threefry_partitionable`.
 */
export type Key = Words

/**
 * The key of a seed: its 64-bit two's complement, as JAX's `random.key` with 64-bit integers on. Fails (throws) on
 * seeds that are not integers between −2⁵³ and 2⁵³.
 *
 * @example
 * key(2 ** 32 + 7) // => [1, 7]
 */
export const key = (seed: number): Key => {
  if (!Number.isSafeInteger(seed)) throw new Error(`key: got seed ${seed}; needs an integer between −2⁵³ and 2⁵³`)
  return [Math.floor(seed / 2 ** 32) >>> 0, seed >>> 0]
}

/**
 * The key of a parent and a number, such as the count of an epoch. Fails (throws) on numbers that are not integers in
 * [0, 2³²).
 */
export const foldIn = (parent: Key, data: number): Key => {
  if (data !== data >>> 0) throw new Error(`foldIn: got ${data}; needs an integer in [0, 2³²)`)
  return threefry(parent, [0, data])
}

/**
 * Independent keys, two unless a count is given. A key that was split is used up: its children go on. As in JAX's
 * partitionable layout `split(k, n)[i]` is `foldIn(k, i)`, so a key is either split or folded into. Fails (throws) on a
 * count that is not a whole number.
 *
 * @example
 * split(key(0)) // => [[1797259609, 2579123966], [928981903, 3453687069]]
 */
export const split: {
  (parent: Key): readonly [Key, Key]
  (parent: Key, count: number): readonly Key[]
} = (parent: Key, count: number = 2) => {
  if (count !== count >>> 0) throw new Error(`split: got count ${count}; needs an integer in [0, 2³²)`)
  return Array.from({ length: count }, (_, i) => foldIn(parent, i)) as readonly Key[] as readonly [Key, Key]
}
