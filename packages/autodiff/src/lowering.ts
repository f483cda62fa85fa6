/**
 * What a compiler may know of an operation besides its `impl`: what each entry is made of, and where entries lie.
 * An operation that states nothing is called as it is.
 */
import { type Shape, sizeOf, stridesOf, type TensorType } from '@secant/linalg'

/** Arithmetic of single entries, to be computed or written down. Masks are the numbers 0 and 1. */
export interface EntryArithmetic<E> {
  readonly constant: (x: number) => E
  readonly add: (a: E, b: E) => E
  readonly sub: (a: E, b: E) => E
  readonly mul: (a: E, b: E) => E
  readonly div: (a: E, b: E) => E
  readonly neg: (a: E) => E
  readonly abs: (a: E) => E
  readonly sqrt: (a: E) => E
  readonly floor: (a: E) => E
  readonly ceil: (a: E) => E
  /** The larger; NaN if there is one, and 0 above −0. */
  readonly max: (a: E, b: E) => E
  readonly min: (a: E, b: E) => E
  readonly greater: (a: E, b: E) => E
  readonly greaterEqual: (a: E, b: E) => E
  readonly less: (a: E, b: E) => E
  readonly lessEqual: (a: E, b: E) => E
  readonly equal: (a: E, b: E) => E
  readonly notEqual: (a: E, b: E) => E
  /** Whether both are not 0. */
  readonly and: (a: E, b: E) => E
  /** Whether one of them is not 0. */
  readonly or: (a: E, b: E) => E
  /** `a` where the mask is not 0, and `b` elsewhere. */
  readonly select: (mask: E, a: E, b: E) => E
  /** A function of numbers without side effects. */
  readonly call: (f: (...entries: number[]) => number, ...entries: readonly E[]) => E
}

/** An entry of a result from those of the arguments, at most three, at the same place. */
export type Formula = <E>(on: EntryArithmetic<E>, a: E, b: E, c: E) => E

/** Where the entries of a shape lie in memory: entry (i, j, …) at `start + i·strides[0] + j·strides[1] + …`. */
export interface Layout {
  readonly shape: Shape
  readonly start: number
  readonly strides: readonly number[]
}

/**
 * - `entries`: entry by entry, scalars beside anything; computed in double and rounded once to the result's dtype.
 * - `views`: the results are the argument's entries elsewhere; a layout of it gives theirs, if there is one.
 * - `placed`: zeros, but for the entries of each argument at a layout of the result.
 * - `fold`: over axes in the order of linalg (`sum` in four running sums), or of products of two vectors (`dot`).
 * - `product`: `op(a) · op(b)` of matrices or stacks of them.
 * - `composed`: the same but for rounding by other operations on values, for who cannot call `impl`.
 */
export type Lowering =
  | { readonly kind: 'entries'; readonly formula: Formula }
  | { readonly kind: 'views'; readonly of: (argument: Layout) => readonly (Layout | undefined)[] }
  | { readonly kind: 'placed'; readonly at: readonly Layout[] }
  | { readonly kind: 'fold'; readonly fold: 'sum' | 'max' | 'min'; readonly axes: readonly number[] }
  | { readonly kind: 'dot' }
  | { readonly kind: 'product'; readonly transposeA: boolean; readonly transposeB: boolean }
  | { readonly kind: 'composed'; readonly of: (args: readonly TensorType[]) => TensorType }

/** How an operation states its lowering: for arguments of given types. */
export type Lower<P> = (params: P, args: readonly TensorType[]) => Lowering

/** Entry by entry, by a formula. */
/* @__NO_SIDE_EFFECTS__ */
export const byFormula =
  (formula: Formula): (() => Lowering) =>
  () => ({ kind: 'entries', formula })

/** One result that has its argument's entries in other places. */
/* @__NO_SIDE_EFFECTS__ */
export const asView =
  <P>(view: (argument: Layout, params: P) => Layout | undefined): Lower<P> =>
  (params) => ({ kind: 'views', of: (argument) => [view(argument, params)] })

/** Entries in row-major order without gaps. */
export const denseLayout = (shape: Shape): Layout => ({ shape, start: 0, strides: stridesOf(shape) })

/** A box of a layout's entries: `length` of them along each axis, from `start` on, `step` apart. */
export const boxOf = (
  { shape, start, strides }: Layout,
  starts: readonly number[],
  lengths: Shape,
  steps: readonly number[] = shape.map(() => 1),
): Layout => ({
  shape: lengths,
  start: start + starts.reduce((offset, from, axis) => offset + from * (strides[axis] as number), 0),
  strides: strides.map((stride, axis) => stride * (steps[axis] as number)),
})

/**
 * The same entries in row-major order under another shape, where strides can tell so: axes are taken together in runs
 * of equal size, and within a run the old axes must lie without gaps.
 */
export const reshaped = ({ shape, start, strides }: Layout, to: Shape): Layout | undefined => {
  if (sizeOf(to) === 0) return { shape: to, start, strides: stridesOf(to) }
  const old = shape.map((length, axis) => ({ length, stride: strides[axis] as number })).filter((a) => a.length !== 1)
  const fresh = to.map(() => 0)
  let [next, axis] = [0, 0]
  while (axis < to.length) {
    if (to[axis] === 1) {
      axis++
      continue
    }
    const [firstAxis, firstOld] = [axis, next]
    let made = to[axis++] as number
    let had = old[next++]?.length ?? 1
    while (made !== had) {
      if (made < had) made *= to[axis++] as number
      else had *= old[next++]?.length ?? 1
    }
    for (let k = firstOld; k + 1 < next; k++) {
      const [outer, inner] = [old[k], old[k + 1]]
      if (outer && inner && outer.stride !== inner.stride * inner.length) return undefined
    }
    let stride = old[next - 1]?.stride ?? 0
    for (let k = axis - 1; k >= firstAxis; k--) {
      fresh[k] = stride
      stride *= to[k] as number
    }
  }
  return { shape: to, start, strides: fresh }
}
