/**
 * IEEE's aᵇ: unlike JavaScript's, 1 to any power is 1, and so is −1 to an infinite one.
 *
 * @example
 * power(1, Number.NaN) // => 1
 */
export const power = (a: number, b: number): number =>
  a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b
