import { add, exp, mul, neg, type Operand, reshape, slice, square, sum, type Value } from '@secant/autodiff'
import { tensor } from '@secant/linalg'
import type { Problem } from '../problem.ts'

/** Words in which formulas of several terms stay readable. */
export const plus = (first: Operand, second: Operand, ...rest: readonly Operand[]): Value =>
  rest.reduce<Value>(add, add(first, second))

/** The product of two or more. */
export const times = (first: Operand, second: Operand, ...rest: readonly Operand[]): Value =>
  rest.reduce<Value>(mul, mul(first, second))

/** x² ² */
export const fourth = (x: Operand): Value => square(square(x))

/** exp(−t x) */
export const decay = (t: Operand, x: Operand): Value => exp(neg(mul(t, x)))

/** Entries from `from` up to but without `to`. */
export const cut = (x: Value, from: number, to: number): Value => slice(x, [from], [to])

/** 1, 2, …, n times a factor. */
export const counted = (n: number, factor = 1): Value => tensor(Array.from({ length: n }, (_, i) => (i + 1) * factor))

/** The numbers of a vector by themselves. */
export const entriesOf = (x: Value): readonly Value[] =>
  Array.from({ length: x.shape[0] as number }, (_, i) => reshape(cut(x, i, i + 1), []))

/** n equal numbers. */
export const repeated = (n: number, value: number): readonly number[] => Array.from({ length: n }, () => value)

/** The sum of the squares of residuals, numbers or vectors. */
export const sumOfSquares = (
  name: string,
  start: readonly number[],
  minimum: number,
  residuals: (x: Value) => readonly Value[],
): Problem<Value> => ({
  name,
  n: start.length,
  objective: (x) =>
    residuals(x)
      .map((r) => sum(square(r)))
      .reduce((total, square) => add(total, square)),
  start: tensor(start),
  minimum,
})

/** The same of residuals in the entries of x. */
export const ofEntries = (
  name: string,
  start: readonly number[],
  minimum: number,
  residuals: (...x: readonly Value[]) => readonly Value[],
): Problem<Value> => sumOfSquares(name, start, minimum, (x) => residuals(...entriesOf(x)))
