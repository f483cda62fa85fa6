/** What generated code refers to: values by name, and arrays of the arena that are made once. */
import { type DType, type Shape, sizeOf, type TensorType } from '@secant/linalg'
import type { Linked } from '@secant/linalg/wasm'
import { aligned } from './memory.ts'

export interface Linker {
  /** The name of a value. */
  readonly link: (value: unknown) => string
  readonly linkShape: (shape: Shape) => string
  /** A line that runs once, before the first call. */
  readonly once: (line: string) => void
  /** The name of a value that is made once, by its text. */
  readonly made: (text: string) => string
  /** An array in the arena. */
  readonly place: (name: string, type: TensorType, offset: number) => void
  readonly values: readonly unknown[]
  readonly lines: readonly string[]
  /** Bytes of the arena of their own, for as long as the program lives. */
  readonly reserve: (bytes: number) => number
  /** The name of where an area of at least so many bytes begins, which each call has until it returns. */
  readonly work: (bytes: number) => string
  readonly workStart: () => number
  /** How many bytes the arena has. */
  readonly arenaBytes: () => number
  /** The name of a function in WebAssembly. */
  readonly wasm: (name: string, linked: Linked) => string
  readonly functions: Readonly<Record<string, Linked>>
  /** A number that no other name has. */
  readonly fresh: () => number
}

export const arrayTypes: { readonly [K in DType]: string } = {
  float64: 'Float64Array',
  float32: 'Float32Array',
  int32: 'Int32Array',
  bool: 'Uint8Array',
}

/** Names for a program whose memory between loops takes so many bytes. */
export const linker = (planned: number): Linker => {
  const values: unknown[] = []
  const lines: string[] = []
  const names = new Map<unknown, string>()
  const shapes = new Map<string, Shape>()
  const texts = new Map<string, string>()
  const functions: Record<string, Linked> = {}
  let bytes = aligned(planned)
  let workBytes = 0
  let count = 0

  const link = (value: unknown): string => {
    const known = names.get(value)
    if (known !== undefined) return known
    const name = `k${values.length}`
    names.set(value, name)
    values.push(value)
    return name
  }
  const once = (line: string): void => void lines.push(line)
  return {
    link,
    linkShape: (shape) => {
      const known = shapes.get(shape.join()) ?? shape
      shapes.set(shape.join(), known)
      return link(known)
    },
    once,
    made: (text) => {
      const known = texts.get(text)
      if (known !== undefined) return known
      const name = `t${texts.size}`
      texts.set(text, name)
      once(`const ${name} = ${text}`)
      return name
    },
    place: (name, { dtype, shape }, offset) =>
      once(`const ${name} = new ${arrayTypes[dtype]}(arena, ${offset}, ${sizeOf(shape)})`),
    reserve: (size) => {
      const start = bytes
      bytes += aligned(size)
      return start
    },
    work: (size) => {
      workBytes = Math.max(workBytes, aligned(size))
      return 'work'
    },
    workStart: () => bytes,
    arenaBytes: () => bytes + workBytes,
    wasm: (name, linked) => {
      functions[name] = linked
      return `wasm.${name}`
    },
    functions,
    values,
    lines,
    fresh: () => count++,
  }
}
