import { concrete, type Value } from '@secant/autodiff'
import { toNested } from '@secant/linalg'
import { expect } from 'vitest'

export type Row = readonly number[]
export type Rows = readonly Row[]

export const rowsOf = (x: Value): Rows => toNested(concrete(x)) as Rows
export const rowOf = (x: Value): Row => toNested(concrete(x)) as Row

/** One entry of x W + b, by the definition of the product. */
export const affine = (x: Row, weights: Rows, bias: Row): Row =>
  bias.map((b, j) => x.reduce((total, a, i) => total + a * ((weights[i] as Row)[j] as number), b))

export const logistic = (a: number): number => 1 / (1 + Math.exp(-a))

/** Equal within the rounding of short sums in another order. */
export const expectClose = (actual: Value, expected: Value, tolerance = 1e-13): void => {
  expect(actual.shape).toEqual(expected.shape)
  expect(actual.dtype).toBe(expected.dtype)
  const [a, b] = [concrete(actual).data, concrete(expected).data]
  const size = Array.from(b).reduce((top, entry) => Math.max(top, Math.abs(entry)), 1)
  for (const [i, entry] of a.entries()) expect(Math.abs(entry - (b[i] as number))).toBeLessThanOrEqual(tolerance * size)
}
