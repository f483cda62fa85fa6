import { type Code, type Local, local, seq } from '../assembler/code.ts'
import { when } from '../assembler/control.ts'
import { f64x2, i64x2, v128 } from '../assembler/simd.ts'
import { type LaneFunction, laneFunction, log2Parts } from './exponential.ts'
import { polynomial } from './polynomial.ts'

type V128 = Code<'v128'>

const bitsOf = (x: number): bigint => new BigInt64Array(Float64Array.of(x).buffer)[0] as bigint

const least = 2 ** -1022

/**
 * log of u = 2ᵏ (1 + f) plus a small correction, √½ ≤ 1 + f < √2, for positive normal u: with s = f / (2 + f),
 * log(1 + f) = 2 artanh s = f − (f²/2 − s (f²/2 + R(s²))), R from Taylor's series up to s²¹. `exponent` is added to k.
 */
const logOf = (
  u: Local<'v128'>,
  correction: V128 | undefined,
  exponent: V128 | undefined,
): { readonly before: readonly Code<'none'>[]; readonly value: V128 } => {
  const [biased, k, f, s, z, half] = [
    local('v128'),
    local('v128'),
    local('v128'),
    local('v128'),
    local('v128'),
    local('v128'),
  ]
  // s (f²/2 + R) = s (f²/2) + s R, and 2 artanh s − 2s = s (2/3 s² + 2/5 s⁴ + …) is s R.
  const series = polynomial(
    z,
    Array.from({ length: 10 }, (_, i) => 2 / (2 * i + 3)),
  )
  const low = f64x2.mul(k, f64x2.const(log2Parts[1]))
  return {
    before: [
      // 1023 + k, from bits that are moved so that the exponent changes at √½.
      biased.set(i64x2.shrU(i64x2.add(u, i64x2.const(bitsOf(1) - bitsOf(Math.SQRT1_2))), 52)),
      f.set(f64x2.sub(i64x2.sub(i64x2.add(u, i64x2.const(bitsOf(1))), i64x2.shl(biased, 52)), f64x2.const(1))),
      k.set(f64x2.sub(v128.or(biased, i64x2.const(bitsOf(2 ** 52))), f64x2.const(2 ** 52 + 1023))),
      ...(exponent === undefined ? [] : [k.set(f64x2.add(k, exponent))]),
      s.set(f64x2.div(f, f64x2.add(f, f64x2.const(2)))),
      z.set(f64x2.mul(s, s)),
      half.set(f64x2.mul(f64x2.const(0.5), f64x2.mul(f, f))),
      ...series.before,
    ],
    value: f64x2.sub(
      f64x2.mul(k, f64x2.const(log2Parts[0])),
      f64x2.sub(
        f64x2.sub(
          half,
          f64x2.add(
            f64x2.mul(s, f64x2.add(half, f64x2.mul(z, series.value))),
            correction === undefined ? low : f64x2.add(low, correction),
          ),
        ),
        f,
      ),
    ),
  }
}

/** log where u is 0, negative, infinite or NaN. */
const special = (u: V128, value: V128): V128 => {
  const lost = v128.bitselect(
    v128.bitselect(f64x2.const(Number.NEGATIVE_INFINITY), f64x2.const(Number.NaN), f64x2.eq(u, f64x2.const(0))),
    u,
    f64x2.le(u, f64x2.const(0)),
  )
  // What is left: +∞ and NaN, which are their own logarithms, and −∞.
  const unusual = v128.not(v128.and(f64x2.gt(u, f64x2.const(0)), f64x2.lt(u, f64x2.const(Number.POSITIVE_INFINITY))))
  return v128.bitselect(lost, value, unusual)
}

/** Natural logarithm; error at most 1 ulp. −∞ at ±0, NaN below. */
export const log: LaneFunction = /* @__PURE__ */ laneFunction('log', (x) => {
  const [u, shift, tiny, result] = [local('v128'), local('v128'), local('v128'), local('v128')]
  const { before, value } = logOf(u, undefined, shift)
  return seq(
    u.set(x),
    tiny.set(f64x2.lt(x, f64x2.const(least))),
    shift.set(f64x2.const(0)),
    when(v128.anyTrue(tiny), [
      u.set(v128.bitselect(f64x2.mul(x, f64x2.const(2 ** 54)), x, tiny)),
      shift.set(v128.and(tiny, f64x2.const(-54))),
    ]),
    ...before,
    result.set(value),
    special(x, result),
  )
})

/** log(1 + x), also where x is small; error at most 1 ulp. −∞ at −1, NaN below. */
export const log1p: LaneFunction = /* @__PURE__ */ laneFunction('log1p', (x) => {
  const [u, correction, result] = [local('v128'), local('v128'), local('v128')]
  const { before, value } = logOf(u, correction, undefined)
  const one = f64x2.const(1)
  return seq(
    u.set(f64x2.add(one, x)),
    // What rounding took from 1 + x, the larger of the two being subtracted first.
    correction.set(
      f64x2.div(v128.bitselect(f64x2.sub(one, f64x2.sub(u, x)), f64x2.sub(x, f64x2.sub(u, one)), f64x2.ge(x, one)), u),
    ),
    ...before,
    result.set(value),
    // The sign of a zero is that of x.
    v128.bitselect(x, special(u, result), f64x2.const(-0)),
  )
})
