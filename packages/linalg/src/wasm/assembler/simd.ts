import { asCode, type Code, code, floatBytes, type Operand, unsignedLeb } from './code.ts'
import { binary, load, store, unary } from './scalar.ts'

type I32 = Operand<'i32'>
type V128 = Code<'v128'>
type One = (a: V128) => V128
type Two = (a: V128, b: V128) => V128
type Shift = (a: V128, count: I32) => V128
type Load = (address: I32, offset?: number) => V128
type Store = (address: I32, value: V128, offset?: number) => Code<'none'>

const simd = (opcode: number): readonly number[] => [0xfd, ...unsignedLeb(opcode)]
const one = (opcode: number): One => unary('v128', 'v128', ...simd(opcode))
const two = (opcode: number): Two => binary('v128', 'v128', ...simd(opcode))
const toI32 = (opcode: number): ((a: V128) => Code<'i32'>) => unary('v128', 'i32', ...simd(opcode))
const shift =
  (opcode: number): Shift =>
  (a, count) =>
    code('v128', a, asCode('i32', count), ...simd(opcode))
const fromLane =
  <T extends 'i32' | 'i64' | 'f32' | 'f64'>(type: T, opcode: number) =>
  (a: V128, lane: number): Code<T> =>
    code(type, a, ...simd(opcode), lane)
const intoLane =
  <T extends 'i32' | 'i64' | 'f32' | 'f64'>(type: T, opcode: number) =>
  (a: V128, lane: number, value: Operand<T>): V128 =>
    code('v128', a, asCode(type, value), ...simd(opcode), lane)
const splatOf =
  <T extends 'i32' | 'i64' | 'f32' | 'f64'>(type: T, opcode: number) =>
  (value: Operand<T>): V128 =>
    code('v128', asCode(type, value), ...simd(opcode))

/** 128 bits of any lanes. */
export interface V128Instructions {
  readonly load: Load
  readonly store: Store
  /** One double, or one single, repeated in all lanes. */
  readonly load64Splat: Load
  readonly load32Splat: Load
  /** One double, or one single, in the first lane and zeros behind it. */
  readonly load64Zero: Load
  readonly load32Zero: Load
  /** A vector with one lane loaded. */
  readonly load64Lane: (address: I32, value: V128, lane: number, offset?: number) => V128
  readonly load32Lane: (address: I32, value: V128, lane: number, offset?: number) => V128
  readonly store64Lane: (address: I32, value: V128, lane: number, offset?: number) => Code<'none'>
  readonly store32Lane: (address: I32, value: V128, lane: number, offset?: number) => Code<'none'>
  /** Sixteen bytes out of the 32 of a and b together. */
  readonly shuffle: (a: V128, b: V128, bytes: readonly number[]) => V128
  readonly not: One
  readonly and: Two
  /** a and not b. */
  readonly andnot: Two
  readonly or: Two
  readonly xor: Two
  /** Bits of a where the mask has ones, of b elsewhere. */
  readonly bitselect: (a: V128, b: V128, mask: V128) => V128
  readonly anyTrue: (a: V128) => Code<'i32'>
}

const withLane =
  <T extends 'v128' | 'none'>(type: T, opcode: number, log2: number) =>
  (address: I32, value: V128, lane: number, offset = 0): Code<T> =>
    code(type, asCode('i32', address), value, ...simd(opcode), log2, ...unsignedLeb(offset), lane)

export const v128: V128Instructions = {
  load: load('v128', 4, ...simd(0)),
  store: store('v128', 4, ...simd(11)),
  load64Splat: load('v128', 3, ...simd(10)),
  load32Splat: load('v128', 2, ...simd(9)),
  load64Zero: load('v128', 3, ...simd(0x5d)),
  load32Zero: load('v128', 2, ...simd(0x5c)),
  load64Lane: withLane('v128', 0x57, 3),
  load32Lane: withLane('v128', 0x56, 2),
  store64Lane: withLane('none', 0x5b, 3),
  store32Lane: withLane('none', 0x5a, 2),
  shuffle: (a, b, bytes) => code('v128', a, b, ...simd(13), ...bytes),
  not: one(0x4d),
  and: two(0x4e),
  andnot: two(0x4f),
  or: two(0x50),
  xor: two(0x51),
  bitselect: (a, b, mask) => code('v128', a, b, mask, ...simd(0x52)),
  anyTrue: toI32(0x53),
}

/** Lanes of floats; comparisons give all ones or all zeros in each lane. */
export interface FloatLanes<T extends 'f32' | 'f64'> {
  readonly const: (...lanes: readonly number[]) => V128
  readonly splat: (value: Operand<T>) => V128
  readonly extract: (a: V128, lane: number) => Code<T>
  readonly replace: (a: V128, lane: number, value: Operand<T>) => V128
  readonly eq: Two
  readonly ne: Two
  readonly lt: Two
  readonly gt: Two
  readonly le: Two
  readonly ge: Two
  readonly ceil: One
  readonly floor: One
  readonly trunc: One
  readonly nearest: One
  readonly abs: One
  readonly neg: One
  readonly sqrt: One
  readonly add: Two
  readonly sub: Two
  readonly mul: Two
  readonly div: Two
  readonly min: Two
  readonly max: Two
  /** b < a ? b : a, and a < b ? b : a: where no NaN or −0 matters. */
  readonly pmin: Two
  readonly pmax: Two
  /** a·b + c, rounded once or twice as the machine likes: only where relaxed SIMD is there. */
  readonly relaxedMadd: (a: V128, b: V128, c: V128) => V128
}

/** A constant from bytes. */
const v128Const = (bytes: readonly number[]): V128 => code('v128', ...simd(12), ...bytes)

const floatLanes = <T extends 'f32' | 'f64'>(type: T): FloatLanes<T> => {
  const wide = type === 'f64'
  const [compared, computed] = wide ? [0x47, 0xec] : [0x41, 0xe0]
  const [ceil, floor, trunc, nearest] = wide ? [0x74, 0x75, 0x7a, 0x94] : [0x67, 0x68, 0x69, 0x6a]
  const count = wide ? 2 : 4
  return {
    const: (...lanes) => {
      if (lanes.length !== 1 && lanes.length !== count)
        throw new Error(`${type}x${count}: got ${lanes.length} numbers; needs 1 or ${count}`)
      const bytes = lanes.flatMap((lane) => floatBytes(type, lane))
      return v128Const(lanes.length === count ? bytes : Array.from({ length: count }, () => bytes).flat())
    },
    splat: splatOf(type, wide ? 0x14 : 0x13),
    extract: fromLane(type, wide ? 0x21 : 0x1f),
    replace: intoLane(type, wide ? 0x22 : 0x20),
    eq: two(compared),
    ne: two(compared + 1),
    lt: two(compared + 2),
    gt: two(compared + 3),
    le: two(compared + 4),
    ge: two(compared + 5),
    ceil: one(ceil),
    floor: one(floor),
    trunc: one(trunc),
    nearest: one(nearest),
    abs: one(computed),
    neg: one(computed + 1),
    sqrt: one(computed + 3),
    add: two(computed + 4),
    sub: two(computed + 5),
    mul: two(computed + 6),
    div: two(computed + 7),
    min: two(computed + 8),
    max: two(computed + 9),
    pmin: two(computed + 10),
    pmax: two(computed + 11),
    relaxedMadd: (a, b, c) => code('v128', a, b, c, ...simd(wide ? 0x107 : 0x105)),
  }
}

export const f64x2: FloatLanes<'f64'> & {
  /** Of the first two singles; of the first two whole numbers. */
  readonly promoteLow: One
  readonly fromI32Low: One
} = { ...floatLanes('f64'), promoteLow: one(0x5f), fromI32Low: one(0xfe) }

export const f32x4: FloatLanes<'f32'> & {
  /** Two doubles rounded, and two zeros. */
  readonly demoteZero: One
  readonly fromI32: One
} = { ...floatLanes('f32'), demoteZero: one(0x5e), fromI32: one(0xfa) }

/** Lanes of whole numbers. */
export interface IntegerLanes<T extends 'i32' | 'i64'> {
  readonly const: (...lanes: readonly (number | bigint)[]) => V128
  readonly splat: (value: Operand<T>) => V128
  readonly extract: (a: V128, lane: number) => Code<T>
  readonly replace: (a: V128, lane: number, value: Operand<T>) => V128
  readonly eq: Two
  readonly ne: Two
  readonly ltS: Two
  readonly gtS: Two
  readonly leS: Two
  readonly geS: Two
  readonly shl: Shift
  readonly shrS: Shift
  readonly shrU: Shift
  readonly add: Two
  readonly sub: Two
  readonly mul: Two
  readonly allTrue: (a: V128) => Code<'i32'>
  /** The signs of the lanes as bits. */
  readonly bitmask: (a: V128) => Code<'i32'>
}

const integerBytes = (size: 4 | 8, lanes: readonly (number | bigint)[]): readonly number[] => [
  ...new Uint8Array(
    size === 4
      ? Int32Array.from({ length: 4 }, (_, i) => Number(lanes[i % lanes.length])).buffer
      : BigInt64Array.from({ length: 2 }, (_, i) => BigInt(lanes[i % lanes.length] as number | bigint)).buffer,
  ),
]

export const i32x4: IntegerLanes<'i32'> & {
  /** Cut toward zero and kept within range; of two doubles, with two zeros behind them. */
  readonly fromF32: One
  readonly fromF64Zero: One
} = {
  const: (...lanes) => v128Const(integerBytes(4, lanes)),
  splat: splatOf('i32', 0x11),
  extract: fromLane('i32', 0x1b),
  replace: intoLane('i32', 0x1c),
  eq: two(0x37),
  ne: two(0x38),
  ltS: two(0x39),
  gtS: two(0x3b),
  leS: two(0x3d),
  geS: two(0x3f),
  shl: shift(0xab),
  shrS: shift(0xac),
  shrU: shift(0xad),
  add: two(0xae),
  sub: two(0xb1),
  mul: two(0xb5),
  allTrue: toI32(0xa3),
  bitmask: toI32(0xa4),
  fromF32: one(0xf8),
  fromF64Zero: one(0xfc),
}

export const i64x2: IntegerLanes<'i64'> & {
  /** The first two whole numbers of 32 bits, with sign. */
  readonly extendLowS: One
} = {
  const: (...lanes) => v128Const(integerBytes(8, lanes)),
  splat: splatOf('i64', 0x12),
  extract: fromLane('i64', 0x1d),
  replace: intoLane('i64', 0x1e),
  eq: two(0xd6),
  ne: two(0xd7),
  ltS: two(0xd8),
  gtS: two(0xd9),
  leS: two(0xda),
  geS: two(0xdb),
  shl: shift(0xcb),
  shrS: shift(0xcc),
  shrU: shift(0xcd),
  add: two(0xce),
  sub: two(0xd1),
  mul: two(0xd5),
  allTrue: toI32(0xc3),
  bitmask: toI32(0xc4),
  extendLowS: one(0xc7),
}
