import { describe, expect, test } from 'vitest'
import {
  all,
  type Code,
  createMemory,
  encodeModule,
  f32,
  f32x4,
  f64x2,
  func,
  i32,
  i32x4,
  i64,
  i64x2,
  instantiate,
  v128,
} from '../src/wasm/index.ts'

// Every instruction on lanes, and those on f32 and i64, against JavaScript, on pairs of all these.
const inf = Number.POSITIVE_INFINITY
const floats = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3.25, -7.75, 1e10, -1e-10, 2 ** 31, inf, -inf, Number.NaN]
const integers = [
  0n,
  1n,
  -1n,
  2n,
  -2n,
  7n,
  100n,
  -100n,
  2n ** 31n - 1n,
  -(2n ** 31n),
  2n ** 40n,
  -(2n ** 62n),
  2n ** 63n - 1n,
]

type V128 = Code<'v128'>
type Two = readonly [code: (a: V128, b: V128) => V128, value: (a: number, b: number) => number | boolean]
type One = readonly [code: (a: V128) => V128, value: (a: number) => number]
type WholeTwo = readonly [code: (a: V128, b: V128) => V128, value: (a: bigint, b: bigint) => bigint | boolean]

const memory = createMemory()
const bytes = (a: ArrayBufferView): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength)

/** What a function of two times 128 bits gives for two arrays of 16 bytes. */
const runner = (code: (a: V128, b: V128) => V128) => {
  const f = func('f', {}, 'none', () => v128.store(32, code(v128.load(0), v128.load(16))))
  const run = instantiate(encodeModule({ f }), memory).functions['f']
  return (a: ArrayBufferView, b: ArrayBufferView): ArrayBuffer => {
    const view = new Uint8Array(memory.buffer)
    view.set(bytes(a), 0)
    view.set(bytes(b), 16)
    run?.()
    return view.slice(32, 48).buffer
  }
}

const nearest = (x: number): number => {
  const floor = Math.floor(x)
  const up = x - floor > 0.5 || (x - floor === 0.5 && floor % 2 !== 0)
  const rounded = Math.abs(x) >= 2 ** 52 || Number.isNaN(x) ? x : floor + Number(up)
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded
}

const floatTwos = (lanes: typeof f64x2 | typeof f32x4): Readonly<Record<string, Two>> => ({
  add: [lanes.add, (a, b) => a + b],
  sub: [lanes.sub, (a, b) => a - b],
  mul: [lanes.mul, (a, b) => a * b],
  div: [lanes.div, (a, b) => a / b],
  min: [lanes.min, Math.min],
  max: [lanes.max, Math.max],
  pmin: [lanes.pmin, (a, b) => (b < a ? b : a)],
  pmax: [lanes.pmax, (a, b) => (a < b ? b : a)],
  eq: [lanes.eq, (a, b) => a === b],
  ne: [lanes.ne, (a, b) => a !== b],
  lt: [lanes.lt, (a, b) => a < b],
  gt: [lanes.gt, (a, b) => a > b],
  le: [lanes.le, (a, b) => a <= b],
  ge: [lanes.ge, (a, b) => a >= b],
})

const floatOnes = (lanes: typeof f64x2 | typeof f32x4): Readonly<Record<string, One>> => ({
  abs: [lanes.abs, Math.abs],
  neg: [lanes.neg, (a) => -a],
  sqrt: [lanes.sqrt, Math.sqrt],
  ceil: [lanes.ceil, Math.ceil],
  floor: [lanes.floor, Math.floor],
  trunc: [lanes.trunc, Math.trunc],
  nearest: [lanes.nearest, nearest],
})

describe.each([
  ['f64x2', f64x2, Float64Array, BigInt64Array],
  ['f32x4', f32x4, Float32Array, Int32Array],
] as const)('%s', (_, lanes, Kind, Mask) => {
  const ones = Object.entries(floatOnes(lanes)).map(([name, [code, value]]): readonly [string, Two] => [
    name,
    [(a) => code(a), (a) => value(a)],
  ])
  test.each([...Object.entries(floatTwos(lanes)), ...ones])('%s', (name, [code, value]) => {
    const run = runner(code)
    for (const a of floats)
      for (const b of floats) {
        // Lanes differ, so that one taken for another is seen.
        const x = new Kind(16 / Kind.BYTES_PER_ELEMENT).map((_unused, i) => (i % 2 === 0 ? a : b))
        const y = x.map((_unused, i) => (i % 2 === 0 ? b : a))
        const found = run(x, y)
        for (const [i, p] of x.entries()) {
          const expected = value(p, y[i] as number)
          if (typeof expected === 'boolean') expect(Number(new Mask(found)[i])).toBe(expected ? -1 : 0)
          else {
            const rounded = Kind === Float32Array ? Math.fround(expected) : expected
            if (!Object.is(new Kind(found)[i], rounded)) expect.fail(`${name}(${p}, ${y[i]}): ${new Kind(found)[i]}`)
          }
        }
      }
  })
})

const wholeTwos = (lanes: typeof i64x2 | typeof i32x4, bits: number): Readonly<Record<string, WholeTwo>> => {
  const wrap = (a: bigint): bigint => BigInt.asIntN(bits, a)
  return {
    add: [lanes.add, (a, b) => wrap(a + b)],
    sub: [lanes.sub, (a, b) => wrap(a - b)],
    mul: [lanes.mul, (a, b) => wrap(a * b)],
    eq: [lanes.eq, (a, b) => a === b],
    ne: [lanes.ne, (a, b) => a !== b],
    ltS: [lanes.ltS, (a, b) => a < b],
    gtS: [lanes.gtS, (a, b) => a > b],
    leS: [lanes.leS, (a, b) => a <= b],
    geS: [lanes.geS, (a, b) => a >= b],
    shl: [(a) => lanes.shl(a, 5), (a) => wrap(a << 5n)],
    shrS: [(a) => lanes.shrS(a, 5), (a) => a >> 5n],
    shrU: [(a) => lanes.shrU(a, 5), (a) => wrap(BigInt.asUintN(bits, a) >> 5n)],
    and: [v128.and, (a, b) => a & b],
    andnot: [v128.andnot, (a, b) => a & ~b],
    or: [v128.or, (a, b) => a | b],
    xor: [v128.xor, (a, b) => a ^ b],
    not: [(a) => v128.not(a), (a) => ~a],
    select: [(a, b) => v128.bitselect(a, b, lanes.const(-1)), (a) => a],
  }
}

describe.each([
  ['i64x2', wholeTwos(i64x2, 64), BigInt64Array, 64],
  ['i32x4', wholeTwos(i32x4, 32), Int32Array, 32],
] as const)('%s', (_, table, Kind, bits) => {
  const array = (lanes: readonly bigint[]): BigInt64Array | Int32Array =>
    Kind === BigInt64Array ? BigInt64Array.from(lanes) : Int32Array.from(lanes, Number)
  test.each(Object.entries(table))('%s', (name, [code, value]) => {
    const run = runner(code)
    for (const p of integers)
      for (const q of integers) {
        const [a, b] = [BigInt.asIntN(bits, p), BigInt.asIntN(bits, q)]
        const count = 128 / bits
        const x = Array.from({ length: count }, (_unused, i) => (i % 2 === 0 ? a : b))
        const y = Array.from({ length: count }, (_unused, i) => (i % 2 === 0 ? b : a))
        const found = new Kind(run(array(x), array(y)))
        for (const [i, lane] of x.entries()) {
          const expected = value(lane, y[i] as bigint)
          const whole = typeof expected === 'boolean' ? (expected ? -1n : 0n) : expected
          if (BigInt(found[i] as number | bigint) !== whole) expect.fail(`${name}(${lane}, ${y[i]}): ${found[i]}`)
        }
      }
  })
})

test('conversions, lanes and splats', () => {
  const x = Float32Array.of(1.5, -2.5, 3e10, Number.NaN)
  const d = Float64Array.of(-7.9, 3e10)
  const none = new Uint8Array(16)
  const floatsOf = (code: (a: V128) => V128, a: ArrayBufferView): Float32Array =>
    new Float32Array(runner(code)(a, none))
  const doublesOf = (code: (a: V128) => V128, a: ArrayBufferView): Float64Array =>
    new Float64Array(runner(code)(a, none))
  const wholesOf = (code: (a: V128) => V128, a: ArrayBufferView): Int32Array => new Int32Array(runner(code)(a, none))
  expect([...doublesOf(f64x2.promoteLow, x)]).toEqual([1.5, -2.5])
  expect([...floatsOf(f32x4.demoteZero, d)]).toEqual([...Float32Array.of(-7.9, 3e10, 0, 0)])
  expect([...wholesOf(i32x4.fromF32, x)]).toEqual([1, -2, 2 ** 31 - 1, 0])
  expect([...wholesOf(i32x4.fromF64Zero, d)]).toEqual([-7, 2 ** 31 - 1, 0, 0])
  expect([...doublesOf(f64x2.fromI32Low, Int32Array.of(-3, 4, 5, 6))]).toEqual([-3, 4])
  expect([...floatsOf(f32x4.fromI32, Int32Array.of(-3, 4, 5, 6))]).toEqual([-3, 4, 5, 6])
  expect([...new BigInt64Array(runner((a) => i64x2.extendLowS(a))(Int32Array.of(-3, 4, 5, 6), none))]).toEqual([
    -3n,
    4n,
  ])
  expect([...floatsOf((a) => f32x4.splat(f32x4.extract(a, 1)), x)]).toEqual([-2.5, -2.5, -2.5, -2.5])
  expect([...floatsOf((a) => f32x4.replace(a, 2, 9), x)]).toEqual([1.5, -2.5, 9, Number.NaN])
  expect([...doublesOf((a) => f64x2.replace(a, 0, f64x2.extract(a, 1)), d)]).toEqual([3e10, 3e10])
  expect([
    ...wholesOf((a) => i32x4.replace(i32x4.splat(i32x4.extract(a, 3)), 0, 1), Int32Array.of(1, 2, 3, 4)),
  ]).toEqual([1, 4, 4, 4])
  const long = (a: V128) => i64x2.replace(i64x2.splat(i64x2.extract(a, 1)), 0, i64.const(-5))
  expect([...new BigInt64Array(runner(long)(BigInt64Array.of(1n, 2n), none))]).toEqual([-5n, 2n])
})

test('masks, and what is kept apart in memory', () => {
  const f = func('f', { at: 'i32' }, 'i32', ({ at }) => {
    const a = v128.load(at)
    const bits = [i32x4.bitmask(a), i64x2.bitmask(a), v128.anyTrue(a), i32x4.allTrue(a), i64x2.allTrue(a)]
    return bits.reduce((sum, bit, i) => i32.or(sum, i32.shl(bit, 4 * i)))
  })
  const run = instantiate(encodeModule({ f }), memory).functions['f']
  const masks = (...lanes: readonly number[]): string => {
    new Int32Array(memory.buffer).set(lanes, 16)
    return Number(run?.(64)).toString(16)
  }
  expect(masks(0, 0, 0, 0)).toBe('0')
  expect(masks(-1, 0, 0, -1)).toBe('10129')
  expect(masks(1, 2, 3, 4)).toBe('11100')
  expect(masks(1, 0, 3, 4)).toBe('10100')
  const g = func('g', {}, 'none', () =>
    all([
      v128.store(16, v128.load32Zero(0)),
      v128.store(32, v128.load64Zero(0)),
      v128.store(48, v128.load64Splat(8)),
      v128.store32Lane(64, v128.load(0), 3),
    ]),
  )
  new Int32Array(memory.buffer).set([1, 2, 3, 4])
  instantiate(encodeModule({ g }), memory).functions['g']?.()
  expect([...new Int32Array(memory.buffer, 16, 13)]).toEqual([1, 0, 0, 0, 1, 2, 0, 0, 3, 4, 3, 4, 4])
})

test('single floats and long whole numbers', () => {
  const singles: readonly (readonly [
    (a: Code<'f32'>, b: Code<'f32'>) => Code<'f32'>,
    (a: number, b: number) => number,
  ])[] = [
    [f32.add, (a, b) => a + b],
    [f32.sub, (a, b) => a - b],
    [f32.mul, (a, b) => a * b],
    [f32.div, (a, b) => a / b],
    [f32.min, Math.min],
    [f32.max, Math.max],
    [(a, b) => f32.fromI32(f32.lt(a, b)), (a, b) => Number(a < b)],
    [(a, b) => f32.fromU32(f32.ge(a, b)), (a, b) => Number(a >= b)],
    [(a) => f32.nearest(a), nearest],
    [(a) => f32.sqrt(a), Math.sqrt],
    [(a, b) => f32.copysign(a, b), (a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a))],
  ]
  for (const [code, value] of singles) {
    const f = func('f', { a: 'f32', b: 'f32' }, 'f32', ({ a, b }) => code(a, b))
    const run = instantiate(encodeModule({ f }), memory).functions['f']
    for (const a of floats)
      for (const b of floats) {
        const [p, q] = [Math.fround(a), Math.fround(b)]
        expect(run?.(p, q)).toBe(Math.fround(value(p, q)))
      }
  }
  const longs: readonly (readonly [
    (a: Code<'i64'>, b: Code<'i64'>) => Code<'i64'>,
    (a: bigint, b: bigint) => bigint,
  ])[] = [
    [i64.add, (a, b) => a + b],
    [i64.sub, (a, b) => a - b],
    [i64.mul, (a, b) => a * b],
    [i64.and, (a, b) => a & b],
    [i64.or, (a, b) => a | b],
    [i64.xor, (a, b) => a ^ b],
    [i64.shl, (a, b) => a << (b & 63n)],
    [i64.shrS, (a, b) => a >> (b & 63n)],
    [i64.shrU, (a, b) => BigInt.asUintN(64, a) >> (b & 63n)],
    [(a, b) => i64.extendU(i64.eq(a, b)), (a, b) => BigInt(a === b)],
    [(a, b) => i64.extendS(i64.ltS(a, b)), (a, b) => BigInt(a < b)],
  ]
  for (const [code, value] of longs) {
    const f = func('f', {}, 'none', () => i64.store(16, code(i64.load(0), i64.load(8))))
    const run = instantiate(encodeModule({ f }), memory).functions['f']
    for (const a of integers)
      for (const b of integers) {
        new BigInt64Array(memory.buffer).set([a, b])
        run?.()
        expect(new BigInt64Array(memory.buffer)[2]).toBe(BigInt.asIntN(64, value(a, b)))
      }
  }
})
