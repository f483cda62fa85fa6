import { isTensor, type Tensor, type TensorType } from '@secant/linalg'
import {
  bind,
  currentInterpreter,
  type Interpreter,
  interpretWith,
  isTracer,
  type Primitive,
  type Tracer,
  tracerOf,
  type Value,
  type Values,
} from './core.ts'
import { flatten, unflatten } from './tree.ts'

/** A name in a program. */
export interface Variable extends TensorType {
  readonly id: number
}

/** What a step reads: a name, or numbers that were known when the program was recorded. */
export type Atom = Variable | Tensor

/** One operation of a program. */
export interface Step {
  readonly primitive: Primitive<never>
  readonly params: unknown
  readonly args: readonly Atom[]
  readonly outs: readonly Variable[]
}

/** Whether a step is of a certain operation, whose parameters it then has. */
export const isStepOf = <P>(step: Step, primitive: Primitive<P>): step is Step & { readonly params: P } =>
  (step.primitive as unknown) === primitive

/** A recorded function: straight-line steps as plain data. */
export interface Program {
  readonly inputs: readonly Variable[]
  readonly steps: readonly Step[]
  readonly outputs: readonly Atom[]
}

/** A program together with the outer tracers that its function closed over; they stand before its own inputs. */
export interface Recording {
  readonly program: Program
  readonly captured: Values
}

/**
 * Writes down what `f` does with inputs of the given types. What does not depend on them is computed at once and
 * enters as numbers; values of an enclosing transformation become `captured`, the program's first inputs.
 * Fails (throws) when `f` reads a number that is not known yet.
 */
export const recordValues = (f: (xs: Values) => Values, types: readonly TensorType[]): Recording => {
  const outer = currentInterpreter()
  const steps: Step[] = []
  const captured = new Map<Tracer, Variable>()
  const variables: Variable[] = []

  const variable = ({ dtype, shape }: TensorType): Variable => {
    const fresh = { id: variables.length, dtype, shape }
    variables.push(fresh)
    return fresh
  }
  const tracer = (v: Variable): Tracer => tracerOf(recorder, v.id, v)
  const atom = (x: Value): Atom => {
    if (isTensor(x)) return x
    if (x.owner === recorder) return variables[x.slot] as Variable
    const known = captured.get(x) ?? variable(x)
    captured.set(x, known)
    return known
  }

  const recorder: Interpreter = {
    name: 'record',
    bind: (primitive, args, params) => {
      if (!args.some((arg) => isTracer(arg) && arg.owner === recorder))
        return interpretWith(outer, () => outer.bind(primitive, args, params))
      const outs = primitive.typeOf(args, params).map(variable)
      steps.push({ primitive: primitive as Primitive<never>, params, args: args.map(atom), outs })
      return outs.map(tracer)
    },
  }

  const inputs = types.map(variable)
  const outputs = interpretWith(recorder, () => f(inputs.map(tracer))).map(atom)
  return {
    program: { inputs: [...captured.values(), ...inputs], steps, outputs },
    captured: [...captured.keys()],
  }
}

/**
 * `recordValues` for functions of trees; the argument gives the nesting and the types, its numbers are not used.
 *
 * @example
 * record((x: Value) => add(mul(x, x), 1))(scalar(0)).program.steps.length // => 2
 */
export const record =
  <A, B>(f: (x: A) => B) =>
  (x: A): Recording => {
    const [leaves, structure] = flatten(x)
    return recordValues((xs) => flatten(f(unflatten(structure, xs) as A))[0], leaves)
  }

/** Runs a program under the current interpreter, so that a recorded function can itself be differentiated. */
export const evaluate =
  (program: Program) =>
  (inputs: Values): Values => {
    if (inputs.length !== program.inputs.length)
      throw new Error(`evaluate: got ${inputs.length} inputs; needs ${program.inputs.length}`)
    const known = new Map<number, Value>()
    const name = (variables: readonly Variable[], values: Values): void =>
      variables.forEach((v, i) => {
        known.set(v.id, values[i] as Value)
      })
    const read = (atom: Atom): Value => (isTensor(atom) ? atom : (known.get(atom.id) as Value))
    name(program.inputs, inputs)
    for (const { primitive, params, args, outs } of program.steps)
      name(outs, bind(primitive, args.map(read), params as never))
    return program.outputs.map(read)
  }
