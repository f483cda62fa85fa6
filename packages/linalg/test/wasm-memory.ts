import { createMemory, encodeModule, instantiate, type Linked, type WasmFunction } from '../src/wasm/index.ts'

type Floats = Float64Array | Float32Array

/** A module of some kernels, and a way of laying out what they work on between guards that must not change. */
export interface Bench {
  readonly run: (name: string, ...args: readonly number[]) => number
  /** Copies arrays in and gives their places; what lies between them is filled with a mark. */
  readonly place: (...arrays: readonly Floats[]) => readonly number[]
  /** The array at a place, as long as the one given. */
  readonly read: <A extends Floats>(at: number, like: A) => A
  /** Whether nothing between the arrays of the last `place` was written to. */
  readonly intact: () => boolean
}

const guard = 64
const mark = 0xa7

export const benchOf = (
  exports: Readonly<Record<string, Linked>>,
  host: Readonly<Record<string, WasmFunction>> = {},
  bytes = 2 ** 25,
): Bench => {
  const { functions, memory } = instantiate(encodeModule(exports), createMemory(bytes), host)
  const all = new Uint8Array(memory.buffer)
  let gaps: (readonly [from: number, to: number])[] = []
  return {
    run: (name, ...args) => {
      const f = functions[name]
      if (f === undefined) throw new Error(`test: got no kernel ${name}`)
      return f(...args)
    },
    place: (...arrays) => {
      let next = 0
      gaps = []
      const gap = (size: number): void => {
        all.fill(mark, next, next + size)
        gaps.push([next, next + size])
        next += size
      }
      const places = arrays.map((array) => {
        gap(guard)
        const at = next
        all.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
        next += array.byteLength
        gap((8 - (next % 8)) % 8)
        return at
      })
      gap(guard)
      return places
    },
    read: (at, like) => {
      const copy = like.slice() as typeof like
      new Uint8Array(copy.buffer).set(all.subarray(at, at + copy.byteLength))
      return copy
    },
    intact: () => gaps.every(([from, to]) => all.subarray(from, to).every((byte) => byte === mark)),
  }
}
