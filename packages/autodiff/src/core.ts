/**
 * Operations do not know about differentiation or recording: they ask the current interpreter for their meaning.
 * An interpreter does its own bookkeeping and passes the work on to the one it was started under, which is why
 * transformations nest.
 */
import { isTensor, type LinearMap, type Tensor, type TensorType } from '@secant/linalg'
import type { Lower } from './lowering.ts'
import { noValue, numberBeside } from './operand.ts'

/** A value whose numbers an interpreter follows instead of holding them. */
export interface Tracer extends TensorType {
  /** The interpreter that made it; to every other one it is a constant. */
  readonly owner: Interpreter
  /** Its number with its owner. */
  readonly slot: number
  /** The value it stands for, one interpreter further out; undefined while recording. */
  readonly known: Value | undefined
  /** Throws: a tracer that meets `+` or `<` would silently turn into NaN. */
  readonly [Symbol.toPrimitive]: () => number
}

/** What operations return. */
export type Value = Tensor | Tracer
/** What operations accept; a number is a value of shape `[]` that takes the dtype of its partner, see `asValue`. */
export type Operand = number | Value
export type Values = readonly Value[]
/** Directions in the space of several values; `undefined` is the zero of its space. */
export type Tangents = readonly (Value | undefined)[]

/**
 * An operation. `typeOf` finds the types of the results and throws on bad arguments; `impl` computes;
 * `linearize` computes and also returns the derivative at that point (the same shape as the public `linearize`).
 * `active` tells which arguments are being differentiated. `batch` carries out `count` operations at once: arguments
 * that are `batched` have a leading axis of that length, and so has every result. `lower` tells a compiler more than `impl`.
 */
export interface Primitive<P> {
  readonly name: string
  readonly typeOf: (args: readonly TensorType[], params: P) => readonly TensorType[]
  readonly impl: (args: readonly Tensor[], params: P, types: readonly TensorType[]) => readonly Tensor[]
  readonly linearize: (args: Values, params: P, active: readonly boolean[]) => readonly [Values, LinearMap<Tangents>]
  readonly batch: (args: Values, batched: readonly boolean[], params: P, count: number) => Values
  readonly lower?: Lower<P> | undefined
}

/** The derivative of what does not depend on its arguments: `linearize` returns it, and the results are constants. */
export const zeroMap: LinearMap<Tangents> = { apply: () => [], adjoint: () => [] }

/** A meaning for operations. */
export interface Interpreter {
  readonly name: string
  readonly bind: <P>(primitive: Primitive<P>, args: Values, params: P) => Values
}

export const isTracer = (value: unknown): value is Tracer =>
  typeof value === 'object' && value !== null && 'owner' in value && 'known' in value

/** The interpreter at the bottom: it computes. */
export const evaluator: Interpreter = {
  name: 'evaluate',
  bind: (primitive, args, params) => {
    for (const arg of args) if (!isTensor(arg)) throw noValue(primitive.name, arg)
    const tensors = args as readonly Tensor[]
    return primitive.impl(tensors, params, primitive.typeOf(tensors, params))
  },
}

let current: Interpreter = evaluator

export const currentInterpreter = (): Interpreter => current

/** Runs `body` under another interpreter and puts the former one back, also when `body` throws. */
export const interpretWith = <A>(interpreter: Interpreter, body: () => A): A => {
  const outer = current
  current = interpreter
  try {
    return body()
  } finally {
    current = outer
  }
}

/** Applies an operation under the current interpreter. */
export const bind = <P>(primitive: Primitive<P>, args: Values, params: P): Values =>
  current.bind(primitive, args, params)

/** Applies an operation that has one result. */
export const bindOne = <P>(primitive: Primitive<P>, args: Values, params: P): Value =>
  current.bind(primitive, args, params)[0] as Value

const refuseNumber = (): number => {
  throw new Error('arithmetic: got a traced value in +, * or <; needs the operations add, mul, greater, …')
}

/** A new tracer for a value of the given type. */
export const tracerOf = (owner: Interpreter, slot: number, type: TensorType, known?: Value): Tracer => ({
  dtype: type.dtype,
  shape: type.shape,
  owner,
  slot,
  known,
  [Symbol.toPrimitive]: refuseNumber,
})

/**
 * An operand as a value; a number takes the dtype of its partner: a float's, or int32 where it is a whole number in
 * range, and float64 otherwise. Fails (throws) in the name of the operation on anything but a number or a value.
 */
export const asValue = (x: Operand, partner?: Operand, operation = 'operation'): Value => {
  if (typeof x === 'number') return numberBeside(x, typeof partner === 'object' ? partner.dtype : 'float64')
  if (isTensor(x) || isTracer(x)) return x
  throw noValue(operation, x)
}
