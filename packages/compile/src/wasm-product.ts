/** Products in compiled programs as calls of kernels. */
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
import type { Linker } from './linker.ts'
import { bytesPerEntry } from './memory.ts'
import { innerLength, type Node, type NodeOf, type Operand } from './nodes.ts'

/** Where a node's entries begin in the arena, as text. */
export type PlaceOf = (node: Node) => string

export const multiplicationsOf = ({ args: [a], shape, transposeA }: NodeOf<'product'>): number =>
  sizeOf(shape) * innerLength(a as Operand, transposeA)

const kernelsOf = {
  float64: { matrices: { gemm }, relaxed: { gemmRelaxed }, rows: { gemv }, columns: { gemvT } },
  float32: {
    matrices: { gemmF32 },
    relaxed: { gemmRelaxedF32 },
    rows: { gemvF32 },
    columns: { gemvTF32 },
  },
} as const

const matrixText = (node: NodeOf<'product'>, linker: Linker, placeOf: PlaceOf, relaxed: boolean): string => {
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
  const work = linker.work(gemmWork(m, n, k))
  const gemmName = linked(relaxed ? kernels.relaxed : kernels.matrices)
  return `${gemmName}(${m}, ${n}, ${k}, 1, ${left}, ${right}, 0, ${placeOf(node)}, ${n}, ${work})`
}

/** How many products of matrices a stack of them has, and one of these. */
const stackOf = (node: NodeOf<'product'>): { readonly count: number; readonly matrix: NodeOf<'product'> } => {
  const last = ({ root, layout }: Operand): Operand => ({ root, layout: denseLayout(layout.shape.slice(-2)) })
  const matrix = { ...node, shape: node.shape.slice(-2), args: node.args.map(last) }
  return { count: sizeOf(node.shape.slice(0, -2)), matrix }
}

/** A product, or a stack of them, as a line that computes it. */
export const productText = (node: NodeOf<'product'>, linker: Linker, placeOf: PlaceOf, relaxed: boolean): string => {
  const { count, matrix } = stackOf(node)
  if (count === 1) return matrixText(matrix, linker, (each) => placeOf(each === matrix ? node : each), relaxed)
  const index = `i${linker.fresh()}_`
  const placeOfOne = (each: Node): string => {
    const whole = each === matrix ? node : each
    return `${placeOf(whole)} + ${index} * ${(sizeOf(whole.shape) / count) * bytesPerEntry[whole.dtype]}`
  }
  return `for (let ${index} = 0; ${index} < ${count}; ${index}++) ${matrixText(matrix, linker, placeOfOne, relaxed)}`
}
