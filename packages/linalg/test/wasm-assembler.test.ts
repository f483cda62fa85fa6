import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  all,
  block,
  branch,
  branchIf,
  type Code,
  choose,
  createMemory,
  drop,
  encodeModule,
  type Func,
  f32,
  f32x4,
  f64,
  f64x2,
  forLoop,
  func,
  giveBack,
  hasRelaxedSimd,
  hasSimd,
  i32,
  i32x4,
  i64,
  i64x2,
  importedFunc,
  instantiate,
  isValidModule,
  type Linked,
  local,
  loop,
  memory,
  nothing,
  select,
  seq,
  unreachable,
  v128,
  when,
  whileLoop,
} from '../src/wasm/index.ts'

type Numbers = Readonly<Record<string, number>>

/** An expression with its meaning in JavaScript. */
interface Pair<T extends 'i32' | 'f64'> {
  readonly code: (p: { readonly a: Code<T>; readonly b: Code<T> }) => Code<T>
  readonly value: (p: Numbers) => number
}

const of = (p: Numbers, key: string): number => p[key] as number

const nearest = (x: number): number => {
  if (Math.abs(x) >= 2 ** 52 || Number.isNaN(x)) return x
  const size = Math.abs(x) + 2 ** 52 - 2 ** 52
  return x < 0 || Object.is(x, -0) ? -size : size
}
const copysign = (a: number, b: number): number => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a))

const f64Unaries = [
  [f64.abs, Math.abs],
  [f64.neg, (x: number) => -x],
  [f64.ceil, Math.ceil],
  [f64.floor, Math.floor],
  [f64.trunc, Math.trunc],
  [f64.nearest, nearest],
  [f64.sqrt, Math.sqrt],
  [(x: Code<'f64'>) => f64.promote(f32.demote(x)), Math.fround],
  [(x: Code<'f64'>) => f64.reinterpret(i64.reinterpret(x)), (x: number) => x],
  [
    (x: Code<'f64'>) => f64.fromI32(i32.fromF64(f64.min(f64.max(x, -1e9), 1e9))),
    (x: number) => Math.trunc(Math.min(Math.max(x, -1e9), 1e9)) || 0,
  ],
  [(x: Code<'f64'>) => f64x2.extract(f64x2.sqrt(f64x2.splat(x)), 1), Math.sqrt],
] as const

const f64Binaries = [
  [f64.add, (a: number, b: number) => a + b],
  [f64.sub, (a: number, b: number) => a - b],
  [f64.mul, (a: number, b: number) => a * b],
  [f64.div, (a: number, b: number) => a / b],
  [f64.min, (a: number, b: number) => Math.min(a, b)],
  [f64.max, (a: number, b: number) => Math.max(a, b)],
  [f64.copysign, (a: number, b: number) => (Number.isNaN(b) ? Math.abs(a) : copysign(a, b))],
  [(a: Code<'f64'>, b: Code<'f64'>) => choose(f64.lt(a, b), a, b), (a: number, b: number) => (a < b ? a : b)],
  [(a: Code<'f64'>, b: Code<'f64'>) => select(f64.ge(a, b), a, b), (a: number, b: number) => (a >= b ? a : b)],
  [
    (a: Code<'f64'>, b: Code<'f64'>) =>
      f64x2.extract(f64x2.sub(f64x2.replace(f64x2.splat(0), 1, a), f64x2.splat(b)), 1),
    (a: number, b: number) => a - b,
  ],
  [
    (a: Code<'f64'>, b: Code<'f64'>) =>
      f64x2.extract(v128.bitselect(f64x2.splat(a), f64x2.splat(b), f64x2.lt(f64x2.splat(a), f64x2.splat(b))), 0),
    (a: number, b: number) => (a < b ? a : b),
  ],
] as const

const i32Binaries = [
  [i32.add, (a: number, b: number) => (a + b) | 0],
  [i32.sub, (a: number, b: number) => (a - b) | 0],
  [i32.mul, (a: number, b: number) => Math.imul(a, b)],
  [i32.and, (a: number, b: number) => a & b],
  [i32.or, (a: number, b: number) => a | b],
  [i32.xor, (a: number, b: number) => a ^ b],
  [i32.shl, (a: number, b: number) => a << b],
  [i32.shrS, (a: number, b: number) => a >> b],
  [i32.shrU, (a: number, b: number) => (a >>> b) | 0],
  [i32.eq, (a: number, b: number) => Number(a === b)],
  [i32.ne, (a: number, b: number) => Number(a !== b)],
  [i32.ltS, (a: number, b: number) => Number(a < b)],
  [i32.ltU, (a: number, b: number) => Number(a >>> 0 < b >>> 0)],
  [i32.gtS, (a: number, b: number) => Number(a > b)],
  [i32.gtU, (a: number, b: number) => Number(a >>> 0 > b >>> 0)],
  [i32.leS, (a: number, b: number) => Number(a <= b)],
  [i32.leU, (a: number, b: number) => Number(a >>> 0 <= b >>> 0)],
  [i32.geS, (a: number, b: number) => Number(a >= b)],
  [i32.geU, (a: number, b: number) => Number(a >>> 0 >= b >>> 0)],
  [
    (a: Code<'i32'>, b: Code<'i32'>) => i32.divS(a, i32.or(i32.shrU(b, 2), 1)),
    (a: number, b: number) => (a / ((b >>> 2) | 1)) | 0,
  ],
  [
    (a: Code<'i32'>, b: Code<'i32'>) => i32.remS(a, i32.or(i32.shrU(b, 2), 1)),
    (a: number, b: number) => (a % ((b >>> 2) | 1)) | 0,
  ],
  [i32.minS, (a: number, b: number) => Math.min(a, b)],
  [
    (a: Code<'i32'>, b: Code<'i32'>) => i32x4.extract(i32x4.add(i32x4.splat(a), i32x4.splat(b)), 3),
    (a: number, b: number) => (a + b) | 0,
  ],
  [
    (a: Code<'i32'>, b: Code<'i32'>) => i32.wrap(i64.mul(i64.extendS(a), i64.extendU(b))),
    (a: number, b: number) => Math.imul(a, b),
  ],
] as const

const i32Unaries = [
  [i32.eqz, (a: number) => Number(a === 0)],
  [i32.clz, Math.clz32],
  [
    (a: Code<'i32'>) => i32.add(i32.ctz(i32.or(a, 8)), i32.popcnt(i32.and(a, 1))),
    (a: number) => 31 - Math.clz32((a | 8) & -(a | 8)) + (a & 1),
  ],
] as const

const expression = <T extends 'i32' | 'f64'>(
  leaves: readonly Pair<T>[],
  constant: fc.Arbitrary<Pair<T>>,
  unaries: readonly (readonly [(a: Code<T>) => Code<T>, (a: number) => number])[],
  binaries: readonly (readonly [(a: Code<T>, b: Code<T>) => Code<T>, (a: number, b: number) => number])[],
): fc.Arbitrary<Pair<T>> =>
  fc.letrec<{ readonly tree: Pair<T> }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constantFrom(...leaves),
      constant,
      fc.tuple(fc.constantFrom(...unaries), tie('tree')).map(
        ([[code, value], a]): Pair<T> => ({
          code: (p) => code(a.code(p)),
          value: (p) => value(a.value(p)),
        }),
      ),
      fc.tuple(fc.constantFrom(...binaries), tie('tree'), tie('tree')).map(
        ([[code, value], a, b]): Pair<T> => ({
          code: (p) => code(a.code(p), b.code(p)),
          value: (p) => value(a.value(p), b.value(p)),
        }),
      ),
    ),
  })).tree

const f64Expression = expression<'f64'>(
  [
    { code: ({ a }) => a, value: (p) => of(p, 'a') },
    { code: ({ b }) => b, value: (p) => of(p, 'b') },
  ],
  fc.double().map((value) => ({ code: () => f64.const(value), value: () => value })),
  f64Unaries,
  f64Binaries,
)

const i32Expression = expression<'i32'>(
  [
    { code: ({ a }) => a, value: (p) => of(p, 'a') },
    { code: ({ b }) => b, value: (p) => of(p, 'b') },
  ],
  fc.integer().map((value) => ({ code: () => i32.const(value), value: () => value })),
  i32Unaries,
  i32Binaries,
)

const run = (f: Linked, ...args: readonly number[]): number => {
  const bytes = encodeModule({ f })
  expect(isValidModule(bytes)).toBe(true)
  return instantiate(bytes).functions['f']?.(...args) as number
}

describe('the assembler', () => {
  test('random float expressions compute what JavaScript computes', () => {
    fc.assert(
      fc.property(f64Expression, fc.double(), fc.double(), (tree, a, b) => {
        const f = func('f', { a: 'f64', b: 'f64' }, 'f64', (p) => tree.code(p))
        expect(run(f, a, b)).toBe(tree.value({ a, b }))
      }),
      { numRuns: 300 },
    )
  })

  test('random whole-number expressions compute what JavaScript computes', () => {
    fc.assert(
      fc.property(i32Expression, fc.integer(), fc.integer(), (tree, a, b) => {
        const f = func('f', { a: 'i32', b: 'i32' }, 'i32', (p) => tree.code(p))
        expect(run(f, a, b)).toBe(tree.value({ a, b }))
      }),
      { numRuns: 300 },
    )
  })

  test('constants of every size arrive', () => {
    for (const n of [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, -8193, 2 ** 20, 2 ** 31 - 1, -(2 ** 31)]) {
      expect(run(func('f', {}, 'i32', () => i32.const(n)))).toBe(n)
      expect(run(func('f', {}, 'i32', () => i32.wrap(i64.const(n))))).toBe(n)
    }
    expect(run(func('f', {}, 'i32', () => i32.const(2 ** 32 - 1)))).toBe(-1)
    for (const n of [0, -0, 0.1, 5e-324, -1.7e308, Number.NaN, Number.POSITIVE_INFINITY])
      expect(run(func('f', {}, 'f64', () => f64.const(n)))).toBe(n)
    expect(run(func('f', {}, 'f64', () => f64.promote(f32.const(0.1))))).toBe(Math.fround(0.1))
    const bits = func('f', {}, 'f64', () => f64.reinterpret(i64.const(0x7ff0000000000000n)))
    expect(run(bits)).toBe(Number.POSITIVE_INFINITY)
    expect(() => i32.const(0.5)).toThrow('i32: got 0.5; needs a whole number')
  })

  test('loops, blocks and branches', () => {
    const collatz = func('f', { n: 'i32' }, 'i32', ({ n }) => {
      const steps = local('i32')
      return seq(
        whileLoop(i32.ne(n, 1), [
          when(i32.and(n, 1), [n.set(i32.add(i32.mul(n, 3), 1))], [n.set(i32.shrU(n, 1))]),
          steps.set(i32.add(steps, 1)),
        ]),
        steps,
      )
    })
    expect(run(collatz, 27)).toBe(111)
    // Σ i·j over i < n, j from i by twos, leaving both loops at once where the sum exceeds 1000.
    const nested = func('f', { n: 'i32' }, 'i32', ({ n }) => {
      const [i, j, sum] = [local('i32'), local('i32'), local('i32')]
      return seq(
        block((done) => [
          forLoop(i, 0, n, 1, [
            forLoop(j, i, n, 2, [sum.set(i32.add(sum, i32.mul(i, j))), branchIf(done, i32.gtS(sum, 1000))]),
          ]),
        ]),
        sum,
      )
    })
    const plain = (n: number): number => {
      let sum = 0
      for (let i = 0; i < n; i++)
        for (let j = i; j < n; j += 2) {
          sum += i * j
          if (sum > 1000) return sum
        }
      return sum
    }
    for (const n of [-3, 0, 1, 2, 7, 12, 40]) expect(run(nested, n)).toBe(plain(n))
    const early = func('f', { n: 'i32' }, 'i32', ({ n }) =>
      seq(
        loop((again) => [when(i32.gtS(n, 100), [giveBack(n)]), n.set(i32.mul(n, 2)), drop(n), branch(again)]),
        unreachable,
        n,
      ),
    )
    expect(run(early, 3)).toBe(192)
  })

  test('functions link what they call, also round in a circle, and share types', () => {
    const even: Parity = parity(() => odd, 1)
    const odd: Parity = parity(() => even, 0)
    const { functions } = instantiate(encodeModule({ even }))
    expect(Object.keys(functions)).toEqual(['even'])
    expect(functions['even']?.(10)).toBe(1)
    expect(functions['even']?.(7)).toBe(0)
    // One type for two functions of one signature: the type section says so.
    expect([...encodeModule({ even }).slice(8, 11)]).toEqual([1, 6, 1])
  })

  test('imported functions are called, memory is shared', () => {
    const sin = importedFunc('sin', { x: 'f64' }, 'f64')
    const f = func('f', { at: 'i32' }, 'none', ({ at }) => f64.store(at, sin.call({ x: f64.load(at) })))
    const shared = createMemory(100_000)
    expect(shared.buffer.byteLength).toBe(131_072)
    const { functions } = instantiate(encodeModule({ f }), shared, { sin: Math.sin })
    const view = new Float64Array(shared.buffer)
    view[3] = 1.5
    functions['f']?.(24)
    expect(view[3]).toBe(Math.sin(1.5))
  })

  test('memory instructions', () => {
    const f = func('f', {}, 'none', () =>
      all([
        memory.fill(0, 255, 8),
        memory.copy(8, 4, 8),
        i32.store8(12, 7),
        i32.store(16, i32.load8U(12)),
        i64.store(24, i64.add(i64.load(0), 5)),
        f32.store(32, 0.5),
        f64.store(40, f64.promote(f32.load(32)), 8),
        v128.store64Lane(56, f64x2.const(1, 2), 1),
        v128.store(
          64,
          v128.shuffle(
            f64x2.const(1, 2),
            f64x2.const(3, 4),
            [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
          ),
        ),
        v128.store(80, f32x4.add(v128.load32Splat(32), f32x4.const(1, 2, 3, 4))),
        v128.store(96, i64x2.shl(i64x2.const(1, 2), 3)),
        v128.store(112, v128.load64Lane(40, f64x2.const(1, 2), 1, 8)),
        v128.store(128, v128.load32Lane(32, f32x4.const(1, 2, 3, 4), 2)),
        nothing,
      ]),
    )
    const { memory: own, functions } = instantiate(encodeModule({ f }))
    functions['f']?.()
    const [bytes, doubles] = [new Uint8Array(own.buffer), new Float64Array(own.buffer)]
    expect([...bytes.slice(0, 20)]).toEqual([...Array(12).fill(255), 7, 0, 0, 0, 7, 0, 0, 0])
    expect(new BigInt64Array(own.buffer)[3]).toBe(4n)
    expect([...doubles.slice(6, 10)]).toEqual([0.5, 2, 2, 3])
    expect([...doubles.slice(14, 16)]).toEqual([1, 0.5])
    expect([...new Float32Array(own.buffer, 128, 4)]).toEqual([1, 2, 0.5, 4])
    expect([...new Float32Array(own.buffer).slice(20, 24)]).toEqual([1.5, 2.5, 3.5, 4.5])
    expect([...new BigInt64Array(own.buffer).slice(12, 14)]).toEqual([8n, 16n])
  })

  test('what is wrong is told', () => {
    expect(() => f64.add(i32.const(1) as never, 1)).toThrow('got code of type i32; needs f64')
    const stray = { kind: 'label' } as const
    expect(() => encodeModule({ f: func('f', {}, 'none', () => branch(stray)) })).toThrow('f: got a branch to a block')
    expect(() => encodeModule({ f: func('f', {}, 'i32', () => f64.const(1) as never) })).toThrow(
      'f: got a body of type f64',
    )
    const twice = func('f', {}, 'none', () =>
      all([importedFunc('g', {}, 'none').call({}), importedFunc('g', {}, 'none').call({})]),
    )
    expect(() => encodeModule({ f: twice })).toThrow('two imports by the name g')
    expect(() => encodeModule({ é: func('f', {}, 'none', () => nothing) })).toThrow('needs ASCII')
    expect(() => f64x2.const(1, 2, 3)).toThrow('f64x2: got 3 numbers; needs 1 or 2')
  })

  test('the engine is asked for what it has', () => {
    expect(hasSimd()).toBe(true)
    expect(typeof hasRelaxedSimd()).toBe('boolean')
    expect(isValidModule(Uint8Array.of(0, 1, 2))).toBe(false)
  })
})

type Parity = Func<{ readonly n: 'i32' }, 'i32'>

/** 1 where n steps down to 0 end in the function that says so. */
const parity = (other: () => Parity, atZero: number): Parity =>
  func('parity', { n: 'i32' }, 'i32', ({ n }) =>
    choose(i32.eqz(n), i32.const(atZero), other().call({ n: i32.sub(n, 1) })),
  )
