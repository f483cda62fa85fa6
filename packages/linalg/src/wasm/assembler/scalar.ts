import {
  asCode,
  type Code,
  code,
  constant,
  type Operand,
  type ResultType,
  unsignedLeb,
  type ValueType,
} from './code.ts'

type I32 = Operand<'i32'>
type Scalar = 'i32' | 'i64' | 'f32' | 'f64'
type Binary<T extends ValueType, R extends ResultType = T> = (a: Operand<T>, b: Operand<T>) => Code<R>
type Unary<T extends ValueType, R extends ResultType = T> = (a: Operand<T>) => Code<R>
type Load<T extends ValueType> = (address: I32, offset?: number) => Code<T>
type Store<T extends ValueType> = (address: I32, value: Operand<T>, offset?: number) => Code<'none'>

/** An instruction of one argument. */
export const unary =
  <T extends ValueType, R extends ResultType = T>(type: T, result: R, ...opcode: readonly number[]): Unary<T, R> =>
  (a) =>
    code(result, asCode(type, a), ...opcode)

/** An instruction of two arguments of one type. */
export const binary =
  <T extends ValueType, R extends ResultType = T>(type: T, result: R, ...opcode: readonly number[]): Binary<T, R> =>
  (a, b) =>
    code(result, asCode(type, a), asCode(type, b), ...opcode)

/** A load from `address + offset`, both unsigned; `log2` of the size is a hint that neighbours may break. */
export const load =
  <T extends ValueType>(type: T, log2: number, ...opcode: readonly number[]): Load<T> =>
  (address, offset = 0) =>
    code(type, asCode('i32', address), ...opcode, log2, ...unsignedLeb(offset))

export const store =
  <T extends ValueType>(type: T, log2: number, ...opcode: readonly number[]): Store<T> =>
  (address, value, offset = 0) =>
    code('none', asCode('i32', address), asCode(type, value), ...opcode, log2, ...unsignedLeb(offset))

const constants =
  <T extends Scalar>(type: T) =>
  (value: number | bigint): Code<T> =>
    constant(type, value)

/** Whole numbers of 32 bits; `S` reads them as signed, `U` as unsigned. Addresses are i32. */
export interface I32Instructions {
  readonly const: (value: number) => Code<'i32'>
  readonly load: Load<'i32'>
  readonly load8U: Load<'i32'>
  readonly store: Store<'i32'>
  readonly store8: Store<'i32'>
  readonly eqz: Unary<'i32'>
  readonly clz: Unary<'i32'>
  readonly ctz: Unary<'i32'>
  readonly popcnt: Unary<'i32'>
  readonly eq: Binary<'i32'>
  readonly ne: Binary<'i32'>
  readonly ltS: Binary<'i32'>
  readonly ltU: Binary<'i32'>
  readonly gtS: Binary<'i32'>
  readonly gtU: Binary<'i32'>
  readonly leS: Binary<'i32'>
  readonly leU: Binary<'i32'>
  readonly geS: Binary<'i32'>
  readonly geU: Binary<'i32'>
  readonly add: Binary<'i32'>
  readonly sub: Binary<'i32'>
  readonly mul: Binary<'i32'>
  readonly divS: Binary<'i32'>
  readonly divU: Binary<'i32'>
  readonly remS: Binary<'i32'>
  readonly remU: Binary<'i32'>
  readonly and: Binary<'i32'>
  readonly or: Binary<'i32'>
  readonly xor: Binary<'i32'>
  readonly shl: Binary<'i32'>
  readonly shrS: Binary<'i32'>
  readonly shrU: Binary<'i32'>
  /** The lesser; computes both twice. */
  readonly minS: (a: Code<'i32'>, b: Code<'i32'>) => Code<'i32'>
  readonly wrap: Unary<'i64', 'i32'>
  readonly reinterpret: Unary<'f32', 'i32'>
  /** Cut toward zero, NaN to 0, kept within the range. */
  readonly fromF64: Unary<'f64', 'i32'>
  readonly fromF32: Unary<'f32', 'i32'>
}

const i32Binary = (opcode: number): Binary<'i32'> => binary('i32', 'i32', opcode)

export const i32: I32Instructions = {
  const: constants('i32'),
  load: load('i32', 2, 0x28),
  load8U: load('i32', 0, 0x2d),
  store: store('i32', 2, 0x36),
  store8: store('i32', 0, 0x3a),
  eqz: unary('i32', 'i32', 0x45),
  clz: unary('i32', 'i32', 0x67),
  ctz: unary('i32', 'i32', 0x68),
  popcnt: unary('i32', 'i32', 0x69),
  eq: i32Binary(0x46),
  ne: i32Binary(0x47),
  ltS: i32Binary(0x48),
  ltU: i32Binary(0x49),
  gtS: i32Binary(0x4a),
  gtU: i32Binary(0x4b),
  leS: i32Binary(0x4c),
  leU: i32Binary(0x4d),
  geS: i32Binary(0x4e),
  geU: i32Binary(0x4f),
  add: i32Binary(0x6a),
  sub: i32Binary(0x6b),
  mul: i32Binary(0x6c),
  divS: i32Binary(0x6d),
  divU: i32Binary(0x6e),
  remS: i32Binary(0x6f),
  remU: i32Binary(0x70),
  and: i32Binary(0x71),
  or: i32Binary(0x72),
  xor: i32Binary(0x73),
  shl: i32Binary(0x74),
  shrS: i32Binary(0x75),
  shrU: i32Binary(0x76),
  minS: (a, b) => code('i32', a, b, a, b, 0x48, 0x1b),
  wrap: unary('i64', 'i32', 0xa7),
  reinterpret: unary('f32', 'i32', 0xbc),
  fromF64: unary('f64', 'i32', 0xfc, 2),
  fromF32: unary('f32', 'i32', 0xfc, 0),
}

/** Whole numbers of 64 bits, for the bits of doubles. */
export interface I64Instructions {
  readonly const: (value: number | bigint) => Code<'i64'>
  readonly load: Load<'i64'>
  readonly store: Store<'i64'>
  readonly add: Binary<'i64'>
  readonly sub: Binary<'i64'>
  readonly mul: Binary<'i64'>
  readonly and: Binary<'i64'>
  readonly or: Binary<'i64'>
  readonly xor: Binary<'i64'>
  readonly shl: Binary<'i64'>
  readonly shrS: Binary<'i64'>
  readonly shrU: Binary<'i64'>
  readonly eq: Binary<'i64', 'i32'>
  readonly ltS: Binary<'i64', 'i32'>
  readonly extendS: Unary<'i32', 'i64'>
  readonly extendU: Unary<'i32', 'i64'>
  readonly reinterpret: Unary<'f64', 'i64'>
}

export const i64: I64Instructions = {
  const: constants('i64'),
  load: load('i64', 3, 0x29),
  store: store('i64', 3, 0x37),
  add: binary('i64', 'i64', 0x7c),
  sub: binary('i64', 'i64', 0x7d),
  mul: binary('i64', 'i64', 0x7e),
  and: binary('i64', 'i64', 0x83),
  or: binary('i64', 'i64', 0x84),
  xor: binary('i64', 'i64', 0x85),
  shl: binary('i64', 'i64', 0x86),
  shrS: binary('i64', 'i64', 0x87),
  shrU: binary('i64', 'i64', 0x88),
  eq: binary('i64', 'i32', 0x51),
  ltS: binary('i64', 'i32', 0x53),
  extendS: unary('i32', 'i64', 0xac),
  extendU: unary('i32', 'i64', 0xad),
  reinterpret: unary('f64', 'i64', 0xbd),
}

/** Floats by IEEE 754; comparisons give 1 or 0. `min` and `max` hand NaN on and order −0 below 0. */
export interface FloatInstructions<T extends 'f32' | 'f64'> {
  readonly const: (value: number) => Code<T>
  readonly load: Load<T>
  readonly store: Store<T>
  readonly eq: Binary<T, 'i32'>
  readonly ne: Binary<T, 'i32'>
  readonly lt: Binary<T, 'i32'>
  readonly gt: Binary<T, 'i32'>
  readonly le: Binary<T, 'i32'>
  readonly ge: Binary<T, 'i32'>
  readonly abs: Unary<T>
  readonly neg: Unary<T>
  readonly ceil: Unary<T>
  readonly floor: Unary<T>
  readonly trunc: Unary<T>
  /** To the nearest whole number, ties to even. */
  readonly nearest: Unary<T>
  readonly sqrt: Unary<T>
  readonly add: Binary<T>
  readonly sub: Binary<T>
  readonly mul: Binary<T>
  readonly div: Binary<T>
  readonly min: Binary<T>
  readonly max: Binary<T>
  readonly copysign: Binary<T>
  readonly fromI32: Unary<'i32', T>
  readonly fromU32: Unary<'i32', T>
}

const floats = <T extends 'f32' | 'f64'>(type: T): FloatInstructions<T> => {
  const wide = type === 'f64'
  const [size, compared, computed] = wide ? [3, 0x61, 0x99] : [2, 0x5b, 0x8b]
  const compare = (i: number): Binary<T, 'i32'> => binary(type, 'i32', compared + i)
  const one = (i: number): Unary<T> => unary(type, type, computed + i)
  const two = (i: number): Binary<T> => binary(type, type, computed + i)
  return {
    const: constants(type),
    load: load(type, size, wide ? 0x2b : 0x2a),
    store: store(type, size, wide ? 0x39 : 0x38),
    eq: compare(0),
    ne: compare(1),
    lt: compare(2),
    gt: compare(3),
    le: compare(4),
    ge: compare(5),
    abs: one(0),
    neg: one(1),
    ceil: one(2),
    floor: one(3),
    trunc: one(4),
    nearest: one(5),
    sqrt: one(6),
    add: two(7),
    sub: two(8),
    mul: two(9),
    div: two(10),
    min: two(11),
    max: two(12),
    copysign: two(13),
    fromI32: unary('i32', type, wide ? 0xb7 : 0xb2),
    fromU32: unary('i32', type, wide ? 0xb8 : 0xb3),
  }
}

export const f32: FloatInstructions<'f32'> & { readonly demote: Unary<'f64', 'f32'> } = {
  ...floats('f32'),
  demote: unary('f64', 'f32', 0xb6),
}

export const f64: FloatInstructions<'f64'> & {
  readonly promote: Unary<'f32', 'f64'>
  readonly reinterpret: Unary<'i64', 'f64'>
} = {
  ...floats('f64'),
  promote: unary('f32', 'f64', 0xbb),
  reinterpret: unary('i64', 'f64', 0xbf),
}

/** Bytes from one place to another, which may overlap; and a byte value over a range. */
export const memory: {
  readonly copy: (to: I32, from: I32, bytes: I32) => Code<'none'>
  readonly fill: (to: I32, byte: I32, bytes: I32) => Code<'none'>
} = {
  copy: (to, from, bytes) => code('none', asCode('i32', to), asCode('i32', from), asCode('i32', bytes), 0xfc, 10, 0, 0),
  fill: (to, byte, bytes) => code('none', asCode('i32', to), asCode('i32', byte), asCode('i32', bytes), 0xfc, 11, 0),
}
