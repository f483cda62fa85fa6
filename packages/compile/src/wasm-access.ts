/** Two entries of an array at once, as doubles, however far they lie from each other. */
import { all, type Code, f32x4, f64x2, i32, type Local, local, v128 } from '@secant/linalg/wasm'

type V128 = Code<'v128'>
type I32 = Code<'i32'>

/** Bytes of a float. */
export type Size = 4 | 8

const instructions = {
  8: { load: v128.load, splat: v128.load64Splat, loadLane: v128.load64Lane, storeLane: v128.store64Lane },
  4: { load: v128.load64Zero, splat: v128.load32Splat, loadLane: v128.load32Lane, storeLane: v128.store32Lane },
} as const

const widened = (size: Size, value: V128): V128 => (size === 8 ? value : f64x2.promoteLow(value))
const narrowed = (size: Size, value: V128): V128 => (size === 8 ? value : f32x4.demoteZero(value))

/** An address some bytes behind one, as what an instruction takes: its own offsets are not negative. */
const behind = (place: Local<'i32'>, bytes: number): readonly [address: I32, offset: number] =>
  bytes >= 0 ? [place, bytes] : [i32.add(place, bytes), 0]

/** The entries at an address and `bytes` behind it. */
export const readPair = (size: Size, address: I32, bytes: number): V128 => {
  const { load, splat, loadLane } = instructions[size]
  if (bytes === 0) return widened(size, splat(address))
  if (bytes === size) return widened(size, load(address))
  const place = local('i32')
  return widened(size, loadLane(place.tee(address), splat(...behind(place, bytes)), 0))
}

export const storePair = (size: Size, address: I32, bytes: number, value: V128): Code<'none'> => {
  const { storeLane } = instructions[size]
  if (bytes === size) return size === 8 ? v128.store(address, value) : v128.store64Lane(address, narrowed(4, value), 0)
  const [place, pair] = [local('i32'), local('v128')]
  const [second, offset] = behind(place, bytes)
  return all([
    pair.set(narrowed(size, value)),
    storeLane(place.tee(address), pair, 0),
    storeLane(second, pair, 1, offset),
  ])
}

/** The first of two entries alone. */
export const storeOne = (size: Size, address: I32, value: V128): Code<'none'> =>
  instructions[size].storeLane(address, narrowed(size, value), 0)
