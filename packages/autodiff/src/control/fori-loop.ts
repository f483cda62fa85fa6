import { tensor } from '@secant/linalg'
import type { Value } from '../core.ts'
import { scan } from './scan.ts'

/**
 * `carry = body(i, carry)` for i from `lower` up to but without `upper`, whole numbers; i is an int32 scalar, fit for
 * `take`. A `scan` underneath, so both derivatives exist.
 *
 * @example
 * const factorial = foriLoop(1, 6, (i, product: Value) => mul(product, cast(i, 'float64')))
 * item(factorial(scalar(1))) // => 120
 */
export const foriLoop =
  <C>(lower: number, upper: number, body: (i: Value, carry: C) => C) =>
  (init: C): C => {
    if (!Number.isInteger(lower) || !Number.isInteger(upper))
      throw new Error(`foriLoop: got bounds ${lower} and ${upper}; needs whole numbers`)
    const counts = Array.from({ length: Math.max(0, upper - lower) }, (_, k) => lower + k)
    const [carry] = scan((carry: C, i: Value) => [body(i, carry), null])(init, tensor(counts, 'int32'))
    return carry
  }
