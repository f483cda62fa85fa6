import * as dense from '@secant/linalg'
import { isFloat, normalizeAxes, type Shape, sizeOf, type Tensor, type TensorType } from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Value } from '../core.ts'
import { byFormula, type Lower } from '../lowering.ts'
import { primitive } from '../primitive.ts'
import { behindBatch, floatType, spread, sumOver, wholeBatch } from '../vector-space.ts'
import { sigmoid } from './activation.ts'
import { add, div, mul, scale, scaledBy, sub } from './arithmetic.ts'
import { cast, equal, greater, logicalNot, notEqual, safeDiv, stopGradient, where } from './compare.ts'
import { exp, log, sqrt, square } from './elementwise.ts'
import { abs } from './piecewise.ts'
import { floatFunction } from './pointwise.ts'
import { broadcastTo, concatenate, reshape, slice, transpose } from './structure.ts'

/** Which axes to reduce (all, if none are given), and whether they stay with length 1. */
export interface Reduction {
  readonly axes?: readonly number[]
  readonly keep?: boolean
}

/* @__NO_SIDE_EFFECTS__ */
const reducing =
  (name: string, reduce: (x: Value, axes: readonly number[]) => Value) =>
  (x: Operand, { axes, keep = false }: Reduction = {}): Value => {
    const value = asValue(x, undefined, name)
    const normal = normalizeAxes(name, axes, value.shape.length)
    const reduced = reduce(value, normal)
    return keep ? reshape(reduced, keptShape(value.shape, normal)) : reduced
  }

const keptShape = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((length, axis) => (axes.includes(axis) ? 1 : length))

const countOf = (shape: Shape, axes: readonly number[]): number => sizeOf(axes.map((axis) => shape[axis] as number))

/**
 * Sum over axes; of a mask, how often it holds, as `int32`.
 *
 * @example
 * toNested(concrete(sum(tensor([[1, 2], [3, 4]]), { axes: [0] }))) // => [4, 6]
 */
export const sum: (x: Operand, reduction?: Reduction) => Value = reducing('sum', sumOver)

/** Mean over axes, of floats only; NaN over no entries. */
export const mean: (x: Operand, reduction?: Reduction) => Value = reducing('mean', (x, axes) => {
  floatType('mean', [x])
  return div(sumOver(x, axes), countOf(x.shape, axes))
})

/**
 * Mean square deviation from the mean over axes, divided by the count less `correction` (1 for the unbiased estimate
 * from a sample).
 *
 * @example
 * item(variance(tensor([1, 2, 3, 4]))) // => 1.25
 */
export const variance = (
  x: Operand,
  { correction = 0, ...reduction }: Reduction & { readonly correction?: number } = {},
): Value => {
  const value = asValue(x)
  const squares = square(sub(value, mean(value, { ...reduction, keep: true })))
  const count = countOf(value.shape, normalizeAxes('variance', reduction.axes, value.shape.length))
  return div(sum(squares, reduction), count - correction)
}

/** Axes as parameters, which a batch moves on by one. */
interface Over {
  readonly axes: readonly number[]
}

const typeOver = (x: TensorType, { axes }: Over): TensorType => ({
  dtype: x.dtype,
  shape: x.shape.filter((_, axis) => !axes.includes(axis)),
})

/** For each entry its share in the extreme value: 1 over the number of ties, and 0 elsewhere. Locally constant. */
const sharePrimitive: Primitive<Over> = primitive({
  name: 'extremeShare',
  typeOf: ([x]) => x as TensorType,
  impl: ([x, extreme], { axes }) => {
    const [values, spreadOut] = [x as Tensor, dense.broadcast(extreme as Tensor, (x as Tensor).shape, axes)]
    const tied = dense.zip(values, spreadOut, (a, b) => (a === b ? 1 : 0))
    return dense.div(tied, dense.broadcast(dense.sum(tied, axes), values.shape, axes))
  },
  partials: [undefined, undefined],
  batch: (args, batched, { axes }, count) =>
    bindOne(sharePrimitive, wholeBatch(args, batched, count), { axes: behindBatch(axes) }),
  lower: ({ axes }) => ({
    kind: 'composed',
    of: ([x, extreme]) => {
      const { shape, dtype } = x as Value
      const tied = cast(equal(x as Value, spread(extreme as Value, shape, axes)), dtype as 'float64')
      return div(tied, spread(sumOver(tied, axes), shape, axes))
    },
  }),
})

/** A reduction to one number whose derivative is to weigh the entries: `weights` from the argument and the result. */
/* @__NO_SIDE_EFFECTS__ */
const weighing = (
  name: string,
  impl: (x: Tensor, axes: readonly number[]) => Tensor,
  weights: (x: Value, out: Value, over: Over) => Value,
  lower: Lower<Over>,
): ((x: Operand, reduction?: Reduction) => Value) => {
  const self: Primitive<Over> = primitive({
    name,
    typeOf: ([x], over) => typeOver(x as TensorType, over),
    impl: ([x], { axes }) => impl(x as Tensor, axes),
    partials: [
      ([x], out, over) => {
        const value = x as Value
        const factors = weights(value, out, over)
        return {
          apply: (v) => sumOver(scale(v, factors), over.axes),
          adjoint: (w) => scale(spread(w, value.shape, over.axes), factors),
        }
      },
    ],
    batch: (args, _, { axes }) => bindOne(self, args, { axes: behindBatch(axes) }),
    lower,
  })
  return reducing(name, (x, axes) => bindOne(self, [x], { axes }))
}

const shareOf = (x: Value, extreme: Value, over: Over): Value => bindOne(sharePrimitive, [x, extreme], over)

const folding =
  (fold: 'max' | 'min'): Lower<Over> =>
  ({ axes }) => ({ kind: 'fold', fold, axes })

/** Largest entry over axes; entries that tie share the derivative equally. NaN propagates; no entries throw. */
export const max: (x: Operand, reduction?: Reduction) => Value = weighing('max', dense.max, shareOf, folding('max'))

/** Least entry over axes; entries that tie share the derivative equally. NaN propagates; no entries throw. */
export const min: (x: Operand, reduction?: Reduction) => Value = weighing('min', dense.min, shareOf, folding('min'))

/**
 * Euclidean length √Σx² over axes, without overflow; where it is 0, so are all its derivatives.
 *
 * @example
 * item(norm(tensor([3e200, 4e200]))) // => 5e200
 */
export const norm: (x: Operand, reduction?: Reduction) => Value = weighing(
  'norm',
  dense.norms,
  (x, out, { axes }) => {
    const length = spread(out, x.shape, axes)
    return safeDiv(x, length, notEqual(length, 0))
  },
  ({ axes }) => ({
    kind: 'composed',
    of: ([x]) => {
      const value = x as Value
      const most = max(abs(value), { axes })
      const unit = where(greater(most, 0), most, 1)
      return mul(unit, sqrt(sumOver(square(div(value, spread(unit, value.shape, axes))), axes)))
    },
  }),
)

/* @__NO_SIDE_EFFECTS__ */
const place = (
  name: string,
  impl: (x: Tensor, axes: readonly number[]) => Tensor,
): ((x: Operand, reduction?: Reduction) => Value) => {
  const self: Primitive<Over> = primitive({
    name,
    typeOf: ([x], over) => ({ ...typeOver(x as TensorType, over), dtype: 'int32' }),
    impl: ([x], { axes }) => impl(x as Tensor, axes),
    partials: [undefined],
    batch: (args, _, { axes }) => bindOne(self, args, { axes: behindBatch(axes) }),
  })
  return reducing(name, (x, axes) => bindOne(self, [x], { axes }))
}

/**
 * Where the largest entry lies, as `int32`: the first of equals, counted along the reduced axes together. NaN is
 * largest; no entries throw.
 *
 * @example
 * toNested(concrete(argmax(tensor([[1, 5], [7, 2]]), { axes: [1] }))) // => [1, 0]
 */
export const argmax: (x: Operand, reduction?: Reduction) => Value = place('argmax', dense.argmax)

/** Where the least entry lies, as `argmax`; NaN is least. */
export const argmin: (x: Operand, reduction?: Reduction) => Value = place('argmin', dense.argmin)

/**
 * Product over axes, by pairs of halves, so that derivatives are right beside zeros too; 1 over no entries.
 *
 * @example
 * toNested(concrete(grad((x: Value) => prod(x))(tensor([0, 2, 3])))) // => [6, 0, 0]
 */
export const prod: (x: Operand, reduction?: Reduction) => Value = reducing('prod', (x, axes) => {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
  const shape = kept.map((axis) => x.shape[axis] as number)
  const [rows, count] = [sizeOf(shape), countOf(x.shape, axes)]
  const halved = (factors: Value, length: number): Value => {
    if (length === 1) return factors
    const half = Math.ceil(length / 2)
    const [first, second] = [slice(factors, [0, 0], [rows, half]), slice(factors, [0, half], [rows, length])]
    const rest = length % 2 === 0 ? second : concatenate([second, dense.ones([rows, 1], x.dtype)], 1)
    return halved(mul(first, rest), half)
  }
  if (count === 0) return dense.ones(shape, x.dtype)
  return reshape(halved(reshape(transpose(x, [...kept, ...axes]), [rows, count]), count), shape)
})

/** Whether a mask holds anywhere over axes; not over no entries. */
export const any = (mask: Value, reduction?: Reduction): Value => greater(sum(cast(mask, 'float64'), reduction), 0)

/** Whether a mask holds everywhere over axes; so it does over no entries. */
export const all = (mask: Value, reduction?: Reduction): Value => logicalNot(any(logicalNot(mask), reduction))

/**
 * log Σ eˣ over axes, without overflow; −∞ over no entries.
 *
 * @example
 * item(logSumExp(tensor([1000, 1000]))) // => 1000.6931
 */
export const logSumExp: (x: Operand, reduction?: Reduction) => Value = reducing('logSumExp', (x, axes) => {
  if (countOf(x.shape, axes) === 0)
    return broadcastTo(asValue(Number.NEGATIVE_INFINITY, x), typeOver(x, { axes }).shape)
  const top = stopGradient(max(x, { axes }))
  const shift = where(finite(top), top, 0)
  return add(log(sumOver(exp(sub(x, spread(shift, x.shape, axes))), axes)), shift)
})

/** eᵃ / (eᵃ + eᵇ), also where both are infinite. */
const weightOf = (a: Value, b: Value): Value => {
  const gap = sub(a, b)
  return sigmoid(where(equal(gap, gap), gap, 0))
}

/** log(eᵃ + eᵇ) entry by entry, without overflow. */
export const logAddExp: (a: Operand, b: Operand) => Value = floatFunction(
  'logAddExp',
  (p, q) => (p === q ? p + Math.LN2 : Math.max(p, q) + Math.log1p(Math.exp(-Math.abs(p - q)))),
  [([a, b]) => scaledBy(weightOf(a as Value, b as Value)), ([a, b]) => scaledBy(weightOf(b as Value, a as Value))],
  (on, a, b) => {
    const less = on.call(Math.exp, on.neg(on.abs(on.sub(a, b))))
    const twice = on.add(a, on.constant(Math.LN2))
    return on.select(on.equal(a, b), twice, on.add(on.max(a, b), on.call(Math.log1p, less)))
  },
)

const finitePrimitive: Primitive<undefined> = primitive({
  name: 'finite',
  typeOf: ([x]) => {
    if (!isFloat(x as TensorType)) throw new Error(`finite: got ${(x as TensorType).dtype}; needs float64 or float32`)
    return { dtype: 'bool', shape: (x as TensorType).shape }
  },
  impl: ([x]) => dense.map(x as Tensor, (a) => (Number.isFinite(a) ? 1 : 0), 'bool'),
  partials: [undefined],
  batch: ([x]) => finite(x as Value),
  lower: byFormula((on, a) => on.less(on.abs(a), on.constant(Number.POSITIVE_INFINITY))),
})

/** Whether each entry is neither infinite nor NaN, as `bool`. */
export const finite = (x: Operand): Value => bindOne(finitePrimitive, [asValue(x)], undefined)
