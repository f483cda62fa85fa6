/** Kinds of values that WebAssembly computes with. */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128'

/** What running a piece of code leaves behind. */
export type ResultType = ValueType | 'none'

/**
 * A piece of code and the type of what it leaves behind. Using it twice computes it twice: keep in a `local` what is
 * dear or has an effect.
 */
export interface Code<T extends ResultType = ResultType> {
  readonly kind?: undefined
  readonly type: T
  readonly parts: readonly Part[]
}

/** A variable of a function. Reads as the code that gets it; numbered when the function is encoded. */
export interface Local<T extends ValueType = ValueType> extends Code<T> {
  readonly set: (value: Operand<T>) => Code<'none'>
  /** Sets it, and is the value as well. */
  readonly tee: (value: Operand<T>) => Code<T>
}

/** A variable as its function's body mentions it. */
export interface Variable {
  readonly kind: 'variable'
  readonly type: ValueType
}

/** A place that branches go to: the end of a block, or the start of a loop. */
export interface Label {
  readonly kind: 'label'
}

/** The body between `opcode blocktype` and `end`; labels are resolved to depths when it is encoded. */
export interface Nest {
  readonly kind: 'nest'
  readonly label: Label
  readonly head: readonly number[]
  readonly body: readonly Part[]
}

/** A function as the code that calls it mentions it; `expand` is undefined for an imported one. */
export interface Callee {
  readonly kind: 'function'
  readonly name: string
  readonly params: readonly ValueType[]
  readonly result: ResultType
  readonly expand: (() => { readonly params: readonly Variable[]; readonly code: Code }) | undefined
}

/** A byte, or what becomes bytes when a function is encoded. */
export type Part = number | Code | Variable | Label | Nest | Callee

/** What is accepted where a value is needed: code of that type, or a number, which becomes a constant; 128 bits are always code. */
export type Operand<T extends ValueType> = Code<T> | number

export const code = <T extends ResultType>(type: T, ...parts: readonly Part[]): Code<T> => ({ type, parts })

/** A number ≥ 0 in groups of seven bits, low ones first. */
export const unsignedLeb = (value: number): readonly number[] => {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
  return bytes
}

/** A whole number with its sign in groups of seven bits, low ones first. */
export const signedLeb = (value: bigint): readonly number[] => {
  const bytes: number[] = []
  let rest = value
  for (;;) {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)
    if (done) return [...bytes, low]
    bytes.push(low | 0x80)
  }
}

/** The same for an i32, without large integers: most constants are places and lengths. */
const signedLeb32 = (value: number): readonly number[] => {
  const bytes: number[] = []
  let rest = value
  for (;;) {
    const low = rest & 0x7f
    rest >>= 7
    if (rest === -((low & 0x40) >> 6)) {
      bytes.push(low)
      return bytes
    }
    bytes.push(low | 0x80)
  }
}

/** The bytes of an IEEE number, low ones first. */
export const floatBytes = (type: 'f32' | 'f64', value: number): readonly number[] => {
  const view = new DataView(new ArrayBuffer(8))
  if (type === 'f32') view.setFloat32(0, value, true)
  else view.setFloat64(0, value, true)
  const bytes: number[] = []
  for (let i = 0; i < (type === 'f32' ? 4 : 8); i++) bytes.push(view.getUint8(i))
  return bytes
}

/** A constant. An i32 may be given with or without sign. */
export const constant = <T extends 'i32' | 'i64' | 'f32' | 'f64'>(type: T, value: number | bigint): Code<T> => {
  if (type === 'i64') return code(type, 0x42, ...signedLeb(BigInt.asIntN(64, BigInt(value))))
  const number = Number(value)
  if (type === 'i32') {
    if (!Number.isInteger(number)) throw new Error(`i32: got ${number}; needs a whole number`)
    return { type, parts: [0x41, ...signedLeb32(number | 0)] }
  }
  return code(type, type === 'f32' ? 0x43 : 0x44, ...floatBytes(type as 'f32' | 'f64', number))
}

/** An operand as code. Fails (throws) where its type is another one, which the type checker mostly finds first. */
export const asCode = <T extends ValueType>(type: T, operand: Operand<ValueType>): Code<T> => {
  if (typeof operand === 'number' && type !== 'v128')
    return constant<'i32' | 'i64' | 'f32' | 'f64'>(type, operand) as Code<T>
  if (typeof operand === 'number' || operand.type !== type)
    throw new Error(
      `wasm: got ${typeof operand === 'number' ? operand : `code of type ${operand.type}`}; needs ${type}`,
    )
  return operand as Code<T>
}

/** A fresh variable, 0 at the start of its function. */
export const local = <T extends ValueType>(type: T): Local<T> => {
  const variable: Variable = { kind: 'variable', type }
  return {
    type,
    parts: [0x20, variable],
    set: (value) => code('none', asCode(type, value), 0x21, variable),
    tee: (value) => code(type, asCode(type, value), 0x22, variable),
  }
}

/** The variable that a local stands for. */
export const variableOf = (it: Local): Variable => it.parts[1] as Variable

/** Pieces one after another; only the last may leave a value behind. */
export const seq = <T extends ResultType>(...pieces: readonly [...Code<'none'>[], Code<T>]): Code<T> => {
  const last = pieces[pieces.length - 1] as Code<T>
  return { type: last.type, parts: pieces }
}

/** Nothing to do. */
export const nothing: Code<'none'> = { type: 'none', parts: [] }

/** Pieces one after another that leave nothing behind, any number of them. */
export const all = (pieces: readonly Code<'none'>[]): Code<'none'> => ({ type: 'none', parts: pieces })
