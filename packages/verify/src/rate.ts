/** Comparisons along whole runs. */
import { atMost, type Comparison } from './comparison.ts'
import type { RunView } from './run-view.ts'

/**
 * The gap f − f* at each iterate after the first, counted from the first of the run, against a bound; gaps that are
 * rounding are left out.
 */
export const gapsAtMost = (
  { points, first, gapFloor, valueRounding }: RunView,
  minimum: number,
  boundAt: (k: number) => number,
): readonly Comparison[] =>
  points.flatMap(({ value }, k) => {
    const gap = value - minimum
    return k === 0 || gap < gapFloor ? [] : [atMost(first + k, gap, boundAt(k), { rounding: valueRounding })]
  })

/** The gap at the first iterate. */
export const firstGap = ({ points }: RunView, minimum: number): number => (points[0]?.value ?? Number.NaN) - minimum

/** Running products of factors: entry k is the product of the first k. */
export const products = (factors: readonly number[]): readonly number[] => {
  const out = [1]
  for (const factor of factors) out.push((out[out.length - 1] as number) * factor)
  return out
}

/** Running sums: entry k is the sum of the first k. */
export const sums = (terms: readonly number[]): readonly number[] => {
  const out = [0]
  for (const term of terms) out.push((out[out.length - 1] as number) + term)
  return out
}

/** min over k < K of ‖g_k‖², for every K from 1 on. */
export const leastSquaredGradients = ({ steps }: RunView): readonly number[] => {
  let least = Number.POSITIVE_INFINITY
  return steps.map(({ gg }) => {
    least = Math.min(least, gg)
    return least
  })
}

/** The least of ‖g‖² so far against what a decrease of at least `share` ‖g‖² a step leaves for it. */
export const gradientsAtMost = (run: RunView, minimum: number, share: number): readonly Comparison[] =>
  leastSquaredGradients(run).map((least, i) =>
    atMost(run.first + i, least, firstGap(run, minimum) / ((i + 1) * share), { rounding: run.valueRounding / share }),
  )
