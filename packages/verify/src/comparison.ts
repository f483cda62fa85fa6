import type { Monoid } from 'fp-ts/lib/Monoid.js'

/**
 * One number that was measured on a run, against what bounds it. The slack is the distance to the bound, counted
 * positive on the side that is allowed, divided by the larger of the two (or a scale that the theorem names): 0 is
 * equality, 1 a bound that is infinitely far off. It may be negative by the tolerance, which allows for rounding.
 */
export interface Comparison {
  /** The iterate or step it belongs to, as the trace counts them. */
  readonly step: number
  readonly measured: number
  readonly relation: '≤' | '<' | '≥' | '>' | '='
  readonly bound: number
  readonly slack: number
  readonly tolerance: number
}

/** Rounding that is allowed for, beside what a theorem allows itself. */
export const relativeTolerance = 1e-6

interface Scaling {
  /** What differences are divided by; the larger of the two sides unless given. */
  readonly scale?: number
  /** An absolute error of the two sides that is allowed beside the relative one. */
  readonly rounding?: number
}

const compared = (
  relation: Comparison['relation'],
  step: number,
  measured: number,
  bound: number,
  { scale = Math.max(Math.abs(measured), Math.abs(bound)), rounding = 0 }: Scaling,
): Comparison => {
  const isUpper = relation === '≤' || relation === '<'
  const inside = relation === '=' ? -Math.abs(bound - measured) : isUpper ? bound - measured : measured - bound
  const by = scale > 0 ? scale : 1
  // A bound of ∞ says nothing: all slack. NaN on either side is a violation, since no comparison with it holds.
  const slack = inside === Number.POSITIVE_INFINITY ? 1 : inside / by
  const isStrict = relation === '<' || relation === '>'
  const tolerance = isStrict ? -Number.MIN_VALUE : relativeTolerance + rounding / by
  return { step, measured, relation, bound, slack, tolerance }
}

/** measured ≤ bound. */
export const atMost = (step: number, measured: number, bound: number, scaling: Scaling = {}): Comparison =>
  compared('≤', step, measured, bound, scaling)

/** measured ≥ bound. */
export const atLeast = (step: number, measured: number, bound: number, scaling: Scaling = {}): Comparison =>
  compared('≥', step, measured, bound, scaling)

/** measured < bound, without tolerance. */
export const below = (step: number, measured: number, bound: number, scaling: Scaling = {}): Comparison =>
  compared('<', step, measured, bound, scaling)

/** measured > bound, without tolerance. */
export const above = (step: number, measured: number, bound: number, scaling: Scaling = {}): Comparison =>
  compared('>', step, measured, bound, scaling)

/** measured = bound. */
export const equals = (step: number, measured: number, bound: number, scaling: Scaling = {}): Comparison =>
  compared('=', step, measured, bound, scaling)

/** Conjunction: the comparison of least slack, the earlier of two; the unit claims nothing. */
export const conjunction: Monoid<Comparison> = {
  empty: { step: -1, measured: 0, relation: '≤', bound: 0, slack: Number.POSITIVE_INFINITY, tolerance: 0 },
  concat: (a, b) => (b.slack < a.slack || (Number.isNaN(b.slack) && !Number.isNaN(a.slack)) ? b : a),
}

/** How many times the smaller of the two numbers fits into the larger: below 1 where they stand the wrong way round. */
export const slackFactor = ({ measured, bound, slack }: Comparison): number => {
  const ratio = Math.abs(measured) > Math.abs(bound) ? measured / bound : bound / measured
  return slack >= 0 ? ratio : 1 / ratio
}
