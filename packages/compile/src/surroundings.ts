import type { Linker } from './linker.ts'
import type { Node } from './nodes.ts'
import type { WasmPart } from './wasm-block.ts'

/** The name of an array in the arena, and where it begins in bytes. */
export interface Resident {
  readonly array: string
  readonly at: number
}

/** Where a block stands. */
export interface Surroundings {
  readonly linker: Linker
  /** Where its memory begins in the arena. */
  readonly base: number
  /** The name of the place of its first entry, for arrays that are rows of longer ones. */
  readonly offsets: ReadonlyMap<string, string>
  readonly isInner: boolean
  /** Statements that are calls into WebAssembly. */
  readonly wasm: WasmPart | undefined
  /** Arrays in the arena for nodes that are not planned there. */
  readonly residents: ReadonlyMap<Node, Resident>
}
