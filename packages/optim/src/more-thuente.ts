import * as E from 'fp-ts/lib/Either.js'
import { armijo, holds, strongWolfeCondition } from './condition.ts'
import { cubicMinimizer, parabolaMinimizer, type Sample, sampleOf, secantRoot } from './interpolation.ts'
import type { Trial } from './point.ts'
import { better, isFinitePoint, noStep, type Search } from './search.ts'

const nearer = (from: number, a: number, b: number): number => (Math.abs(a - from) < Math.abs(b - from) ? a : b)

/** `next`, but no further from `low` than two thirds of the way to `far`. */
const within = (next: number, low: number, far: number): number => {
  const limit = low + 0.66 * (far - low)
  return far > low ? Math.min(next, limit) : Math.max(next, limit)
}

/**
 * Where to try next, from the best end `l` of the interval, the trial `t` and the other end `u`, if there is one
 * (section 4). `end` is where an unbounded step stops.
 */
const select = (l: Sample, t: Sample, u: Sample | undefined, end: number): number => {
  const cubic = cubicMinimizer(l, t)
  // Case 1: a higher value. The cubic where it is the more careful one, else half way to the parabola.
  if (t.value > l.value) {
    const parabola = parabolaMinimizer(l, t)
    return Math.abs(cubic - l.alpha) < Math.abs(parabola - l.alpha) ? cubic : (cubic + parabola) / 2
  }
  const secant = secantRoot(l, t)
  // Case 2: slopes of opposite sign. The one further from the trial.
  if (t.slope * l.slope < 0) return nearer(t.alpha, cubic, secant) === cubic ? secant : cubic
  // Case 3: a smaller slope of the same sign. The cubic counts only where it has its minimum beyond the trial.
  if (Math.abs(t.slope) < Math.abs(l.slope)) {
    const beyond = (cubic - t.alpha) * (t.alpha - l.alpha) > 0 ? cubic : end
    const near = nearer(t.alpha, beyond, secant)
    if (u !== undefined) return within(near, t.alpha, u.alpha)
    return near === beyond ? secant : beyond
  }
  // Case 4: a slope that is no smaller. Only the other end can tell.
  return u === undefined ? end : cubicMinimizer(t, u)
}

/**
 * A step with sufficient decrease and a small slope, `f(x + αd) ≤ f + c₁αg'd` and `|g(x + αd)'d| ≤ c₂|g'd|`, within
 * `[shortest, longest]` (Moré and Thuente 1994). The interval is updated and interpolated by φ, or by
 * `ψ(α) = φ(α) − c₁αφ'(0)` where φ got lower but not by enough, as in MINPACK. Departs from it: a trial that is not finite
 * bounds the interval and halves it. Fails at `longest` where the slope is still steeper than asked for.
 */
export const moreThuente = ({
  initial = 1,
  c1 = 1e-4,
  c2 = 0.9,
  shortest = 0,
  longest = Number.POSITIVE_INFINITY,
  most = 50,
}: {
  readonly initial?: number
  readonly c1?: number
  readonly c2?: number
  readonly shortest?: number
  readonly longest?: number
  readonly most?: number
} = {}): Search => {
  if (!(0 < c1 && c1 <= c2 && c2 < 1)) throw new Error(`moreThuente: got c1 = ${c1}, c2 = ${c2}; needs 0 < c1 ≤ c2 < 1`)
  if (!(0 <= shortest && shortest <= initial && initial <= longest))
    throw new Error(`moreThuente: got initial = ${initial}; needs a length from ${shortest} to ${longest}`)
  const decrease = armijo(c1)
  const wanted = strongWolfeCondition(c1, c2)

  return function* (ray, start) {
    if (!(start.slope0 < 0)) return E.left({ kind: 'not a descent direction', slope: start.slope0 })
    let [best, low, alpha]: [Trial, Trial, number] = [start, start, initial]
    let high: Trial | undefined
    let [width, wider] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]

    for (let k = 0; k < most; k++) {
      const trial = yield* ray.trial(alpha)
      let next = Number.NaN
      if (isFinitePoint(trial.to)) {
        if (holds(wanted, trial)) return E.right(trial)
        best = better(best, trial)
        // A lower value without enough decrease: φ could lead away from where both hold, ψ does not. Once a trial has
        // decrease and rises, every lower value in the interval has decrease too, and this stage is over by itself.
        const isTilted = trial.to.value <= low.to.value && !holds(decrease, trial)
        const tilt = isTilted ? c1 * start.slope0 : 0
        const [l, t] = [sampleOf(low, tilt), sampleOf(trial, tilt)]
        const furthest = Math.min(trial.alpha + 4 * (trial.alpha - low.alpha), longest)
        next = select(l, t, high && sampleOf(high, tilt), high?.alpha ?? furthest)
        if (t.value > l.value) high = trial
        else {
          if (t.slope * l.slope < 0) high = low
          low = trial
        }
        if (high === undefined) next = next < furthest ? next : furthest
      } else high = trial

      if (high !== undefined) {
        const [near, far] = [Math.min(low.alpha, high.alpha), Math.max(low.alpha, high.alpha)]
        if (!(near < next && next < far) || far - near >= 0.66 * wider) next = (near + far) / 2
        wider = width
        width = far - near
      }
      alpha = Math.min(Math.max(next, shortest), longest)
      if (alpha === low.alpha || alpha === high?.alpha) break
    }
    return E.left(noStep(wanted, best, high === undefined ? Number.POSITIVE_INFINITY : high.alpha - low.alpha))
  }
}
