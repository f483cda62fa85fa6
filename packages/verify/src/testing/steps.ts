import type { Tensor } from '@secant/linalg'
import fc from 'fast-check'
import { eighths, factors, vector, vectors } from './numbers.ts'

/** Lengths of steps, shrinking to 1. */
export const lengths: fc.Arbitrary<number> = fc.oneof(factors(100), factors(0.01))

/** Step lengths of gradient descent in units of 1/L: in `(0, 2)`, shrinking to 1. */
export const windowFractions: fc.Arbitrary<number> = fc.integer({ min: -31, max: 31 }).map((k) => 1 + k / 32)

/** Diagonals `[n]` within `[least, most]`: steps for each variable, shrinking to 1. Fails (throws) unless 1 lies within. */
export const diagonals = (
  n: number,
  { least = 0.05, most = 2 }: { readonly least?: number; readonly most?: number } = {},
): fc.Arbitrary<Tensor> => {
  if (!(least <= 1 && 1 <= most)) throw new Error(`diagonals: got [${least}, ${most}]; needs an interval around 1`)
  const entry = fc
    .integer({ min: -16, max: 16 })
    .map((k) => (k < 0 ? 1 + (k / 16) * (1 - least) : 1 + (k / 16) * (most - 1)))
  return fc.array(entry, { minLength: n, maxLength: n }).map(vector)
}

/** Displacements of n variables, one after another, none of them 0: shrinking to few, and these to (1, 0, …, 0). */
export const displacements = (n: number, maxLength = 8): fc.Arbitrary<readonly Tensor[]> =>
  fc.array(
    vectors(n, { reach: 2 }).map((s) =>
      s.data.some((entry) => entry !== 0) ? s : vector([1, ...Array(n - 1).fill(0)]),
    ),
    { minLength: 1, maxLength },
  )

/** Sequences of numbers over many scales, such as gradients of one variable: signs, zeros, growth. */
export const signals = (maxLength = 30): fc.Arbitrary<readonly number[]> =>
  fc.array(
    fc.tuple(eighths(2, 1), factors(1000)).map(([sign, size]) => sign * size),
    { minLength: 1, maxLength },
  )
