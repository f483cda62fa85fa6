import * as dense from '@secant/linalg'
import { broadcastShapes, type LinearMap, sameShape, selfAdjoint, type Tensor } from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Value, type Values } from '../core.ts'
import { primitive, type Rule } from '../primitive.ts'
import { elementwiseType, fill, linearPrimitive, plus, unfill } from '../vector-space.ts'
import { broadcastTo } from './structure.ts'

/** Two operands as values of equal shapes, or a scalar beside anything. */
export const aligned = (a: Operand, b: Operand): Values => {
  const p = asValue(a, b)
  const q = asValue(b, a)
  if (p.shape.length === 0 || q.shape.length === 0 || sameShape(p.shape, q.shape)) return [p, q]
  const shape = broadcastShapes(p.shape, q.shape)
  return [broadcastTo(p, shape), broadcastTo(q, shape)]
}

/** The derivative in an argument that may be a scalar beside a larger result. */
export const spreading =
  <P>(index: number, rule: Rule<P>): Rule<P> =>
  (args, out, params) => {
    const map = rule(args, out, params)
    const { shape } = args[index] as Value
    if (shape.length === out.shape.length) return map
    return { apply: (v) => fill(map.apply(v), out.shape), adjoint: (w) => unfill(map.adjoint(w), shape) }
  }

/** An elementwise operation of two arguments, with broadcasting. */
export const binary = (spec: {
  readonly name: string
  readonly impl: (a: Tensor, b: Tensor) => Tensor
  readonly partials: readonly [Rule<undefined>, Rule<undefined>]
}): ((a: Operand, b: Operand) => Value) => {
  const operation = primitive<undefined>({
    name: spec.name,
    typeOf: (args) => elementwiseType(spec.name, args),
    impl: ([a, b]) => spec.impl(a as Tensor, b as Tensor),
    partials: spec.partials.map((rule, i) => spreading(i, rule)),
  })
  return (a, b) => bindOne(operation, aligned(a, b), undefined)
}

/** Multiplication by a fixed value: the derivative of every elementwise function. */
export const scaledBy = (factor: Value): LinearMap<Value> => selfAdjoint((v) => mul(v, factor))

const negPrimitive: Primitive<undefined> = linearPrimitive({
  name: 'neg',
  typeOf: (x) => x,
  impl: (x) => dense.neg(x),
  adjoint: (w) => neg(w),
})

/** −x */
export const neg = (x: Operand): Value => bindOne(negPrimitive, [asValue(x)], undefined)

/**
 * a + b, with broadcasting.
 *
 * @example
 * toNested(concrete(add(tensor([1, 2]), 10))) // => [11, 12]
 */
export const add = (a: Operand, b: Operand): Value => {
  const [p, q] = aligned(a, b)
  return plus(p as Value, q as Value)
}

/** a − b, with broadcasting. */
export const sub: (a: Operand, b: Operand) => Value = binary({
  name: 'sub',
  impl: dense.sub,
  partials: [() => selfAdjoint((v) => v), () => selfAdjoint(neg)],
})

/** a · b entry by entry, with broadcasting. */
export const mul: (a: Operand, b: Operand) => Value = binary({
  name: 'mul',
  impl: dense.mul,
  partials: [([, b]) => scaledBy(b as Value), ([a]) => scaledBy(a as Value)],
})

const divPrimitive: Primitive<undefined> = {
  name: 'div',
  typeOf: (args) => [elementwiseType('div', args)],
  impl: ([a, b]) => [dense.div(a as Tensor, b as Tensor)],
  // Not by `binary`: the two partials share w / b.
  linearize: ([a, b], _, active) => {
    const [p, q] = [a as Value, b as Value]
    const out = div(p, q)
    return [
      [out],
      {
        apply: ([v, w]) => {
          const numerator = w ? (v ? sub(v, mul(out, w)) : neg(mul(out, w))) : v
          return [numerator && fill(div(numerator, q), out.shape)]
        },
        adjoint: ([w]) => {
          if (!w) return [undefined, undefined]
          const scaled = div(w, q)
          return [
            active[0] ? unfill(scaled, p.shape) : undefined,
            active[1] ? unfill(neg(mul(scaled, out)), q.shape) : undefined,
          ]
        },
      },
    ]
  },
}

/** a / b entry by entry, with broadcasting. */
export const div = (a: Operand, b: Operand): Value => bindOne(divPrimitive, aligned(a, b), undefined)
