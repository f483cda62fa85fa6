import { type Code, type Local, local, seq } from '../assembler/code.ts'
import { type Func, func } from '../assembler/function.ts'
import { f64x2, i64x2, v128 } from '../assembler/simd.ts'
import { inverseFactorials, polynomial } from './polynomial.ts'

type V128 = Code<'v128'>

/** A function of two doubles at once. */
export type LaneFunction = Func<{ readonly x: 'v128' }, 'v128'>

export const laneFunction = (name: string, body: (x: Local<'v128'>) => V128): LaneFunction =>
  func(name, { x: 'v128' }, 'v128', ({ x }) => body(x))

/** log 2 in two parts, of which the first has 32 bits: products with whole numbers below 2²¹ are exact. */
export const log2Parts = [0.6931471803691238, 1.9082149292705877e-10] as const

/** Added to a number below 2⁵⁰, leaves its nearest whole number in the last bits. */
export const roundingShift: number = 1.5 * 2 ** 52

/** exp r = 1 + r + rest, x = n log 2 + r, with what rounding took from r put into the rest. */
interface Reduced {
  readonly before: readonly Code<'none'>[]
  readonly n: Local<'v128'>
  readonly r: Local<'v128'>
  readonly rest: Local<'v128'>
}

/**
 * Cody and Waite's reduction and the Taylor polynomial of degree 13: for |r| ≤ ½ log 2 what is left out is below 2⁻⁵⁷.
 * x is at most a few thousand in size.
 */
const reduced = (x: V128): Reduced => {
  const [n, high, r, rest, correction] = [local('v128'), local('v128'), local('v128'), local('v128'), local('v128')]
  const times = (part: number): V128 => f64x2.mul(n, f64x2.const(part))
  const tail = polynomial(r, inverseFactorials(2, 1, 12))
  return {
    before: [
      n.set(
        f64x2.sub(
          f64x2.add(f64x2.mul(x, f64x2.const(Math.LOG2E)), f64x2.const(roundingShift)),
          f64x2.const(roundingShift),
        ),
      ),
      high.set(f64x2.sub(x, times(log2Parts[0]))),
      r.set(f64x2.sub(high, times(log2Parts[1]))),
      correction.set(f64x2.sub(f64x2.sub(high, r), times(log2Parts[1]))),
      ...tail.before,
      rest.set(f64x2.add(f64x2.mul(f64x2.mul(r, r), tail.value), f64x2.add(correction, f64x2.mul(r, correction)))),
    ],
    n,
    r,
    rest,
  }
}

/** 2ⁿ for whole numbers n from −1022 to 1023. */
const powerOfTwo = (n: V128): V128 =>
  i64x2.shl(
    // The bits of n + shift are those of the shift, and n.
    i64x2.add(f64x2.add(n, f64x2.const(roundingShift)), i64x2.const(1023)),
    52,
  )

/** x kept between two numbers; NaN stays. */
const clamped = (x: V128, least: number, most: number): V128 =>
  f64x2.pmax(f64x2.pmin(x, f64x2.const(most)), f64x2.const(least))

const expOf = (x: V128): { readonly before: readonly Code<'none'>[]; readonly value: V128 } => {
  const { before, n, r, rest } = reduced(x)
  const half = local('v128')
  return {
    before: [
      ...before,
      half.set(
        f64x2.sub(f64x2.add(f64x2.mul(n, f64x2.const(0.5)), f64x2.const(roundingShift)), f64x2.const(roundingShift)),
      ),
    ],
    // In two factors, of which the first is exact: results below 2⁻¹⁰²² are rounded once.
    value: f64x2.mul(
      f64x2.mul(f64x2.add(f64x2.const(1), f64x2.add(r, rest)), powerOfTwo(half)),
      powerOfTwo(f64x2.sub(n, half)),
    ),
  }
}

/** Below, eˣ is 0. */
const lowest = -745.2

/** eˣ; error at most 1 ulp. */
export const exp: LaneFunction = /* @__PURE__ */ laneFunction('exp', (x) => {
  const [kept, gone] = [local('v128'), local('v128')]
  const { before, value } = expOf(kept)
  return seq(
    gone.set(f64x2.lt(x, f64x2.const(lowest))),
    // What is 0 in the end is not computed: an underflow takes as long as the rest several times over.
    kept.set(v128.andnot(f64x2.pmin(x, f64x2.const(710)), gone)),
    ...before,
    v128.andnot(value, gone),
  )
})

/** eˣ − 1 as a sum of two numbers, the second below half an ulp of the first, both halved. */
const halvedExpm1 = (
  x: V128,
): { readonly before: readonly Code<'none'>[]; readonly high: Local<'v128'>; readonly low: V128 } => {
  const { before, n, r, rest } = reduced(x)
  const [scale, big, small, high] = [local('v128'), local('v128'), local('v128'), local('v128')]
  return {
    before: [
      ...before,
      scale.set(powerOfTwo(f64x2.sub(n, f64x2.const(1)))),
      big.set(f64x2.sub(scale, f64x2.const(0.5))),
      small.set(f64x2.mul(scale, r)),
      high.set(f64x2.add(big, small)),
    ],
    high,
    low: f64x2.add(f64x2.mul(scale, rest), f64x2.sub(small, f64x2.sub(high, big))),
  }
}

/** Lanes of x where |x| is below a bound, of the value elsewhere. */
export const unlessTiny = (x: V128, bound: number, value: V128): V128 =>
  v128.bitselect(x, value, f64x2.lt(f64x2.abs(x), f64x2.const(bound)))

/** eˣ − 1; error at most 1 ulp. */
export const expm1: LaneFunction = /* @__PURE__ */ laneFunction('expm1', (x) => {
  const kept = local('v128')
  const { before, high, low } = halvedExpm1(kept)
  return seq(
    kept.set(clamped(x, -40, 710)),
    ...before,
    unlessTiny(x, 2 ** -54, f64x2.mul(f64x2.const(2), f64x2.add(high, low))),
  )
})

/** (e²ˣ − 1) / (e²ˣ + 1); error at most 1.5 ulp. */
export const tanh: LaneFunction = /* @__PURE__ */ laneFunction('tanh', (x) => {
  const [kept, top, low, sum, quotient] = [local('v128'), local('v128'), local('v128'), local('v128'), local('v128')]
  const halved = halvedExpm1(kept)
  const sign = f64x2.const(-0)
  return seq(
    // Beyond 20 the quotient is 1.
    kept.set(f64x2.pmin(f64x2.mul(f64x2.abs(x), f64x2.const(2)), f64x2.const(40))),
    ...halved.before,
    low.set(halved.low),
    top.set(f64x2.add(halved.high, low)),
    // What the numerator and the denominator lost when they were rounded is put back into the quotient, to first order.
    low.set(f64x2.add(low, f64x2.sub(halved.high, top))),
    sum.set(f64x2.add(f64x2.const(1), top)),
    quotient.set(f64x2.div(top, sum)),
    kept.set(f64x2.add(low, f64x2.sub(top, f64x2.sub(sum, f64x2.const(1))))),
    quotient.set(f64x2.add(quotient, f64x2.div(f64x2.sub(low, f64x2.mul(quotient, kept)), sum))),
    v128.bitselect(x, unlessTiny(x, 2 ** -28, quotient), sign),
  )
})

/** 1 / (1 + e⁻ˣ); error at most 2 ulp. */
export const sigmoid: LaneFunction = /* @__PURE__ */ laneFunction('sigmoid', (x) => {
  const [kept, gone, power] = [local('v128'), local('v128'), local('v128')]
  const [sum, lost, quotient] = [local('v128'), local('v128'), local('v128')]
  const { before, value } = expOf(kept)
  const one = f64x2.const(1)
  const below = f64x2.lt(x, f64x2.const(0))
  return seq(
    // e⁻ˡˣˡ does not overflow, so that results below 2⁻¹⁰²² come out of the division.
    kept.set(f64x2.neg(f64x2.abs(x))),
    // Beside 1 it is gone much earlier.
    gone.set(f64x2.lt(kept, v128.bitselect(f64x2.const(lowest), f64x2.const(-40), below))),
    kept.set(v128.andnot(kept, gone)),
    ...before,
    power.set(v128.andnot(value, gone)),
    sum.set(f64x2.add(one, power)),
    lost.set(f64x2.sub(power, f64x2.sub(sum, one))),
    quotient.set(f64x2.div(v128.bitselect(power, one, below), sum)),
    // What rounding took from the sum, relative to it: 1 / sum is the quotient, or 1 less the quotient.
    lost.set(f64x2.mul(lost, v128.bitselect(f64x2.sub(one, quotient), quotient, below))),
    f64x2.sub(quotient, f64x2.mul(quotient, lost)),
  )
})
