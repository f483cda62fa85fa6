import { setFlagsFromString } from 'node:v8'
import {
  add,
  bind,
  broadcastTo,
  evaluate,
  grad,
  matmul,
  mul,
  outer,
  primitive,
  recordValues,
  reshape,
  slice,
  sub,
  sum,
  transpose,
  type Value,
  vmap,
} from '@secant/autodiff'
import { allocate, cast, matmul as dense, type Shape, sizeOf, type Tensor, unitRoundoff, zeros } from '@secant/linalg'
import { hasRelaxedSimd } from '@secant/linalg/wasm'
import { afterEach, describe, expect, test } from 'vitest'
import { type CompileOptions, compileProgram } from '../src/index.ts'

type DType = 'float64' | 'float32'
type F = (...args: readonly Value[]) => readonly Value[]

const filled = (shape: Shape, seed: number, dtype: DType = 'float64'): Tensor => {
  const data = allocate(dtype, sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(12.9898 * (i + 1) + 78.233 * seed)
  return { dtype, shape, data }
}

const compiled = (f: F, args: readonly Tensor[], options: CompileOptions) => {
  const { program } = recordValues((given) => f(...given), args)
  return { ...compileProgram(program, options), expected: evaluate(program)(args) }
}

describe.each(['float64', 'float32'] as const)('outer products of %s', (dtype) => {
  const special = [0, -0, 1, -1, Infinity, -Infinity, NaN, 1e-30, -1e-30, 3.5]
  const odd = (shape: Shape): Tensor => {
    const filling = filled(shape, 1, dtype)
    special.slice(0, filling.data.length).forEach((x, i) => {
      filling.data[i] = x
    })
    return filling
  }
  const cases: readonly (readonly [string, F, readonly Shape[]])[] = [
    ['alone', (x, y) => [outer(x, y)], [[40], [31]]],
    ['within a loop', (x, y) => [add(1, mul(2, outer(mul(3, x), y)))], [[40], [31]]],
    ['with their sums', (x, y) => [sum(outer(x, y), { axes: [0] }), sum(outer(x, y))], [[40], [31]]],
    [
      'in a batch',
      (x, y) => [vmap(outer)(x, y)],
      [
        [3, 12],
        [3, 17],
      ],
    ],
    [
      'of a column and a number',
      (x, y) => [matmul(x, y)],
      [
        [33, 1],
        [1, 1],
      ],
    ],
    [
      'of transposed factors',
      (x, y) => [matmul(transpose(x), transpose(y))],
      [
        [1, 12],
        [17, 1],
      ],
    ],
    [
      'in the slope of a row',
      (x, y) => [grad((w: Value) => sum(mul(matmul(x, w), y)))(zeros([12, 17], dtype))],
      [
        [1, 12],
        [1, 17],
      ],
    ],
    [
      'of parts of a stack',
      (x, y) => [matmul(transpose(x, [1, 2, 0]), y)],
      [
        [1, 3, 12],
        [3, 1, 17],
      ],
    ],
  ]

  test.each(cases)('%s, bit for bit', (_, f, shapes) => {
    const args = shapes.map(odd)
    for (const target of ['javascript', 'webassembly'] as const)
      for (const unrolled of [undefined, 0, 1]) {
        const { run, expected, emitted } = compiled(f, args, { target, unrolled })
        expect(run(args)).toEqual(expected)
        expect(emitted.links.filter((link) => typeof link === 'function')).toEqual([])
      }
  })

  test('added to a matrix they need no matrix of their own', () => {
    const n = 64
    const update: F = (h, s, y) => {
      const w = sub(s, matmul(h, y))
      return [add(h, add(outer(s, w), outer(w, s)))]
    }
    const args = [filled([n, n], 1, dtype), filled([n], 2, dtype), filled([n], 3, dtype)]
    const { emitted, run, expected } = compiled(update, args, { target: 'javascript' })
    expect(run(args)).toEqual(expected)
    // Only w, which is not computed again for each row.
    expect(emitted.arenaBytes).toBe(n * (dtype === 'float64' ? 8 : 4))
  })
})

describe('products of float32 in WebAssembly', () => {
  const cases: readonly (readonly [string, F, readonly Shape[]])[] = [
    [
      'of matrices',
      (a, b) => [matmul(a, b)],
      [
        [17, 301],
        [301, 19],
      ],
    ],
    [
      'with the left one transposed',
      (a, b) => [matmul(transpose(a), b)],
      [
        [301, 17],
        [301, 19],
      ],
    ],
    [
      'with the right one transposed',
      (a, b) => [matmul(a, transpose(b))],
      [
        [17, 301],
        [19, 301],
      ],
    ],
    ['with a vector', (a, b) => [matmul(a, b)], [[17, 301], [301]]],
    ['transposed with a vector', (a, b) => [matmul(transpose(a), b)], [[301, 17], [301]]],
    ['of a vector', (a, b) => [matmul(a, b)], [[301], [301, 17]]],
    ['of a vector, transposed', (a, b) => [matmul(a, transpose(b))], [[301], [17, 301]]],
  ]
  const wide = (x: Tensor): Tensor => cast(x, 'float64')
  const absolute = (x: Tensor): Tensor => ({ ...x, data: x.data.map(Math.abs) as Float64Array })

  test.each(cases)('%s: within γ of the sum of sizes', (_, f, shapes) => {
    const args = shapes.map((shape, i) => filled(shape, i + 1, 'float32'))
    const { run, emitted } = compiled(f, args, { target: 'webassembly' })
    expect(Object.keys(emitted.functions).at(-1)).toMatch(/^gem.*F32$/)
    const [result] = run(args) as [Tensor]
    const exactly = (of: (x: Tensor) => Tensor): Tensor => {
      const doubles = args.map((x) => of(wide(x)))
      return (
        evaluate(recordValues((given) => f(...given), doubles).program)(doubles) as readonly Tensor[]
      )[0] as Tensor
    }
    const [exact, sizes] = [exactly((x) => x), exactly(absolute)]
    const ku = 301 * unitRoundoff('float32')
    const own = 301 * unitRoundoff('float64')
    expect([result.dtype, result.shape]).toEqual(['float32', exact.shape])
    result.data.forEach((value, i) => {
      const bound = (ku / (1 - ku) + own) * (sizes.data[i] as number)
      expect(Math.abs(value - (exact.data[i] as number))).toBeLessThanOrEqual(bound)
    })
    // Not rounded once, as linalg's are.
    expect(result.data).not.toEqual(Float32Array.from(exact.data))
  })
})

/** The first 12 entries in each of 5 columns, which are 60 entries again. */
const spread = (x: Value): Value => broadcastTo(reshape(slice(x, [0], [12]), [12, 1]), [12, 5])

describe.each(['float64', 'float32'] as const)('transposes in products of %s', (dtype) => {
  const cases: readonly (readonly [string, F, Shape, Shape])[] = [
    ['on the left', (a, b) => [matmul(transpose(a), b)], [23, 17], [23, 19]],
    ['on the right', (a, b) => [matmul(a, transpose(b))], [17, 23], [19, 23]],
    ['on both sides', (a, b) => [matmul(transpose(a), transpose(b))], [23, 17], [19, 23]],
    ['twice', (a, b) => [matmul(transpose(transpose(a)), b)], [17, 23], [23, 19]],
    ['beside a vector', (a, b) => [matmul(transpose(a), b)], [23, 17], [23]],
    ['behind a vector', (a, b) => [matmul(a, transpose(b))], [23], [17, 23]],
    ['beside part of a vector, spread', (a, b) => [matmul(spread(a), b)], [60], [5, 19]],
    ['of few entries', (a, b) => [matmul(transpose(a), transpose(b))], [3, 2], [4, 3]],
  ]

  test.each(cases)('%s: the bits of the evaluator', (_, f, ...shapes) => {
    const args = shapes.map((shape, i) => filled(shape, i + 1, dtype))
    const { run, expected } = compiled(f, args, { target: 'javascript' })
    expect(run(args)).toEqual(expected)
  })

  test('of an operation with parameters of its own', () => {
    const times = primitive<{ readonly about: string }>({
      name: 'times',
      typeOf: ([a, b]) => ({ dtype, shape: [a?.shape[0] ?? 0, b?.shape[1] ?? 0] }),
      impl: ([a, b], { about }) => {
        if (about !== 'its own') throw new Error('times: got the parameters of another operation')
        return dense(a as Tensor, b as Tensor)
      },
      partials: [],
      batch: () => {
        throw new Error('times: is not for batches')
      },
      lower: () => ({ kind: 'product', transposeA: false, transposeB: false }),
    })
    const f: F = (a, b) => {
      const by = (x: Value, y: Value): Value => bind(times, [x, y], { about: 'its own' })[0] as Value
      return [by(a, b), by(transpose(b), transpose(a))]
    }
    const args = [filled([17, 23], 1, dtype), filled([23, 19], 2, dtype)]
    const { run, expected } = compiled(f, args, { target: 'javascript' })
    expect(run(args)).toEqual(expected)
  })

  test('need no copy', () => {
    const f: F = (a, b) => [matmul(transpose(a), transpose(b))]
    const args = [filled([23, 17], 1, dtype), filled([19, 23], 2, dtype)]
    const { emitted } = compiled(f, args, { target: 'webassembly' })
    expect(Object.keys(emitted.functions)).toHaveLength(1)
  })
})

test('all products pack their factors in one area', () => {
  const n = 40
  const power = (count: number) =>
    compiled(
      (a) => [Array.from({ length: count }).reduce<Value>((b) => matmul(b, a), a as Value)],
      [filled([n, n], 1)],
      { target: 'webassembly' },
    )
  const [two, four] = [power(2), power(4)].map(({ emitted }) => emitted.arenaBytes) as [number, number]
  expect(four - two).toBeLessThanOrEqual(2 * 8 * n * n)
})

test('the area is as large as the largest product needs, whichever comes last', () => {
  const [large, small] = [filled([100, 100], 1), filled([8, 8], 2)]
  const bytes = (...factors: readonly Tensor[]): number =>
    compiled((...xs) => xs.map((x) => matmul(x, x)), factors, { target: 'webassembly' }).emitted.arenaBytes
  for (const both of [bytes(large, small), bytes(small, large)]) expect(both).toBeGreaterThan(bytes(large))
})

describe('a vector on the left', () => {
  test.each([false, true])('of doubles, right one transposed: %s', (turned) => {
    const args = [filled([67], 1), filled(turned ? [35, 67] : [67, 35], 2)]
    const { run, emitted } = compiled((x, a) => [matmul(x, turned ? transpose(a) : a)], args, { target: 'webassembly' })
    expect(Object.keys(emitted.functions)).toEqual([turned ? 'gemv' : 'gemvT'])
    const [x, a] = args as [Tensor, Tensor]
    const exact = dense({ ...x, shape: [1, 67] }, a, { transposeB: turned })
    const bound = 2 * 67 * unitRoundoff('float64') * 67
    run(args)[0]?.data.forEach((value, i) => {
      expect(Math.abs(value - (exact.data[i] as number))).toBeLessThanOrEqual(bound)
    })
  })
})

describe('relaxed products', () => {
  afterEach(() => setFlagsFromString('--no-experimental-wasm-relaxed-simd'))
  const product: F = (a, b) => [matmul(a, b)]

  test.each(['float64', 'float32'] as const)('of %s only when asked, and where the engine can', (dtype) => {
    const args = [filled([40, 300], 1, dtype), filled([300, 24], 2, dtype)]
    const suffix = dtype === 'float32' ? 'F32' : ''
    const kernels = (relaxed?: boolean): readonly string[] =>
      Object.keys(compiled(product, args, { target: 'webassembly', ...(relaxed && { relaxed }) }).emitted.functions)
    expect(kernels()).toEqual([`gemm${suffix}`])
    expect(kernels(true)).toEqual([`gemm${hasRelaxedSimd() ? 'Relaxed' : ''}${suffix}`])

    setFlagsFromString('--experimental-wasm-relaxed-simd')
    expect(hasRelaxedSimd()).toBe(true)
    expect(kernels()).toEqual([`gemm${suffix}`])
    expect(kernels(true)).toEqual([`gemmRelaxed${suffix}`])
    const { run } = compiled(product, args, { target: 'webassembly', relaxed: true })
    const [a, b] = args.map((x) => cast(x, 'float64')) as [Tensor, Tensor]
    const exact = dense(a, b)
    const ku = 300 * unitRoundoff(dtype)
    run(args)[0]?.data.forEach((value, i) => {
      // No entry is larger than 1.
      expect(Math.abs(value - (exact.data[i] as number))).toBeLessThanOrEqual((2 * 300 * ku) / (1 - ku))
    })
  })
})
