import { foldIn, fromData, type Key, key, map, scalar, split, type Tensor, uniform } from '@secant/linalg'
import type { Value, Values } from './core.ts'
import { grad, linearize } from './gradient.ts'
import { add, mul } from './ops/arithmetic.ts'
import { cast } from './ops/compare.ts'
import { sum } from './ops/reduce.ts'
import { concrete } from './read.ts'
import { flatten, type Structure, unflatten } from './tree.ts'

/** Three measurements of one number, `⟨J v, w⟩` for a direction v and a weighting w of the results. */
export interface DerivativeCheck {
  readonly forward: number
  readonly reverse: number
  readonly difference: number
  /** Estimated error of the difference quotient. */
  readonly uncertainty: number
  /** Whether forward and reverse agree to rounding, and with the difference within its uncertainty. */
  readonly agrees: boolean
}

/** Random entries between −1 and 1. */
const scattered = (like: Values, from: Key): readonly Tensor[] =>
  like.map(({ shape, dtype }, leaf) =>
    uniform(foldIn(from, leaf), shape, { min: -1, max: 1, dtype: dtype === 'float32' ? dtype : 'float64' }),
  )

const inner = (a: Values, b: Values): number => {
  let total = 0
  a.forEach((value, leaf) => {
    const [p, q] = [concrete(value).data, concrete(b[leaf] as Value).data]
    for (let i = 0; i < p.length; i++) total += (p[i] as number) * (q[i] as number)
  })
  return total
}

const absolute = (value: Value): Tensor => map(concrete(value), Math.abs)

const moved = (x: Values, v: Values, h: number): readonly Tensor[] =>
  x.map((value, leaf) => {
    const direction = concrete(v[leaf] as Value).data
    const data = concrete(value).data.map((a, i) => a + h * (direction[i] as number))
    return fromData(data, value.shape)
  })

/** Below this, products of subnormal numbers are lost and nothing can be compared. */
const smallest = 1e-290

/** What rounding may do to a derivative and to differences of values, relative to their sizes. */
const roundingOf = (leaves: Values): number => (leaves.some(({ dtype }) => dtype === 'float32') ? 1e-3 : 1e-10)

/**
 * Ridders' extrapolation of central differences: the slope of `phi` at 0 and an estimate of its error; NaN and
 * infinity where no difference is finite.
 */
export const slopeByDifferences = (
  phi: (h: number) => number,
  step: number,
): readonly [slope: number, uncertainty: number] => {
  const rows = 12
  const shrink = 1.6
  let best: readonly [number, number] = [Number.NaN, Number.POSITIVE_INFINITY]
  let previous: number[] = []
  for (let i = 0, h = step; i < rows; i++, h /= shrink) {
    const row = [(phi(h) - phi(-h)) / (2 * h)]
    for (let j = 1; j <= i; j++) {
      const factor = shrink ** (2 * j)
      const [finer, coarser] = [row[j - 1] as number, previous[j - 1] as number]
      const extrapolated = finer + (finer - coarser) / (factor - 1)
      row.push(extrapolated)
      const error = Math.max(Math.abs(extrapolated - finer), Math.abs(extrapolated - coarser))
      if (error < best[1]) best = [extrapolated, error]
    }
    // Once smaller steps make it worse, rounding has taken over.
    if (i > 1 && Math.abs((row[i] as number) - (previous[i - 1] as number)) >= 2 * best[1]) break
    previous = row
  }
  return best
}

/**
 * Compares the derivative of `f` in one direction by forward mode, by reverse mode and by differences of values.
 * `step` is the first difference step, `rounding` the allowance relative to the sizes involved; the direction and the
 * weighting are fixed, without a pattern.
 *
 * @example
 * checkDerivative((x: Value) => sum(exp(x)), tensor([0.1, 0.2])).agrees // => true
 */
export const checkDerivative = <A, B>(
  f: (x: A) => B,
  x: A,
  { step = 0.05, rounding = roundingOf(flatten(x)[0]) }: { readonly step?: number; readonly rounding?: number } = {},
): DerivativeCheck => {
  const [leaves, nesting]: readonly [Values, Structure] = flatten(x)
  const [y, derivative] = linearize(f)(x)
  const [results, resultNesting] = flatten(y)
  const [forDirection, forWeights] = split(key(0))
  const v = scattered(leaves, forDirection)
  const w = scattered(results, forWeights)
  const forward = inner(flatten(derivative.apply(unflatten(nesting, v) as A))[0], w)
  const pulled = flatten(derivative.adjoint(unflatten(resultNesting, w) as B))[0]
  const reverse = inner(v, pulled)
  const phi = (h: number): number => inner(flatten(f(unflatten(nesting, moved(leaves, v, h)) as A))[0], w)
  const [difference, uncertainty] = slopeByDifferences(phi, step)
  const size = inner(v.map(absolute), pulled.map(absolute)) + Math.abs(phi(step)) + Math.abs(phi(-step)) + smallest
  const allowed = rounding * size
  const agrees = Math.abs(forward - reverse) <= allowed && Math.abs(forward - difference) <= 10 * uncertainty + allowed
  return { forward, reverse, difference, uncertainty, agrees }
}

/** One comparison of `checkDerivatives`. */
export interface DirectionCheck extends DerivativeCheck {
  readonly order: number
  /** Which of the random directions, counted from 1. */
  readonly direction: number
}

/** All comparisons, and whether every one agrees. */
export interface DerivativesReport {
  readonly checks: readonly DirectionCheck[]
  readonly agrees: boolean
}

/** The function of a number t ↦ ⟨f(x + t v), w⟩. */
const along =
  <A, B>(f: (x: A) => B, x: A, from: Key) =>
  (t: Value): Value => {
    const [forDirection, forWeights] = split(from)
    const [leaves, nesting] = flatten(x)
    const v = scattered(leaves, forDirection)
    const at = leaves.map((leaf, i) => add(leaf, mul(cast(t, leaf.dtype as 'float64'), v[i] as Tensor)))
    const [results] = flatten(f(unflatten(nesting, at) as A))
    const weights = scattered(results, forWeights)
    const parts = results.map((y, i) => cast(sum(mul(y, weights[i] as Tensor)), 'float64'))
    return parts.reduce((total, part) => add(total, part), scalar(0))
  }

/**
 * Compares derivatives of `f` up to an order, along random directions: forward mode, reverse mode and differences of
 * the derivative one order below, which is itself taken in the two modes by turns.
 *
 * @example
 * checkDerivatives((x: Value) => sum(mul(x, exp(x))), tensor([0.1, 0.2]), { order: 3 }).agrees // => true
 */
export const checkDerivatives = <A, B>(
  f: (x: A) => B,
  x: A,
  {
    order = 2,
    directions = 3,
    seed = 0,
    step = 0.05,
  }: { readonly order?: number; readonly directions?: number; readonly seed?: number; readonly step?: number } = {},
): DerivativesReport => {
  const checks: DirectionCheck[] = []
  const rounding = roundingOf(flatten(x)[0])
  for (let direction = 1; direction <= directions; direction++) {
    let lower = along(f, x, foldIn(key(seed), direction))
    for (let k = 1; k <= order; k++) {
      checks.push({ order: k, direction, ...checkDerivative(lower, scalar(0) as Value, { step, rounding }) })
      const below = lower
      lower = k % 2 === 1 ? grad(below) : (t) => linearize(below)(t)[1].apply(scalar(1))
    }
  }
  return { checks, agrees: checks.every(({ agrees }) => agrees) }
}

/**
 * A report as a table, one comparison a line.
 *
 * @example
 * showChecks(checkDerivatives((x: Value) => square(x), scalar(1), { order: 1, directions: 1 })).split('\n').length // => 2
 */
export const showChecks = ({ checks }: DerivativesReport): string => {
  const number = (x: number): string => x.toPrecision(9)
  const rows = checks.map(({ order, direction, forward, reverse, difference, uncertainty, agrees }) => [
    ...[`${order}`, `${direction}`, number(forward), number(reverse), number(difference)],
    ...[uncertainty.toExponential(1), agrees ? 'yes' : 'NO'],
  ])
  const table = [['order', 'direction', 'forward', 'reverse', 'difference', '±', 'agree'], ...rows]
  const widths = (table[0] as readonly string[]).map((_, c) =>
    Math.max(...table.map((row) => (row[c] as string).length)),
  )
  return table.map((row) => row.map((cell, c) => cell.padStart(widths[c] as number)).join('  ')).join('\n')
}
