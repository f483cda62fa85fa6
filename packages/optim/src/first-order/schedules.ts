/**
 * Rates as functions of the number of steps taken before: 0 at the first step. The values between which they move may
 * be traced; boundaries and factors are numbers. Counts of steps need to be positive.
 */
import {
  add,
  cos,
  div,
  greaterEqual,
  maximum,
  minimum,
  mul,
  type Operand,
  pow,
  square,
  sub,
  where,
} from '@secant/autodiff'
import type { Schedule } from './scaled.ts'

/** The share of the way that is done, from 0 to 1. */
const progress = (operation: string, steps: number): Schedule => {
  if (!(steps > 0)) throw new Error(`${operation}: got ${steps} steps; needs a number > 0`)
  return (count) => minimum(div(count, steps), 1)
}

/** From `from` to `to` where the share is 1. */
const between = (from: Operand, to: Operand, share: Operand): Operand => add(from, mul(sub(to, from), share))

/** The same number at every step. */
export const constant =
  (value: Operand): Schedule =>
  () =>
    value

/**
 * `start · factorᵏ⁄ᵉᵛᵉʳʸ`: multiplied by the factor once in `every` steps, smoothly.
 *
 * @example
 * item(exponentialDecay({ start: 8, factor: 0.5, every: 10 })(20)) // => 2
 */
export const exponentialDecay = ({
  start,
  factor,
  every = 1,
}: {
  readonly start: Operand
  readonly factor: number
  readonly every?: number
}): Schedule => {
  if (!(factor > 0)) throw new Error(`exponentialDecay: got factor ${factor}; needs a number > 0`)
  return (count) => mul(start, pow(factor, div(count, every)))
}

/** `start / (1 + factor · k / every)` */
export const inverseTime =
  ({
    start,
    factor = 1,
    every = 1,
  }: {
    readonly start: Operand
    readonly factor?: number
    readonly every?: number
  }): Schedule =>
  (count) =>
    div(start, add(1, mul(factor / every, count)))

/** From `start` to `end` as `(1 − k / steps)ᵖᵒʷᵉʳ` falls, and `end` from there on; a straight line by default. */
export const polynomialDecay = ({
  start,
  end = 0,
  steps,
  power = 1,
}: {
  readonly start: Operand
  readonly end?: Operand
  readonly steps: number
  readonly power?: number
}): Schedule => {
  const done = progress('polynomialDecay', steps)
  return (count) => between(end, start, pow(sub(1, done(count)), power))
}

/**
 * From `start` to `end` along half a cosine, and `end` from there on (Loshchilov and Hutter 2017, equation 5, one
 * period): `end + (start − end) (1 + cos(π k / steps)) / 2`.
 *
 * @example
 * item(cosineDecay({ start: 1, steps: 100 })(50)) // => 0.5
 */
export const cosineDecay = ({
  start,
  end = 0,
  steps,
}: {
  readonly start: Operand
  readonly end?: Operand
  readonly steps: number
}): Schedule => {
  const done = progress('cosineDecay', steps)
  return (count) => between(end, start, square(cos(mul(Math.PI / 2, done(count)))))
}

/** A straight line from `from` up to `to` in the given number of steps, and `to` from there on. */
export const warmup = ({
  from = 0,
  to,
  steps,
}: {
  readonly from?: Operand
  readonly to: Operand
  readonly steps: number
}): Schedule => {
  const done = progress('warmup', steps)
  return (count) => between(from, to, done(count))
}

/**
 * Steps of a staircase: `first` until the first boundary, and from each boundary on the value beside it.
 *
 * @example
 * const rate = piecewise(1, [10, 0.1], [20, 0.01])
 * item(rate(10)) // => 0.1
 */
export const piecewise = (
  first: Operand,
  ...changes: readonly (readonly [from: number, value: Operand])[]
): Schedule => {
  changes.forEach(([from], i) => {
    if (!(from > (changes[i - 1]?.[0] ?? 0)))
      throw new Error(`piecewise: got boundaries ${changes.map(([k]) => k).join(', ')}; needs increasing ones > 0`)
  })
  return (count) =>
    changes.reduce((value: Operand, [from, next]) => where(greaterEqual(count, from), next, value), first)
}

/**
 * One schedule for a number of steps, then another that begins to count anew.
 *
 * @example
 * const rate = thenAfter(warmup({ to: 1, steps: 10 }), 10, cosineDecay({ start: 1, steps: 90 }))
 * item(rate(55)) // => 0.5
 */
export const thenAfter =
  (first: Schedule, steps: number, then: Schedule): Schedule =>
  (count) =>
    // Counts are held in range, for the branch not taken is computed all the same.
    where(greaterEqual(count, steps), then(maximum(0, sub(count, steps))), first(minimum(steps, count)))
