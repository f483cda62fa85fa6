import * as E from 'fp-ts/lib/Either.js'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type * as Linalg from '../src/index.ts'
import { fromData, isFloat, type Tensor, unitRoundoff } from '../src/index.ts'
import { scattered } from './matrices.ts'

/** A fresh copy of the package under another WebAssembly. */
const linalgWith = async (host: unknown): Promise<typeof Linalg> => {
  vi.stubGlobal('WebAssembly', host)
  vi.resetModules()
  return await import('../src/index.ts')
}

const engine = (globalThis as unknown as { readonly WebAssembly: Readonly<Record<string, unknown>> }).WebAssembly
const { Module, Instance, Memory, validate } = engine

type Constructor = new (...args: readonly unknown[]) => object

/** An engine that counts what it compiles, and engines that refuse one thing or another. */
const counted = (): { readonly host: object; readonly count: () => number } => {
  let count = 0
  class Counting extends (Module as Constructor) {
    constructor(bytes: unknown) {
      super(bytes)
      count++
    }
  }
  return { host: { Module: Counting, Instance, Memory, validate }, count: () => count }
}
class Refused {
  constructor() {
    throw new Error('refused')
  }
}
const refusing = (what: string): unknown => ({ Module, Instance, Memory, validate, [what]: Refused })
const without = { nothing: undefined, code: refusing('Module'), memory: refusing('Memory') }

afterEach(() => vi.unstubAllGlobals())

const filled = (m: number, n: number, seed: number, dtype: 'float64' | 'float32'): Tensor => {
  const { data } = scattered([m, n], seed)
  return fromData(dtype === 'float32' ? Float32Array.from(data) : data, [m, n])
}

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error('got a failure; needs a result')
  return either.right
}

describe('products', () => {
  const shapes = [
    [26, 26, 26],
    [33, 270, 5],
    [5, 1030, 9],
    [64, 65, 66],
    [4, 4, 1200],
  ] as const

  test.each(Object.entries(without))('are the same to the last bit without %s', async (_, host) => {
    const { host: some, count } = counted()
    const [fast, plain] = [await linalgWith(some), await linalgWith(host)]
    vi.stubGlobal('WebAssembly', some)
    const runs = (linalg: typeof Linalg): readonly Tensor[] =>
      (['float64', 'float32'] as const).flatMap((dtype) =>
        [false, true].flatMap((transposeA) =>
          [false, true].flatMap((transposeB) =>
            shapes.map(([m, k, n]) =>
              linalg.matmul(
                transposeA ? filled(k, m, 1, dtype) : filled(m, k, 1, dtype),
                transposeB ? filled(n, k, 2, dtype) : filled(k, n, 2, dtype),
                { transposeA, transposeB },
              ),
            ),
          ),
        ),
      )
    const expected = runs(fast)
    expect(count()).toBe(1)
    vi.stubGlobal('WebAssembly', host)
    expect(runs(plain)).toEqual(expected)
  })

  test('of batches are those of their members', async () => {
    const linalg = await linalgWith(engine)
    const [a, b] = [filled(3 * 30, 40, 1, 'float64'), filled(3 * 40, 35, 2, 'float64')]
    const all = linalg.matmul({ ...a, shape: [3, 30, 40] }, { ...b, shape: [3, 40, 35] })
    for (let i = 0; i < 3; i++)
      expect(
        linalg.matmul(
          fromData(a.data.slice(i * 1200, (i + 1) * 1200), [30, 40]),
          fromData(b.data.slice(i * 1400, (i + 1) * 1400), [40, 35]),
        ).data,
      ).toEqual(all.data.slice(i * 1050, (i + 1) * 1050))
  })

  test('small ones do not compile anything', async () => {
    const { host, count } = counted()
    const linalg = await linalgWith(host)
    linalg.matmul(filled(20, 20, 1, 'float64'), filled(20, 20, 2, 'float64'))
    linalg.matvec(filled(300, 300, 1, 'float64'), fromData(new Float64Array(300)))
    linalg.cholesky(linalg.eye(40))
    linalg.lu(linalg.eye(40))
    expect(count()).toBe(0)
  })

  test('results keep their memory when more is needed later', async () => {
    const linalg = await linalgWith(engine)
    const [a, b] = [filled(40, 40, 1, 'float64'), filled(40, 40, 2, 'float64')]
    const first = linalg.matmul(a, b)
    const copy = first.data.slice()
    linalg.matmul(filled(200, 200, 3, 'float64'), filled(200, 200, 4, 'float64'))
    // More than is kept between calls.
    const long = new Float64Array(4 * 1_200_000).fill(1)
    const products = linalg.matmul(fromData(long, [4, 1_200_000]), fromData(long, [1_200_000, 4]))
    expect(products).toEqual(linalg.full([4, 4], 1_200_000))
    expect(first.data).toEqual(copy)
    expect(linalg.matmul(a, b)).toEqual(first)
  })
})

describe('factorizations and solves', () => {
  const n = 90
  const general = filled(n, n, 5, 'float64')

  test.each(Object.entries(without))('keep their bounds with and without %s', async (_, host) => {
    for (const engineOrNot of [engine, host]) {
      const linalg = await linalgWith(engineOrNot)
      const positive = linalg.add(linalg.matmul(general, general, { transposeB: true }), linalg.eye(n))
      const l = right(linalg.cholesky(positive))
      const u = unitRoundoff('float64')
      const absolute = (t: Tensor): Tensor => linalg.map(t, Math.abs)
      const apart = (p: Tensor, q: Tensor, size: Tensor): void => {
        const bound = 10 * n * u
        for (const [i, d] of linalg.sub(p, q).data.entries())
          if (!(Math.abs(d) <= bound * (size.data[i] as number))) expect.fail(`entry ${i}: ${d}`)
      }
      const turned = { transposeB: true }
      apart(linalg.matmul(l, l, turned), positive, linalg.matmul(absolute(l), absolute(l), turned))
      for (const columns of [1, 20]) {
        const b = filled(n, columns, 6, 'float64')
        for (const [a, x] of [
          [general, right(linalg.solve(general, b))],
          [positive, right(linalg.solveCholesky(l, b))],
        ] as const) {
          // Backward error: relative to |A||x| + |b|, where growth is small.
          const size = linalg.add(linalg.matmul(absolute(a), absolute(x)), absolute(b))
          apart(
            linalg.matmul(a, x),
            b,
            linalg.map(size, (s) => n * s),
          )
        }
        const factors = right(linalg.lu(general))
        const x = linalg.solveLu(factors, b, { transpose: true })
        const size = linalg.add(linalg.matmul(absolute(general), absolute(x), { transposeA: true }), absolute(b))
        apart(
          linalg.matmul(general, x, { transposeA: true }),
          b,
          linalg.map(size, (s) => n * s),
        )
      }
      const single = right(linalg.lu(linalg.cast(general, 'float32')))
      expect([single.factors.dtype, isFloat(single.factors)]).toEqual(['float32', true])
      expect(linalg.lu(linalg.zeros([n, n]))).toEqual(E.left({ kind: 'singular', pivot: 0 }))
      const dented = linalg.sub(
        positive,
        linalg.map(linalg.eye(n), (x) => 1e6 * x),
      )
      expect(linalg.cholesky(dented)).toEqual(E.left({ kind: 'not positive definite', pivot: 0 }))
    }
  })
})
