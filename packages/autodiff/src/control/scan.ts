import { showShape } from '@secant/linalg'
import type { Values } from '../core.ts'
import { recordValues } from '../record.ts'
import { flatten, unflatten } from '../tree.ts'
import { splitAt } from './flags.ts'
import { flattenOptional, leavesAlike } from './leaves.ts'
import { runScan } from './scan-primitive.ts'

/** How many steps (the rows tell, if there are any), and whether the last row comes first. */
export interface ScanOptions {
  readonly length?: number
  readonly reverse?: boolean
}

/** The number of steps from the leading axes of the rows and the length asked for, which must agree. */
export const stepsOf = (name: string, rows: Values, length: number | undefined): number => {
  const steps = length ?? rows[0]?.shape[0]
  if (steps === undefined || !Number.isInteger(steps) || steps < 0)
    throw new Error(`${name}: got ${steps === undefined ? 'no rows' : `length ${steps}`}; needs a whole length ≥ 0`)
  for (const { shape } of rows)
    if (shape[0] !== steps)
      throw new Error(`${name}: got rows ${showShape(shape)} for ${steps} steps; needs them along the first axis`)
  return steps
}

/**
 * The loop `[carry, y] = f(carry, x)` over the rows x of `xs` (all leaves have one leading length), from `init`; returns
 * the last carry and the ys as rows. Trees throughout; where there are no rows, `xs` is null and `length` says how many
 * steps, and y may be null as well. The body is recorded once, whatever the length, and must not read numbers; what it
 * closes over is differentiated too. Either derivative is again a scan; it keeps the carry as it came into each step and
 * computes the steps again. Fails (throws) where the carry changes its nesting, shape or kind in a step.
 *
 * @example
 * const [total, sums] = scan((c: Value, x: Value) => [add(c, x), add(c, x)])(scalar(0), tensor([1, 2, 3]))
 * toNested(concrete(sums)) // => [1, 3, 6]
 */
export const scan =
  <C, X, Y>(f: (carry: C, x: X) => readonly [C, Y], { length, reverse = false }: ScanOptions = {}) =>
  (init: C, xs: X): readonly [carry: C, ys: Y] => {
    const [state, nesting] = flatten(init)
    const [rows, rowOf] = flattenOptional(xs)
    const steps = stepsOf('scan', rows, length)
    let resultsOf: (leaves: Values) => unknown = () => undefined
    const step = (values: Values): Values => {
      const [carry, row] = splitAt(values, state.length)
      const pair = f(unflatten(nesting, carry) as C, rowOf(row) as X)
      if (!Array.isArray(pair) || pair.length !== 2)
        throw new Error('scan: got a step that returns no pair; needs [carry, result]')
      const [next, y] = pair
      const [results, rebuild] = flattenOptional(y)
      resultsOf = rebuild
      return [...leavesAlike('scan', 'the carry after a step', next, nesting, state), ...results]
    }
    const types = [...state, ...rows.map(({ dtype, shape }) => ({ dtype, shape: shape.slice(1) }))]
    const { program, captured } = recordValues(step, types)
    const [carry, ys] = splitAt(runScan(program, [captured, state, rows], { length: steps, reverse }), state.length)
    return [unflatten(nesting, carry) as C, resultsOf(ys) as Y]
  }
