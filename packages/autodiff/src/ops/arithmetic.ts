import * as dense from '@secant/linalg'
import { type LinearMap, selfAdjoint, type Tensor } from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Value } from '../core.ts'
import { elementwiseBatch, elementwiseType, fill, linearPrimitive, plus, unfill } from '../vector-space.ts'
import { aligned, binary } from './pointwise.ts'

/** Multiplication by a fixed value: the derivative of every elementwise function. */
export const scaledBy = (factor: Value): LinearMap<Value> => selfAdjoint((v) => mul(v, factor))

const negPrimitive: Primitive<undefined> = linearPrimitive({
  name: 'neg',
  typeOf: (x) => x,
  impl: (x) => dense.neg(x),
  adjoint: (w) => neg(w),
  batch: (x) => neg(x),
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
  batch: (args, batched, _, count) => [bindOne(divPrimitive, elementwiseBatch(args, batched, count), undefined)],
}

/** a / b entry by entry, with broadcasting. */
export const div = (a: Operand, b: Operand): Value => bindOne(divPrimitive, aligned(a, b), undefined)
