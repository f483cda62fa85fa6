import { cast } from './elementwise.ts'
import { matmul } from './matmul.ts'
import { showShape } from './shape.ts'
import { eye, fromData, full, isFloat, type Tensor } from './tensor.ts'

/** Largest absolute column sum. */
const oneNorm = (a: Tensor, n: number): number => {
  let largest = 0
  for (let j = 0; j < n; j++) {
    let column = 0
    for (let i = 0; i < n; i++) column += Math.abs(a.data[i * n + j] as number)
    largest = Math.max(largest, column)
  }
  return largest
}

/** Powers that are kept, and groups of as many terms: degree 19 in seven products. */
const group = 5
const groups = 4

/**
 * Taylor's polynomial of degree 19, evaluated by Paterson and Stockmeyer's grouping. The terms left away are less
 * than a quarter of a roundoff for ‖a‖₁ ≤ 1: Σ_{k ≥ 20} 1/k! < 5·10⁻¹⁹.
 */
const taylor = (a: Tensor, n: number): Tensor => {
  const powers = [eye(n), a]
  while (powers.length <= group) powers.push(matmul(powers[powers.length - 1] as Tensor, a))
  const coefficients = [1]
  for (let k = 1; k < group * groups; k++) coefficients.push((coefficients[k - 1] as number) / k)
  const partOf = (first: number, data: Float64Array): Tensor => {
    for (let k = 0; k < group; k++) {
      const [c, power] = [coefficients[first + k] as number, (powers[k] as Tensor).data]
      for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) + c * (power[i] as number)
    }
    return fromData(data, a.shape)
  }
  let sum = partOf(group * (groups - 1), new Float64Array(n * n))
  for (let j = groups - 2; j >= 0; j--)
    sum = partOf(group * j, Float64Array.from(matmul(sum, powers[group] as Tensor).data))
  return sum
}

/**
 * eᵃ of a matrix `[n, n]` by scaling and squaring (Higham, Functions of Matrices, section 10.3, with Taylor's
 * polynomial): e^(a/2ˢ) with ‖a/2ˢ‖₁ ≤ 1 is squared s times. Error within a small multiple of n max(1, ‖a‖₁) roundoffs of
 * ‖eᵃ‖ for normal matrices; others lose what their squarings cancel. Entries too large become ∞ or NaN, an argument that
 * is not finite gives NaN; float32 is computed in double and rounded once.
 *
 * @example
 * toNested(matrixExponential(tensor([[0, 1], [0, 0]]))) // => [[1, 1], [0, 1]]
 */
export const matrixExponential = (a: Tensor): Tensor => {
  const n = a.shape[0] as number
  if (a.shape.length !== 2 || a.shape[1] !== n || !isFloat(a))
    throw new Error(`matrixExponential: got ${a.dtype} ${showShape(a.shape)}; needs a float matrix [n, n]`)
  const size = oneNorm(a, n)
  if (!Number.isFinite(size)) return full(a.shape, Number.NaN, a.dtype)
  const squarings = Math.max(0, Math.ceil(Math.log2(size)))
  const scaled = fromData(
    Float64Array.from(a.data, (entry) => entry * 2 ** -squarings),
    a.shape,
  )
  let power = taylor(scaled, n)
  for (let k = 0; k < squarings; k++) power = matmul(power, power)
  return cast(power, a.dtype)
}
