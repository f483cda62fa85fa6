import type { Key } from './key.ts'
import { threefry } from './threefry.ts'

/**
 * 64 random bits for each entry of a tensor, as words. The counter of an entry is its row-major position, so longer
 * tensors begin with shorter ones: JAX calls this layout partitionable.
 */
export const bits64 = (key: Key, size: number): { readonly high: Uint32Array; readonly low: Uint32Array } => {
  const high = new Uint32Array(size)
  const low = new Uint32Array(size)
  for (let i = 0; i < size; i++) {
    const words = threefry(key, [0, i])
    high[i] = words[0]
    low[i] = words[1]
  }
  return { high, low }
}

/** 32 random bits for each entry of a tensor: the two words of its 64 folded into one. */
export const bits32 = (key: Key, size: number): Uint32Array => {
  const { high, low } = bits64(key, size)
  for (let i = 0; i < size; i++) low[i] = (low[i] as number) ^ (high[i] as number)
  return low
}
