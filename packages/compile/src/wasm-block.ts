/** Which statements of a program run in WebAssembly, and how JavaScript calls them. */
import { sizeOf } from '@secant/linalg'
import { type Block, sharedNodes } from './block.ts'
import type { Linker } from './linker.ts'
import { bytesPerEntry } from './memory.ts'
import type { Node, NodeOf } from './nodes.ts'
import { arrayOf, type Loop, neededEntries, type Statement, variableOf } from './statement.ts'
import { wasmLoop } from './wasm-loop.ts'
import { multiplicationsOf, type PlaceOf, productText } from './wasm-product.ts'
import { type WasmVariables, wasmVariables } from './wasm-variables.ts'

/** Statements in WebAssembly as lines that call them, and the nodes that have to lie in the arena for them. */
export interface WasmPart {
  readonly lines: ReadonlyMap<Statement, (placeOf: PlaceOf) => readonly string[]>
  readonly variables: ReadonlyMap<Statement, WasmVariables>
  /** Those that have no place in a plan or in another node's memory. */
  readonly touched: ReadonlySet<Node>
}

export interface WasmLimits {
  /** Loops over fewer entries stay in JavaScript. */
  readonly entries: number
  /** Values of few entries that would save less than so many calls of tanh stay in JavaScript. */
  readonly saved: number
  /** Products of fewer multiplications are called as they are. */
  readonly multiplications: number
  /** With fewer entries in all loops, a saved call counting as some of them, there is no module at all. */
  readonly total: number
  /** Whether products of matrices may be rounded once, which the engine has to know how to do. */
  readonly relaxed: boolean
}

export const worthwhile: WasmLimits = { entries: 32, saved: 4, multiplications: 2 ** 9, total: 2 ** 10, relaxed: false }
export const always: WasmLimits = { entries: 0, saved: 0, multiplications: 0, total: 0, relaxed: false }

/** A saved call gains 10 to 25 ns, an entry of a loop 0.5 ns or, with a function in it, 6. */
const entriesPerCall = 128

const entriesOf = ({ shape }: Loop): number => sizeOf(shape)

/** How often the blocks of a step run, as far as that is known. */
const timesOf = ({ control }: NodeOf<'control'>): number => (control.kind === 'repeat' ? control.length : 1)

interface Part extends WasmPart {
  /** Entries of all loops, as often as they run. */
  readonly total: number
}

export const wasmPart = (block: Block, linker: Linker, limits: WasmLimits): WasmPart | undefined => {
  const part = partOf(block, linker, limits)
  return part.total < limits.total || part.lines.size + part.variables.size === 0 ? undefined : part
}

const partOf = ({ schedule, statements, inner, plan }: Block, linker: Linker, limits: WasmLimits): Part => {
  const byName = new Map(schedule.graph.nodes.map((node) => [arrayOf(node), node]))
  const sizeOfArray = (array: string): 4 | 8 | undefined => {
    const size = bytesPerEntry[byName.get(array)?.dtype ?? 'bool']
    const isFloat = byName.get(array)?.dtype.startsWith('float') ?? false
    return isFloat ? (size as 4 | 8) : undefined
  }
  const lines = new Map<Statement, (placeOf: PlaceOf) => readonly string[]>()
  const variables = new Map<Statement, WasmVariables>()
  const touched = new Set<Node>()
  const needed = neededEntries(statements)
  let total = 0
  statements.forEach((statement) => {
    if (statement.kind === 'loop' && entriesOf(statement) >= limits.entries) {
      const name = `w${linker.fresh()}`
      const loop = wasmLoop(statement, name, sizeOfArray)
      if (loop === undefined) return
      total += entriesOf(statement)
      const nodes = loop.arrays.map((array) => byName.get(array) as Node)
      for (const node of nodes) touched.add(node)
      lines.set(statement, (placeOf) => {
        const call = linker.wasm(name, loop.func)
        const results = linker.reserve(8 * statement.folds.length)
        const given = [results, ...nodes.map(placeOf), ...loop.numbers]
        const folded = statement.folds.flatMap(({ node }, k) =>
          node.shape.every((length) => length === 1) ? [{ node, at: results / 8 + k }] : [],
        )
        return [
          `${call}(${given.join(', ')})`,
          ...folded.map(({ node, at }) => {
            const value = `doubles[${at}]`
            return `const ${variableOf(node, 0)} = ${node.dtype === 'float32' ? `Math.fround(${value})` : value}`
          }),
        ]
      })
    }
    if (statement.kind === 'variables') {
      const roots = needed(statement.entries).map(({ expression }) => expression)
      const code = wasmVariables(roots, `w${linker.fresh()}`)
      if (code === undefined || code.saved < limits.saved) return
      total += entriesPerCall * code.saved
      variables.set(statement, code)
    }
    if (statement.kind === 'call' && statement.node.kind === 'product') {
      const { node } = statement
      const multiplications = multiplicationsOf(node)
      if (multiplications < limits.multiplications) return
      total += multiplications
      const [a, b] = node.args.map(({ root }) => root) as [Node, Node]
      for (const each of [a, b, node]) touched.add(each)
      lines.set(statement, (placeOf) => [productText(node, linker, placeOf, limits.relaxed)])
    }
    if (statement.kind === 'control') {
      const { node, results } = statement
      const blocks = inner.get(node) as readonly Block[]
      blocks.forEach((block, k) => {
        const part = partOf(block, linker, limits)
        total += timesOf(node) * part.total
        for (const [inside, call] of part.lines) lines.set(inside, call)
        for (const [inside, code] of part.variables) variables.set(inside, code)
        const { inputs, outputs } = block.schedule.graph
        const shared = new Map(sharedNodes(node, results, block, k))
        const given = new Set<Node>([...inputs, ...outputs.map(({ root }) => root)])
        for (const each of part.touched) {
          const outside = given.has(each) ? shared.get(each) : each
          if (outside !== undefined) touched.add(outside)
        }
      })
    }
  })
  const unplanned = [...touched].filter((node) => !plan.offsets.has(node))
  return { lines, variables, touched: new Set(unplanned), total }
}
