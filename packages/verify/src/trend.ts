/** Whether numbers along a run fall: what a finite run can say about a limit. */
import { norm, type Tensor } from '@secant/linalg'
import { distancesFrom } from './assumptions.ts'
import { below, type Comparison } from './comparison.ts'
import type { RunView } from './run-view.ts'

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** Geometric mean. */
const middle = (values: readonly number[]): number =>
  Math.exp(values.reduce((total, value) => total + Math.log(Math.max(value, Number.MIN_VALUE)), 0) / values.length)

/** The least number of values that say anything about a trend. */
const fewest = 8

/** The median over the last quarter of a list, and a quarter of the geometric mean over its first; nothing of short lists. */
export const quarters = (values: readonly number[]): { readonly late: number; readonly early: number } | undefined => {
  if (values.length < fewest) return undefined
  const count = Math.floor(values.length / 4)
  return { late: median(values.slice(-count)), early: middle(values.slice(0, count)) / 4 }
}

/** That the last quarter is below a quarter of the first. */
export const falls = (run: RunView, values: readonly number[]): readonly Comparison[] => {
  const found = quarters(values)
  return found === undefined ? [] : [below(run.first + values.length, found.late, found.early)]
}

/** ‖x₊ − x*‖/‖x − x*‖ of each step before rounding. */
export const errorRatios = (run: RunView, x: Tensor): readonly number[] => {
  const distances = distancesFrom(run, x)
  const floor = 1e-12 * Math.max(norm(x), distances[0] ?? 0)
  const end = distances.findIndex((distance) => !(distance > floor))
  const kept = end < 0 ? distances : distances.slice(0, end)
  return kept.slice(1).map((distance, i) => distance / (kept[i] as number))
}
