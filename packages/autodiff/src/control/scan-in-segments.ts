import type { Value } from '../core.ts'
import { concatenate, reshape, slice } from '../ops/structure.ts'
import { flattenOptional } from './leaves.ts'
import { type ScanOptions, scan, stepsOf } from './scan.ts'

/** Rows from one to another. */
const rowsBetween = (x: Value, start: number, stop: number): Value =>
  slice(x, [start, ...x.shape.slice(1).map(() => 0)], [stop, ...x.shape.slice(1)])

/** How many steps are computed again at a time; ⌈√K⌉ if it is not said. */
export interface SegmentOptions extends ScanOptions {
  readonly segment?: number
}

/**
 * `scan` whose reverse derivative needs less memory: a scan over segments of steps, of which only the carries that enter
 * a segment are kept; the steps of one segment at a time are computed once more. Of K steps in segments of L, K/L + L
 * carries live at a time, 2√K at best, for one more evaluation of each step. Segments of segments go on from there:
 * use it as the body of another scan.
 *
 * @example
 * const grown = (x: Value) => scanInSegments((c: Value) => [mul(c, x), null], { length: 10 })(scalar(1), null)[0]
 * item(grad(grown)(scalar(1))) // => 10
 */
export const scanInSegments =
  <C, X, Y>(f: (carry: C, x: X) => readonly [C, Y], { length, reverse = false, segment }: SegmentOptions = {}) =>
  (init: C, xs: X): readonly [carry: C, ys: Y] => {
    const [rows, rowOf] = flattenOptional(xs)
    const steps = stepsOf('scanInSegments', rows, length)
    const size = segment ?? Math.max(1, Math.ceil(Math.sqrt(steps)))
    if (!Number.isInteger(size) || size < 1)
      throw new Error(`scanInSegments: got segments of ${size} steps; needs a whole number ≥ 1`)
    const segments = Math.floor(steps / size)
    const whole = segments * size
    const inSegments = rowOf(
      rows.map((x) => reshape(rowsBetween(x, 0, whole), [segments, size, ...x.shape.slice(1)])),
    ) as X
    const rest = rowOf(rows.map((x) => rowsBetween(x, whole, steps))) as X
    const inner = scan(f, { length: size, reverse })
    const first = (carry: C): readonly [C, Y] => {
      const [next, ys] = scan(inner, { length: segments, reverse })(carry, inSegments)
      const [results, rebuild] = flattenOptional(ys)
      return [next, rebuild(results.map((y) => reshape(y, [whole, ...y.shape.slice(2)]))) as Y]
    }
    const second = (carry: C): readonly [C, Y] => scan(f, { length: steps - whole, reverse })(carry, rest)
    if (whole === steps) return first(init)
    const [[carry, one], two] = reverse ? twice(second, first, init) : twice(first, second, init)
    const [head, rebuild] = flattenOptional(reverse ? two : one)
    const [tail] = flattenOptional(reverse ? one : two)
    return [carry, rebuild(head.map((y, i) => concatenate([y, tail[i] as Value]))) as Y]
  }

/** One loop after another. */
const twice = <C, Y>(
  f: (carry: C) => readonly [C, Y],
  g: (carry: C) => readonly [C, Y],
  init: C,
): readonly [readonly [C, Y], Y] => {
  const [between, one] = f(init)
  const [carry, two] = g(between)
  return [[carry, one], two]
}
