/** Which statements of a program run in WebAssembly, and how JavaScript calls them. */
import { sizeOf } from '@secant/linalg'
import { gemm, gemmWork, gemv, gemvT } from '@secant/linalg/wasm'
import type { Block } from './block.ts'
import type { Linker } from './linker.ts'
import { bytesPerEntry } from './memory.ts'
import type { Node, NodeOf, Operand } from './nodes.ts'
import { arrayOf, type Loop, neededEntries, type Statement, variableOf } from './statement.ts'
import { wasmLoop } from './wasm-loop.ts'
import { type WasmVariables, wasmVariables } from './wasm-variables.ts'

/** Statements in WebAssembly as lines that call them, and the nodes that have to lie in the arena for them. */
export interface WasmPart {
  readonly lines: ReadonlyMap<Statement, () => readonly string[]>
  readonly variables: ReadonlyMap<Statement, WasmVariables>
  readonly touched: ReadonlySet<Node>
}

/** Where a node's entries begin in the arena. */
export type PlaceOf = (node: Node) => number

export interface WasmLimits {
  /** Loops over fewer entries stay in JavaScript. */
  readonly entries: number
  /** Values of few entries that would save less than so many calls of tanh stay in JavaScript. */
  readonly saved: number
  /** Products of fewer multiplications are called as they are. */
  readonly multiplications: number
  /** With fewer entries in all loops, a saved call counting as some of them, there is no module at all. */
  readonly total: number
}

export const worthwhile: WasmLimits = { entries: 64, saved: 4, multiplications: 2 ** 12, total: 2 ** 12 }
export const always: WasmLimits = { entries: 0, saved: 0, multiplications: 0, total: 0 }

/** A saved call gains 10 to 25 ns, an entry of a loop 0.5 ns or, with a function in it, 6. */
const entriesPerCall = 128

const entriesOf = ({ shape }: Loop): number => sizeOf(shape)

const multiplicationsOf = (node: NodeOf<'product'>): number => {
  const [a] = node.args as readonly [Operand]
  const k = a.layout.shape[node.transposeA ? 0 : 1] as number
  return node.shape.length === 2 && node.dtype === 'float64' ? sizeOf(node.shape) * k : -1
}

export const wasmPart = (
  { schedule, statements }: Block,
  linker: Linker,
  placeOf: PlaceOf,
  limits: WasmLimits,
): WasmPart | undefined => {
  const byName = new Map(schedule.graph.nodes.map((node) => [arrayOf(node), node]))
  const sizeOfArray = (array: string): 4 | 8 | undefined => {
    const size = bytesPerEntry[byName.get(array)?.dtype ?? 'bool']
    const isFloat = byName.get(array)?.dtype.startsWith('float') ?? false
    return isFloat ? (size as 4 | 8) : undefined
  }
  const lines = new Map<Statement, () => readonly string[]>()
  const variables = new Map<Statement, WasmVariables>()
  const touched = new Set<Node>()
  const needed = neededEntries(statements)
  let total = 0
  statements.forEach((statement, number) => {
    if (statement.kind === 'loop' && entriesOf(statement) >= limits.entries) {
      const loop = wasmLoop(statement, `w${number}`, sizeOfArray)
      if (loop === undefined) return
      total += entriesOf(statement)
      const nodes = loop.arrays.map((array) => byName.get(array) as Node)
      for (const node of nodes) touched.add(node)
      lines.set(statement, () => {
        const name = linker.wasm(`w${number}`, loop.func)
        const results = linker.reserve(8 * statement.folds.length)
        const given = [results, ...nodes.map(placeOf), ...loop.numbers]
        const folded = statement.folds.flatMap(({ node }, k) =>
          node.shape.every((length) => length === 1) ? [{ node, at: results / 8 + k }] : [],
        )
        return [
          `${name}(${given.join(', ')})`,
          ...folded.map(({ node, at }) => {
            const value = `doubles[${at}]`
            return `const ${variableOf(node, 0)} = ${node.dtype === 'float32' ? `Math.fround(${value})` : value}`
          }),
        ]
      })
    }
    if (statement.kind === 'variables') {
      const roots = needed(statement.entries).map(({ expression }) => expression)
      const code = wasmVariables(roots, `w${number}`)
      if (code === undefined || code.saved < limits.saved) return
      total += entriesPerCall * code.saved
      variables.set(statement, code)
    }
    if (statement.kind === 'call' && statement.node.kind === 'product') {
      const { node } = statement
      const multiplications = multiplicationsOf(node)
      if (multiplications < 0 || multiplications < limits.multiplications) return
      total += multiplications
      const [a, b] = node.args.map(({ root }) => root) as [Node, Node]
      for (const each of [a, b, node]) touched.add(each)
      lines.set(statement, () => [productText(node, linker, placeOf)])
    }
  })
  return total < limits.total || lines.size + variables.size === 0 ? undefined : { lines, variables, touched }
}

const productText = (node: NodeOf<'product'>, linker: Linker, placeOf: PlaceOf): string => {
  const [a, b] = node.args as readonly [Operand, Operand]
  const [m, n] = node.shape as readonly [number, number]
  const [rowsA, columnsA] = a.layout.shape as readonly [number, number]
  const columnsB = b.layout.shape[1] as number
  const k = node.transposeA ? rowsA : columnsA
  const [pa, pb, pc] = [placeOf(a.root), placeOf(b.root), placeOf(node)]
  if (n === 1) {
    const [name, kernel] = node.transposeA ? (['gemvT', gemvT] as const) : (['gemv', gemv] as const)
    return `${linker.wasm(name, kernel)}(${rowsA}, ${columnsA}, 1, ${pa}, ${columnsA}, ${pb}, 0, ${pc})`
  }
  const strides = (columns: number, turned: boolean): string => (turned ? `1, ${columns}` : `${columns}, 1`)
  const work = linker.reserve(gemmWork(m, n, k))
  const [left, right] = [strides(columnsA, node.transposeA), strides(columnsB, node.transposeB)]
  return `${linker.wasm('gemm', gemm)}(${m}, ${n}, ${k}, 1, ${pa}, ${left}, ${pb}, ${right}, 0, ${pc}, ${n}, ${work})`
}
