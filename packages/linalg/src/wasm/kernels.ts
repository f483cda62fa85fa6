import { matmul, type Transposes } from '../matmul.ts'
import type { Tensor } from '../tensor.ts'
import { encodeModule, mostPages } from './assembler/module.ts'
import { createMemory, instantiate, type WasmMemory } from './host.ts'
import { cholesky } from './kernels/cholesky.ts'
import { exp, expm1, type LaneFunction, sigmoid, tanh } from './kernels/exponential.ts'
import { gemm, gemmWork } from './kernels/gemm.ts'
import { log, log1p } from './kernels/logarithm.ts'
import { lu } from './kernels/lu.ts'
import { mapOf } from './kernels/map.ts'
import { gemv, gemvT, ger } from './kernels/matvec.ts'
import { symv, syr2 } from './kernels/symmetric.ts'
import { trsm } from './kernels/triangular.ts'
import { cos, hostFunctions, sin } from './kernels/trigonometric.ts'
import { axpy, dot, nrm2, scal, sum } from './kernels/vector.ts'

/** Doubles in the memory of some kernels, at a place in bytes, until they are released. */
export interface Doubles {
  readonly at: number
  readonly length: number
  /** The numbers, to read and to write; taken anew after each `allocate`, because a memory that grows moves. */
  readonly view: () => Float64Array
}

/** How much of a product and of what was there goes into a result: α and β, 1 and 0 unless given. */
export interface Scales {
  readonly alpha?: number
  readonly beta?: number
}

type OneToOne = (x: Doubles, y: Doubles) => void

/** Kernels in one memory. Matrices are row-major without gaps; sides follow from the lengths of the vectors. */
export interface Kernels {
  readonly memory: WasmMemory
  /** Room for so many doubles, zeros, or a copy of an array. Fails (throws) beyond 2 GiB. */
  readonly allocate: (numbers: number | Float64Array) => Doubles
  /** Gives up all that was allocated. The memory stays as large as it grew; it goes with these kernels. */
  readonly release: () => void
  readonly dot: (x: Doubles, y: Doubles) => number
  readonly sum: (x: Doubles) => number
  readonly nrm2: (x: Doubles) => number
  readonly scal: (alpha: number, x: Doubles) => void
  /** y ← α x + y */
  readonly axpy: (alpha: number, x: Doubles, y: Doubles) => void
  /** y ← α A x + β y and y ← α Aᵀ x + β y */
  readonly gemv: (a: Doubles, x: Doubles, y: Doubles, scales?: Scales) => void
  readonly gemvT: (a: Doubles, x: Doubles, y: Doubles, scales?: Scales) => void
  /** A ← A + α x yᵀ */
  readonly ger: (alpha: number, x: Doubles, y: Doubles, a: Doubles) => void
  /** y ← α A x + β y, only the lower triangle of A being read */
  readonly symv: (a: Doubles, x: Doubles, y: Doubles, scales?: Scales) => void
  /** A ← A + α (x yᵀ + y xᵀ) */
  readonly syr2: (alpha: number, x: Doubles, y: Doubles, a: Doubles) => void
  /** C ← α A B + β C, `[m, k] · [k, n] → [m, n]` after transposing, for an inner length k. */
  readonly gemm: (a: Doubles, b: Doubles, c: Doubles, k: number, options?: Scales & Transposes) => void
  /** L in the place of A; the failing pivot or −1. */
  readonly cholesky: (a: Doubles) => number
  /** L and U in the place of A, and which row of A each row is. */
  readonly lu: (a: Doubles) => Int32Array
  /** X ← T⁻¹ X for a lower or an upper triangle T */
  readonly trsm: (
    t: Doubles,
    x: Doubles,
    triangle: { readonly lower: boolean; readonly unitDiagonal?: boolean },
  ) => void
  readonly exp: OneToOne
  readonly expm1: OneToOne
  readonly log: OneToOne
  readonly log1p: OneToOne
  readonly tanh: OneToOne
  readonly sigmoid: OneToOne
  readonly sin: OneToOne
  readonly cos: OneToOne
  /** linalg's own: copies in and out by itself, of any float dtype. */
  readonly matmul: (a: Tensor, b: Tensor, transposes?: Transposes) => Tensor
}

const maps = { exp, expm1, log, log1p, tanh, sigmoid, sin, cos } satisfies Readonly<Record<string, LaneFunction>>
const pageSize = 65_536

/**
 * The ready-made kernels for doubles, in a memory of their own that grows as needed. Fails (throws) where the engine has
 * no WebAssembly with SIMD, or may not compile.
 *
 * @example
 * const kernels = createKernels()
 * const x = kernels.allocate(Float64Array.of(3, 4))
 * kernels.nrm2(x) // => 5
 */
export const createKernels = (): Kernels => {
  const memory = createMemory()
  const linked = { dot, sum, nrm2, scal, axpy, gemv, gemvT, ger, symv, syr2, gemm, cholesky, lu, trsm }
  const mapped = Object.fromEntries(Object.entries(maps).map(([name, f]) => [name, mapOf(f)]))
  const { functions } = instantiate(encodeModule({ ...linked, ...mapped }), memory, hostFunctions)
  const live = new Set<Doubles>()
  let end = 0

  const run = (name: keyof typeof linked | keyof typeof maps, ...args: readonly number[]): number =>
    functions[name]?.(...args) as number
  const reserve = (bytes: number): number => {
    const missing = end + bytes - memory.buffer.byteLength
    if (missing > 0) {
      if (end + bytes > mostPages * pageSize) throw new Error(`kernels: got ${end + bytes} bytes; needs at most 2 GiB`)
      // By half at least, so that many small arrays do not copy the memory many times.
      const pages = Math.ceil(Math.max(missing, memory.buffer.byteLength / 2) / pageSize)
      memory.grow(Math.min(pages, mostPages - memory.buffer.byteLength / pageSize))
    }
    return end
  }
  const check = (operation: string, holds: boolean, ...areas: readonly Doubles[]): void => {
    for (const area of areas)
      if (!live.has(area)) throw new Error(`${operation}: got numbers that were released, or of other kernels`)
    if (!holds) {
      const lengths = areas.map(({ length }) => length).join(', ')
      throw new Error(`${operation}: got ${lengths} numbers; needs lengths that fit together`)
    }
  }
  const orderOf = (operation: string, a: Doubles): number => {
    const n = Math.round(Math.sqrt(a.length))
    check(operation, n * n === a.length, a)
    return n
  }
  const vectors = (operation: string, x: Doubles, y: Doubles): void => check(operation, x.length === y.length, x, y)
  const oneToOne =
    (name: keyof typeof maps): OneToOne =>
    (x, y) => {
      vectors(name, x, y)
      run(name, x.length, x.at, y.at)
    }

  return {
    memory,
    allocate: (numbers) => {
      const length = typeof numbers === 'number' ? numbers : numbers.length
      const at = reserve(8 * length)
      end = 16 * Math.ceil((at + 8 * length) / 16)
      const area: Doubles = {
        at,
        length,
        view: () => {
          check('view', true, area)
          return new Float64Array(memory.buffer, at, length)
        },
      }
      live.add(area)
      const view = area.view()
      if (typeof numbers === 'number') view.fill(0)
      else view.set(numbers)
      return area
    },
    release: () => {
      live.clear()
      end = 0
    },
    dot: (x, y) => {
      vectors('dot', x, y)
      return run('dot', x.length, x.at, y.at)
    },
    sum: (x) => {
      check('sum', true, x)
      return run('sum', x.length, x.at)
    },
    nrm2: (x) => {
      check('nrm2', true, x)
      return run('nrm2', x.length, x.at)
    },
    scal: (alpha, x) => {
      check('scal', true, x)
      run('scal', x.length, alpha, x.at)
    },
    axpy: (alpha, x, y) => {
      vectors('axpy', x, y)
      run('axpy', x.length, alpha, x.at, y.at)
    },
    gemv: (a, x, y, { alpha = 1, beta = 0 } = {}) => {
      check('gemv', a.length === x.length * y.length, a, x, y)
      run('gemv', y.length, x.length, alpha, a.at, x.length, x.at, beta, y.at)
    },
    gemvT: (a, x, y, { alpha = 1, beta = 0 } = {}) => {
      check('gemvT', a.length === x.length * y.length, a, x, y)
      run('gemvT', x.length, y.length, alpha, a.at, y.length, x.at, beta, y.at)
    },
    ger: (alpha, x, y, a) => {
      check('ger', a.length === x.length * y.length, x, y, a)
      run('ger', x.length, y.length, alpha, x.at, y.at, a.at, y.length)
    },
    symv: (a, x, y, { alpha = 1, beta = 0 } = {}) => {
      const n = orderOf('symv', a)
      check('symv', x.length === n && y.length === n, x, y)
      run('symv', n, alpha, a.at, n, x.at, beta, y.at)
    },
    syr2: (alpha, x, y, a) => {
      const n = orderOf('syr2', a)
      check('syr2', x.length === n && y.length === n, x, y)
      run('syr2', n, alpha, x.at, y.at, a.at, n, 0)
    },
    gemm: (a, b, c, k, { alpha = 1, beta = 0, transposeA = false, transposeB = false } = {}) => {
      const [m, n] = k === 0 ? [c.length, 1] : [a.length / k, b.length / k]
      check('gemm', Number.isInteger(m) && Number.isInteger(n) && c.length === m * n, a, b, c)
      const [aRow, aColumn] = transposeA ? [1, m] : [k, 1]
      const [bRow, bColumn] = transposeB ? [1, k] : [n, 1]
      const work = reserve(gemmWork(m, n, k))
      run('gemm', m, n, k, alpha, a.at, aRow, aColumn, b.at, bRow, bColumn, beta, c.at, n, work)
    },
    cholesky: (a) => {
      const n = orderOf('cholesky', a)
      return run('cholesky', n, a.at, n, reserve(gemmWork(n, n, n)))
    },
    lu: (a) => {
      const n = orderOf('lu', a)
      const order = reserve(8 * n + gemmWork(n, n, n))
      run('lu', n, a.at, n, order, order + 8 * n)
      return new Int32Array(memory.buffer, order, n).slice()
    },
    trsm: (t, x, { lower, unitDiagonal = false }) => {
      const n = orderOf('trsm', t)
      const columns = n === 0 ? 0 : x.length / n
      check('trsm', Number.isInteger(columns), t, x)
      const work = reserve(gemmWork(n, columns, n))
      run('trsm', n, columns, t.at, n, 1, Number(lower), Number(unitDiagonal), x.at, columns, work)
    },
    ...{ exp: oneToOne('exp'), expm1: oneToOne('expm1'), log: oneToOne('log'), log1p: oneToOne('log1p') },
    ...{ tanh: oneToOne('tanh'), sigmoid: oneToOne('sigmoid'), sin: oneToOne('sin'), cos: oneToOne('cos') },
    matmul,
  }
}
