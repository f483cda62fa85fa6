import * as dense from '@secant/linalg'
import { sameShape, showShape, type Tensor, type TensorType } from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Value } from '../core.ts'
import { primitive } from '../primitive.ts'
import { mul } from './arithmetic.ts'
import { reshape } from './structure.ts'

const dotPrimitive: Primitive<undefined> = primitive({
  name: 'dot',
  typeOf: ([x, y]) => {
    const [a, b] = [x as TensorType, y as TensorType]
    if (a.shape.length !== 1 || !sameShape(a.shape, b.shape) || a.dtype !== b.dtype)
      throw new Error(
        `dot: got ${a.dtype} ${showShape(a.shape)} · ${b.dtype} ${showShape(b.shape)}; needs [n] · [n] of one dtype`,
      )
    return { dtype: a.dtype, shape: [] }
  },
  impl: ([x, y], _, { dtype }) => dense.scalar(dense.dot(x as Tensor, y as Tensor), dtype),
  partials: [
    ([, y]) => ({ apply: (v) => dot(v, y as Value), adjoint: (w) => mul(w, y as Value) }),
    ([x]) => ({ apply: (v) => dot(x as Value, v), adjoint: (w) => mul(w, x as Value) }),
  ],
})

/**
 * Inner product `[n] · [n] → []`.
 *
 * @example
 * item(dot(tensor([1, 2]), tensor([3, 4]))) // => 11
 */
export const dot = (x: Value, y: Value): Value => bindOne(dotPrimitive, [x, y], undefined)

/** Which factors are read with rows and columns exchanged. */
interface Transposed {
  readonly transposeA: boolean
  readonly transposeB: boolean
}

/** `op(a) · op(b)` of two matrices. Every partial is again such a product, so nothing is ever transposed in memory. */
const product = (a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value =>
  bindOne(matmulPrimitive, [a, b], { transposeA, transposeB })

const matmulPrimitive: Primitive<Transposed> = primitive({
  name: 'matmul',
  typeOf: ([a, b], { transposeA, transposeB }) => {
    const [p, q] = [a as TensorType, b as TensorType]
    const [m, k] = transposeA ? [p.shape[1], p.shape[0]] : [p.shape[0], p.shape[1]]
    const [inner, n] = transposeB ? [q.shape[1], q.shape[0]] : [q.shape[0], q.shape[1]]
    if (p.shape.length !== 2 || q.shape.length !== 2 || k !== inner || p.dtype !== q.dtype) {
      const side = ({ dtype, shape }: TensorType, turned: boolean): string =>
        `${dtype} ${showShape(shape)}${turned ? 'ᵀ' : ''}`
      throw new Error(`matmul: got ${side(p, transposeA)} · ${side(q, transposeB)}; needs [m, k] · [k, n] of one dtype`)
    }
    return { dtype: p.dtype, shape: [m as number, n as number] }
  },
  impl: ([a, b], options) => dense.matmul(a as Tensor, b as Tensor, options),
  partials: [
    ([, b], _, { transposeA, transposeB }) => {
      const q = b as Value
      return {
        apply: (v) => product(v, q, transposeA, transposeB),
        adjoint: (w) => (transposeA ? product(q, w, transposeB, true) : product(w, q, false, !transposeB)),
      }
    },
    ([a], _, { transposeA, transposeB }) => {
      const p = a as Value
      return {
        apply: (v) => product(p, v, transposeA, transposeB),
        adjoint: (w) => (transposeB ? product(w, p, true, transposeA) : product(p, w, !transposeA, false)),
      }
    },
  ],
})

/**
 * Matrix product `[m, k] · [k, n] → [m, n]`; a vector on the left counts as a row, on the right as a column, and
 * its axis of length 1 disappears from the result. Fails (throws) where inner lengths or dtypes differ.
 *
 * @example
 * toNested(concrete(matmul(tensor([[1, 2], [3, 4]]), tensor([1, 1])))) // => [3, 7]
 */
export const matmul = (a: Operand, b: Operand): Value => {
  const [p, q] = [asValue(a), asValue(b)]
  const [rowless, columnless] = [p.shape.length === 1, q.shape.length === 1]
  const left = rowless ? reshape(p, [1, ...p.shape]) : p
  const right = columnless ? reshape(q, [...q.shape, 1]) : q
  const out = product(left, right, false, false)
  if (!rowless && !columnless) return out
  return reshape(
    out,
    out.shape.filter((_, axis) => !(axis === 0 && rowless) && !(axis === 1 && columnless)),
  )
}

/** Outer product `[m], [n] → [m, n]`. */
export const outer = (x: Value, y: Value): Value =>
  product(reshape(x, [...x.shape, 1]), reshape(y, [...y.shape, 1]), false, true)
