import {
  add,
  checkpoint,
  concrete,
  cond,
  evaluate,
  exp,
  grad,
  less,
  matmul,
  mul,
  record,
  recordValues,
  reshape,
  scan,
  sub,
  sum,
  type Value,
  whileLoop,
} from '@secant/autodiff'
import { allocate, type Tensor } from '@secant/linalg'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { compileProgram, jit } from '../src/index.ts'

const filled = (shape: readonly number[], seed: number, dtype: 'float64' | 'float32' = 'float64'): Tensor => {
  const data = allocate(
    dtype,
    shape.reduce((a, b) => a * b, 1),
  )
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(12.9898 * (i + 1) + 78.233 * seed)
  return { dtype, shape, data }
}

/** Arithmetic, sums of all entries, of rows and of columns, and a product of doubles: nothing that WebAssembly does otherwise. */
const arithmetic = (x: Value): readonly Value[] => {
  const centred = sub(x, mul(0.1, sum(x)))
  const rows = sum(mul(centred, x), { axes: [1] })
  const columns = sum(add(centred, 1), { axes: [0] })
  const products = x.dtype === 'float64' ? [matmul(x, matmul(centred, x))] : []
  return [centred, rows, columns, sum(mul(columns, columns)), ...products]
}

describe.each(['float64', 'float32'] as const)('arithmetic of %s', (dtype) => {
  test.each([9, 32, 33])('is that of the evaluator, bit for bit: %d rows and columns', (n) => {
    const x = filled([n, n], 1, dtype)
    const { program } = record(arithmetic)(x)
    const { run, target } = compileProgram(program, { target: 'webassembly' })
    expect(target).toBe('webassembly')
    expect(run([x])).toEqual(evaluate(program)([x]))
  })
})

/**
 * Loops and branches of arithmetic, with carries that swap, rows in either order, constants, and loops inside of loops;
 * and what of it is arithmetic: products with vectors, as in the derivative of a product, are summed in another order.
 */
const controlled: readonly (readonly [
  string,
  (x: Value, rows: Value) => readonly Value[],
  exact: 'derivatives' | 'values' | 'values of doubles',
])[] = [
  [
    'scan',
    (x, rows) => {
      const step = ([a, b]: readonly [Value, Value], row: Value) =>
        [[add(mul(b, 0.5), row), sub(a, mul(x, sum(row)))] as const, [mul(a, row), add(b, 0.25)] as const] as const
      const [[a, b], [ys, zs]] = scan(step)([x, mul(2, x)], rows)
      return [a, b, ys, zs]
    },
    'derivatives',
  ],
  [
    'scan from behind, of products and of folds along and across rows',
    (x, rows) => {
      const matrix = mul(0.125, matmul(reshape(x, [x.shape[0] as number, 1]), reshape(x, [1, x.shape[0] as number])))
      const step = (c: Value, row: Value) => {
        const next = mul(
          0.25,
          matmul(
            matrix,
            add(c, matmul(reshape(row, [row.shape[0] as number, 1]), reshape(c, [1, c.shape[0] as number]))),
          ),
        )
        return [sum(next, { axes: [0] }), sum(next, { axes: [1] })] as const
      }
      const [end, sums] = scan(step, { reverse: true })(x, rows)
      return [end, sums]
    },
    'values of doubles',
  ],
  [
    'scan of a scan',
    (x, rows) => {
      const inner = (c: Value, weight: Value) =>
        scan((d: Value, row: Value) => [sub(mul(d, 0.5), mul(row, weight)), mul(d, row)] as const)(c, rows)
      const [end, sums] = scan((c: Value, row: Value) => {
        const [d, products] = inner(c, row)
        return [d, sum(products)] as const
      })(x, rows)
      return [end, sums]
    },
    'derivatives',
  ],
  [
    'whileLoop and cond',
    (x, rows) => {
      const [end] = whileLoop(
        ([c, k]: readonly [Value, Value]) => less(add(k, mul(0, sum(mul(c, x)))), 3.5),
        ([c, k]) =>
          [
            cond(
              less(k, 2),
              (a: Value) => sub(mul(a, 0.5), x),
              (a: Value) => add(x, mul(a, sum(a))),
            )(c),
            add(k, 1),
          ] as const,
      )([x, mul(0, sum(rows))])
      return [end]
    },
    'values',
  ],
  [
    'checkpoint',
    (x, rows) => [checkpoint((a: Value) => mul(add(a, sum(rows, { axes: [0] })), sum(a)))(x), mul(x, 3)],
    'derivatives',
  ],
]

const derivativeOf =
  (f: (x: Value, rows: Value) => readonly Value[]) =>
  (x: Value, rows: Value): readonly Value[] =>
    grad(([a, b]: readonly [Value, Value]) =>
      f(a, b).reduce<Value>((total, y) => add(total, sum(mul(y, y))), mul(0, sum(a))),
    )([x, rows])

describe.each(['float64', 'float32'] as const)('loops and branches of %s', (dtype) => {
  const kept = controlled.filter(([, , exact]) => dtype === 'float64' || exact !== 'values of doubles')
  test.each(kept)('are those of the evaluator, bit for bit: %s', (_, f, exact) => {
    for (const n of [9, 33]) {
      const given = [filled([n], 1, dtype), filled([5, n], 2, dtype)] as const
      for (const g of exact === 'derivatives' ? [f, derivativeOf(f)] : [f]) {
        const { program } = recordValues(([x, rows]) => g(x as Value, rows as Value), given)
        const { run, emitted } = compileProgram(program, { target: 'webassembly', unrolled: 1 })
        expect(emitted.source).toMatch(/\n {6,}wasm\./)
        const expected = evaluate(program)(given)
        expect(run(given)).toEqual(expected)
        // Nothing is left of the call before.
        run([filled([n], 3, dtype), filled([5, n], 4, dtype)])
        expect(run(given)).toEqual(expected)
      }
    }
  })
})

test('a loop counts as often as it runs', () => {
  const looped = (length: number) =>
    record((x: Value) => scan((c: Value) => [mul(exp(c), 0.1), null], { length })(x, null)[0])(filled([100], 1)).program
  expect(compileProgram(looped(10)).target).toBe('javascript')
  expect(compileProgram(looped(100)).target).toBe('webassembly')
})

describe('programs of some size', () => {
  const f = (x: Value): readonly Value[] => [exp(sub(x, sum(x))), sum(exp(mul(0.1, x)))]
  const x = filled([5000], 1)

  test('run in WebAssembly unless refused', () => {
    const { program } = record(f)(x)
    expect(compileProgram(program).target).toBe('webassembly')
    expect(compileProgram(program, { target: 'javascript' }).target).toBe('javascript')
    expect(compileProgram(record(f)(filled([500], 1)).program).target).toBe('javascript')
  })

  test('a second call does not change the first result', () => {
    const compiled = jit(f)
    const first = compiled(x).map(concrete)
    const kept = first.map(({ data }) => data.slice())
    compiled(filled([5000], 2))
    expect(first.map(({ data }) => data)).toEqual(kept)
  })
})

describe('where there is no WebAssembly', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  test.each([
    ['is missing', undefined],
    [
      'is forbidden',
      {
        ...(globalThis as { readonly WebAssembly?: object }).WebAssembly,
        Module: () => {
          throw new Error('WebAssembly.Module(): Wasm code generation disallowed by embedder')
        },
      },
    ],
  ])('JavaScript does it all: it %s', (_, host) => {
    const x = filled([5000], 3)
    const { program } = record((v: Value) => mul(exp(v), sum(v)))(x)
    vi.stubGlobal('WebAssembly', host)
    const { run, target } = compileProgram(program)
    expect(target).toBe('javascript')
    expect(run([x])).toEqual(evaluate(program)([x]))
  })
})
