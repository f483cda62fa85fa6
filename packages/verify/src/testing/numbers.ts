/** Numbers that can be read: exact in binary or rounded to three digits, shrinking to 0 or 1. */
import { fromData, type Tensor } from '@secant/linalg'
import fc from 'fast-check'
import { printedAs } from './printed.ts'

/** Eighths within `reach` of a centre, to which they shrink. */
export const eighths = (reach: number, centre = 0): fc.Arbitrary<number> =>
  fc.integer({ min: -8 * reach, max: 8 * reach }).map((k) => centre + k / 8)

export const toThreeDigits = (x: number): number => Number(x.toPrecision(3))

/** Log-uniform between 1, to which they shrink, and `end`, which may lie on either side of 1. */
export const factors = (end: number): fc.Arbitrary<number> =>
  fc.nat(24).map((k) => (k === 24 ? end : toThreeDigits(end ** (k / 24))))

/** Entries of data: never 0, shrinking to 1. */
export const entries: fc.Arbitrary<number> = fc.constantFrom(1, -1, 0.5, -0.5, 2, -2, 0.25, -0.25, 1.5, -1.5, 3, -3)

/** Seeds of rotations; 0, to which they shrink, turns nothing. */
export const turns: fc.Arbitrary<number> = fc.nat(1000)

/** A vector that prints as it is written. */
export const vector = (numbers: readonly number[]): Tensor =>
  printedAs(`tensor([${numbers.join(', ')}])`, fromData(Float64Array.from(numbers)))

/** Vectors of n eighths: starts around 1, to which they shrink, or displacements around 0. */
export const vectors = (
  n: number,
  { reach = 4, centre = 0 }: { readonly reach?: number; readonly centre?: number } = {},
): fc.Arbitrary<Tensor> => fc.array(eighths(reach, centre), { minLength: n, maxLength: n }).map(vector)

/** Places to begin at: shrinking to (1, …, 1). */
export const starts = (n: number): fc.Arbitrary<Tensor> => vectors(n, { centre: 1 })
