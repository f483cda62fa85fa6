/** Kernels for linalg's own calls: compiled when they are first wanted, absent where the engine will not have them. */
import type { Linked } from './assembler/function.ts'
import { encodeModule } from './assembler/module.ts'
import {
  compileModule,
  createMemory,
  instantiate,
  type WasmFunction,
  type WasmInstance,
  type WasmMemory,
  type WasmModule,
} from './host.ts'

/** What a call may use: memory as it is now, kernels, and where its arrays start in bytes. */
export interface Room {
  readonly buffer: ArrayBuffer
  readonly functions: Readonly<Record<string, WasmFunction>>
  readonly places: readonly number[]
}

/** Runs a body with room for arrays of so many bytes each; undefined, and nothing run, where there is no WebAssembly or no room. */
export type Lazily = <A>(sizes: readonly number[], body: (room: Room) => A) => A | undefined

/** Up to this many bytes are kept between calls; a call that needs more gets a memory that goes with it. */
const mostKept = 2 ** 26

/** Shared by all modules: no call leaves anything in it. */
let shared: WasmMemory | undefined

/** The result, or undefined for what the engine refuses: code by its policy, memory for want of room. */
const attempt = <A>(make: () => A): A | undefined => {
  try {
    return make()
  } catch {
    return undefined
  }
}

/** A module of its own, so that each is small enough for engines that compile only small ones at once. */
export const lazily = (exports: Readonly<Record<string, Linked>>): Lazily => {
  let compiled: { readonly module: WasmModule | undefined } | undefined
  let kept: WasmInstance | undefined
  return (sizes, body) => {
    compiled ??= { module: attempt(() => compileModule(encodeModule(exports))) }
    const { module } = compiled
    if (module === undefined) return undefined
    const places: number[] = []
    let end = 0
    for (const size of sizes) {
      places.push(end)
      end += 16 * Math.ceil(size / 16)
    }
    const instance = attempt(() => {
      if (end > mostKept) return instantiate(module, createMemory(end))
      shared ??= createMemory(end)
      const missing = end - shared.buffer.byteLength
      if (missing > 0) shared.grow(Math.ceil(missing / 65_536))
      kept ??= instantiate(module, shared)
      return kept
    })
    return instance && body({ buffer: instance.memory.buffer, functions: instance.functions, places })
  }
}
