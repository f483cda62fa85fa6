import { describe, expect, test } from 'vitest'
import * as wasm from '../src/wasm/index.ts'

/** A kernel, the lengths of its arrays in numbers, and its arguments from where these are. */
interface Edge {
  readonly kernel: wasm.Linked
  readonly lengths: readonly number[]
  readonly args: (places: readonly number[]) => readonly number[]
  readonly size?: 4 | 8
}

const at = (places: readonly number[], i: number): number => places[i] as number
const work = (m: number, n: number, k: number, size = 8): number => Math.ceil(wasm.gemmWork(m, n, k) / size)

const product = (kernel: wasm.Linked, size: 4 | 8, m: number, n: number, k: number, turned: boolean): Edge => ({
  kernel,
  size,
  lengths: [m * k, k * n, m * n, work(m, n, k, size)],
  args: (p) => [
    ...[m, n, k, 1, at(p, 0), ...(turned ? [1, m] : [k, 1])],
    ...[at(p, 1), ...(turned ? [1, k] : [n, 1]), 0, at(p, 2), n, at(p, 3)],
  ],
})

const edgesOf = (m: number, n: number): Readonly<Record<string, Edge>> => ({
  dot: { kernel: wasm.dot, lengths: [n, n], args: (p) => [n, ...p] },
  dotF32: { kernel: wasm.dotF32, lengths: [n, n], args: (p) => [n, ...p], size: 4 },
  axpy: { kernel: wasm.axpy, lengths: [n, n], args: (p) => [n, 1, ...p] },
  scal: { kernel: wasm.scal, lengths: [n], args: (p) => [n, 1, ...p] },
  sum: { kernel: wasm.sum, lengths: [n], args: (p) => [n, ...p] },
  nrm2: { kernel: wasm.nrm2, lengths: [n], args: (p) => [n, ...p] },
  nrm2F32: { kernel: wasm.nrm2F32, lengths: [n], args: (p) => [n, ...p], size: 4 },
  exp: { kernel: wasm.mapOf(wasm.exp), lengths: [n, n], args: (p) => [n, ...p] },
  gemv: { kernel: wasm.gemv, lengths: [m * n, n, m], args: (p) => [m, n, 1, at(p, 0), n, at(p, 1), 1, at(p, 2)] },
  gemvT: { kernel: wasm.gemvT, lengths: [m * n, m, n], args: (p) => [m, n, 1, at(p, 0), n, at(p, 1), 0, at(p, 2)] },
  ger: { kernel: wasm.ger, lengths: [m, n, m * n], args: (p) => [m, n, 1, ...p, n] },
  symv: { kernel: wasm.symv, lengths: [n * n, n, n], args: (p) => [n, 1, at(p, 0), n, at(p, 1), 0, at(p, 2)] },
  syr2: { kernel: wasm.syr2, lengths: [n, n, n * n], args: (p) => [n, 1, ...p, n, 0] },
  cholesky: { kernel: wasm.cholesky, lengths: [n * n, work(n, n, n)], args: (p) => [n, at(p, 0), n, at(p, 1)] },
  lu: {
    kernel: wasm.lu,
    lengths: [n * n, Math.ceil(n / 2), work(n, n, n)],
    args: (p) => [n, at(p, 0), n, at(p, 1), at(p, 2)],
  },
  trsm: {
    kernel: wasm.trsm,
    lengths: [n * n, n * m, work(n, m, n)],
    args: (p) => [n, m, at(p, 0), n, 1, 1, 0, at(p, 1), m, at(p, 2)],
  },
  gemm: product(wasm.gemm, 8, m, n, 5, false),
  gemmT: product(wasm.gemm, 8, m, n, 6, true),
  gemmF32: product(wasm.gemmF32, 4, m, n, 7, false),
  gemmTF32: product(wasm.gemmF32, 4, m, n, 9, true),
})

const memory = wasm.createMemory()
const end = 2 ** 20
memory.grow(end / 65_536 - 1)

describe.each([
  [1, 1],
  [3, 5],
  [4, 8],
  [7, 19],
  [5, 34],
])('nothing before and behind the arrays is read, m = %i and n = %i', (m, n) => {
  test.each(Object.entries(edgesOf(m, n)))('%s', (_, { kernel, lengths, args, size = 8 }) => {
    const run = wasm.instantiate(wasm.encodeModule({ kernel }), memory, wasm.hostFunctions).functions['kernel']
    // Each array once at the very end of the memory, and once at its very start: beyond lies a trap.
    for (let last = 0; last < lengths.length; last++) {
      const places: number[] = new Array(lengths.length)
      let next = end - size * (lengths[last] as number)
      places[last] = next
      for (const [i, length] of lengths.entries())
        if (i !== last) {
          next -= 8 * Math.ceil((size * length) / 8)
          places[i] = next
        }
      expect(next).toBeGreaterThanOrEqual(0)
      expect(() => run?.(...args(places))).not.toThrow()
      next = size * Math.ceil(lengths[last] as number)
      places[last] = 0
      for (const [i, length] of lengths.entries())
        if (i !== last) {
          next = 8 * Math.ceil(next / 8)
          places[i] = next
          next += size * length
        }
      expect(() => run?.(...args(places))).not.toThrow()
    }
  })
})
