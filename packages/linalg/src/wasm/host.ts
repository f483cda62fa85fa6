/** The part of the engine's WebAssembly that is used here; it is looked for when it is needed, and may be missing. */

import { func } from './assembler/function.ts'
import { encodeModule, mostPages } from './assembler/module.ts'
import { f64x2 } from './assembler/simd.ts'

/** Memory of an instance: `buffer` is another one after it has grown. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer
  readonly grow: (pages: number) => number
}

export type WasmFunction = (...args: readonly number[]) => number

/** A compiled module, for any number of instances. */
export interface WasmModule {
  readonly kind?: never
}

interface Host {
  readonly validate: (bytes: Uint8Array) => boolean
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, WasmFunction>> }
  readonly Memory: new (limits: { readonly initial: number; readonly maximum: number }) => WasmMemory
}

const host = (): Host | undefined => (globalThis as { readonly WebAssembly?: Host }).WebAssembly

const present = (): Host => {
  const found = host()
  if (found === undefined) throw new Error('wasm: got an engine without WebAssembly; needs one with it')
  return found
}

/** Whether the engine takes a module; false where it has no WebAssembly. */
export const isValidModule = (bytes: Uint8Array): boolean => host()?.validate(bytes) ?? false

/** Compiles at once, on this thread. Fails (throws) on bytes that are no module. */
export const compileModule = (bytes: Uint8Array): WasmModule => new (present().Module)(bytes)

/** A memory of at least this many bytes, which can grow to 2 GiB. Fails (throws) where there is no room. */
export const createMemory = (bytes = 0): WasmMemory =>
  new (present().Memory)({ initial: Math.max(1, Math.ceil(bytes / 65_536)), maximum: mostPages })

export interface WasmInstance {
  readonly memory: WasmMemory
  readonly functions: Readonly<Record<string, WasmFunction>>
}

/** A module with a memory, its own unless given, and the functions that it imports, such as `{ sin: Math.sin }`. */
export const instantiate = (
  module: WasmModule | Uint8Array,
  memory: WasmMemory = createMemory(),
  functions: Readonly<Record<string, (x: number) => number>> = {},
): WasmInstance => {
  const compiled = module instanceof Uint8Array ? compileModule(module) : module
  const { exports } = new (present().Instance)(compiled, { env: { memory, ...functions } })
  return { memory, functions: exports }
}

/** Whether the engine has 128-bit SIMD. */
export const hasSimd = (): boolean =>
  isValidModule(encodeModule({ probe: func('probe', {}, 'v128', () => f64x2.splat(1)) }))

/** Whether the engine has relaxed SIMD, and with it a·b + c that may be rounded once. */
export const hasRelaxedSimd = (): boolean =>
  isValidModule(
    encodeModule({
      probe: func('probe', { a: 'v128' }, 'v128', ({ a }) => f64x2.relaxedMadd(a, a, a)),
    }),
  )
