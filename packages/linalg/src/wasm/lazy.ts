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

/** A memory of up to this many bytes serves one call after the other; a call that needs more gets one that goes with it. */
const mostKept = 2 ** 26

/** One memory for the modules that were called since it was made. No call leaves anything in it. */
interface Shared {
  readonly memory: WasmMemory
  readonly instances: Map<WasmModule, WasmInstance>
}

/** Held weakly: an engine keeps it while the present job runs, and the collector may have it afterwards. */
let shared: WeakRef<Shared> | undefined

const sharedFor = (bytes: number): Shared => {
  const known = shared?.deref()
  if (known === undefined) {
    const fresh: Shared = { memory: createMemory(bytes), instances: new Map() }
    shared = new WeakRef(fresh)
    return fresh
  }
  const missing = bytes - known.memory.buffer.byteLength
  if (missing > 0) known.memory.grow(Math.ceil(missing / 65_536))
  return known
}

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
      const { memory, instances } = sharedFor(end)
      const instance = instances.get(module) ?? instantiate(module, memory)
      instances.set(module, instance)
      return instance
    })
    return instance && body({ buffer: instance.memory.buffer, functions: instance.functions, places })
  }
}
