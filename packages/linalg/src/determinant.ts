import { rounded, squareOrder } from './float-matrix.ts'
import { applyOrthogonal, triangularize } from './householder.ts'
import { eliminate } from './lu.ts'
import { eye, type Tensor } from './tensor.ts'
import { substitute } from './triangular.ts'

/** The number mantissa · 2^(500 · power), with a mantissa so near to 1 that products of two stay in range. */
interface Scaled {
  readonly mantissa: number
  readonly power: number
}

const step = 500

const scaled = (x: number, power = 0): Scaled => {
  const size = Math.abs(x)
  if (size >= 2 ** step && size < Number.POSITIVE_INFINITY) return scaled(x * 2 ** -step, power + 1)
  if (size < 2 ** -step && size > 0) return scaled(x * 2 ** step, power - 1)
  return { mantissa: x, power }
}

/** A product that neither overflows nor vanishes on the way. */
const productOf = (factors: readonly number[]): Scaled =>
  factors.reduce<Scaled>(
    ({ mantissa, power }, factor) => {
      const next = scaled(factor)
      return scaled(mantissa * next.mantissa, power + next.power)
    },
    { mantissa: 1, power: 0 },
  )

/** Four steps lead from any mantissa beyond every number. */
const toNumber = ({ mantissa, power }: Scaled): number => {
  let result = mantissa
  for (let k = 0; k < Math.min(Math.abs(power), 4); k++) result *= 2 ** (power > 0 ? step : -step)
  return result
}

/** Sign and diagonal of the triangle into which elimination turns a matrix. */
const eliminated = (operation: string, a: Tensor): Scaled => {
  const n = squareOrder(operation, a)
  const { factors, sign } = eliminate(a.data, n)
  return productOf([sign, ...Array.from({ length: n }, (_, i) => factors[i * (n + 1)] as number)])
}

/**
 * The determinant of a matrix `[n, n]`, 0 where it is singular; by elimination. Only a result that is itself out of
 * range overflows.
 *
 * @example
 * determinant(tensor([[2, 1], [4, 4]])) // => 4
 */
export const determinant = (a: Tensor): number => toNumber(eliminated('determinant', a)) + 0 // never −0

/** A determinant as `sign · exp(logAbs)`. */
export interface LogDeterminant {
  /** 1, −1, or 0 for a singular matrix. */
  readonly sign: number
  readonly logAbs: number
}

/**
 * Sign and logarithm of the determinant of a matrix `[n, n]`, for those far out of range; 0 and −∞ where it is singular.
 *
 * @example
 * logDeterminant(tensor([[0, 1e200], [1e200, 0]])) // => { sign: -1, logAbs: 921.034037 }
 */
export const logDeterminant = (a: Tensor): LogDeterminant => {
  const { mantissa, power } = eliminated('logDeterminant', a)
  return { sign: Math.sign(mantissa) + 0, logAbs: Math.log(Math.abs(mantissa)) + power * step * Math.LN2 }
}

/**
 * The cofactors of a matrix `[n, n]`: entry (i, j) is the derivative of the determinant in `a[i, j]`. Accurate for
 * singular matrices too, being put together from `a P = Q D U` with unit diagonal in U, by products of all entries of
 * D but one (Stewart, On the adjugate matrix, 1998, section 3).
 *
 * @example
 * toNested(cofactors(tensor([[3, 0], [0, 0]]))) // => [[0, 0], [0, 3]]
 */
export const cofactors = (a: Tensor): Tensor => {
  const n = squareOrder('cofactors', a)
  const factors = triangularize(a.data, n, n, { pivoting: true })
  const { work, betas, order } = factors
  const diagonal = Array.from({ length: n }, (_, i) => work[i * (n + 1)] as number)
  const reflections = betas.filter((beta) => beta !== 0).length
  const sign = (reflections % 2 === 0 ? 1 : -1) * signOf(order)
  // Where the diagonal has come down to 0, so has all that is right of it.
  const unit = work.map((entry, at) => entry / (diagonal[Math.floor(at / n)] || 1))
  const c = Float64Array.from(eye(n).data)
  substitute(unit, n, c, n, { lower: false, transpose: true, unitDiagonal: true })
  for (let i = 0; i < n; i++) {
    const factor = sign * toNumber(productOf(diagonal.filter((_, j) => j !== i)))
    for (let j = 0; j < n; j++) c[i * n + j] = (c[i * n + j] as number) * factor
  }
  applyOrthogonal(factors, c, n)
  const result = new Float64Array(n * n)
  for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) result[i * n + (order[j] as number)] = c[i * n + j] as number
  return rounded(result, a.shape, a.dtype)
}

/** 1 for an even permutation, −1 for an odd one. */
const signOf = (order: Int32Array): number => {
  let sign = 1
  for (let i = 0; i < order.length; i++)
    for (let j = 0; j < i; j++) if ((order[j] as number) > (order[i] as number)) sign = -sign
  return sign
}
