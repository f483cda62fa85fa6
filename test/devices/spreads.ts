/** How errors of arguments spread through the functions of devices. */
import type { Elementwise } from '@secant/linalg/gpu'
import * as gpu from '@secant/linalg/gpu'

/** How an error in the arguments shows in the result, the function itself being exact. */
export type Spread = (r: number, values: readonly number[], errors: readonly number[]) => number

/** A monotone function stays between its values at the ends. */
const monotone =
  (f: Elementwise): Spread =>
  (r, [p = 0], [e = 0]) =>
    e === 0 ? 0 : Math.max(Math.abs(f.host(p + e, 0, 0) - r), Math.abs(f.host(p - e, 0, 0) - r))

/** Over [p − e, p + e] a function that grows with |p| stays between its values at the ends and, if it is inside, at 0. */
const even =
  (f: Elementwise): Spread =>
  (r, [p = 0], [e = 0]) => {
    const [far, near] = [Math.abs(p) + e, Math.max(0, Math.abs(p) - e)]
    return e === 0 ? 0 : Math.max(f.host(far, 0, 0) - r, r - f.host(near, 0, 0))
  }

/** Monotone between two poles. */
const tangent: Spread = (r, values, errors) => {
  const [[p = 0], [e = 0]] = [values, errors]
  const branch = (x: number): number => Math.round(x / Math.PI)
  return branch(p - e) === branch(p + e) ? monotone(gpu.tan)(r, values, errors) : Number.POSITIVE_INFINITY
}

/** Of what is positive, monotone in the base and in the exponent: the ends of both are the worst. */
const power: Spread = (r, [p = 0, q = 0], [e = 0, f = 0]) => {
  if (e === 0 && f === 0) return 0
  const ends = [p - e, p + e].flatMap((base) => [base ** (q - f), base ** (q + f)])
  return p > e ? Math.max(...ends.map((end) => Math.abs(end - r))) : Number.POSITIVE_INFINITY
}

/** A test comes out as it does unless both sides are closer than their errors. */
const test: Spread = (_, [p = 0, q = 0], [e = 0, f = 0]) => (e + f === 0 || Math.abs(p - q) > e + f ? 0 : 1)

const isUnsure = (p: number, e: number): boolean => e > 0 && Math.abs(p) <= e

const quotient: Spread = (r, [, q = 0], [e = 0, f = 0]) => {
  const least = Math.abs(q) - f
  if (e === 0 && f === 0) return 0
  return least > 0 ? (Math.abs(r) * f + e) / least : Number.POSITIVE_INFINITY
}

const product: Spread = (_, [p = 0, q = 0], [e = 0, f = 0]) =>
  (f === 0 ? 0 : Math.abs(p) * f) + (e === 0 ? 0 : Math.abs(q) * e) + (e === 0 || f === 0 ? 0 : e * f)

const sum: Spread = (_, __, [e = 0, f = 0]) => e + f
const same: Spread = (_, __, [e = 0]) => e

export const spreads: ReadonlyMap<Elementwise, Spread> = new Map<Elementwise, Spread>([
  ...[gpu.add, gpu.sub].map((f) => [f, sum] as const),
  ...[gpu.greater, gpu.greaterEqual, gpu.less, gpu.lessEqual, gpu.equal, gpu.notEqual].map((f) => [f, test] as const),
  ...[gpu.neg, gpu.abs, gpu.sin, gpu.cos].map((f) => [f, same] as const),
  ...[gpu.exp, gpu.expm1, gpu.log, gpu.log1p, gpu.tanh, gpu.sinh, gpu.atan, gpu.asin, gpu.acos, gpu.sqrt].map(
    (f) => [f, monotone(f)] as const,
  ),
  ...[gpu.floor, gpu.ceil, gpu.trunc, gpu.sign].map((f) => [f, monotone(f)] as const),
  ...[gpu.maximum, gpu.minimum].map((f) => [f, ((_, __, errors) => Math.max(...errors)) satisfies Spread] as const),
  [gpu.cosh, even(gpu.cosh)],
  [gpu.tan, tangent],
  [gpu.pow, power],
  [gpu.mul, product],
  [gpu.scale, product],
  [gpu.div, quotient],
  [gpu.scaleDown, (r, values, errors) => (values[0] === 0 && errors[0] === 0 ? 0 : quotient(r, values, errors))],
  [gpu.square, (_, [p = 0], [e = 0]) => (e === 0 ? 0 : 2 * Math.abs(p) * e + e * e)],
  [gpu.and, (_, [p = 0, q = 0], [e = 0, f = 0]) => (isUnsure(p, e) || isUnsure(q, f) ? 1 : 0)],
  [gpu.or, (_, [p = 0, q = 0], [e = 0, f = 0]) => (isUnsure(p, e) || isUnsure(q, f) ? 1 : 0)],
  [
    gpu.where,
    (_, [p = 0, q = 0, s = 0], [e = 0, f = 0, g = 0]) => {
      if (isUnsure(p, e)) return Math.abs(q - s) + Math.max(f, g)
      return p === 0 ? g : f
    },
  ],
  [
    gpu.atan2,
    (_, [p = 0, q = 0], [e = 0, f = 0]) => {
      if (e + f === 0) return p === 0 && q <= 0 ? 2 * Math.PI : 0 // devices know one zero
      const r = Math.hypot(p, q) - Math.hypot(e, f)
      const crosses = q - f <= 0 && Math.abs(p) <= e
      return r > 0 && !crosses ? (e + f) / r : 2 * Math.PI
    },
  ],
])
