/** What operations that go entry by entry have in common: scalars beside anything, broadcasting, batches. */
import { broadcastShapes, sameShape, type Tensor, type TensorType, zip } from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Value, type Values } from '../core.ts'
import { byFormula, type Formula } from '../lowering.ts'
import { primitive, type Rule } from '../primitive.ts'
import { arithmeticType, elementwiseBatch, fill, floatType, unfill } from '../vector-space.ts'
import { broadcastTo } from './structure.ts'

/** Two operands of an operation as values of equal shapes, or a scalar beside anything. */
export const aligned = (operation: string, a: Operand, b: Operand): Values => {
  const p = asValue(a, b, operation)
  const q = asValue(b, a, operation)
  if (p.shape.length === 0 || q.shape.length === 0 || sameShape(p.shape, q.shape)) return [p, q]
  const shape = broadcastShapes(p.shape, q.shape, operation)
  return [broadcastTo(p, shape), broadcastTo(q, shape)]
}

/** The derivative in an argument that may be a scalar beside a larger result. */
const spreading =
  (index: number, rule: Rule<undefined>): Rule<undefined> =>
  (args, out, params) => {
    const map = rule(args, out, params)
    const { shape } = args[index] as Value
    if (shape.length === out.shape.length) return map
    return { apply: (v) => fill(map.apply(v), out.shape), adjoint: (w) => unfill(map.adjoint(w), shape) }
  }

/** An operation on entries at equal places; each of its arguments may be a scalar. */
/* @__NO_SIDE_EFFECTS__ */
export const pointwise = (spec: {
  readonly name: string
  readonly typeOf?: (args: readonly TensorType[]) => TensorType
  readonly impl: (...args: readonly Tensor[]) => Tensor
  readonly partials: readonly (Rule<undefined> | undefined)[]
  /** What `impl` does with each entry. */
  readonly formula: Formula
}): Primitive<undefined> => {
  const self: Primitive<undefined> = primitive({
    name: spec.name,
    typeOf: spec.typeOf ?? ((args) => arithmeticType(spec.name, args)),
    impl: (args) => spec.impl(...args),
    partials: spec.partials.map((rule, i) => rule && spreading(i, rule)),
    batch: (args, batched, _, count) => bindOne(self, elementwiseBatch(args, batched, count), undefined),
    lower: byFormula(spec.formula),
  })
  return self
}

/** A pointwise operation of two arguments, told by a function of two numbers. */
/* @__NO_SIDE_EFFECTS__ */
export const binaryOf = (
  name: string,
  f: (a: number, b: number) => number,
  partials: readonly [Rule<undefined> | undefined, Rule<undefined> | undefined],
  formula: Formula = (on, a, b) => on.call(f, a, b),
): ((a: Operand, b: Operand) => Value) => binary({ name, impl: (a, b) => zip(a, b, f), partials, formula })

/** A function of two floats at equal places. */
/* @__NO_SIDE_EFFECTS__ */
export const floatFunction = (
  name: string,
  f: (a: number, b: number) => number,
  partials: readonly [Rule<undefined>, Rule<undefined>],
  formula: Formula = (on, a, b) => on.call(f, a, b),
): ((a: Operand, b: Operand) => Value) =>
  binary({ name, typeOf: (args) => floatType(name, args), impl: (a, b) => zip(a, b, f), partials, formula })

/** A pointwise operation of two arguments, with broadcasting. */
/* @__NO_SIDE_EFFECTS__ */
export const binary = (spec: {
  readonly name: string
  readonly typeOf?: (args: readonly TensorType[]) => TensorType
  readonly impl: (a: Tensor, b: Tensor) => Tensor
  readonly partials: readonly [Rule<undefined> | undefined, Rule<undefined> | undefined]
  readonly formula: Formula
}): ((a: Operand, b: Operand) => Value) => {
  const operation = pointwise({ ...spec, impl: (a, b) => spec.impl(a as Tensor, b as Tensor) })
  return (a, b) => bindOne(operation, aligned(spec.name, a, b), undefined)
}
