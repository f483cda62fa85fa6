import { matmul, mul, neg, sub, type Value } from '@secant/autodiff'
import { eye } from '@secant/linalg'
import type { Direction } from './direction.ts'
import { type InitialScale, unitLength } from './initial-scale.ts'
import { bfgsUpdate, dfpUpdate, type InverseUpdate, sr1Update } from './inverse-update.ts'
import type { Move, Place } from './point.ts'

/** Options of methods that keep an inverse Hessian `[n, n]`. */
export interface QuasiNewton {
  readonly initialScale?: InitialScale
  /** A pair enters if `s'y > tolerance ‖s‖ ‖y‖`. */
  readonly tolerance?: number
}

/** The first inverse Hessian: a number times the identity, or numbers on the diagonal. */
export const firstInverse = (initialScale: InitialScale, start: Place): Value =>
  mul(initialScale(start), eye(start.x.shape[0] as number, start.x.dtype))

/** What a step tells about curvature. */
export const pairOf = ({ from, to }: Move): readonly [s: Value, y: Value] => [
  sub(to.x, from.x),
  sub(to.grad, from.grad),
]

/**
 * −H g with an inverse Hessian `[n, n]` as its memory, which an update keeps: n² numbers and about 8 n² operations a step.
 *
 * @example
 * quasiNewton('DFP', dfpUpdate).name // => 'DFP'
 */
export const quasiNewton = (
  name: string,
  update: InverseUpdate,
  initialScale: InitialScale = unitLength,
): Direction<Value> => ({
  name,
  init: (start) => firstInverse(initialScale, start),
  propose: (h, at) => [neg(matmul(h, at.grad)), h],
  observe: (h, taken) => update(h, ...pairOf(taken)),
})

/** BFGS with the inverse Hessian `[n, n]` as its memory. */
export const bfgs = ({ initialScale, tolerance = 1e-10 }: QuasiNewton = {}): Direction<Value> =>
  quasiNewton('BFGS', (h, s, y) => bfgsUpdate(h, s, y, tolerance), initialScale)

/** DFP with the inverse Hessian `[n, n]` as its memory. */
export const dfp = ({ initialScale, tolerance = 1e-10 }: QuasiNewton = {}): Direction<Value> =>
  quasiNewton('DFP', (h, s, y) => dfpUpdate(h, s, y, tolerance), initialScale)

/** Symmetric rank one where it is safe, BFGS elsewhere, with the inverse Hessian `[n, n]` as its memory. */
export const sr1 = ({
  initialScale,
  tolerance = 1e-10,
  threshold = 1e-8,
}: QuasiNewton & { readonly threshold?: number } = {}): Direction<Value> =>
  quasiNewton('SR1', (h, s, y) => sr1Update(h, s, y, threshold, tolerance), initialScale)
