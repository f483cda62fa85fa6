import { concrete } from '@secant/autodiff'
import { dot, eye, map, matvec, norm, outer, sub, type Tensor, zip } from '@secant/linalg'
import { bfgsUpdate } from '@secant/optim'
import { type Lazy, lazily } from './lazily.ts'
import { eigenvaluesOf, inverseSpd } from './matrices.ts'
import type { StepView } from './step-view.ts'

/** The matrices of BFGS before one step of a run. */
export interface ReplayStep {
  readonly k: number
  /** The inverse Hessian, and the Hessian by its own update. */
  readonly h: Tensor
  readonly b: Tensor
  readonly bs: Tensor
  readonly sBs: number
  /** How far the recorded direction is from −Hg, relative to its length; where none is recorded, the same for s. */
  readonly deviation: number
  /** Eigenvalues of h in ascending order; those of b are their inverses. Not computed of large matrices. */
  readonly spectrum: Lazy<readonly number[] | undefined>
  /** Whether the pair of this step has curvature, so that it changes the matrices. */
  readonly updates: boolean
}

export interface Replay {
  /** Whether the first matrix was given, or read off the first direction. */
  readonly initial: 'given' | 'measured'
  readonly steps: readonly ReplayStep[]
  /** The matrices after the last step. */
  readonly last: { readonly h: Tensor; readonly b: Tensor }
}

/** The largest side for which eigenvalues are computed at every step. */
export const mostForEigenvalues = 60

/** The most numbers that the matrices of a replay may have together. */
const mostNumbers = 8e6

const scaled = (a: Tensor, factor: number): Tensor => map(a, (value) => factor * value)

/** γ where the first direction is −γg. */
const scaleOf = ({ direction, from, gg }: StepView): number | undefined => {
  if (direction === undefined) return undefined
  const gamma = -dot(direction, from.grad) / gg
  const off = norm(sub(direction, scaled(from.grad, -gamma)))
  return gamma > 0 && off <= 1e-9 * norm(direction) ? gamma : undefined
}

const firstMatrices = (
  first: StepView,
  n: number,
  given: Tensor | number | undefined,
): { readonly h: Tensor; readonly b: Tensor; readonly initial: Replay['initial'] } | undefined => {
  const gamma = typeof given === 'number' ? given : given === undefined ? scaleOf(first) : undefined
  const initial = given === undefined ? 'measured' : 'given'
  if (gamma !== undefined) return { h: scaled(eye(n), gamma), b: scaled(eye(n), 1 / gamma), initial }
  if (given === undefined || typeof given === 'number') return undefined
  const b = inverseSpd(given)
  return b === undefined ? undefined : { h: given, b, initial }
}

/** B − Bss'B / s'Bs + yy' / s'y (Nocedal and Wright, 6.19). */
const updateHessian = (b: Tensor, bs: Tensor, sBs: number, y: Tensor, sy: number): Tensor => {
  const [out, into] = [outer(bs, bs), outer(y, y)]
  return zip(
    zip(b, out, (entry, o) => entry - o / sBs),
    into,
    (entry, i) => entry + i / sy,
  )
}

const deviationOf = ({ direction, from, s }: StepView, h: Tensor): number => {
  const along = matvec(h, from.grad)
  const length = norm(along)
  if (direction !== undefined) return norm(zip(direction, along, (d, hg) => d + hg)) / length
  const step = norm(s)
  return norm(zip(s, along, (d, hg) => d / step + hg / length))
}

/**
 * The matrices that BFGS has on the steps of a run, whoever chose them: from a given first inverse Hessian, or from the
 * multiple of the identity that the first direction tells. Nothing where neither is there, or the matrices are too many.
 */
export const replayBfgs = (
  steps: readonly StepView[],
  n: number,
  given: Tensor | number | undefined,
  tolerance = 1e-10,
): Replay | undefined => {
  const [first] = steps
  if (first === undefined || 2 * n * n * steps.length > mostNumbers) return undefined
  const start = firstMatrices(first, n, given)
  if (start === undefined) return undefined
  let { h, b } = start
  const replayed: ReplayStep[] = []
  for (const step of steps) {
    const { k, s, y, ss, sy, yy } = step
    const bs = matvec(b, s)
    const sBs = dot(s, bs)
    const updates = sy > tolerance * Math.sqrt(ss) * Math.sqrt(yy)
    const current = h
    const spectrum = lazily(() => (n <= mostForEigenvalues ? eigenvaluesOf(current) : undefined))
    replayed.push({ k, h, b, bs, sBs, spectrum, deviation: deviationOf(step, h), updates })
    if (!updates) continue
    h = concrete(bfgsUpdate(h, s, y, tolerance))
    b = updateHessian(b, bs, sBs, y, sy)
  }
  return { initial: start.initial, steps: replayed, last: { h, b } }
}
