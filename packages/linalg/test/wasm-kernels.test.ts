import { setFlagsFromString } from 'node:v8'
import { describe, expect, test } from 'vitest'
import { unitRoundoff } from '../src/index.ts'
import { createKernels, gemmRelaxed, gemmRelaxedF32, gemmWork, hasRelaxedSimd } from '../src/wasm/index.ts'
import { scattered } from './matrices.ts'
import { benchOf } from './wasm-memory.ts'

describe('the ready-made kernels', () => {
  const kernels = createKernels()
  const of = (...numbers: readonly number[]) => kernels.allocate(Float64Array.from(numbers))

  test('vectors', () => {
    const [x, y] = [of(3, 4, 0), of(1, 2, 3)]
    expect(kernels.dot(x, y)).toBe(11)
    expect(kernels.sum(y)).toBe(6)
    expect(kernels.nrm2(x)).toBe(5)
    kernels.axpy(2, x, y)
    expect([...y.view()]).toEqual([7, 10, 3])
    kernels.scal(-1, x)
    expect([...x.view()]).toEqual([-3, -4, -0])
  })

  test('matrices', () => {
    const [a, x, y] = [of(1, 2, 3, 4, 5, 6), of(1, 0, -1), of(1, 1)]
    kernels.gemv(a, x, y, { alpha: 2, beta: 1 })
    expect([...y.view()]).toEqual([-3, -3])
    kernels.gemvT(a, y, x)
    expect([...x.view()]).toEqual([-15, -21, -27])
    kernels.ger(1, of(1, 2), of(1, 1, 0), a)
    expect([...a.view()]).toEqual([2, 3, 3, 6, 7, 6])
    const [s, p, q] = [of(2, 9, 1, 3), of(1, 1), kernels.allocate(2)]
    kernels.symv(s, p, q)
    expect([...q.view()]).toEqual([3, 4])
    kernels.syr2(1, p, q, s)
    expect([...s.view()]).toEqual([8, 16, 8, 11])
  })

  test('products in all transpositions', () => {
    // [1 2 3; 4 5 6] · [1 0; 0 1; 1 1]
    const [c, expected] = [kernels.allocate(4), [4, 5, 10, 11]]
    const sides = [of(1, 2, 3, 4, 5, 6), of(1, 4, 2, 5, 3, 6)] as const
    const others = [of(1, 0, 0, 1, 1, 1), of(1, 0, 1, 0, 1, 1)] as const
    for (const [i, a] of sides.entries())
      for (const [j, b] of others.entries()) {
        kernels.gemm(a, b, c, 3, { transposeA: i === 1, transposeB: j === 1 })
        expect([...c.view()]).toEqual(expected)
      }
    kernels.gemm(kernels.allocate(0), kernels.allocate(0), c, 0, { beta: 2 })
    expect([...c.view()]).toEqual(expected.map((entry) => 2 * entry))
  })

  test('factorizations and solves', () => {
    const l = of(4, Number.NaN, 2, 5)
    expect(kernels.cholesky(l)).toBe(-1)
    expect([...l.view()]).toEqual([2, 0, 1, 2])
    const x = of(4, 8)
    kernels.trsm(l, x, { lower: true })
    expect([...x.view()]).toEqual([2, 3])
    const a = of(0, 2, 4, 0)
    expect([...kernels.lu(a)]).toEqual([1, 0])
    expect([...a.view()]).toEqual([4, 0, 0, 2])
    expect(kernels.cholesky(of(1, 0, 2, 1))).toBe(1)
  })

  test('functions', () => {
    const [x, y] = [of(0, 1, -2), kernels.allocate(3)]
    for (const [name, at] of [
      ['exp', 1],
      ['expm1', 0],
      ['log1p', 0],
      ['tanh', 0],
      ['sigmoid', 0.5],
      ['sin', 0],
      ['cos', 1],
    ] as const) {
      kernels[name](x, y)
      expect(y.view()[0]).toBe(at)
    }
    kernels.log(x, x)
    expect([...x.view()]).toEqual([Number.NEGATIVE_INFINITY, 0, Number.NaN])
  })

  test('memory grows under what is there, and is used again after a release', () => {
    const own = createKernels()
    const x = own.allocate(Float64Array.of(1, 2, 3))
    const before = own.memory.buffer.byteLength
    const large = own.allocate(100_000)
    expect(own.memory.buffer.byteLength).toBeGreaterThan(before)
    expect([...x.view()]).toEqual([1, 2, 3])
    expect(own.sum(large)).toBe(0)
    large.view().fill(1)
    // Work of a product lies behind all that is allocated.
    const n = 60
    const [a, c] = [own.allocate(Float64Array.from(scattered([n, n], 1).data)), own.allocate(n * n)]
    const sums = [own.sum(x), own.sum(large), own.sum(a)]
    own.gemm(a, a, c, n)
    expect([own.sum(x), own.sum(large), own.sum(a)]).toEqual(sums)
    const grown = own.memory.buffer.byteLength
    own.release()
    expect(() => x.view()).toThrow('view: got numbers that were released')
    expect(own.sum(own.allocate(50_000))).toBe(0)
    expect(own.memory.buffer.byteLength).toBe(grown)
  })

  test('what does not fit is told', () => {
    const [two, three] = [of(1, 2), of(1, 2, 3)]
    expect(() => kernels.dot(two, three)).toThrow('dot: got 2, 3 numbers; needs lengths that fit together')
    expect(() => kernels.gemv(three, two, two)).toThrow('gemv: got 3, 2, 2 numbers')
    expect(() => kernels.gemm(three, three, two, 2)).toThrow('gemm: got 3, 3, 2 numbers')
    expect(() => kernels.cholesky(three)).toThrow('cholesky: got 3 numbers')
    expect(() => kernels.sum(createKernels().allocate(1))).toThrow('sum: got numbers that were released, or of other')
    expect(() => kernels.allocate(2 ** 28)).toThrow('needs at most 2 GiB')
  })
})

test('products with fused rounding keep the bound where the engine has them', () => {
  // Node 20 has them behind a flag, later ones always.
  setFlagsFromString('--experimental-wasm-relaxed-simd')
  expect(hasRelaxedSimd()).toBe(true)
  const [m, k, n] = [9, 300, 11]
  for (const [kernel, Kind, dtype] of [
    [gemmRelaxed, Float64Array, 'float64'],
    [gemmRelaxedF32, Float32Array, 'float32'],
  ] as const) {
    const [a, b] = [Kind.from(scattered([m, k], 1).data), Kind.from(scattered([k, n], 2).data)]
    const { place, run, read, intact } = benchOf({ kernel })
    const out = new Kind(m * n)
    const [pa, pb, pc, work] = place(a, b, out, new Float64Array(gemmWork(m, n, k) / 8)) as [
      number,
      number,
      number,
      number,
    ]
    run('kernel', m, n, k, 1, pa, k, 1, pb, n, 1, 0, pc, n, work)
    expect(intact()).toBe(true)
    const found = read(pc, out as Float64Array | Float32Array)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let [sum, size] = [0, 0]
        for (let l = 0; l < k; l++) {
          const term = (a[i * k + l] as number) * (b[l * n + j] as number)
          sum += term
          size += Math.abs(term)
        }
        const error = Math.abs((found[i * n + j] as number) - sum)
        expect(error).toBeLessThanOrEqual(2 * k * unitRoundoff(dtype) * size)
      }
  }
})
