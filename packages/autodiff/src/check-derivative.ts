import { fromData, map, type Tensor } from '@secant/linalg'
import type { Value, Values } from './core.ts'
import { linearize } from './gradient.ts'
import { concrete } from './read.ts'
import { flatten, type Structure, unflatten } from './tree.ts'

/** Three measurements of one number, `⟨J v, w⟩` for a direction v and a weighting w of the results. */
export interface DerivativeCheck {
  readonly forward: number
  readonly reverse: number
  readonly difference: number
  /** Estimated error of the difference quotient. */
  readonly uncertainty: number
  /** Whether forward and reverse agree to rounding, and with the difference within its uncertainty. */
  readonly agrees: boolean
}

/** Reproducible entries between −1 and 1 without a pattern: the sine of multiples of the golden angle. */
const scattered = (like: Values, phase: number): readonly Tensor[] =>
  like.map((value, leaf) => {
    const data = concrete(value).data.map((_, i) => Math.sin(2.399963 * (i + 1) + phase + leaf))
    return fromData(data, value.shape)
  })

const inner = (a: Values, b: Values): number => {
  let total = 0
  a.forEach((value, leaf) => {
    const [p, q] = [concrete(value).data, concrete(b[leaf] as Value).data]
    for (let i = 0; i < p.length; i++) total += (p[i] as number) * (q[i] as number)
  })
  return total
}

const absolute = (value: Value): Tensor => map(concrete(value), Math.abs)

const moved = (x: Values, v: Values, h: number): readonly Tensor[] =>
  x.map((value, leaf) => {
    const direction = concrete(v[leaf] as Value).data
    const data = concrete(value).data.map((a, i) => a + h * (direction[i] as number))
    return fromData(data, value.shape)
  })

/** Below this, products of subnormal numbers are lost and nothing can be compared. */
const smallest = 1e-290

/** Ridders' extrapolation of central differences: the slope of `phi` at 0 and an estimate of its error. */
const slopeByDifferences = (
  phi: (h: number) => number,
  step: number,
): readonly [slope: number, uncertainty: number] => {
  const rows = 12
  const shrink = 1.6
  let best: readonly [number, number] = [Number.NaN, Number.POSITIVE_INFINITY]
  let previous: number[] = []
  for (let i = 0, h = step; i < rows; i++, h /= shrink) {
    const row = [(phi(h) - phi(-h)) / (2 * h)]
    for (let j = 1; j <= i; j++) {
      const factor = shrink ** (2 * j)
      const [finer, coarser] = [row[j - 1] as number, previous[j - 1] as number]
      const extrapolated = finer + (finer - coarser) / (factor - 1)
      row.push(extrapolated)
      const error = Math.max(Math.abs(extrapolated - finer), Math.abs(extrapolated - coarser))
      if (error < best[1]) best = [extrapolated, error]
    }
    previous = row
  }
  return best
}

/**
 * Compares the derivative of `f` in one direction by forward mode, by reverse mode and by differences of values.
 * `step` is the first difference step; the direction and the weighting are fixed, without a pattern.
 *
 * @example
 * checkDerivative((x: Value) => sum(exp(x)), tensor([0.1, 0.2])).agrees // => true
 */
export const checkDerivative = <A, B>(
  f: (x: A) => B,
  x: A,
  { step = 0.05 }: { readonly step?: number } = {},
): DerivativeCheck => {
  const [leaves, nesting]: readonly [Values, Structure] = flatten(x)
  const [y, derivative] = linearize(f)(x)
  const [results, resultNesting] = flatten(y)
  const v = scattered(leaves, 0.3)
  const w = scattered(results, 1.1)
  const forward = inner(flatten(derivative.apply(unflatten(nesting, v) as A))[0], w)
  const pulled = flatten(derivative.adjoint(unflatten(resultNesting, w) as B))[0]
  const reverse = inner(v, pulled)
  const phi = (h: number): number => inner(flatten(f(unflatten(nesting, moved(leaves, v, h)) as A))[0], w)
  const [difference, uncertainty] = slopeByDifferences(phi, step)
  const size = inner(v.map(absolute), pulled.map(absolute)) + smallest
  const rounding = leaves.some((leaf) => leaf.dtype === 'float32') ? 1e-4 : 1e-11
  const agrees =
    Math.abs(forward - reverse) <= rounding * size &&
    Math.abs(forward - difference) <= 10 * uncertainty + rounding * (size + Math.abs(phi(step)) + Math.abs(phi(-step)))
  return { forward, reverse, difference, uncertainty, agrees }
}
