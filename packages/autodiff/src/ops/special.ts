import type { Tensor } from '@secant/linalg'
import * as dense from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Value } from '../core.ts'
import { primitive } from '../primitive.ts'
import { floatType } from '../vector-space.ts'
import { mul, neg, scaledBy } from './arithmetic.ts'
import { exp, square, unary } from './elementwise.ts'

const bell = (x: Value): Value => mul(2 / Math.sqrt(Math.PI), exp(neg(square(x))))

/** Error function, 2/√π ∫₀ˣ exp(−t²) dt. */
export const erf: (x: Operand) => Value = unary('erf', dense.erf, (x) => bell(x))

/** 1 − erf(x), without cancellation. */
export const erfc: (x: Operand) => Value = unary('erfc', dense.erfc, (x) => neg(bell(x)))

const polygammaPrimitive: Primitive<{ readonly order: number }> = primitive({
  name: 'polygamma',
  typeOf: (args) => floatType('polygamma', args),
  impl: ([x], { order }) => dense.map(x as Tensor, (a) => dense.polygamma(order, a)),
  partials: [([x], _, { order }) => scaledBy(polygamma(order + 1, x as Value))],
  batch: (args, _, params) => bindOne(polygammaPrimitive, args, params),
  lower: ({ order }) => ({
    kind: 'entries',
    formula: (on, a) => on.call((x: number) => dense.polygamma(order, x), a),
  }),
})

/** Derivative of order `order` + 1 of log Γ; NaN at 0, −1, −2, … */
export const polygamma = (order: number, x: Operand): Value => bindOne(polygammaPrimitive, [asValue(x)], { order })

/** Γ′(x)/Γ(x), the derivative of `lgamma`; NaN at 0, −1, −2, … */
export const digamma = (x: Operand): Value => polygamma(0, x)

/** log |Γ(x)|; +∞ at 0, −1, −2, … */
export const lgamma: (x: Operand) => Value = unary('lgamma', dense.lgamma, (x) => digamma(x))
