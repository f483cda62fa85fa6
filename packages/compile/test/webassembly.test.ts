import { add, concrete, evaluate, exp, matmul, mul, record, sub, sum, type Value } from '@secant/autodiff'
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
