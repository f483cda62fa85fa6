import { describe, expect, test } from 'vitest'
import { unitRoundoff } from '../src/index.ts'
import { gemm, gemmF32, gemmWork } from '../src/wasm/index.ts'
import { benchOf } from './wasm-memory.ts'

const bench = benchOf({ float64: gemm, float32: gemmF32 })

type Floats = Float64Array | Float32Array

const make = (dtype: 'float64' | 'float32', size: number, entry: (i: number) => number): Floats =>
  dtype === 'float64'
    ? Float64Array.from({ length: size }, (_, i) => entry(i))
    : Float32Array.from({ length: size }, (_, i) => entry(i))

const scattered =
  (seed: number) =>
  (i: number): number =>
    Math.sin(12.9898 * (i + 1) ** 1.3 + 78.233 * seed) * 2 ** ((i * 7) % 5)

interface Case {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly turnedA?: boolean
  readonly turnedB?: boolean
  readonly alpha?: number
  readonly beta?: number
  /** How much longer rows are in memory than they need to be. */
  readonly slack?: number
}

/** Runs the kernel with guards round everything, and checks every entry against the definition and its bound. */
const expectProduct = (
  dtype: 'float64' | 'float32',
  { m, n, k, turnedA = false, turnedB = false, alpha = 1, beta = 0, slack = 0 }: Case,
): void => {
  const [rowA, rowB, rowC] = [(turnedA ? m : k) + slack, (turnedB ? k : n) + slack, n + slack]
  const a = make(dtype, (turnedA ? k : m) * rowA, scattered(1))
  const b = make(dtype, (turnedB ? n : k) * rowB, scattered(2))
  const c = make(dtype, m * rowC, beta === 0 ? () => Number.NaN : scattered(3))
  const work = new Float64Array(gemmWork(m, n, k) / 8)
  const [pa, pb, pc, pw] = bench.place(a, b, c, work) as [number, number, number, number]
  const strides = (row: number, turned: boolean): readonly [number, number] => (turned ? [1, row] : [row, 1])
  bench.run(dtype, m, n, k, alpha, pa, ...strides(rowA, turnedA), pb, ...strides(rowB, turnedB), beta, pc, rowC, pw)
  expect(bench.intact()).toBe(true)
  const found = bench.read(pc, c)
  const u = unitRoundoff(dtype)
  const gamma = ((k + 3) * u) / (1 - (k + 3) * u)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let [sum, size] = [0, 0]
      for (let l = 0; l < k; l++) {
        const term =
          (a[turnedA ? l * rowA + i : i * rowA + l] as number) * (b[turnedB ? j * rowB + l : l * rowB + j] as number)
        sum += term
        size += Math.abs(term)
      }
      const kept = beta === 0 ? 0 : beta * (c[i * rowC + j] as number)
      const bound = 2 * gamma * (Math.abs(alpha) * size + Math.abs(kept))
      const entry = found[i * rowC + j] as number
      if (!(Math.abs(entry - (alpha * sum + kept)) <= bound))
        expect.fail(`(${i}, ${j}) of ${m}×${k}×${n}: ${entry} for ${alpha * sum + kept}, bound ${bound}`)
    }
    for (let j = n; j < rowC; j++)
      if (!Object.is(found[i * rowC + j], c[i * rowC + j])) expect.fail(`${m}×${k}×${n}: wrote between rows`)
  }
}

describe.each(['float64', 'float32'] as const)('gemm, %s', (dtype) => {
  const sides = [false, true]
  const lengths = Array.from({ length: 18 }, (_, i) => i)

  test('agrees with the definition in all small shapes', () => {
    for (const m of lengths)
      for (const n of lengths)
        for (const k of [0, 1, 2, 3, 4, 5, 8, 17])
          expectProduct(dtype, { m, n, k, turnedA: (m + n) % 2 === 1, turnedB: (m + k) % 2 === 1, slack: (n + k) % 3 })
  })

  test('in all transpositions, around block boundaries and with long rows', () => {
    for (const turnedA of sides)
      for (const turnedB of sides)
        for (const [m, n, k] of [
          [64, 8, 9],
          [65, 9, 255],
          [63, 7, 257],
          [3, 513, 5],
          [130, 17, 31],
        ] as const)
          for (const slack of [0, 3]) expectProduct(dtype, { m, n, k, turnedA, turnedB, slack })
  })

  test.each([999, 1000, 1001])('with %i products in each entry', (k) => {
    for (const turnedA of sides) expectProduct(dtype, { m: 9, n: 10, k, turnedA })
  })

  test('scales and accumulates over several blocks of depth', () => {
    for (const k of [0, 7, 600, 1100])
      for (const [alpha, beta] of [
        [-1, 1],
        [0.5, -2],
        [2, 0],
        [0, 1],
      ] as const)
        expectProduct(dtype, { m: 6, n: 11, k, alpha, beta, slack: 1 })
  })

  test('hands on NaN, infinities and subnormal numbers; does not read C where β = 0', () => {
    const special = [1, -0, 0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 1e-310]
    for (const n of [1, 4, 8, 9])
      for (const x of special)
        for (const y of special) {
          const [a, b, c] = [make(dtype, n, () => x), make(dtype, n, () => y), make(dtype, n * n, () => Number.NaN)]
          const [pa, pb, pc, pw] = bench.place(a, b, c, new Float64Array(gemmWork(n, n, 1) / 8)) as [
            number,
            number,
            number,
            number,
          ]
          bench.run(dtype, n, n, 1, 1, pa, 1, 1, pb, n, 1, 0, pc, n, pw)
          const product = (a[0] as number) * (b[0] as number)
          // A sum starts from 0, so that a product −0 is 0.
          const expected = 0 + (dtype === 'float32' ? Math.fround(product) : product)
          expect(new Set(bench.read(pc, c))).toEqual(new Set([expected]))
        }
  })
})
