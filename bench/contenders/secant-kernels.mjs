// The ready-made WebAssembly kernels on arrays that stay in their memory, for who wants the last copy gone.
import {
  createKernels,
  createMemory,
  encodeModule,
  gemm,
  gemmF32,
  gemmRelaxed,
  gemmRelaxedF32,
  gemmWork,
  hasRelaxedSimd,
  instantiate,
} from '@secant/linalg/wasm'
import { local } from './local.mjs'

/** A product in a module of its own, by a kernel for doubles or one for singles. */
const product =
  (gemms) =>
  ({ a, b }, { n, dtype }) => {
    const isDouble = dtype === 'float64'
    const [Kind, bytes] = isDouble ? [Float64Array, 8] : [Float32Array, 4]
    const size = 64 * Math.ceil((n * n * bytes) / 64)
    const memory = createMemory(3 * size + 2 * gemmWork(n, n, n) + 65_536)
    const { functions } = instantiate(encodeModule({ gemm: gemms[dtype] }), memory)
    const view = (place) => new Kind(memory.buffer, place * size, n * n)
    view(0).set(a.data)
    view(1).set(b.data)
    return [() => functions.gemm(n, n, n, 1, 0, n, 1, size, n, 1, 0, 2 * size, n, 3 * size), () => [view(2).slice()]]
  }

const one = (x) => [[x]]
const viewed = (place) => () => [place.view().slice()]

/** Fresh kernels for each workload, so that a memory holds one workload at most. */
const table = {
  matmul: product({ float64: gemm, float32: gemmF32 }),
  matvec: ({ a, x }) => {
    const k = createKernels()
    const [A, X, y] = [k.allocate(a.data), k.allocate(x.data), k.allocate(a.shape[0])]
    return [() => k.gemv(A, X, y), viewed(y)]
  },
  dot: ({ x, y }) => {
    const k = createKernels()
    const [X, Y] = [k.allocate(x.data), k.allocate(y.data)]
    return [() => k.dot(X, Y), one]
  },
  axpy: ({ alpha, x, y }) => {
    const k = createKernels()
    const [X, Y] = [k.allocate(x.data), k.allocate(y.data)]
    return [() => k.axpy(alpha, X, Y), viewed(Y)]
  },
  cholesky: ({ a }) => {
    const k = createKernels()
    const place = k.allocate(a.data)
    return [
      () => {
        place.view().set(a.data)
        k.cholesky(place)
      },
      () => {
        const [n] = a.shape
        return [place.view().map((entry, at) => (at % n > Math.floor(at / n) ? 0 : entry))]
      },
    ]
  },
}

export const secantKernels = local({
  name: 'Secant, kernels',
  note: '@secant/linalg/wasm: arrays stay in the memory; products of float32 in single precision throughout',
  table,
  knows: ({ kind, dtype }) => kind === 'matmul' || dtype === 'float64',
})

/** Fused multiply-add, where the engine has it: not the same bits on every machine, so nothing uses it unasked. */
export const secantRelaxed = local({
  name: 'Secant, kernels with FMA',
  note: 'relaxed SIMD, not reproducible across machines',
  table: { matmul: product({ float64: gemmRelaxed, float32: gemmRelaxedF32 }) },
  knows: () => hasRelaxedSimd(),
})
