import { dot, fromData, type Tensor } from '@secant/linalg'
import {
  backtracking,
  drive,
  fixed,
  type Objective,
  type Point,
  rayFrom,
  type Search,
  type StepFailure,
  strongWolfe,
  type Trial,
} from '@secant/optim'
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'

/** A function of one number, bounded below, with its derivative. */
interface Curve {
  readonly family: string
  readonly f: (x: number) => number
  readonly slope: (x: number) => number
  readonly x: number
}

const decades = (from: number, to: number): fc.Arbitrary<number> =>
  fc.double({ min: from, max: to, noNaN: true }).map((exponent) => 10 ** exponent)
const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true })

const family = (
  name: string,
  shape: fc.Arbitrary<number>,
  make: (a: number, b: number, c: number) => Omit<Curve, 'family'>,
): fc.Arbitrary<Curve> =>
  fc.tuple(shape, shape, between(-3, 3)).map(([a, b, c]) => ({ family: name, ...make(a, b, c) }))

const curves: readonly fc.Arbitrary<Curve>[] = [
  family('convex quartic', decades(-2, 2), (a, b, c) => ({
    f: (x) => a * x ** 4 + b * x * x + c * x,
    slope: (x) => 4 * a * x ** 3 + 2 * b * x + c,
    x: 1 + c,
  })),
  family('tilted cosine', decades(-1, 1), (a, b, c) => ({
    f: (x) => a * Math.cos(b * x) + Math.sqrt(1 + x * x),
    slope: (x) => -a * b * Math.sin(b * x) + x / Math.sqrt(1 + x * x),
    x: 5 * c,
  })),
  family('smoothed |x|', decades(-4, 0), (a, _, c) => ({
    f: (x) => Math.sqrt(x * x + a * a),
    slope: (x) => x / Math.sqrt(x * x + a * a),
    x: c,
  })),
  family('exponential', decades(-1, 1), (a, b, c) => ({
    f: (x) => Math.exp(a * x) - b * x,
    slope: (x) => a * Math.exp(a * x) - b,
    x: c,
  })),
  family('log barrier, NaN beyond', decades(-3, 1), (a, b, c) => ({
    f: (x) => 0.5 * x * x - a * Math.log(c + b - x),
    slope: (x) => x + a / (c + b - x),
    x: c,
  })),
  family('inverse barrier, Infinity beyond', decades(-3, 1), (a, b, c) => ({
    f: (x) => (x < c + b ? 0.5 * x * x + a / (c + b - x) : Number.POSITIVE_INFINITY),
    slope: (x) => (x < c + b ? x + a / (c + b - x) ** 2 : Number.NaN),
    x: c,
  })),
  family('very flat', decades(-8, 2), (a, b, c) => ({
    f: (x) => -a / (1 + (x / b) ** 2),
    slope: (x) => (2 * a * x) / (b * b) / (1 + (x / b) ** 2) ** 2,
    x: c,
  })),
  family('very steep', decades(2, 6), (a, b, c) => ({
    f: (x) => a * x * x + b * Math.sqrt(1e-8 + x * x),
    slope: (x) => 2 * a * x + (b * x) / Math.sqrt(1e-8 + x * x),
    x: c,
  })),
]

const vector = (x: number): Tensor => fromData(Float64Array.of(x))
const only = (x: Tensor): number => x.data[0] as number

/** A curve and a downhill direction of some length. */
interface Case {
  readonly curve: Curve
  readonly from: Point
  readonly d: number
}

const cases: fc.Arbitrary<Case> = fc
  .tuple(fc.oneof(...curves), decades(-4, 4))
  .map(([curve, length]) => {
    const grad = curve.slope(curve.x)
    const from = { x: vector(curve.x), value: curve.f(curve.x), grad: vector(grad) }
    return { curve, from, d: -Math.sign(grad) * length }
  })
  .filter(({ from, d }) => Number.isFinite(from.value) && only(from.grad) * d < 0)

interface Searched {
  readonly found: E.Either<StepFailure, Trial>
  /** Lengths in the order they were measured, the gradient's with `point`. */
  readonly asked: readonly { readonly want: 'value' | 'point'; readonly x: number }[]
}

const search = (searching: Search, { curve, from, d }: Case): Searched => {
  const asked: { want: 'value' | 'point'; x: number }[] = []
  const objective: Objective = {
    value: (x) => {
      asked.push({ want: 'value', x: only(x) })
      return curve.f(only(x))
    },
    point: (x) => {
      asked.push({ want: 'point', x: only(x) })
      return { x, value: curve.f(only(x)), grad: vector(curve.slope(only(x))) }
    },
  }
  return { found: drive(objective, searching(...rayFrom(from, vector(d)))), asked }
}

/** `f(x + αd) ≤ f(x) + c₁αg'd`, read plainly. */
const decreases = ({ curve, from, d }: Case, alpha: number, c1: number): boolean =>
  curve.f(curve.x + alpha * d) <= from.value + c1 * alpha * (only(from.grad) * d)

/** `|g(x + αd)'d| ≤ c₂|g'd|`, read plainly. */
const isFlat = ({ curve, from, d }: Case, alpha: number, c2: number): boolean =>
  Math.abs(curve.slope(curve.x + alpha * d) * d) <= c2 * Math.abs(only(from.grad) * d)

/** The trial is what it says it is: measured at `x + αd`. */
const expectMeasured = ({ curve, from, d }: Case, trial: Trial): void => {
  const x = curve.x + trial.alpha * d
  expect(trial.alpha).toBeGreaterThan(0)
  const told = [only(trial.to.x), trial.to.value, only(trial.to.grad), trial.slope, trial.slope0]
  const found = [x, curve.f(x), curve.slope(x), curve.slope(x) * d, only(from.grad) * d]
  // Equal as numbers: a dot product of one entry turns −0 into 0.
  expect(told.filter((number, i) => number !== found[i])).toEqual([])
}

interface Tally {
  readonly evaluations: number
  readonly failures: Readonly<Record<string, number>>
}

/** Runs a search on many cases; `expectStep` and `expectFailure` judge what comes back. */
const overCases = (
  searching: Search,
  expectStep: (at: Case, trial: Trial) => void,
  expectFailure: (at: Case, failure: StepFailure, asked: Searched['asked']) => void,
): Tally => {
  let [evaluations, runs] = [0, 0]
  const failures: Record<string, number> = {}
  fc.assert(
    fc.property(cases, (at) => {
      const { found, asked } = search(searching, at)
      runs++
      evaluations += asked.length
      if (E.isRight(found)) return expectStep(at, found.right)
      const key = `${at.curve.family}: ${found.left.kind}`
      failures[key] = (failures[key] ?? 0) + 1
      expectFailure(at, found.left, asked)
    }),
    { numRuns: 10_000 },
  )
  return { evaluations: evaluations / runs, failures }
}

const total = ({ failures }: Tally): number => Object.values(failures).reduce((sum, count) => sum + count, 0)

const isLostInRounding = (predicted: number, value: number): boolean =>
  Math.abs(predicted) <= 4 * Number.EPSILON * Math.abs(value)

describe('backtracking', () => {
  const [c1, shrink, most] = [1e-4, 0.5, 60]
  const ladder = Array.from({ length: most }, (_, k) => shrink ** k)

  test('every step decreases enough, is the first that does, and fails only where none does', () => {
    const tally = overCases(
      backtracking({ c1, shrink, most }),
      (at, trial) => {
        expectMeasured(at, trial)
        expect(decreases(at, trial.alpha, c1)).toBe(true)
        expect(ladder.find((alpha) => decreases(at, alpha, c1))).toBe(trial.alpha)
      },
      (at, failure) => {
        expect(ladder.some((alpha) => decreases(at, alpha, c1))).toBe(false)
        const predicted = (ladder.at(-1) as number) * only(at.from.grad) * at.d
        if (failure.kind === 'roundoff-limited') {
          expect(isLostInRounding(predicted, at.from.value)).toBe(true)
          expect(failure.predicted).toBe(predicted)
        } else {
          expect(failure).toMatchObject({ kind: 'search exhausted', violated: `Armijo(${c1})` })
          expect(isLostInRounding(predicted, at.from.value)).toBe(false)
        }
        expect('best' in failure && failure.best.alpha).toBe(0)
      },
    )
    if (process.env['SECANT_TALLY']) console.log('backtracking', tally)
    expect(total(tally)).toBeLessThan(100)
    expect(tally.evaluations).toBeGreaterThan(1)
    expect(tally.evaluations).toBeLessThan(12)
  })

  test('a rejected trial after the first costs a value, not a gradient', () => {
    fc.assert(
      fc.property(cases, (at) => {
        const { found, asked } = search(backtracking(), at)
        fc.pre(E.isRight(found))
        expect(asked.filter(({ want }) => want === 'point').length).toBeLessThanOrEqual(2)
      }),
    )
  })
})

describe.each([{ c2: 0.9 }, { c2: 0.1 }])('strongWolfe({ c2: $c2 })', ({ c2 }) => {
  const [c1, most] = [1e-4, 50]

  test('every step decreases enough and is flat enough; failures are stated', () => {
    const tally = overCases(
      strongWolfe({ c1, c2, most }),
      (at, trial) => {
        expectMeasured(at, trial)
        expect(decreases(at, trial.alpha, c1)).toBe(true)
        expect(isFlat(at, trial.alpha, c2)).toBe(true)
      },
      (at, failure, asked) => {
        expect(['search exhausted', 'roundoff-limited']).toContain(failure.kind)
        if (!('best' in failure)) throw new Error('unreachable: both kinds carry their best trial')
        expect(failure.best.to.value).toBeLessThanOrEqual(at.from.value)
        expect(failure.best.alpha === 0 || decreases(at, failure.best.alpha, c1)).toBe(true)
        if (failure.kind === 'roundoff-limited') expect(isLostInRounding(failure.predicted, at.from.value)).toBe(true)
        const acceptable = asked.some(({ x }) => {
          const alpha = (x - at.curve.x) / at.d
          return at.curve.x + alpha * at.d === x && decreases(at, alpha, c1) && isFlat(at, alpha, c2)
        })
        if (acceptable) expect(failure.best.alpha).toBeGreaterThan(0)
        expect(asked.length).toBeLessThanOrEqual(most + 1)
      },
    )
    if (process.env['SECANT_TALLY']) console.log(`strongWolfe ${c2}`, tally)
    expect(total(tally)).toBeLessThan(100)
    expect(tally.evaluations).toBeGreaterThan(1)
    expect(tally.evaluations).toBeLessThan(12)
  })
})

describe('what a search refuses', () => {
  const square: Curve = { family: 'square', f: (x) => x * x, slope: (x) => 2 * x, x: 1 }
  const along = (d: number): Case => ({ curve: square, from: { x: vector(1), value: 1, grad: vector(2) }, d })

  test.each([
    ['backtracking', backtracking()],
    ['strongWolfe', strongWolfe()],
  ])('%s: a ray that does not descend, without measuring anything', (_, searching) => {
    for (const d of [1, 0, Number.NaN]) {
      const { found, asked } = search(searching, along(d))
      expect(found).toEqual(E.left({ kind: 'not a descent direction', slope: 2 * d }))
      expect(asked).toEqual([])
    }
  })

  test('fixed: takes its length anywhere, but not to a place that is not finite', () => {
    const taken = search(fixed(0.25), along(1)).found
    expect(E.isRight(taken) && only(taken.right.to.x)).toBe(1.25)
    const barrier: Curve = { family: 'log', f: (x) => -Math.log(x), slope: (x) => -1 / x, x: 1 }
    const outside = { curve: barrier, from: { x: vector(1), value: 0, grad: vector(-1) }, d: -1 }
    expect(search(fixed(2), outside).found).toEqual(E.left({ kind: 'non-finite objective', alpha: 2 }))
  })

  test('strongWolfe: constants out of order', () => {
    for (const [c1, c2] of [[0, 0.9], [0.5, 0.5], [0.9, 0.1], [1e-4, 1]] as const) // biome-ignore format: pairs
      expect(() => strongWolfe({ c1, c2 })).toThrow(`strongWolfe: got c1 = ${c1}, c2 = ${c2}; needs 0 < c1 < c2 < 1`)
  })

  test('a slope that the rays agree on', () => {
    const [ray, start] = rayFrom(along(-1).from, vector(-1))
    expect(start.slope0).toBe(dot(vector(2), vector(-1)))
    expect([start.alpha, start.slope]).toEqual([0, -2])
    expect(ray.value(1).next().value).toEqual({ x: vector(0), want: 'value' })
  })
})
