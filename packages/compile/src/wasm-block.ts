/** Which statements of a program run in WebAssembly, and how JavaScript calls them. */
import { denseLayout } from '@secant/autodiff'
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
import { type Block, sharedNodes } from './block.ts'
import type { Linker } from './linker.ts'
import { bytesPerEntry } from './memory.ts'
import { innerLength, type Node, type NodeOf, type Operand } from './nodes.ts'
import { arrayOf, type Loop, type Statement, variableOf } from './statement.ts'
import { wasmLoop } from './wasm-loop.ts'

/** Statements in WebAssembly as lines that call them, and the nodes that have to lie in the arena for them. */
export interface WasmPart {
  readonly lines: ReadonlyMap<Statement, (placeOf: PlaceOf) => readonly string[]>
  /** Those that have no place in a plan or in another node's memory. */
  readonly touched: ReadonlySet<Node>
}

/** Where a node's entries begin in the arena, as text. */
export type PlaceOf = (node: Node) => string

export interface WasmLimits {
  /** Loops over fewer entries stay in JavaScript. */
  readonly entries: number
  /** Products of fewer multiplications are called as they are. */
  readonly multiplications: number
  /** With fewer entries in all loops, there is no module at all. */
  readonly total: number
  /** Whether products of matrices may be rounded once, which the engine has to know how to do. */
  readonly relaxed: boolean
}

export const worthwhile: WasmLimits = { entries: 32, multiplications: 2 ** 9, total: 2 ** 10, relaxed: false }
export const always: WasmLimits = { entries: 0, multiplications: 0, total: 0, relaxed: false }

const entriesOf = ({ shape }: Loop): number => sizeOf(shape)

const multiplicationsOf = ({ args: [a], shape, transposeA }: NodeOf<'product'>): number =>
  sizeOf(shape) * innerLength(a as Operand, transposeA)

/** How often the blocks of a step run, as far as that is known. */
const timesOf = ({ control }: NodeOf<'control'>): number => (control.kind === 'repeat' ? control.length : 1)

interface Part extends WasmPart {
  /** Entries of all loops, as often as they run. */
  readonly total: number
}

export const wasmPart = (block: Block, linker: Linker, limits: WasmLimits): WasmPart | undefined => {
  const part = partOf(block, linker, limits)
  return part.total < limits.total || part.lines.size === 0 ? undefined : part
}

const partOf = ({ schedule, statements, inner, plan }: Block, linker: Linker, limits: WasmLimits): Part => {
  const byName = new Map(schedule.graph.nodes.map((node) => [arrayOf(node), node]))
  const sizeOfArray = (array: string): 4 | 8 | undefined => {
    const size = bytesPerEntry[byName.get(array)?.dtype ?? 'bool']
    const isFloat = byName.get(array)?.dtype.startsWith('float') ?? false
    return isFloat ? (size as 4 | 8) : undefined
  }
  const lines = new Map<Statement, (placeOf: PlaceOf) => readonly string[]>()
  const touched = new Set<Node>()
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
    if (statement.kind === 'call' && statement.node.kind === 'product') {
      const { node } = statement
      const multiplications = multiplicationsOf(node)
      if (multiplications < limits.multiplications) return
      total += multiplications
      const [a, b] = node.args.map(({ root }) => root) as [Node, Node]
      for (const each of [a, b, node]) touched.add(each)
      lines.set(statement, (placeOf) => [stackText(node, linker, placeOf, limits.relaxed)])
    }
    if (statement.kind === 'control') {
      const { node, results } = statement
      const blocks = inner.get(node) as readonly Block[]
      blocks.forEach((block, k) => {
        const part = partOf(block, linker, limits)
        total += timesOf(node) * part.total
        for (const [inside, call] of part.lines) lines.set(inside, call)
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
  return { lines, touched: new Set(unplanned), total }
}

/** How many products of matrices a stack of them has, and one of these. */
const stackOf = (node: NodeOf<'product'>): { readonly count: number; readonly matrix: NodeOf<'product'> } => {
  const last = ({ root, layout }: Operand): Operand => ({ root, layout: denseLayout(layout.shape.slice(-2)) })
  const matrix = { ...node, shape: node.shape.slice(-2), args: node.args.map(last) }
  return { count: sizeOf(node.shape.slice(0, -2)), matrix }
}

const stackText = (node: NodeOf<'product'>, linker: Linker, placeOf: PlaceOf, relaxed: boolean): string => {
  const { count, matrix } = stackOf(node)
  if (count === 1) return productText(matrix, linker, (each) => placeOf(each === matrix ? node : each), relaxed)
  const index = `i${linker.fresh()}_`
  const placeOfOne = (each: Node): string => {
    const whole = each === matrix ? node : each
    return `${placeOf(whole)} + ${index} * ${(sizeOf(whole.shape) / count) * bytesPerEntry[whole.dtype]}`
  }
  return `for (let ${index} = 0; ${index} < ${count}; ${index}++) ${productText(matrix, linker, placeOfOne, relaxed)}`
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

const productText = (node: NodeOf<'product'>, linker: Linker, placeOf: PlaceOf, relaxed: boolean): string => {
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
