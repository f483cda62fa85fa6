import * as dense from '@secant/linalg'
import { matrixSides, type Tensor, type TensorType } from '@secant/linalg'
import { bind, type Primitive, type Value } from '../core.ts'
import { oneByOne } from '../one-by-one.ts'
import { plus } from '../vector-space.ts'
import { sub } from './arithmetic.ts'
import { product } from './product.ts'
import { concatenate, slice, transpose } from './structure.ts'
import { solveTriangular, triangleOf } from './triangular.ts'

/** `a = q r`: orthonormal columns `[m, k]` and an upper triangle `[k, n]`, k = min(m, n). */
export interface QrValues {
  readonly q: Value
  readonly r: Value
}

const strictlyLower = (x: Value): Value => triangleOf(x, { lower: true, diagonal: 0 })

/**
 * For m ≥ n. With `Y = dA R⁻¹`, `X = Qᵀ Y` and the upper triangle `Z = X − K(X)`, where K(X) is the antisymmetric matrix
 * that agrees with X below the diagonal: `dR = Z R` and `dQ = Y − Q Z`.
 */
const qrPrimitive: Primitive<undefined> = {
  name: 'qr',
  typeOf: ([a]) => {
    const { dtype, shape } = a as TensorType
    const n = shape[1] as number
    return [
      { dtype, shape },
      { dtype, shape: [n, n] },
    ]
  },
  impl: ([a]) => {
    const { q, r } = dense.qr(a as Tensor)
    return [q, r]
  },
  linearize: (args) => {
    const outs = bind(qrPrimitive, args, undefined)
    const [q, r] = outs as readonly [Value, Value]
    /** v R⁻¹, or v R⁻ᵀ. */
    const over = (v: Value, transposed: boolean): Value =>
      transpose(solveTriangular(r, transpose(v), { lower: false, transpose: !transposed }))
    return [
      outs,
      {
        apply: ([v]) => {
          if (!v) return []
          const y = over(v, false)
          const x = product(q, y, true, false)
          const below = strictlyLower(x)
          const z = plus(sub(x, below), transpose(below))
          return [sub(y, product(q, z, false, false)), product(z, r, false, false)]
        },
        adjoint: ([wq, wr]) => {
          const parts = [wr && product(wr, r, false, true), wq && product(q, wq, true, false)] as const
          const z = parts[0] && parts[1] ? sub(parts[0], parts[1]) : (parts[0] ?? (parts[1] && sub(0, parts[1])))
          if (!z) return []
          const x = sub(z, strictlyLower(sub(z, transpose(z))))
          const y = product(q, x, false, false)
          return [over(wq ? plus(wq, y) : y, true)]
        },
      },
    ]
  },
  batch: (args, batched, _, count) => oneByOne(qrPrimitive, args, batched, undefined, count),
}

/**
 * `a = q r` of a matrix `[m, n]`, the diagonal of r not negative. The derivative needs independent columns (the first m
 * of them, where m < n) and is NaN without.
 *
 * @example
 * toNested(concrete(qr(tensor([[0, -2], [3, 4]])).r)) // => [[3, 4], [0, 2]]
 */
export const qr = (a: Value): QrValues => {
  const [m, n] = matrixSides('qr', a)
  const [q, r] = bind(qrPrimitive, [m < n ? slice(a, [0, 0], [m, m]) : a], undefined) as readonly [Value, Value]
  if (m >= n) return { q, r }
  return { q, r: concatenate([r, product(q, slice(a, [0, m], [m, n]), true, false)], 1) }
}
