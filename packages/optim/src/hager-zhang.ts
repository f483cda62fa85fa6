import * as E from 'fp-ts/lib/Either.js'
import { holds, wolfeCondition } from './condition.ts'
import { approximateWolfe, disjunction } from './further-conditions.ts'
import { sampleOf, secantRoot } from './interpolation.ts'
import type { Measuring } from './measure.ts'
import type { Trial } from './point.ts'
import { better, isFinitePoint, noStep, type Search } from './search.ts'

/**
 * Ends of an interval that holds an acceptable step: at `a` the value is low and the slope negative, at `b` the slope
 * is not. An accepted trial closes it to `[t, t]`, which no later step reopens.
 */
type Bracket = readonly [a: Trial, b: Trial]

const secantOf = (a: Trial, b: Trial): number => secantRoot(sampleOf(a), sampleOf(b))

/**
 * A step that satisfies the Wolfe or the approximate Wolfe conditions (Hager and Zhang 2005, section 4; steps are
 * named as there). Slopes decide close to a minimum, where values drown in their rounding: a value counts as low up to
 * `f + ε|f|`. `theta` splits an interval in U3, `gamma` is the shrinking that two secants owe, `grow` is ρ of B3.
 * Departs from the paper: a trial that is not finite counts as too high (U3), and B2 keeps the last low trial, not 0.
 */
export const hagerZhang = ({
  initial = 1,
  c1 = 0.1,
  c2 = 0.9,
  epsilon = 1e-6,
  theta = 0.5,
  gamma = 0.66,
  grow = 5,
  most = 50,
}: {
  readonly initial?: number
  readonly c1?: number
  readonly c2?: number
  readonly epsilon?: number
  readonly theta?: number
  readonly gamma?: number
  readonly grow?: number
  readonly most?: number
} = {}): Search => {
  if (!(0 < c1 && c1 < 0.5 && c1 <= c2 && c2 < 1))
    throw new Error(`hagerZhang: got c1 = ${c1}, c2 = ${c2}; needs 0 < c1 < 1/2 and c1 ≤ c2 < 1`)
  const wanted = disjunction(wolfeCondition(c1, c2), approximateWolfe(c1, c2, epsilon))

  return function* (ray, start) {
    if (!(start.slope0 < 0)) return E.left({ kind: 'not a descent direction', slope: start.slope0 })
    const ceiling = start.from.value + epsilon * Math.abs(start.from.value)
    let [best, left] = [start, most]

    const isRising = (trial: Trial): boolean => isFinitePoint(trial.to) && trial.slope >= 0
    const isLow = (trial: Trial): boolean => isFinitePoint(trial.to) && trial.slope < 0 && trial.to.value <= ceiling
    const isAccepted = (trial: Trial): boolean => isFinitePoint(trial.to) && holds(wanted, trial)

    function* measure(alpha: number): Measuring<Trial> {
      left--
      const trial = yield* ray.trial(alpha)
      best = better(best, trial)
      return trial
    }

    /** U3: splits until the far end rises. */
    function* settle(low: Trial, far: Trial): Measuring<Bracket> {
      let [a, b] = [low, far]
      while (!isRising(b) && left > 0) {
        const alpha = (1 - theta) * a.alpha + theta * b.alpha
        if (!(a.alpha < alpha && alpha < b.alpha)) break
        const d = yield* measure(alpha)
        if (isAccepted(d)) return [d, d]
        if (isLow(d)) a = d
        else b = d
      }
      return [a, b]
    }

    function* update([a, b]: Bracket, alpha: number): Measuring<Bracket> {
      if (!(a.alpha < alpha && alpha < b.alpha && left > 0)) return [a, b]
      const c = yield* measure(alpha)
      if (isAccepted(c)) return [c, c]
      return isLow(c) ? [c, b] : yield* settle(a, c)
    }

    /** S1 to S4: a second secant from the end that the first one moved. */
    function* secant2([a, b]: Bracket): Measuring<Bracket> {
      const c = secantOf(a, b)
      const [A, B] = yield* update([a, b], c)
      if (c === B.alpha) return yield* update([A, B], secantOf(b, B))
      if (c === A.alpha) return yield* update([A, B], secantOf(a, A))
      return [A, B]
    }

    function* bracket(): Measuring<Bracket> {
      let a = start
      for (let alpha = initial; left > 0; alpha *= grow) {
        const c = yield* measure(alpha)
        if (isAccepted(c)) return [c, c]
        if (!isLow(c)) return yield* settle(a, c)
        a = c
      }
      return [a, { ...a, alpha: Number.POSITIVE_INFINITY }]
    }

    let [a, b] = yield* bracket()
    for (;;) {
      const middle = (a.alpha + b.alpha) / 2
      if (!(a.alpha < middle && middle < b.alpha && left > 0)) break
      const width = b.alpha - a.alpha
      ;[a, b] = yield* secant2([a, b])
      if (b.alpha - a.alpha > gamma * width) [a, b] = yield* update([a, b], (a.alpha + b.alpha) / 2)
    }
    return a === b ? E.right(a) : E.left(noStep(wanted, best, b.alpha - a.alpha))
  }
}
