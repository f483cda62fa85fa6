import { normalizeAxes, type Shape } from '../shape.ts'
import { mul } from './elementwise.ts'
import { zip } from './entrywise.ts'
import type { Fold, Reduce } from './operation.ts'
import { type DeviceTensor, enqueue, layoutOf, type Scope, within } from './scope.ts'
import { reshape, transpose } from './structure.ts'

/** Rows longer than this are folded in two launches, since one thread would walk each of them. */
export const longest = 512

const launched = (
  scope: Scope,
  fold: Fold,
  x: DeviceTensor,
  shape: Shape,
  way: Reduce['way'],
  length: number,
): DeviceTensor =>
  enqueue(scope, fold, [x], shape, (engine, buffers) =>
    engine.run({ kind: 'reduce', fold, way, length, ...layoutOf(shape) }, buffers),
  )

const alongLast = (scope: Scope, fold: Fold, x: DeviceTensor): DeviceTensor => {
  const shape = x.shape.slice(0, -1)
  if (x.columns <= longest) return launched(scope, fold, x, shape, 'along rows', x.columns)
  return within(scope, (inner) => {
    const length = Math.ceil(Math.sqrt(x.columns))
    const partial = launched(inner, fold, x, [...shape, Math.ceil(x.columns / length)], 'in chunks', length)
    return launched(inner, fold, partial, shape, 'along rows', partial.columns)
  })
}

const alongAxis = (scope: Scope, fold: Fold, x: DeviceTensor, axis: number): DeviceTensor => {
  const rank = x.shape.length
  if (axis === rank - 1) return alongLast(scope, fold, x)
  const shape = x.shape.filter((_, other) => other !== axis)
  if (axis === rank - 2) return launched(scope, fold, x, shape, 'down columns', x.shape[axis] as number)
  return within(scope, (inner) => {
    const others = x.shape.map((_, other) => other).filter((other) => other !== axis)
    return alongLast(inner, fold, transpose(inner, x, [...others, axis]))
  })
}

const reducing =
  (fold: Fold) =>
  (scope: Scope, x: DeviceTensor, axes?: readonly number[]): DeviceTensor => {
    const [first, ...rest] = [...normalizeAxes(fold, axes, x.shape.length)].reverse()
    if (first === undefined) return reshape(scope, x, x.shape)
    return within(scope, (inner) =>
      rest.reduce((partial, axis) => alongAxis(inner, fold, partial, axis), alongAxis(inner, fold, x, first)),
    )
  }

/** Sum over axes (all, if none are given); error at most γ of the number of terms times Σ|x|. */
export const sum: (scope: Scope, x: DeviceTensor, axes?: readonly number[]) => DeviceTensor = reducing('sum')

/** Largest entry over axes; NaN if there is one, on all drivers that were tried. */
export const max: (scope: Scope, x: DeviceTensor, axes?: readonly number[]) => DeviceTensor = reducing('max')

/** Least entry over axes. */
export const min: (scope: Scope, x: DeviceTensor, axes?: readonly number[]) => DeviceTensor = reducing('min')

/** Σ xᵢ yᵢ */
export const dot = (scope: Scope, x: DeviceTensor, y: DeviceTensor): DeviceTensor =>
  within(scope, (inner) => sum(inner, zip(inner, mul, x, y)))
