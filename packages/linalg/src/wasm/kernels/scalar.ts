/** Functions of one double, for values that wait for each other: few steps from the argument to the result. */
import { type Code, local, seq } from '../assembler/code.ts'
import { giveBack, select, when } from '../assembler/control.ts'
import { type Func, func } from '../assembler/function.ts'
import { f64, i32, i64 } from '../assembler/scalar.ts'
import { f64x2, i64x2, v128 } from '../assembler/simd.ts'
import { log2Parts, roundingShift } from './exponential.ts'
import { inverseFactorials, polynomial, scalarPolynomial } from './polynomial.ts'
import { cos, farthest, halfPi, nearness, restOfHalfPi, sin } from './trigonometric.ts'

const pair = (a: Code<'f64'>, b: Code<'f64'>): Code<'v128'> => f64x2.replace(f64x2.splat(a), 1, b)

/**
 * Sine in the first lane, cosine in the second, with the bits of `sin` and `cos`. Both share the reduction, and their
 * polynomials are lanes of one. Calls the kernels for lanes beyond 10⁶ and beside multiples of π/2.
 */
export const sinCos: Func<{ readonly x: 'f64' }, 'v128'> = /* @__PURE__ */ func(
  'sinCos',
  { x: 'f64' },
  'v128',
  ({ x }) => {
    const [turns, n, start, rest] = [local('f64'), local('f64'), local('f64'), local('f64')]
    const [r, c, z, half, rounded] = [local('f64'), local('f64'), local('f64'), local('f64'), local('f64')]
    const [size, squares, result, phase] = [local('f64'), local('v128'), local('v128'), local('v128')]
    const sines = inverseFactorials(3, 2, 8, true).map((a) => -a)
    const cosines = [...inverseFactorials(4, 2, 7, true), 0]
    const tail = polynomial(
      squares,
      sines.map((a, i) => [a, cosines[i] as number] as const),
    )
    const bit = (bits: Code<'v128'>, value: number): Code<'v128'> => v128.and(bits, i64x2.const(value))
    const exchanged = v128.shuffle(result, result, [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7])
    return seq(
      // Cody and Waite's reduction: n times the first part is exact, and so is what is left of x.
      turns.set(f64.add(f64.mul(x, 2 / Math.PI), roundingShift)),
      n.set(f64.sub(turns, roundingShift)),
      start.set(f64.sub(x, f64.mul(n, halfPi[0]))),
      rest.set(f64.mul(n, restOfHalfPi)),
      r.set(f64.sub(start, rest)),
      size.set(f64.abs(x)),
      // n times the second part errs by 2⁻⁸⁷ |x|, which is nothing beside r unless that is much smaller than x. Not for 0 and NaN.
      when(i32.eqz(i32.and(f64.le(size, farthest), f64.gt(f64.abs(r), f64.mul(size, nearness)))), [
        result.set(f64x2.splat(x)),
        giveBack(f64x2.replace(sin.call({ x: result }), 1, f64x2.extract(cos.call({ x: result }), 0))),
      ]),
      c.set(f64.sub(f64.sub(start, r), rest)),
      z.set(f64.mul(r, r)),
      half.set(f64.mul(0.5, z)),
      rounded.set(f64.sub(1, half)),
      squares.set(f64x2.splat(z)),
      ...tail.before,
      // sin (r + c) = r + (r³ s + c (1 − r²/2)), cos (r + c) = 1 − r²/2 + (r⁴ t − r c), with what rounding took from 1 − r²/2.
      result.set(
        f64x2.add(
          pair(r, rounded),
          f64x2.add(
            f64x2.mul(f64x2.mul(squares, pair(r, z)), tail.value),
            pair(f64.mul(c, rounded), f64.sub(f64.sub(f64.sub(1, rounded), half), f64.mul(r, c))),
          ),
        ),
      ),
      // Odd quarters exchange sine and cosine, the second and third change the sign; the cosine is a quarter ahead.
      phase.set(f64x2.splat(turns)),
      v128.xor(
        v128.bitselect(exchanged, result, i64x2.sub(i64x2.const(0), bit(phase, 1))),
        i64x2.shl(bit(i64x2.add(phase, i64x2.const(0, 1)), 2), 62),
      ),
    )
  },
)

/** Lambert's tanh a = a / (1 + z/(3 + z/(5 + …))), z = a², cut after some levels: a − a z N(z) / D(z). */
const lambert = (
  levels: number,
): { readonly numerator: readonly number[]; readonly denominator: readonly number[] } => {
  let above: readonly number[] = [2 * levels - 1]
  let below: readonly number[] = [1]
  for (let odd = 2 * levels - 3; odd > 0; odd -= 2) {
    // odd + z below / above
    const sum = Array.from({ length: Math.max(above.length, below.length + 1) }, (_, i) => {
      return odd * (above[i] ?? 0) + (below[i - 1] ?? 0)
    })
    below = above
    above = sum
  }
  return { numerator: above.slice(1).map((a, i) => a - (below[i + 1] ?? 0)), denominator: above }
}

/** Up to here, ten levels of the fraction leave out less than 2⁻⁶⁶; from here on, 1 − 2 / (e²ᵃ + 1) errs little enough. */
const middle = 0.9

/** tanh of one number; error at most 1.5 ulp. */
export const tanhOne: Func<{ readonly x: 'f64' }, 'f64'> = /* @__PURE__ */ func(
  'tanhOne',
  { x: 'f64' },
  'f64',
  ({ x }) => {
    const [a, sign, z, turns, n, r, down] = [
      local('f64'),
      local('f64'),
      local('f64'),
      local('f64'),
      local('f64'),
      local('f64'),
      local('f64'),
    ]
    const { numerator, denominator } = lambert(10)
    const above = scalarPolynomial(z, numerator)
    const below = scalarPolynomial(z, denominator)
    const exponential = scalarPolynomial(r, [
      f64.add(1, down),
      ...inverseFactorials(1, 1, 13).map((c, i) => c * 2 ** (i + 1)),
    ])
    return seq(
      a.set(f64.abs(x)),
      // As a factor, the sign is there before the rest is.
      sign.set(f64.copysign(1, x)),
      when(f64.lt(a, middle), [
        z.set(f64.mul(a, a)),
        ...above.before,
        ...below.before,
        giveBack(f64.mul(sign, f64.sub(a, f64.mul(f64.mul(a, z), f64.div(above.value, below.value))))),
      ]),
      // Beyond 20 it is 1.
      when(i32.eqz(f64.le(a, 20)), [giveBack(select(f64.gt(a, 20), sign, x))]),
      // a = n log 2 / 2 + r, up to the second part of log 2, which goes to 2⁻ⁿ: 2 / (e²ᵃ + 1) = 2 · 2⁻ⁿ / (e²ʳ + 2⁻ⁿ).
      turns.set(f64.add(f64.mul(a, 2 * Math.LOG2E), roundingShift)),
      n.set(f64.sub(turns, roundingShift)),
      r.set(f64.sub(a, f64.mul(n, log2Parts[0] / 2))),
      down.set(f64.reinterpret(i64.shl(i64.sub(1023, i64.reinterpret(turns)), 52))),
      down.set(f64.add(down, f64.mul(down, f64.mul(n, log2Parts[1])))),
      ...exponential.before,
      f64.sub(sign, f64.div(f64.mul(f64.add(down, down), sign), exponential.value)),
    )
  },
)
