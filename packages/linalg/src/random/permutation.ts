import { showShape, sizeOf } from '../shape.ts'
import { allocate, type Tensor } from '../tensor.ts'
import { bits32 } from './bits.ts'
import { type Key, split } from './key.ts'

/** Rounds of sorting after which no two entries are likely to have drawn the same bits in each: 3 log n / log 2³². */
const rounds = (count: number): number => Math.ceil((3 * Math.log(Math.max(1, count))) / Math.log(2 ** 32 - 1))

/** Which of the two words of a 64-bit integer is the low one: machines differ. */
const lowWord = new Uint32Array(BigUint64Array.of(1n).buffer).indexOf(1)

/** Places in the order of random bits, ties in their own: 64-bit integers with the place below the bits, sorted. */
const sortedPlaces = (key: Key, count: number): Int32Array => {
  const bits = bits32(key, count)
  const words = new Uint32Array(2 * count)
  for (let i = 0; i < count; i++) {
    words[2 * i + lowWord] = i
    words[2 * i + 1 - lowWord] = bits[i] as number
  }
  new BigUint64Array(words.buffer).sort()
  const places = new Int32Array(count)
  for (let i = 0; i < count; i++) places[i] = words[2 * i + lowWord] as number
  return places
}

const shuffled = (key: Key, count: number): Int32Array => {
  let order = Int32Array.from({ length: count }, (_, i) => i)
  let rest = key
  for (let round = rounds(count); round > 0; round--) {
    const [next, child] = split(rest)
    order = sortedPlaces(child, count).map((place) => order[place] as number)
    rest = next
  }
  return order
}

/**
 * The numbers below n, int32 `[n]`, or the slices of a tensor along its first axis, in random order. Orders are
 * equally likely but for ties, which keep their order: 32-bit numbers are sorted, repeatedly when there are many. Fails (throws) on a negative or fractional n and on a tensor without axes.
 *
 * @example
 * permutation(key(3), 5).data // => Int32Array.of(0, 4, 2, 1, 3)
 */
export const permutation = (key: Key, source: number | Tensor): Tensor => {
  if (typeof source === 'number') {
    if (source !== source >>> 0) throw new Error(`permutation: got ${source}; needs an integer of at least 0`)
    return { dtype: 'int32', shape: [source], data: shuffled(key, source) }
  }
  const { dtype, shape, data: from } = source
  const [count] = shape
  if (count === undefined) throw new Error(`permutation: got shape ${showShape(shape)}; needs at least one axis`)
  const data = allocate(dtype, from.length)
  const length = sizeOf(shape.slice(1))
  shuffled(key, count).forEach((slice, place) => {
    data.set(from.subarray(slice * length, (slice + 1) * length), place * length)
  })
  return { dtype, shape, data }
}
