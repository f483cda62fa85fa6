import { tensor } from '@secant/linalg'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import { drive, hagerZhang, type Objective, rayFrom } from '../src/index.ts'
import { type Curve, objectiveOf, powerOfTen, tame } from './curves.ts'

type Interval = readonly [a: number, b: number]

/** The line search of the paper on a plain function: the lengths that it tries, until somebody stops it. */
function* lengthsOf(phi: (t: number) => number, slope: (t: number) => number): Generator<number, never> {
  const [epsilon, theta, gamma, rho] = [1e-6, 0.5, 0.66, 5]
  const ceiling = phi(0) + epsilon * Math.abs(phi(0))
  const isThere = (t: number): boolean => Number.isFinite(phi(t)) && Number.isFinite(slope(t))
  const isRising = (t: number): boolean => isThere(t) && slope(t) >= 0
  const isLow = (t: number): boolean => isThere(t) && slope(t) < 0 && phi(t) <= ceiling
  const secant = (a: number, b: number): number => b - ((b - a) * slope(b)) / (slope(b) - slope(a))

  function* u3(a: number, b: number): Generator<number, Interval> {
    let [low, high] = [a, b]
    for (;;) {
      const d = (1 - theta) * low + theta * high
      yield d
      if (isRising(d)) return [low, d]
      if (isLow(d)) low = d
      else high = d
    }
  }
  function* update([a, b]: Interval, c: number): Generator<number, Interval> {
    if (!(a < c && c < b)) return [a, b]
    yield c
    if (isRising(c)) return [a, c]
    return isLow(c) ? [c, b] : yield* u3(a, c)
  }
  function* secant2([a, b]: Interval): Generator<number, Interval> {
    const c = secant(a, b)
    const [A, B] = yield* update([a, b], c)
    if (c === B) return yield* update([A, B], secant(b, B))
    if (c === A) return yield* update([A, B], secant(a, A))
    return [A, B]
  }
  function* bracket(): Generator<number, Interval> {
    let [before, c] = [0, 1]
    for (;;) {
      yield c
      if (isRising(c)) return [before, c]
      if (!isLow(c)) return yield* u3(before, c)
      before = c
      c *= rho
    }
  }

  let [a, b] = yield* bracket()
  for (;;) {
    const width = b - a
    ;[a, b] = yield* secant2([a, b])
    if (b - a > gamma * width) [a, b] = yield* update([a, b], (a + b) / 2)
  }
}

test.each([
  [0.1, 0.9],
  [0.001, 0.01],
  [0.49, 0.5],
])('tries the lengths of the paper, one by one: c₁ = %s, c₂ = %s', (c1, c2) => {
  fc.assert(
    fc.property(tame, powerOfTen(-4, 4), (curve: Curve, stretch) => {
      const d = -Math.sign(curve.slope(0)) * stretch
      const objective = objectiveOf(curve)
      const tried: number[] = []
      const watched: Objective = {
        ...objective,
        point: (x) => {
          tried.push(x.data[0] as number)
          return objective.point(x)
        },
      }
      const from = objective.point(tensor([0]))
      const found = drive(watched, hagerZhang({ c1, c2 })(...rayFrom(from, tensor([d]))))
      const lengths = lengthsOf(
        (t) => curve.f(t * d),
        (t) => curve.slope(t * d) * d,
      )
      expect(tried).toEqual(tried.map(() => lengths.next().value * d))
      if (E.isRight(found)) expect(found.right.alpha * d).toBe(tried.at(-1))
    }),
    { numRuns: 2000 },
  )
})
