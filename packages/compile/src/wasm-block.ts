/** Which statements of a program run in WebAssembly, and how JavaScript calls them. */
import { sizeOf } from '@secant/linalg'
import {
  gemm,
  gemmF32,
  gemmRelaxed,
  gemmRelaxedF32,
  gemmWork,
  gemv,
  gemvF32,
  gemvT,
  gemvTF32,
  type Linked,
} from '@secant/linalg/wasm'
import type { Block } from './block.ts'
import type { Linker } from './linker.ts'
import { bytesPerEntry } from './memory.ts'
import { innerLength, type Node, type NodeOf, type Operand } from './nodes.ts'
import { arrayOf, type Loop, type Statement, variableOf } from './statement.ts'
import { wasmLoop } from './wasm-loop.ts'

/** Statements in WebAssembly as lines that call them, and the nodes that have to lie in the arena for them. */
export interface WasmPart {
  readonly lines: ReadonlyMap<Statement, () => readonly string[]>
  readonly touched: ReadonlySet<Node>
}

/** Where a node's entries begin in the arena. */
export type PlaceOf = (node: Node) => number

export interface WasmLimits {
  /** Loops over fewer entries stay in JavaScript. */
  readonly entries: number
  /** Products of fewer multiplications are called as they are. */
  readonly multiplications: number
  /** With fewer entries in all loops, there is no module at all. */
  readonly total: number
  /** Whether products of matrices may be rounded once, which the engine has to know how to do. */
  readonly relaxed?: boolean
}

export const worthwhile: WasmLimits = { entries: 32, multiplications: 2 ** 9, total: 2 ** 10 }
export const always: WasmLimits = { entries: 0, multiplications: 0, total: 0 }

const entriesOf = ({ shape }: Loop): number => sizeOf(shape)

const multiplicationsOf = (node: NodeOf<'product'>): number => {
  const [a] = node.args as readonly [Operand]
  return node.shape.length === 2 ? sizeOf(node.shape) * innerLength(a, node.transposeA) : -1
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
  const touched = new Set<Node>()
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
    if (statement.kind === 'call' && statement.node.kind === 'product') {
      const { node } = statement
      const multiplications = multiplicationsOf(node)
      if (multiplications < 0 || multiplications < limits.multiplications) return
      total += multiplications
      const [a, b] = node.args.map(({ root }) => root) as [Node, Node]
      for (const each of [a, b, node]) touched.add(each)
      lines.set(statement, () => [productText(node, linker, placeOf, limits.relaxed)])
    }
  })
  return total < limits.total || lines.size === 0 ? undefined : { lines, touched }
}

const kernelsOf = {
  float64: { matrices: { gemm }, relaxed: { gemmRelaxed }, rows: { gemv }, columns: { gemvT } },
  float32: {
    matrices: { gemmF32 },
    relaxed: { gemmRelaxedF32 },
    rows: { gemvF32 },
    columns: { gemvTF32 },
  },
} as const

const productText = (node: NodeOf<'product'>, linker: Linker, placeOf: PlaceOf, relaxed = false): string => {
  const { transposeA, transposeB } = node
  const [a, b] = node.args as readonly [Operand, Operand]
  const [m, n] = node.shape as readonly [number, number]
  const columnsOf = ({ layout }: Operand): number => layout.shape[1] as number
  const kernels = kernelsOf[node.dtype === 'float32' ? 'float32' : 'float64']
  const linked = (kernel: Readonly<Record<string, Linked>>): string => {
    const [[name, each]] = Object.entries(kernel) as [[string, Linked]]
    return linker.wasm(name, each)
  }
  /** Sums along the rows of a matrix, or down its columns. */
  const withVector = (matrix: Operand, isDown: boolean, vector: Operand): string => {
    const [rows, columns] = [matrix.layout.shape[0], columnsOf(matrix)]
    const places = `${placeOf(matrix.root)}, ${columns}, ${placeOf(vector.root)}, 0, ${placeOf(node)}`
    return `${linked(isDown ? kernels.columns : kernels.rows)}(${rows}, ${columns}, 1, ${places})`
  }
  if (n === 1) return withVector(a, transposeA, b)
  if (m === 1) return withVector(b, !transposeB, a)
  const k = innerLength(a, transposeA)
  const strides = (columns: number, turned: boolean): string => (turned ? `1, ${columns}` : `${columns}, 1`)
  const left = `${placeOf(a.root)}, ${strides(columnsOf(a), transposeA)}`
  const right = `${placeOf(b.root)}, ${strides(columnsOf(b), transposeB)}`
  const work = linker.reserve(gemmWork(m, n, k))
  const gemmName = linked(relaxed ? kernels.relaxed : kernels.matrices)
  return `${gemmName}(${m}, ${n}, ${k}, 1, ${left}, ${right}, 0, ${placeOf(node)}, ${n}, ${work})`
}
