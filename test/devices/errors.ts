/** What errors of the functions of devices are relative to. */

import type { Elementwise } from '@secant/linalg/gpu'
import * as gpu from '@secant/linalg/gpu'

type Size = (result: number, p: number, q: number) => number

const whole: Size = (result) => Math.max(Math.abs(result), 1)
const angle: Size = (_, p) => Math.max(Math.abs(p), 1)

const sizes: ReadonlyMap<Elementwise, Size> = new Map([
  [gpu.log, whole],
  [gpu.atan, whole],
  [gpu.asin, whole],
  [gpu.acos, whole],
  [gpu.atan2, whole],
  [gpu.sin, angle],
  [gpu.cos, angle],
  [gpu.pow, (result, p, q) => Math.abs(result) * (1 + (p === 0 ? 0 : Math.abs(q * Math.log(Math.abs(p)))))],
  [gpu.tan, (result, p) => Math.max(Math.abs(p), 1) * (1 + result ** 2)],
])

/** Below this a float, or the low half of a pair, may be flushed to zero. */
export const underflow = 2 ** -125

/** How far a function may be off on a device, its arguments being exact. */
export const errorOf = (f: Elementwise, result: number, [p = 0, q = 0]: readonly number[], u: number): number =>
  f.error === 0 ? 0 : f.error * u * (sizes.get(f) ?? Math.abs)(result, p, q) + underflow
