import type { Value } from '../core.ts'
import { cond } from './cond.ts'
import { scan } from './scan.ts'

/**
 * `whileLoop` of at most so many steps, with both derivatives: a `scan` whose steps do nothing once the condition fails.
 * Where it still holds after `most` steps the carry is returned as it is then; `condition(result)` tells.
 *
 * @example
 * const halved = boundedWhile((x: Value) => greater(x, 1), (x) => div(x, 2), { most: 10 })
 * item(grad(halved)(scalar(20))) // => 0.03125
 */
export const boundedWhile =
  <C>(condition: (carry: C) => Value, body: (carry: C) => C, { most }: { readonly most: number }) =>
  (init: C): C => {
    const step = (carry: C): readonly [C, null] => [cond(condition(carry), body, (same: C) => same)(carry), null]
    const [carry] = scan(step, { length: most })(init, null)
    return carry
  }
