/** Bernoulli numbers B₂, B₄, …, B₂₀. */
const bernoulli: readonly number[] = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
]

/** ζ(k) − 1 for k = 2, 3, …, 29, computed with 60 digits. */
const zetaMinusOne: readonly number[] = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
  0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645,
  0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-5, 3.058823630702049e-5, 1.528225940865187e-5,
  7.637197637899763e-6, 3.81729326499984e-6, 1.908212716553939e-6, 9.539620338727962e-7, 4.769329867878064e-7,
  2.38450502727733e-7, 1.1921992596531106e-7, 5.960818905125948e-8, 2.980350351465228e-8, 1.4901554828365043e-8,
  7.45071178983543e-9, 3.725334024788457e-9, 1.862659723513049e-9,
]

const eulerGamma = 0.5772156649015329

/** log Γ(2 + z) for |z| ≤ ½: its Taylor series, which is exact at the zero (Abramowitz and Stegun, 6.1.33). */
const nearTwo = (z: number): number => {
  let sum = 0
  for (let k = zetaMinusOne.length + 1; k >= 2; k--)
    sum = z * (sum + ((k % 2 === 0 ? 1 : -1) * (zetaMinusOne[k - 2] as number)) / k)
  return z * (sum + (1 - eulerGamma))
}

/** Stirling's series (6.1.41), for x ≥ 10. */
const stirling = (x: number): number => {
  let correction = 0
  for (let k = bernoulli.length; k >= 1; k--)
    correction = correction / (x * x) + (bernoulli[k - 1] as number) / (2 * k * (2 * k - 1))
  return (x - 0.5) * (Math.log(x) - 1) + (0.5 * Math.log(2 * Math.PI) - 0.5) + correction / x
}

/** The distance to the nearest whole number, with its sign. */
const toWhole = (x: number): number => x - Math.round(x)

/**
 * log |Γ(x)|; +∞ at 0, −1, −2, … Relative error of a few 1e-15 for x > 0, also near its zeros 1 and 2; near those
 * between negative integers only the absolute error is small.
 *
 * @example
 * lgamma(5) // => 3.1781
 */
export const lgamma = (x: number): number => {
  if (Number.isNaN(x) || x === Number.POSITIVE_INFINITY) return x
  if (x === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY
  if (x >= 10) return stirling(x)
  if (x > 2.5) {
    let [product, rest] = [1, x]
    while (rest > 2.5) {
      rest -= 1
      product *= rest
    }
    return Math.log(product) + nearTwo(rest - 2)
  }
  if (x >= 1.5) return nearTwo(x - 2)
  if (x >= 0.5) return nearTwo(x - 1) - Math.log1p(x - 1)
  if (x > -0.5) return nearTwo(x) - Math.log1p(x) - Math.log(Math.abs(x))
  return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * toWhole(x)))) - lgamma(1 - x)
}

const factorial = (n: number): number => {
  let product = 1
  for (let k = 2; k <= n; k++) product *= k
  return product
}

/** cot πx, exactly 0 half-way between whole numbers. */
const cotangent = (x: number): number => {
  const r = toWhole(x)
  return Math.abs(r) > 0.25 ? Math.sign(r) * Math.tan(Math.PI * (0.5 - Math.abs(r))) : 1 / Math.tan(Math.PI * r)
}

/** dᵐ/dxᵐ of π cot πx, as a polynomial in the cotangent: each derivative multiplies by −π(1 + c²). */
const cotangentDerivative = (order: number, x: number): number => {
  const c = cotangent(x)
  let coefficients: readonly number[] = [0, Math.PI]
  for (let m = 0; m < order; m++) {
    const next = new Array<number>(coefficients.length + 1).fill(0)
    for (const [k, a] of coefficients.entries()) {
      if (k > 0) next[k - 1] = (next[k - 1] as number) - Math.PI * k * a
      next[k + 1] = (next[k + 1] as number) - Math.PI * k * a
    }
    coefficients = next
  }
  return coefficients.reduceRight((sum, a) => sum * c + a, 0)
}

/**
 * The derivative of order `order` + 1 of log Γ: digamma for 0, trigamma for 1, … (6.4.1). NaN at 0, −1, −2, …
 * Error of a few 1e-15 relative to the largest term, which is the value but near zeros of the function.
 *
 * @example
 * polygamma(0, 1) // => -0.5772
 */
export const polygamma = (order: number, x: number): number => {
  if (x <= 0 && Number.isInteger(x)) return Number.NaN
  if (x < 0) return (order % 2 === 0 ? 1 : -1) * polygamma(order, 1 - x) - cotangentDerivative(order, x)
  const sign = order % 2 === 0 ? -1 : 1
  let shifted = x
  let shift = 0
  for (; shifted < 12 + order; shifted += 1) shift += shifted ** -(order + 1)
  // The asymptotic series (6.3.18, 6.4.11), its terms by ratios so that no factorial overflows.
  const square = shifted * shifted
  let ratio = factorial(order + 1) / (2 * square)
  let series = 0
  for (let k = 1; k <= bernoulli.length; k++) {
    series += (bernoulli[k - 1] as number) * ratio
    ratio *= ((2 * k + order) * (2 * k + order + 1)) / ((2 * k + 1) * (2 * k + 2) * square)
  }
  const half = factorial(order) / (2 * shifted)
  if (order === 0) return Math.log(shifted) - half - series - shift
  return sign * ((factorial(order - 1) + half + series) * shifted ** -order + factorial(order) * shift)
}

/** Γ′(x)/Γ(x); NaN at 0, −1, −2, … */
export const digamma = (x: number): number => polygamma(0, x)
