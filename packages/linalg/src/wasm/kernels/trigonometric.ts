import { type Code, type Local, local, seq } from '../assembler/code.ts'
import { when } from '../assembler/control.ts'
import { type Func, importedFunc } from '../assembler/function.ts'
import { f64x2, i64x2, v128 } from '../assembler/simd.ts'
import { type LaneFunction, laneFunction, roundingShift, unlessTiny } from './exponential.ts'
import { inverseFactorials, polynomial } from './polynomial.ts'

type V128 = Code<'v128'>

/** π/2 in four parts, the first three of 33 bits: products with whole numbers below 2²⁰ are exact. */
export const halfPi = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32] as const

/** π/2 less the first part, for multiples that are not too near x. */
export const restOfHalfPi = 6.077100506506192e-11

/** With two parts of π/2, r errs by 2⁻⁸⁷ |x|: nothing where |r| is at least this much of |x|. */
export const nearness: number = 2 ** -20

/** Beyond, the host's own functions are called. */
export const farthest = 1e6

/** a − b, and what rounding took from it (Knuth 1969, section 4.2.2). */
const difference = (a: V128, b: V128, high: Local<'v128'>, low: Local<'v128'>): readonly Code<'none'>[] => {
  const back = local('v128')
  return [
    high.set(f64x2.sub(a, b)),
    back.set(f64x2.sub(high, a)),
    low.set(f64x2.sub(f64x2.sub(a, f64x2.sub(high, back)), f64x2.add(b, back))),
  ]
}

/** x = n π/2 + r + c, |r| ≤ π/4, c below half an ulp of r; n stands in the last bits of `turns`. */
const reduced = (x: V128) => {
  const [turns, n, start, first, second] = [local('v128'), local('v128'), local('v128'), local('v128'), local('v128')]
  const [lost, lost2, r, c, rest] = [local('v128'), local('v128'), local('v128'), local('v128'), local('v128')]
  const near = local('v128')
  const times = (part: number): V128 => f64x2.mul(n, f64x2.const(part))
  return {
    before: [
      turns.set(f64x2.add(f64x2.mul(x, f64x2.const(2 / Math.PI)), f64x2.const(roundingShift))),
      n.set(f64x2.sub(turns, f64x2.const(roundingShift))),
      start.set(f64x2.sub(x, times(halfPi[0]))),
      rest.set(times(restOfHalfPi)),
      r.set(f64x2.sub(start, rest)),
      c.set(f64x2.sub(f64x2.sub(start, r), rest)),
      near.set(f64x2.lt(f64x2.abs(r), f64x2.mul(f64x2.abs(x), f64x2.const(nearness)))),
      when(v128.anyTrue(near), [
        ...difference(start, times(halfPi[1]), first, lost),
        ...difference(first, times(halfPi[2]), second, lost2),
        rest.set(f64x2.sub(f64x2.add(lost, lost2), times(halfPi[3]))),
        first.set(f64x2.add(second, rest)),
        c.set(v128.bitselect(f64x2.add(f64x2.sub(second, first), rest), c, near)),
        r.set(v128.bitselect(first, r, near)),
      ]),
    ],
    turns,
    r,
    c,
  }
}

/** The sine (`quarter` 0) or the sine a quarter turn on: the cosine. */
const turned = (x: Local<'v128'>, quarter: 0 | 1, host: Func<{ readonly x: 'f64' }, 'f64'>): V128 => {
  const { before, turns, r, c } = reduced(x)
  const [z, half, sine, cosine, rounded, far, result, phase] = [
    ...[local('v128'), local('v128'), local('v128'), local('v128')],
    ...[local('v128'), local('v128'), local('v128'), local('v128')],
  ] as const
  // Taylor: for |r| ≤ π/4 what is left out is below 2⁻⁵⁷ of the result.
  const sines = polynomial(
    z,
    inverseFactorials(3, 2, 8, true).map((a) => -a),
  )
  const cosines = polynomial(z, inverseFactorials(4, 2, 7, true))
  const one = f64x2.const(1)
  return seq(
    ...before,
    z.set(f64x2.mul(r, r)),
    half.set(f64x2.mul(f64x2.const(0.5), z)),
    rounded.set(f64x2.sub(one, half)),
    ...sines.before,
    sine.set(f64x2.add(r, f64x2.add(f64x2.mul(f64x2.mul(z, r), sines.value), f64x2.mul(c, rounded)))),
    ...cosines.before,
    cosine.set(
      f64x2.add(
        rounded,
        f64x2.add(
          f64x2.mul(f64x2.mul(z, z), cosines.value),
          f64x2.sub(f64x2.sub(f64x2.sub(one, rounded), half), f64x2.mul(r, c)),
        ),
      ),
    ),
    phase.set(i64x2.add(turns, i64x2.const(quarter))),
    // Odd quarters exchange sine and cosine, the second and third change the sign.
    result.set(
      v128.xor(
        v128.bitselect(cosine, sine, i64x2.sub(i64x2.const(0), v128.and(phase, i64x2.const(1)))),
        i64x2.shl(v128.and(phase, i64x2.const(2)), 62),
      ),
    ),
    ...(quarter === 0 ? [result.set(unlessTiny(x, 2 ** -27, result))] : []),
    far.set(f64x2.gt(f64x2.abs(x), f64x2.const(farthest))),
    when(v128.anyTrue(far), [
      result.set(
        v128.bitselect(
          f64x2.replace(f64x2.splat(host.call({ x: f64x2.extract(x, 0) })), 1, host.call({ x: f64x2.extract(x, 1) })),
          result,
          far,
        ),
      ),
    ]),
    result,
  )
}

type HostFunction = Func<{ readonly x: 'f64' }, 'f64'>

const hostSin: HostFunction = /* @__PURE__ */ importedFunc('sin', { x: 'f64' }, 'f64')
const hostCos: HostFunction = /* @__PURE__ */ importedFunc('cos', { x: 'f64' }, 'f64')

/** What modules with `sin` or `cos` import. */
export const hostFunctions: { readonly sin: (x: number) => number; readonly cos: (x: number) => number } = {
  sin: Math.sin,
  cos: Math.cos,
}

/** Sine; error at most 1 ulp. Imports the host's `sin` for |x| > 10⁶. */
export const sin: LaneFunction = /* @__PURE__ */ laneFunction('sin', (x) => turned(x, 0, hostSin))

/** Cosine; error at most 1 ulp. Imports the host's `cos` for |x| > 10⁶. */
export const cos: LaneFunction = /* @__PURE__ */ laneFunction('cos', (x) => turned(x, 1, hostCos))
