import { asCode, type Code, code, type Label, type Local, nothing, type Operand, type ResultType } from './code.ts'
import { i32 } from './scalar.ts'

const typeBytes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, none: 0x40 } as const

/** The byte that stands for a type. */
export const typeByte = (type: ResultType): number => typeBytes[type]

type Statements = readonly Code<'none'>[]

const nest = <T extends ResultType>(opcode: number, type: T, label: Label, body: readonly Code[]): Code<T> =>
  code(type, { kind: 'nest', label, head: [opcode, typeByte(type)], body })

const fresh = (): Label => ({ kind: 'label' })

/** Code that `branch(done)` leaves. */
export const block = (body: (done: Label) => Statements): Code<'none'> => {
  const done = fresh()
  return nest(0x02, 'none', done, body(done))
}

/** Code that runs once more at every `branch(again)`. */
export const loop = (body: (again: Label) => Statements): Code<'none'> => {
  const again = fresh()
  return nest(0x03, 'none', again, body(again))
}

export const branch = (to: Label): Code<'none'> => code('none', 0x0c, to)

export const branchIf = (to: Label, condition: Operand<'i32'>): Code<'none'> =>
  code('none', asCode('i32', condition), 0x0d, to)

/** Runs one of two branches. */
export const when = (condition: Operand<'i32'>, then: Statements, otherwise: Statements = []): Code<'none'> => {
  const parts: readonly Code[] = otherwise.length === 0 ? then : [...then, code('none', 0x05), ...otherwise]
  return code('none', asCode('i32', condition), nest(0x04, 'none', fresh(), parts))
}

/** The value of one of two branches; the other is not computed. */
export const choose = <T extends 'i32' | 'i64' | 'f32' | 'f64' | 'v128'>(
  condition: Operand<'i32'>,
  then: Code<T>,
  otherwise: Code<T>,
): Code<T> =>
  code(then.type, asCode('i32', condition), nest(0x04, then.type, fresh(), [then, code('none', 0x05), otherwise]))

/** One of two values, both computed. */
export const select = <T extends 'i32' | 'i64' | 'f32' | 'f64' | 'v128'>(
  condition: Operand<'i32'>,
  then: Code<T>,
  otherwise: Code<T>,
): Code<T> => code(then.type, then, otherwise, asCode('i32', condition), 0x1c, 1, typeByte(then.type))

export const whileLoop = (condition: Operand<'i32'>, body: Statements): Code<'none'> =>
  block((done) => [loop((again) => [branchIf(done, i32.eqz(condition)), ...body, branch(again)])])

/** For i = from; i < to; i += step, signed; `to` and `step` are computed anew in every round; step > 0. */
export const forLoop = (
  i: Local<'i32'>,
  from: Operand<'i32'>,
  to: Operand<'i32'>,
  step: Operand<'i32'>,
  body: Statements,
): Code<'none'> =>
  block((done) => [
    branchIf(done, i32.geS(i.tee(from), to)),
    // Tested at its end, a round costs one branch.
    loop((again) => [...body, branchIf(again, i32.ltS(i.tee(i32.add(i, step)), to))]),
  ])

/** Leaves the function with its result. */
export const giveBack = (value: Code = nothing): Code<'none'> => code('none', value, 0x0f)

/** Computes something and forgets it. */
export const drop = (value: Code): Code<'none'> => code('none', value, 0x1a)

/** A trap: what cannot happen. */
export const unreachable: Code<'none'> = { type: 'none', parts: [0x00] }
