import * as dense from '@secant/linalg'
import { broadcastShapes, sameShape, showShape, sizeOf, type Tensor, type TensorType } from '@secant/linalg'
import { asValue, bindOne, type Operand, type Primitive, type Value } from '../core.ts'
import { primitive } from '../primitive.ts'
import { wholeBatch } from '../vector-space.ts'
import { mul } from './arithmetic.ts'
import { broadcastTo, reshape, transpose } from './structure.ts'

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
  batch: (args, batched, _, count) => {
    const [x, y] = wholeBatch(args, batched, count) as readonly [Value, Value]
    const n = x.shape[1] as number
    return reshape(product(reshape(x, [count, 1, n]), reshape(y, [count, 1, n]), false, true), [count])
  },
  lower: () => ({ kind: 'dot' }),
})

/**
 * Inner product `[n] · [n] → []`.
 *
 * @example
 * item(dot(tensor([1, 2]), tensor([3, 4]))) // => 11
 */
export const dot = (x: Value, y: Value): Value => bindOne(dotPrimitive, [x, y], undefined)

const sidesOf = ({ shape }: TensorType): readonly [rows: number, columns: number] => [
  shape[shape.length - 2] as number,
  shape[shape.length - 1] as number,
]

/** Which factors are read with rows and columns exchanged. */
interface Transposed {
  readonly transposeA: boolean
  readonly transposeB: boolean
}

/** `op(a) · op(b)` of matrices or of equal stacks of them. Every partial is again such a product, so nothing is ever transposed in memory. */
export const product = (a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value =>
  bindOne(matmulPrimitive, [a, b], { transposeA, transposeB })

const matmulPrimitive: Primitive<Transposed> = primitive({
  name: 'matmul',
  typeOf: ([a, b], { transposeA, transposeB }) => {
    const [p, q] = [a as TensorType, b as TensorType]
    const [m, k] = transposeA ? sidesOf(p).toReversed() : sidesOf(p)
    const [inner, n] = transposeB ? sidesOf(q).toReversed() : sidesOf(q)
    const leading = p.shape.slice(0, -2)
    const fits = p.shape.length >= 2 && q.shape.length >= 2 && sameShape(leading, q.shape.slice(0, -2))
    if (!fits || k !== inner || p.dtype !== q.dtype) {
      const side = ({ dtype, shape }: TensorType, turned: boolean): string =>
        `${dtype} ${showShape(shape)}${turned ? 'ᵀ' : ''}`
      throw new Error(`matmul: got ${side(p, transposeA)} · ${side(q, transposeB)}; needs [m, k] · [k, n] of one dtype`)
    }
    return { dtype: p.dtype, shape: [...leading, m as number, n as number] }
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
  batch: (args, batched, { transposeA, transposeB }, count) => {
    const [a, b] = args as readonly [Value, Value]
    if (batched[0] && !batched[1] && b.shape.length === 2) return sharedRight(transposeA ? turned(a) : a, b, transposeB)
    if (batched[1] && !batched[0] && a.shape.length === 2)
      return turned(sharedRight(transposeB ? b : turned(b), a, !transposeA))
    const [p, q] = wholeBatch(args, batched, count) as readonly [Value, Value]
    return product(p, q, transposeA, transposeB)
  },
  lower: (transposes) => ({ kind: 'product', ...transposes }),
})

/** Each matrix of a stack transposed. */
const turned = (x: Value): Value => {
  const [rows, columns] = sidesOf(x)
  const leading = x.shape.slice(0, -2)
  if (rows === 1 || columns === 1) return reshape(x, [...leading, columns, rows])
  return transpose(x, [...leading.map((_, axis) => axis), leading.length + 1, leading.length])
}

/** A stack of matrices times one that they share, as a single product of all rows. */
const sharedRight = (a: Value, b: Value, transposeB: boolean): Value => {
  const [, k] = sidesOf(a)
  const rows = a.shape.slice(0, -1)
  const out = product(reshape(a, [sizeOf(rows), k]), b, false, transposeB)
  return reshape(out, [...rows, out.shape[1] as number])
}

/** Stacks of matrices beside each other: their leading axes stretch to common ones. */
const stacked = (a: Value, b: Value): Value => {
  if (a.shape.length <= 2 && b.shape.length <= 2) return product(a, b, false, false)
  if (b.shape.length === 2) return sharedRight(a, b, false)
  const leading = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2))
  const [p, q] = [a, b].map((x) => broadcastTo(x, [...leading, ...sidesOf(x)])) as [Value, Value]
  return product(p, q, false, false)
}

/**
 * Matrix product `[…, m, k] · […, k, n] → […, m, n]`, leading axes stretched to common ones; a vector on the left
 * counts as a row, on the right as a column, and its axis of length 1 disappears from the result.
 * Fails (throws) where inner lengths or dtypes differ.
 *
 * @example
 * toNested(concrete(matmul(tensor([[1, 2], [3, 4]]), tensor([1, 1])))) // => [3, 7]
 */
export const matmul = (a: Operand, b: Operand): Value => {
  const [p, q] = [asValue(a), asValue(b)]
  const [rowless, columnless] = [p.shape.length === 1, q.shape.length === 1]
  const left = rowless ? reshape(p, [1, ...p.shape]) : p
  const right = columnless ? reshape(q, [...q.shape, 1]) : q
  const out = stacked(left, right)
  if (!rowless && !columnless) return out
  const [rows, columns] = [out.shape.length - 2, out.shape.length - 1]
  return reshape(
    out,
    out.shape.filter((_, axis) => !(axis === rows && rowless) && !(axis === columns && columnless)),
  )
}

/** Outer product `[m], [n] → [m, n]`. */
export const outer = (x: Value, y: Value): Value =>
  product(reshape(x, [...x.shape, 1]), reshape(y, [...y.shape, 1]), false, true)
