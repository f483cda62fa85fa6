/** Numbers with hundreds of digits: whole multiples of 10⁻⁶⁰⁰. Enough of them for BFGS on a small function. */
const one = 10n ** 600n

const fromNumber = (x: number): bigint => (BigInt(Math.round(x * 2 ** 50)) * one) / 2n ** 50n
const times = (a: bigint, b: bigint): bigint => (a * b) / one
const over = (a: bigint, b: bigint): bigint => (a * one) / b

type Vector = readonly bigint[]
type Matrix = readonly Vector[]

const dot = (a: Vector, b: Vector): bigint => a.reduce((total, x, i) => total + times(x, b[i] as bigint), 0n)
const apply = (m: Matrix, x: Vector): Vector => m.map((row) => dot(row, x))
const minus = (a: Vector, b: Vector): Vector => a.map((x, i) => x - (b[i] as bigint))

/** The power of ten of a length, from its square. */
const log10Length = (a: Vector): number => {
  const square = dot(a, a)
  if (square <= 0n) return Number.NEGATIVE_INFINITY
  const digits = square.toString()
  return (digits.length - 1 - 600 + Math.log10(Number(digits.slice(0, 15)) / 1e14)) / 2
}

/**
 * log₁₀ ‖x_k‖ of BFGS with the steps p_k ⊙ d_k on `½x'Ax + Σ xᵢ³/6 + xᵢ⁴/24`, whose minimizer near 0 is 0, from x and
 * H₀ = I. Steps are not guarded.
 */
export const errorsOfBfgs = (
  a: readonly (readonly number[])[],
  start: readonly number[],
  steps: (k: number) => readonly number[],
  count: number,
): readonly number[] => {
  const matrix = a.map((row) => row.map(fromNumber))
  const gradient = (x: Vector): Vector =>
    apply(matrix, x).map((g, i) => {
      const xi = x[i] as bigint
      const square = times(xi, xi)
      return g + square / 2n + times(square, xi) / 6n
    })
  let x: Vector = start.map(fromNumber)
  let g = gradient(x)
  let h: Matrix = start.map((_, i) => start.map((__, j) => (i === j ? one : 0n)))
  const errors = [log10Length(x)]
  for (let k = 0; k < count; k++) {
    const p = steps(k).map(fromNumber)
    const s = apply(h, g).map((d, i) => -times(p[i] as bigint, d))
    const next = x.map((xi, i) => xi + (s[i] as bigint))
    const after = gradient(next)
    const y = minus(after, g)
    const [sy, hy] = [dot(s, y), apply(h, y)]
    const scale = over(one + over(dot(y, hy), sy), sy)
    // H⁺ = H + (1 + y'Hy/s'y) ss'/s'y − (Hy s' + s y'H)/s'y.
    h = h.map((row, i) =>
      row.map((entry, j) => {
        const [si, sj, hi, hj] = [s[i], s[j], hy[i], hy[j]] as [bigint, bigint, bigint, bigint]
        return entry + times(scale, times(si, sj)) - over(times(hi, sj) + times(si, hj), sy)
      }),
    )
    ;[x, g] = [next, after]
    errors.push(log10Length(x))
  }
  return errors
}
