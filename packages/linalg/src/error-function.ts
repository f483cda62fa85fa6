/**
 * Chebyshev coefficients of (1 + 2x) · exp(x²) erfc(x) for x ≥ 1 in the variable (x − 4) / (x + 2), which runs from
 * −1 to 1; computed with 60 digits. What is left out is below 4e-18.
 */
const tail: readonly number[] = [
  1.2204857754806913, -0.08418447151652825, -0.013730709001339407, 0.0069438598924708725, -0.0012054867736743487,
  5.692477826169055e-5, 1.5617075037590155e-5, -2.1501727934342455e-6, -2.5526541506231423e-7, 5.785709081956791e-8,
  6.494085980464144e-9, -1.564358468657318e-9, -2.376557848206926e-10, 4.070188739458109e-11, 1.0156095917694694e-11,
  -7.948097889092799e-13, -4.35909501678456e-13, -6.406772666585812e-15, 1.6880007929945133e-14, 2.0247897318668097e-15,
  -4.966025220050899e-16, -1.5010891175307192e-16, 3.2307366155371895e-18, 7.492844195533644e-18,
]

/** erfc(x) for x ≥ 1, by Clenshaw's recurrence. */
const erfcBeyondOne = (x: number): number => {
  if (x > 27.3) return 0
  const u = (x - 4) / (x + 2)
  let [next, afterNext] = [0, 0]
  for (let k = tail.length - 1; k >= 1; k--) {
    const present = 2 * u * next - afterNext + (tail[k] as number)
    afterNext = next
    next = present
  }
  const scaled = (u * next - afterNext + (tail[0] as number)) / (1 + 2 * x)
  // x² in two parts, so that its rounding is not magnified by the exponential.
  const high = Math.fround(x)
  return Math.exp(-high * high) * Math.exp((high - x) * (high + x)) * scaled
}

/** erf(x) for |x| ≤ 1, by its power series. */
const erfWithinOne = (x: number): number => {
  const square = x * x
  let power = x
  let sum = x
  for (let n = 1; n < 40; n++) {
    power *= -square / n
    const term = power / (2 * n + 1)
    if (Math.abs(term) <= 1e-18 * Math.abs(sum)) break
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

/**
 * 2/√π ∫₀ˣ exp(−t²) dt; relative error below 1e-15 (5e-16 measured).
 *
 * @example
 * erf(1) // => 0.8427
 */
export const erf = (x: number): number => {
  if (Math.abs(x) <= 1) return erfWithinOne(x)
  return x > 0 ? 1 - erfcBeyondOne(x) : erfcBeyondOne(-x) - 1
}

/**
 * 1 − erf(x) without cancellation; relative error below 3e-15 (2e-15 measured) until it vanishes beyond x = 27.
 *
 * @example
 * erfc(5) // => 1.5375e-12
 */
export const erfc = (x: number): number => {
  if (x >= 1) return erfcBeyondOne(x)
  return x >= -1 ? 1 - erfWithinOne(x) : 2 - erfcBeyondOne(-x)
}
