import type { Linker } from './linker.ts'
import type { Node } from './nodes.ts'
import type { WasmPart } from './wasm-block.ts'

/** Where a block stands. */
export interface Surroundings {
  readonly linker: Linker
  /** Where its memory begins in the arena. */
  readonly base: number
  /** The name of the place of its first entry, for arrays that are rows of longer ones. */
  readonly offsets: ReadonlyMap<string, string>
  readonly isInner: boolean
  /** Statements that are calls into WebAssembly. */
  readonly wasm?: WasmPart | undefined
  /** The array of a node that lies in the arena although it is not planned. */
  readonly resident?: ((node: Node) => string | undefined) | undefined
}
