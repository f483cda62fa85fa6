import { describe, expect, test } from 'vitest'
import { fromData, norm, unitRoundoff } from '../src/index.ts'
import * as wasm from '../src/wasm/index.ts'
import { benchOf } from './wasm-memory.ts'

type Floats = Float64Array | Float32Array
type Matrix = readonly (readonly number[])[]

const kinds = [
  {
    dtype: 'float64',
    Array: Float64Array,
    bench: benchOf({
      ...{ dot: wasm.dot, axpy: wasm.axpy, scal: wasm.scal, sum: wasm.sum, nrm2: wasm.nrm2, gemv: wasm.gemv },
      ...{ gemvT: wasm.gemvT, ger: wasm.ger, symv: wasm.symv, syr2: wasm.syr2, syrk: wasm.syrk },
    }),
  },
  {
    dtype: 'float32',
    Array: Float32Array,
    bench: benchOf({
      ...{ dot: wasm.dotF32, axpy: wasm.axpyF32, scal: wasm.scalF32, sum: wasm.sumF32, nrm2: wasm.nrm2F32 },
      ...{ gemv: wasm.gemvF32, gemvT: wasm.gemvTF32, ger: wasm.gerF32, symv: wasm.symvF32, syr2: wasm.syr2F32 },
      syrk: wasm.syrkF32,
    }),
  },
] as const

const entry = (seed: number, i: number): number =>
  Math.sin(12.9898 * (i + 1) ** 1.3 + 78.233 * seed) * 2 ** ((i * 7) % 5)
const lengths = [...Array.from({ length: 18 }, (_, i) => i), 31, 64, 100, 101]

describe.each(kinds)('$dtype', ({ dtype, Array: Kind, bench }) => {
  const u = unitRoundoff(dtype)
  const made = (size: number, f: (i: number) => number): Floats => {
    const data = new Kind(size)
    for (let i = 0; i < size; i++) data[i] = f(i)
    return data
  }
  const filled = (size: number, seed: number): Floats => made(size, (i) => entry(seed, i))
  const gamma = (k: number): number => (k * u) / (1 - k * u)
  const near = (found: number, expected: number, bound: number, where: string): void => {
    if (!(Math.abs(found - expected) <= bound)) expect.fail(`${where}: ${found} for ${expected}, bound ${bound}`)
  }
  // Quicker than `expect` where there are many.
  const same = (found: number | undefined, expected: number | undefined, where: string): void => {
    if (!Object.is(found, expected)) expect.fail(`${where}: ${found} for ${expected}`)
  }
  const nearAll = (
    found: Floats,
    expected: Floats | readonly number[],
    bounds: readonly number[],
    where: string,
  ): void => {
    expect(found.length).toBe(expected.length)
    for (const [i, bound] of bounds.entries())
      near(found[i] as number, expected[i] as number, bound, `${where}, entry ${i}`)
  }

  test.each([...lengths, 999, 1000, 1001, 4099])('vectors of %i', (n) => {
    const [x, y] = [filled(n, 1), filled(n, 2)]
    const place = (): readonly [number, number] => bench.place(x, y) as [number, number]
    let [px, py] = place()
    const products = Array.from(x, (a, i) => a * (y[i] as number))
    const sizes = products.reduce((a, b) => a + Math.abs(b), 0)
    near(
      bench.run('dot', n, px, py),
      products.reduce((a, b) => a + b, 0),
      2 * gamma(n + 1) * sizes,
      'dot',
    )
    const total = Array.from(x).reduce((a, b) => a + b, 0)
    const depth = dtype === 'float64' ? 70 : 40
    // Summed plainly in double, the reference is off by n roundoffs of double.
    const slack = (depth + Math.log2(Math.max(1, n))) * u + n * unitRoundoff('float64')
    near(bench.run('sum', n, px), total, slack * Array.from(x).reduce((a, b) => a + Math.abs(b), 0), 'sum')
    near(bench.run('nrm2', n, px), Math.hypot(...x), (2 * gamma(n + 3) + 1e-15) * Math.hypot(...x), 'nrm2')
    bench.run('axpy', n, 1.5, px, py)
    nearAll(
      bench.read(py, y),
      y.map((b, i) => b + 1.5 * (x[i] as number)),
      Array.from(y, (b, i) => 3 * u * (Math.abs(b) + 1.5 * Math.abs(x[i] as number))),
      'axpy',
    )
    expect(bench.intact()).toBe(true)
    ;[px, py] = place()
    bench.run('scal', n, -0.5, px)
    expect(bench.read(px, x)).toEqual(x.map((a) => -0.5 * a))
    expect(bench.intact()).toBe(true)
  })

  /** Rows of a matrix that lie `row` numbers apart. */
  const rowsOf = (a: Floats, m: number, n: number, row: number): Matrix =>
    Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_, j) => a[i * row + j] as number))

  /** α·A x + β y and the bound on its error, by the definition. */
  const product = (a: Matrix, x: Floats, y: Floats, alpha: number, beta: number) => {
    const expected = a.map((row, i) => {
      const kept = beta === 0 ? 0 : beta * (y[i] as number)
      const terms = row.map((b, j) => alpha * b * (x[j] as number))
      return [
        terms.reduce((p, q) => p + q, 0) + kept,
        2 * gamma(row.length + 4) * (terms.reduce((p, q) => p + Math.abs(q), 0) + Math.abs(kept)),
      ] as const
    })
    return [expected.map(([value]) => value), expected.map(([, bound]) => bound)] as const
  }
  const scales = [
    [1, 0],
    [1, 1],
    [-0.5, 2],
  ] as const
  const columnsOf = (a: Matrix, n: number): Matrix =>
    Array.from({ length: n }, (_, j) => a.map((row) => row[j] as number))

  test('matrix times vector, transposed or not', () => {
    for (const m of [0, 1, 2, 3, 4, 5, 7, 8, 17])
      for (const n of [0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 100])
        for (const [i, [alpha, beta]] of scales.entries())
          for (const turned of [false, true]) {
            const row = n + ((m + n + i) % 3)
            const a = filled(m * row, 1)
            const [x, y] = [
              filled(turned ? m : n, 2),
              beta === 0 ? new Kind(turned ? n : m).fill(Number.NaN) : filled(turned ? n : m, 3),
            ]
            const [pa, px, py] = bench.place(a, x, y) as [number, number, number]
            bench.run(turned ? 'gemvT' : 'gemv', m, n, alpha, pa, row, px, beta, py)
            const rows = rowsOf(a, m, n, row)
            nearAll(
              bench.read(py, y),
              ...product(turned ? columnsOf(rows, n) : rows, x, y, alpha, beta),
              `${m}×${n}, ${turned}`,
            )
            expect(bench.intact()).toBe(true)
          }
  })

  test('updates of rank one and two', () => {
    for (const m of [0, 1, 3, 4, 9])
      for (const n of [0, 1, 2, 5, 8, 17]) {
        const row = n + 1
        const [x, y, a] = [filled(m, 1), filled(n, 2), filled(m * row, 3)]
        const [px, py, pa] = bench.place(x, y, a) as [number, number, number]
        bench.run('ger', m, n, -2, px, py, pa, row)
        expect(bench.intact()).toBe(true)
        const change = a.map((_, at) =>
          at % row < n ? -2 * (x[Math.floor(at / row)] as number) * (y[at % row] as number) : 0,
        )
        nearAll(
          bench.read(pa, a),
          a.map((b, at) => b + (change[at] as number)),
          Array.from(a, (b, at) => 4 * u * (Math.abs(b) + Math.abs(change[at] as number))),
          'ger',
        )
      }
    for (const n of lengths)
      for (const half of [0, 1]) {
        const row = n + (n % 2)
        const [x, y] = [filled(n, 1), filled(n, 2)]
        const seen = (i: number, j: number): boolean => j < n && (half === 0 || j <= i)
        // Symmetric where it is read, so that the full update must leave it symmetric to the last bit.
        const a = made(n * row, (at) => entry(3, Math.floor(at / row) + (at % row)))
        const [px, py, pa] = bench.place(x, y, a) as [number, number, number]
        bench.run('syr2', n, 1.5, px, py, pa, row, half)
        expect(bench.intact()).toBe(true)
        const found = bench.read(pa, a)
        for (let at = 0; at < n * row; at++) {
          const [i, j] = [Math.floor(at / row), at % row]
          const [p, q] = [(x[i] as number) * (y[j] as number), (y[i] as number) * (x[j] as number)]
          if (!seen(i, j)) same(found[at], a[at], 'syr2')
          else
            near(
              found[at] as number,
              (a[at] as number) + 1.5 * (p + q),
              6 * u * (Math.abs(a[at] as number) + 1.5 * (Math.abs(p) + Math.abs(q))),
              'syr2',
            )
          if (half === 0 && j < n) same(found[at], found[j * row + i], 'symmetry')
        }
      }
  })

  test('a symmetric matrix is read below its diagonal only', () => {
    for (const n of lengths)
      for (const [alpha, beta] of scales) {
        const row = n + (n % 3)
        const a = made(n * row, (at) => (at % row <= Math.floor(at / row) ? entry(1, at) : Number.NaN))
        const whole = Array.from({ length: n }, (_, i) =>
          Array.from({ length: n }, (_, j) => a[Math.max(i, j) * row + Math.min(i, j)] as number),
        )
        const [x, y] = [filled(n, 2), beta === 0 ? new Kind(n).fill(Number.NaN) : filled(n, 3)]
        const [pa, px, py] = bench.place(a, x, y) as [number, number, number]
        bench.run('symv', n, alpha, pa, row, px, beta, py)
        nearAll(bench.read(py, y), ...product(whole, x, y, alpha, beta), `n = ${n}`)
        expect(bench.intact()).toBe(true)
      }
  })

  test('A Aᵀ of either order', () => {
    for (const n of [1, 5, 63, 64, 65, 130])
      for (const turned of [false, true]) {
        const k = 7
        const [a, c] = [filled(n * k, 1), filled(n * n, 2)]
        const work = new Float64Array(wasm.gemmWork(n, n, k) / 8)
        const [pa, pc, pw] = bench.place(a, c, work) as [number, number, number]
        bench.run('syrk', n, k, 2, pa, turned ? 1 : k, turned ? n : 1, -1, pc, n, pw)
        expect(bench.intact()).toBe(true)
        const found = bench.read(pc, c)
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            if (Math.floor(j / 64) > Math.floor(i / 64)) same(found[i * n + j], c[i * n + j], 'syrk')
            if (j > i) continue
            let [sum, size] = [-(c[i * n + j] as number), Math.abs(c[i * n + j] as number)]
            for (let l = 0; l < k; l++) {
              const at = (r: number): number => a[turned ? l * n + r : r * k + l] as number
              sum += 2 * at(i) * at(j)
              size += 2 * Math.abs(at(i) * at(j))
            }
            near(found[i * n + j] as number, sum, 2 * gamma(k + 4) * size, 'syrk')
          }
      }
  })

  test('lengths of tiny, huge and special vectors', () => {
    const tiny = dtype === 'float64' ? 1e-200 : 1e-30
    const least = dtype === 'float64' ? 5e-324 : 1.4e-45
    const [inf, nan] = [Number.POSITIVE_INFINITY, Number.NaN]
    for (const scale of [tiny, 1 / tiny, least])
      for (const n of [1, 2, 3, 5, 8, 9]) {
        const x = made(n, (i) => scale * (i + 1))
        const [px] = bench.place(x) as [number]
        const expected = norm(fromData(x))
        near(bench.run('nrm2', n, px), expected, 8 * u * expected + least, `${n} of ${scale}`)
      }
    for (const [list, expected] of [
      [[], 0],
      [[-0, 0], 0],
      [[1, inf, 2], inf],
      [[nan, inf, 2, 3, 4], nan],
      [[1, 2, 3, 4, nan], nan],
    ] as const) {
      const x = Kind.from(list as readonly number[])
      expect(bench.run('nrm2', x.length, bench.place(x)[0] as number)).toBe(expected)
    }
  })
})
