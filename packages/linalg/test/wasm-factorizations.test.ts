import { describe, expect, test } from 'vitest'
import { unitRoundoff } from '../src/index.ts'
import { cholesky, gemmWork, lu, trsm } from '../src/wasm/index.ts'
import { matrices, scattered } from './matrices.ts'
import { benchOf } from './wasm-memory.ts'

const bench = benchOf({ cholesky, lu, trsm })
const u = unitRoundoff('float64')
const orders = [0, 1, 2, 3, 5, 8, 9, 15, 16, 17, 20, 31, 33, 63, 64, 65, 100, 130]

/** a as rows that are `row` numbers apart, what lies between them being NaN. */
const spread = (a: Float64Array, n: number, row: number): Float64Array =>
  Float64Array.from({ length: n * row }, (_, at) =>
    at % row < n ? (a[Math.floor(at / row) * n + (at % row)] as number) : Number.NaN,
  )

const workFor = (n: number, columns: number): Float64Array => new Float64Array(gemmWork(n, Math.max(n, columns), n) / 8)

/** Σ p(i, l) q(l, j) and the sum of its terms' sizes. */
const sums = (n: number, p: (l: number) => number, q: (l: number) => number): readonly [number, number] => {
  let [sum, size] = [0, 0]
  for (let l = 0; l < n; l++) {
    const term = p(l) * q(l)
    sum += term
    size += Math.abs(term)
  }
  return [sum, size]
}

const within = (error: number, bound: number, where: string): void => {
  if (!(Math.abs(error) <= bound)) expect.fail(`${where}: ${error} above ${bound}`)
}

describe('cholesky', () => {
  /** G Gᵀ + shift, of which the part above the diagonal is NaN: it must not be read. */
  const positive = (n: number, shift: number): Float64Array => {
    const g = scattered([n, n], 5).data
    return Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n]
      if (j > i) return Number.NaN
      const [sum] = sums(
        n,
        (l) => g[i * n + l] as number,
        (l) => g[j * n + l] as number,
      )
      return sum + (i === j ? shift : 0)
    })
  }
  const factor = (a: Float64Array, n: number, row = n): readonly [number, Float64Array] => {
    const long = spread(a, n, row)
    const [pa, pw] = bench.place(long, workFor(n, n)) as [number, number]
    const pivot = bench.run('cholesky', n, pa, row, pw)
    expect(bench.intact()).toBe(true)
    const found = bench.read(pa, long)
    for (let at = 0; at < found.length; at++) if (at % row >= n) expect(found[at]).toBeNaN()
    return [
      pivot,
      Float64Array.from({ length: n * n }, (_, at) => found[Math.floor(at / n) * row + (at % n)] as number),
    ]
  }

  test.each(orders)('L Lᵀ = A within its bound, n = %i', (n) => {
    const a = positive(n, 1)
    const [pivot, l] = factor(a, n, n + (n % 3))
    expect(pivot).toBe(-1)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        if (j > i) {
          if (!Object.is(l[i * n + j], 0)) expect.fail(`${l[i * n + j]} above the diagonal`)
          continue
        }
        const [sum, size] = sums(
          j + 1,
          (k) => l[i * n + k] as number,
          (k) => l[j * n + k] as number,
        )
        within(sum - (a[i * n + j] as number), (2 * n + 8) * u * size, `(${i}, ${j})`)
      }
  })

  test('finds the pivot that fails, wherever it is', () => {
    for (const n of [1, 7, 16, 17, 40, 70])
      for (let at = 0; at < n; at += Math.max(1, Math.floor(n / 9)))
        for (const bad of [-1, 0, Number.NaN, Number.POSITIVE_INFINITY]) {
          const a = new Float64Array(n * n)
          for (let i = 0; i < n; i++) a[i * (n + 1)] = i === at ? bad : i + 1
          expect(factor(a, n)[0]).toBe(at)
        }
    // The trailing block that is left is what counts: 1 1; 1 1 is singular, 1 2; 2 1 indefinite.
    expect(factor(Float64Array.of(1, 9, 1, 1), 2)[0]).toBe(1)
    expect(factor(Float64Array.of(1, 9, 2, 1), 2)[0]).toBe(1)
  })
})

describe('lu', () => {
  const factor = (a: Float64Array, n: number, row = n) => {
    const long = spread(a, n, row)
    const [pa, po, pw] = bench.place(long, new Float32Array(n), workFor(n, n)) as [number, number, number]
    const swaps = bench.run('lu', n, pa, row, po, pw)
    expect(bench.intact()).toBe(true)
    const [found, order] = [bench.read(pa, long), new Int32Array(bench.read(po, new Float32Array(n)).buffer)]
    const factors = Float64Array.from(
      { length: n * n },
      (_, at) => found[Math.floor(at / n) * row + (at % n)] as number,
    )
    return { swaps, order, factors }
  }

  test.each(matrices)('P A = L U within its bound: $name', ({ make }) => {
    for (const n of orders.filter((order) => order < 70)) {
      const a = Float64Array.from(make(n, n).data)
      const { swaps, order, factors } = factor(a, n, n + (n % 2))
      expect([...order].sort((p, q) => p - q)).toEqual(Array.from({ length: n }, (_, i) => i))
      let cycles = 0
      const seen = new Set<number>()
      for (let i = 0; i < n; i++)
        if (!seen.has(i)) {
          cycles++
          for (let j = i; !seen.has(j); j = order[j] as number) seen.add(j)
        }
      expect(swaps % 2).toBe((n - cycles) % 2)
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          const l = (k: number): number => (k === i ? 1 : (factors[i * n + k] as number))
          if (j < i && !(Math.abs(l(j)) <= 1)) expect.fail(`an entry ${l(j)} of L`)
          const [sum, size] = sums(Math.min(i, j) + 1, l, (k) => factors[k * n + j] as number)
          within(sum - (a[(order[i] as number) * n + j] as number), (2 * n + 8) * u * size, `(${i}, ${j}) of ${n}`)
        }
    }
  })

  test('chooses the first of the largest entries, and a NaN before them', () => {
    expect([...factor(Float64Array.of(1, 0, 0, -3, 1, 0, 3, 0, 1), 3).order]).toEqual([1, 2, 0])
    const { order, factors } = factor(Float64Array.of(1, 0, 0, 5, 1, 0, Number.NaN, 0, 1), 3)
    expect(order[0]).toBe(2)
    expect(factors[0]).toBeNaN()
  })

  test('goes on where a column is zero', () => {
    for (const n of [4, 20, 40]) {
      const a = Float64Array.from(scattered([n, n], 3).data)
      for (let i = 0; i < n; i++) a[i * n + 2] = 0
      const { factors } = factor(a, n)
      expect(factors[2 * n + 2]).toBe(0)
      expect(factors.every(Number.isFinite)).toBe(true)
    }
  })
})

describe('trsm', () => {
  const sides = [0, 1]
  test.each(sides)('T X = B within its bound, lower = %i', (lower) => {
    for (const n of [0, 1, 2, 5, 15, 16, 17, 33, 50, 70])
      for (const columns of [1, 2, 3, 4, 7, 8, 9, 18])
        for (const turned of [false, true])
          for (const unit of sides) {
            const [row, xRow] = [n + (n % 3), columns + (columns % 2)]
            const g = scattered([n, n], 7).data
            // The triangle that is not read is NaN, as is a diagonal of ones.
            const t = Float64Array.from({ length: n * row }, (_, at) => {
              const [p, q] = [Math.floor(at / row), at % row]
              const [i, j] = turned ? [q, p] : [p, q]
              if (q >= n || (i !== j && j < i !== (lower === 1)) || (i === j && unit === 1)) return Number.NaN
              return i === j ? 2 + Math.abs(g[i * n + j] as number) : (g[i * n + j] as number) / 4
            })
            const x = Float64Array.from({ length: n * xRow }, (_, at) =>
              at % xRow < columns ? Math.cos(at) : Number.NaN,
            )
            const [pt, px, pw] = bench.place(t, x, workFor(n, columns)) as [number, number, number]
            bench.run('trsm', n, columns, pt, turned ? 1 : row, turned ? row : 1, lower, unit, px, xRow, pw)
            expect(bench.intact()).toBe(true)
            const found = bench.read(px, x)
            const entry = (i: number, j: number): number =>
              i === j && unit === 1 ? 1 : (t[turned ? j * row + i : i * row + j] as number)
            for (let i = 0; i < n; i++) {
              const [from, to] = lower ? [0, i + 1] : [i, n]
              for (let c = 0; c < columns; c++) {
                const [sum, size] = sums(
                  to - from,
                  (l) => entry(i, from + l),
                  (l) => found[(from + l) * xRow + c] as number,
                )
                within(sum - (x[i * xRow + c] as number), (2 * n + 4) * u * size, `(${i}, ${c}) of ${n}×${columns}`)
              }
              for (let c = columns; c < xRow; c++)
                if (!Number.isNaN(found[i * xRow + c])) expect.fail('wrote between rows')
            }
          }
  })
})
