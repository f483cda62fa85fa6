/** Functions in fixed point with 128 bits behind the point: what rounding to double is judged by. */
const bits = 128n
const one = 1n << bits

/** A finite double as a fixed-point number: exact from 2⁻⁷⁵ on. */
export const fixed = (x: number): bigint => {
  const word = new BigInt64Array(Float64Array.of(Math.abs(x)).buffer)[0] as bigint
  const exponent = word >> 52n
  const mantissa = exponent === 0n ? word : (word & ((1n << 52n) - 1n)) | (1n << 52n)
  const shift = (exponent === 0n ? 1n : exponent) - 1075n + bits
  const size = shift >= 0n ? mantissa << shift : mantissa >> -shift
  return x < 0 ? -size : size
}

/** A fixed-point number as a double, near enough to tell an ulp. */
export const rough = (x: bigint): number => Number(x) / 2 ** 128

/** How far a double is from a fixed-point number, in ulps of the latter. */
export const ulps = (found: number, exact: bigint): number => {
  const size = Math.max(Math.abs(rough(exact)), 2 ** -1022)
  const ulp = 2 ** (Math.floor(Math.log2(size)) - 52)
  return Math.abs(rough(fixed(found) - exact)) / ulp
}

const times = (a: bigint, b: bigint): bigint => (a * b) >> bits
const over = (a: bigint, b: bigint): bigint => (a << bits) / b

/** 1/k! in fixed point: 0 behind the last. */
const inverseFactorials: readonly bigint[] = Array.from({ length: 36 }, (_, k) => {
  let product = 1n
  for (let n = 2n; n <= BigInt(k); n++) product *= n
  return one / product
})

/** Σ xᵏ / (first + k · step)! */
const series = (x: bigint, first: number, step: number): bigint => {
  // By Horner; from where xᵏ / k! is nothing, for |x| < 1.
  let sum = 0n
  for (let at = first + step * Math.floor((34 - first) / step); at >= first; at -= step)
    sum = times(sum, x) + (inverseFactorials[at] as bigint)
  return sum
}

/** artanh(1/n) = 1/n + 1/(3n³) + … and arctan(1/n), alternating. */
const inverseSeries = (n: bigint, sign: bigint): bigint => {
  let [sum, power] = [0n, one / n]
  for (let k = 0n; power !== 0n; k++) {
    sum += power / (2n * k + 1n)
    power = (sign * power) / (n * n)
  }
  return sum
}

/** log 2 = 2 artanh(1/3) and π/2 by Machin's formula. */
export const log2: bigint = 2n * inverseSeries(3n, 1n)
export const halfPi: bigint = 2n * (4n * inverseSeries(5n, -1n) - inverseSeries(239n, -1n))

/** The nearest whole number to a / b. */
const nearest = (a: bigint, b: bigint): bigint => {
  const doubled = 2n * a + b
  const quotient = doubled / (2n * b)
  return doubled < 0n && quotient * 2n * b !== doubled ? quotient - 1n : quotient
}

const halvings = 6n

/** eˣ for |x| < 2⁻⁷, where sixteen terms are enough. */
const exponential = (x: bigint): bigint => {
  let sum = 0n
  for (let k = 16; k >= 0; k--) sum = times(sum, x) + (inverseFactorials[k] as bigint)
  return sum
}

/** eˣ of a fixed-point number as p · 2ⁿ with p near 1. */
export const scaledExp = (x: bigint): readonly [p: bigint, n: bigint] => {
  const n = nearest(x, log2)
  let power = exponential((x - n * log2) >> halvings)
  for (let i = 0n; i < halvings; i++) power = times(power, power)
  return [power, n]
}

const exactExp = (x: bigint): bigint => {
  const [power, n] = scaledExp(x)
  return n >= 0n ? power << n : power >> -n
}

/** log x = y + log(x e⁻ʸ) for the double y nearest to it: of the last factor's logarithm three terms are enough. */
const exactLog = (x: bigint): bigint => {
  const y = fixed(Math.log(rough(x)))
  const d = times(x, exactExp(-y)) - one
  const square = times(d, d)
  return y + d - square / 2n + times(square, d) / 3n
}

const quarters = (x: bigint, ahead: bigint): bigint => {
  const n = nearest(x, halfPi)
  const r = x - n * halfPi
  const square = -times(r, r)
  const phase = (((n + ahead) % 4n) + 4n) % 4n
  const value = phase % 2n === 0n ? times(r, series(square, 1, 2)) : series(square, 0, 2)
  return phase >= 2n ? -value : value
}

export const exact = {
  exp: (x: number): bigint => exactExp(fixed(x)),
  expm1: (x: number): bigint => exactExp(fixed(x)) - one,
  log: (x: number): bigint => exactLog(fixed(x)),
  log1p: (x: number): bigint => exactLog(one + fixed(x)),
  tanh: (x: number): bigint => {
    const power = exactExp(2n * fixed(x))
    return over(power - one, power + one)
  },
  sigmoid: (x: number): bigint => over(one, one + exactExp(-fixed(x))),
  sin: (x: number): bigint => quarters(fixed(x), 0n),
  cos: (x: number): bigint => quarters(fixed(x), 1n),
}
