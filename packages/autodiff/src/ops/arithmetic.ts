import * as dense from '@secant/linalg'
import { type LinearMap, selfAdjoint, type Tensor } from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Value } from '../core.ts'
import { byFormula, type Formula } from '../lowering.ts'
import { elementwiseBatch, fill, floatType, linearPrimitive, plus, unfill } from '../vector-space.ts'
import { aligned, binary } from './pointwise.ts'

const negPrimitive: Primitive<undefined> = linearPrimitive({
  name: 'neg',
  typeOf: (x) => x,
  impl: (x) => dense.neg(x),
  adjoint: (w) => neg(w),
  batch: (x) => neg(x),
  lower: byFormula((on, a) => on.neg(a)),
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
  const [p, q] = aligned('add', a, b)
  return plus(p as Value, q as Value)
}

/** a − b, with broadcasting. */
export const sub: (a: Operand, b: Operand) => Value = binary({
  name: 'sub',
  impl: dense.sub,
  partials: [() => selfAdjoint((v) => v), () => selfAdjoint(neg)],
  formula: (on, a, b) => on.sub(a, b),
})

/* @__NO_SIDE_EFFECTS__ */
const productOf = (
  name: string,
  impl: (a: Tensor, b: Tensor) => Tensor,
  formula: Formula,
): ((a: Operand, b: Operand) => Value) =>
  binary({ name, impl, formula, partials: [([, b]) => scaledBy(b as Value), ([a]) => scaledBy(a as Value)] })

/** a · b entry by entry, with broadcasting. */
export const mul: (a: Operand, b: Operand) => Value = productOf('mul', dense.mul, (on, a, b) => on.mul(a, b))

/**
 * The product in which 0 wins over ∞ and NaN. Derivatives are multiplied so: what has no influence, such as the branch
 * that `where` does not take, gets derivative 0 whatever the slopes behind it are.
 */
export const scale: (a: Operand, b: Operand) => Value = productOf('scale', dense.scale, (on, a, b) => {
  const zero = on.constant(0)
  return on.select(on.or(on.equal(a, zero), on.equal(b, zero)), zero, on.mul(a, b))
})

/** Multiplication by a fixed value: the derivative of every elementwise function. */
export const scaledBy = (factor: Value): LinearMap<Value> => selfAdjoint((v) => scale(v, factor))

/** Not by `binary`: the two partials share w / b. */
/* @__NO_SIDE_EFFECTS__ */
const quotientOf = (
  name: string,
  impl: (a: Tensor, b: Tensor) => Tensor,
  formula: Formula,
): ((a: Operand, b: Operand) => Value) => {
  const self: Primitive<undefined> = {
    name,
    typeOf: (args) => [floatType(name, args)],
    impl: ([a, b]) => [impl(a as Tensor, b as Tensor)],
    linearize: ([a, b], _, active) => {
      const [p, q] = [a as Value, b as Value]
      const out = bindOne(self, [p, q], undefined)
      return [
        [out],
        {
          apply: ([v, w]) => {
            const numerator = w ? (v ? sub(v, scale(out, w)) : neg(scale(out, w))) : v
            return [numerator && fill(scaleDown(numerator, q), out.shape)]
          },
          adjoint: ([w]) => {
            if (!w) return [undefined, undefined]
            const share = scaleDown(w, q)
            return [
              active[0] ? unfill(share, p.shape) : undefined,
              active[1] ? unfill(neg(scale(share, out)), q.shape) : undefined,
            ]
          },
        },
      ]
    },
    batch: (args, batched, _, count) => [bindOne(self, elementwiseBatch(args, batched, count), undefined)],
    lower: byFormula(formula),
  }
  return (a, b) => bindOne(self, aligned(name, a, b), undefined)
}

/** a / b entry by entry, with broadcasting; of floats only. */
export const div: (a: Operand, b: Operand) => Value = quotientOf('div', dense.div, (on, a, b) => on.div(a, b))

/** The quotient in which a numerator of 0 wins, as in `scale`. */
const scaleDown: (a: Operand, b: Operand) => Value = quotientOf('scaleDown', dense.scaleDown, (on, a, b) => {
  const zero = on.constant(0)
  return on.select(on.equal(a, zero), zero, on.div(a, b))
})
