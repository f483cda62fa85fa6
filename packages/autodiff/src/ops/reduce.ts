import * as dense from '@secant/linalg'
import { isFloat, normalizeAxes, type Shape, type Tensor, type TensorType } from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Value } from '../core.ts'
import { primitive } from '../primitive.ts'
import { behindBatch, spread, sumOver, wholeBatch } from '../vector-space.ts'
import { add, div, mul, sub } from './arithmetic.ts'
import { stopGradient, where } from './compare.ts'
import { exp, log } from './elementwise.ts'
import { reshape } from './structure.ts'

/** Which axes to reduce (all, if none are given), and whether they stay with length 1. */
export interface Reduction {
  readonly axes?: readonly number[]
  readonly keep?: boolean
}

const reducing =
  (name: string, reduce: (x: Value, axes: readonly number[]) => Value) =>
  (x: Operand, { axes, keep = false }: Reduction = {}): Value => {
    const value = asValue(x)
    const normal = normalizeAxes(name, axes, value.shape.length)
    const reduced = reduce(value, normal)
    return keep ? reshape(reduced, keptShape(value.shape, normal)) : reduced
  }

const keptShape = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((length, axis) => (axes.includes(axis) ? 1 : length))

/**
 * Sum over axes.
 *
 * @example
 * toNested(concrete(sum(tensor([[1, 2], [3, 4]]), { axes: [0] }))) // => [4, 6]
 */
export const sum: (x: Operand, reduction?: Reduction) => Value = reducing('sum', sumOver)

/** Mean over axes; NaN over no entries. */
export const mean: (x: Operand, reduction?: Reduction) => Value = reducing('mean', (x, axes) =>
  div(
    sumOver(x, axes),
    axes.reduce((count, axis) => count * (x.shape[axis] as number), 1),
  ),
)

const reducedType = (x: TensorType, axes: readonly number[]): TensorType => ({
  dtype: x.dtype,
  shape: x.shape.filter((_, axis) => !axes.includes(axis)),
})

/** For each entry its share in the maximum: 1 over the number of ties, and 0 below. Locally constant. */
const sharePrimitive: Primitive<{ readonly axes: readonly number[] }> = primitive({
  name: 'maxShare',
  typeOf: ([x]) => x as TensorType,
  impl: ([x, top], { axes }) => {
    const [values, spreadTop] = [x as Tensor, dense.broadcast(top as Tensor, (x as Tensor).shape, axes)]
    const tied = dense.zip(values, spreadTop, (a, b) => (a === b ? 1 : 0))
    return dense.div(tied, dense.broadcast(dense.sum(tied, axes), values.shape, axes))
  },
  partials: [undefined, undefined],
  batch: (args, batched, { axes }, count) =>
    bindOne(sharePrimitive, wholeBatch(args, batched, count), { axes: behindBatch(axes) }),
})

const maxPrimitive: Primitive<{ readonly axes: readonly number[] }> = primitive({
  name: 'max',
  typeOf: ([x], { axes }) => reducedType(x as TensorType, axes),
  impl: ([x], { axes }) => dense.max(x as Tensor, axes),
  partials: [
    ([x], top, params) => {
      const [value, { axes }] = [x as Value, params]
      const share = bindOne(sharePrimitive, [value, top], params)
      return {
        apply: (v) => sumOver(mul(v, share), axes),
        adjoint: (w) => mul(spread(w, value.shape, axes), share),
      }
    },
  ],
  batch: (args, _, { axes }) => bindOne(maxPrimitive, args, { axes: behindBatch(axes) }),
})

/** Largest entry over axes; entries that tie share the derivative equally. NaN propagates; no entries throw. */
export const max: (x: Operand, reduction?: Reduction) => Value = reducing('max', (x, axes) =>
  bindOne(maxPrimitive, [x], { axes }),
)

/**
 * log Σ eˣ over axes, without overflow.
 *
 * @example
 * item(logSumExp(tensor([1000, 1000]))) // => 1000.6931
 */
export const logSumExp: (x: Operand, reduction?: Reduction) => Value = reducing('logSumExp', (x, axes) => {
  const top = stopGradient(bindOne(maxPrimitive, [x], { axes }))
  const shift = where(finite(top), top, 0)
  return add(log(sumOver(exp(sub(x, spread(shift, x.shape, axes))), axes)), shift)
})

const finitePrimitive: Primitive<undefined> = primitive({
  name: 'finite',
  typeOf: ([x]) => {
    if (!isFloat(x as TensorType)) throw new Error(`finite: got ${(x as TensorType).dtype}; needs float64 or float32`)
    return { dtype: 'bool', shape: (x as TensorType).shape }
  },
  impl: ([x]) => dense.map(x as Tensor, (a) => (Number.isFinite(a) ? 1 : 0), 'bool'),
  partials: [undefined],
  batch: ([x]) => finite(x as Value),
})

/** Whether each entry is neither infinite nor NaN, as `bool`. */
export const finite = (x: Operand): Value => bindOne(finitePrimitive, [asValue(x)], undefined)
