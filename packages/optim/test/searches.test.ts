import { fromData, tensor } from '@secant/linalg'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  armijo,
  backtracking,
  type Condition,
  conditionMonoid,
  curvature,
  drive,
  fixed,
  holds,
  type Objective,
  type Point,
  rayFrom,
  type Search,
  type StepFailure,
  strongCurvature,
  strongWolfe,
  type Trial,
} from '../src/index.ts'

/** A function of one number and its slope. */
interface Curve {
  readonly name: string
  readonly f: (t: number) => number
  readonly slope: (t: number) => number
}

const objectiveOf = ({ f, slope }: Curve): Objective => ({
  value: ({ data }) => f(data[0] as number),
  point: (x) => ({ x, value: f(x.data[0] as number), grad: tensor([slope(x.data[0] as number)]) }),
})

const searchOn = (
  curve: Curve,
  search: Search,
  direction = -Math.sign(curve.slope(0)),
): E.Either<StepFailure, Trial> => {
  const objective = objectiveOf(curve)
  const from: Point = objective.point(tensor([0]))
  return drive(objective, search(...rayFrom(from, tensor([direction]))))
}

/** Evenly spread; `fc.double` would crowd around zero, where floating-point numbers are dense. */
const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 2 ** 30 }).map((k) => min + (k / 2 ** 30) * (max - min))

const powerOfTen = (min: number, max: number): fc.Arbitrary<number> => between(min, max).map((e) => 10 ** e)

/** Curves that are bounded below, smooth where finite, and not flat at 0. */
const curves: fc.Arbitrary<Curve> = fc.oneof(
  fc.tuple(powerOfTen(-4, 4), powerOfTen(-3, 3), fc.constantFrom(-1, 1)).map(
    ([a, centre, side]): Curve => ({
      name: `${a} (t − ${side * centre})²`,
      f: (t) => a * (t - side * centre) ** 2,
      slope: (t) => 2 * a * (t - side * centre),
    }),
  ),
  fc.tuple(between(0.1, 4), between(-3, 3), between(0.2, 2)).map(
    ([a, b, c]): Curve => ({
      name: `quartic ${a} ${b} ${c}`,
      f: (t) => a * t ** 4 + b * t ** 2 + c * t,
      slope: (t) => 4 * a * t ** 3 + 2 * b * t + c,
    }),
  ),
  fc.tuple(between(0.3, 3), between(1, 20), between(0.01, 0.5)).map(
    ([a, w, c]): Curve => ({
      name: `waves ${a} ${w} in a bowl ${c}`,
      f: (t) => a * Math.sin(w * t) + c * t * t,
      slope: (t) => a * w * Math.cos(w * t) + 2 * c * t,
    }),
  ),
  fc.tuple(powerOfTen(-3, 0), powerOfTen(-1, 2)).map(
    ([width, centre]): Curve => ({
      name: `smoothed |t − ${centre}|, width ${width}`,
      f: (t) => Math.hypot(t - centre, width),
      slope: (t) => (t - centre) / Math.hypot(t - centre, width),
    }),
  ),
  fc.tuple(between(1, 900), between(0.1, 3)).map(
    ([a, b]): Curve => ({
      name: `e^(${a} t) overflows, − ${b} t`,
      f: (t) => Math.exp(a * t) - (a + b) * t,
      slope: (t) => a * Math.exp(a * t) - (a + b),
    }),
  ),
  fc.tuple(powerOfTen(-2, 1), powerOfTen(-2, 1)).map(
    ([end, a]): Curve => ({
      name: `barrier at ${end}`,
      f: (t) => -Math.log(end - t) - (1 / end + a) * t,
      slope: (t) => (t < end ? 1 / (end - t) - (1 / end + a) : Number.NaN),
    }),
  ),
)

/** Readings of the conditions that share nothing with the code: from the curve itself. */
const decreases = ({ f, slope }: Curve, d: number, alpha: number, c1: number): boolean =>
  f(alpha * d) <= f(0) + c1 * alpha * slope(0) * d

const flattens = ({ slope }: Curve, d: number, alpha: number, c2: number): boolean =>
  Math.abs(slope(alpha * d) * d) <= c2 * Math.abs(slope(0) * d)

interface Claim {
  readonly name: string
  readonly search: Search
  readonly kept: (curve: Curve, d: number, alpha: number) => boolean
}

const claims: readonly Claim[] = [
  {
    name: 'backtracking',
    search: backtracking(),
    kept: (curve, d, alpha) => decreases(curve, d, alpha, 1e-4) && Number.isInteger(-Math.log2(alpha)),
  },
  ...[0.9, 0.1].map((c2) => ({
    name: `strong Wolfe, c₂ = ${c2}`,
    search: strongWolfe({ c2 }),
    kept: (curve: Curve, d: number, alpha: number) => decreases(curve, d, alpha, 1e-4) && flattens(curve, d, alpha, c2),
  })),
]

describe.each(claims)('$name', ({ search, kept }) => {
  test('every accepted step keeps its conditions: 34,000 curves, no violation', () => {
    let [runs, failures] = [0, 0]
    fc.assert(
      fc.property(curves, (curve) => {
        const d = -Math.sign(curve.slope(0))
        if (d === 0) return
        runs++
        const found = searchOn(curve, search)
        if (E.isLeft(found)) failures++
        else expect(kept(curve, d, found.right.alpha)).toBe(true)
      }),
      { numRuns: 34_000 },
    )
    // A search may give up, with a reason; on curves as tame as these it must be a rarity.
    expect(failures / runs).toBeLessThan(0.002)
  })

  test('uphill is refused, with the slope', () => {
    const bowl: Curve = { name: 'bowl', f: (t) => (t + 1) ** 2, slope: (t) => 2 * (t + 1) }
    expect(searchOn(bowl, search, 1)).toEqual(E.left({ kind: 'not a descent direction', slope: 2 }))
  })

  test('unbounded steps down a line end with a reason or a step, not in a loop', () => {
    const line: Curve = { name: 'line', f: (t) => -t, slope: () => -1 }
    const found = searchOn(line, search)
    if (E.isLeft(found)) expect(['search exhausted', 'non-finite objective']).toContain(found.left.kind)
    else expect(found.right.alpha).toBe(1)
  })
})

test('a fixed step is taken as it is, and refused where the objective is not finite', () => {
  const barrier: Curve = { name: 'log', f: (t) => -Math.log(1 - t), slope: (t) => 1 / (1 - t) }
  const taken = searchOn(barrier, fixed(0.5), 1)
  expect(E.isRight(taken) && taken.right.to.value).toBe(Math.LN2)
  expect(searchOn(barrier, fixed(1), 1)).toEqual(E.left({ kind: 'non-finite objective', alpha: 1 }))
})

test('strong Wolfe refuses constants that no step may satisfy', () => {
  expect(() => strongWolfe({ c1: 0.9, c2: 0.1 })).toThrow('needs 0 < c1 < c2 < 1')
})

describe('conditions', () => {
  const trials: fc.Arbitrary<Trial> = fc
    .tuple(between(-5, 5), between(-5, 5), between(0, 4), between(-3, 0), between(-3, 3))
    .map(([f0, f1, alpha, slope0, slope]) => {
      const point = (value: number): Point => ({
        x: fromData(Float64Array.of(0)),
        value,
        grad: fromData(Float64Array.of(0)),
      })
      return { from: point(f0), to: point(f1), alpha, slope0, slope }
    })
  const conditions: fc.Arbitrary<Condition> = fc.oneof(
    between(0, 1).map(armijo),
    between(0, 1).map(curvature),
    between(0, 1).map(strongCurvature),
    fc.constant(conditionMonoid.empty),
  )
  const { concat, empty } = conditionMonoid

  test('conjunction is a monoid', () => {
    fc.assert(
      fc.property(conditions, conditions, conditions, trials, (a, b, c, trial) => {
        expect(concat(concat(a, b), c)).toMatchObject({ name: concat(a, concat(b, c)).name })
        expect(concat(concat(a, b), c).slack(trial)).toBe(concat(a, concat(b, c)).slack(trial))
        expect(concat(empty, a).slack(trial)).toBe(a.slack(trial))
        expect(concat(a, empty).name).toBe(a.name)
      }),
    )
  })

  test('it holds where both hold', () => {
    fc.assert(
      fc.property(conditions, conditions, trials, (a, b, trial) => {
        expect(holds(concat(a, b), trial)).toBe(holds(a, trial) && holds(b, trial))
      }),
    )
  })
})
