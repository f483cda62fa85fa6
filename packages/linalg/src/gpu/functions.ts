/** Functions of entries that are computed by series, in kernels of their own; errors relative to what is stated. */
import { power } from '../power.ts'
import type { Elementwise } from './elementwise.ts'
import * as exponential from './kernels/exponential.ts'
import * as trigonometric from './kernels/trigonometric.ts'

const series = (
  name: string,
  host: (p: number) => number,
  kernel: Elementwise['kernel'],
  error: number,
): Elementwise => ({ name, arity: 1, host, kernel, error, scratch: true })

export const exp: Elementwise = series('exp', Math.exp, exponential.exp, 16)
export const expm1: Elementwise = series('expm1', Math.expm1, exponential.expm1, 32)
/** Relative to max(|log x|, 1). */
export const log: Elementwise = series('log', Math.log, exponential.log, 16)
export const log1p: Elementwise = series('log1p', Math.log1p, exponential.log1p, 16)
export const tanh: Elementwise = series('tanh', Math.tanh, exponential.tanh, 32)
export const sinh: Elementwise = series('sinh', Math.sinh, exponential.sinh, 32)
export const cosh: Elementwise = series('cosh', Math.cosh, exponential.cosh, 32)
export const sigmoid: Elementwise = series(
  'sigmoid',
  (p) => (p >= 0 ? 1 / (1 + Math.exp(-p)) : Math.exp(p) / (1 + Math.exp(p))),
  exponential.sigmoid,
  32,
)
export const softplus: Elementwise = series(
  'softplus',
  (p) => Math.max(p, 0) + Math.log1p(Math.exp(-Math.abs(p))),
  exponential.softplus,
  32,
)
/** Relative to max(|x|, 1), as an angle is rounded; NaN beyond 2²⁰ quarter turns. */
export const sin: Elementwise = series('sin', Math.sin, trigonometric.sin, 16)
/** The same. */
export const cos: Elementwise = series('cos', Math.cos, trigonometric.cos, 16)
/** Relative to max(|x|, 1) (1 + tan² x). */
export const tan: Elementwise = series('tan', Math.tan, trigonometric.tan, 32)
/** Absolute, as are those of the other angles. */
export const atan: Elementwise = series('atan', Math.atan, trigonometric.atan, 16)
export const asin: Elementwise = series('asin', Math.asin, trigonometric.asin, 32)
export const acos: Elementwise = series('acos', Math.acos, trigonometric.acos, 32)
/** The angle of (q, p). Device results know one zero only: the angle of (−1, −0) is π. */
export const atan2: Elementwise = {
  name: 'atan2',
  arity: 2,
  host: Math.atan2,
  kernel: trigonometric.atan2,
  error: 32,
  scratch: true,
}
/** Relative to 1 + |q log |p||. */
export const pow: Elementwise = {
  name: 'pow',
  arity: 2,
  host: power,
  kernel: exponential.pow,
  error: 32,
  scratch: true,
}
