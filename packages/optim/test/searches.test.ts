import { fromData, type Tensor, tensor } from '@secant/linalg'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  approximateWolfe,
  armijo,
  averageOfValues,
  backtracking,
  type Condition,
  conditionMonoid,
  curvature,
  decreaseBelow,
  disjunction,
  drive,
  exactQuadratic,
  explain,
  fixed,
  goldstein,
  hagerZhang,
  holds,
  isFinitePoint,
  maximumOfLast,
  moreThuente,
  type Objective,
  type Point,
  type Remembering,
  rayFrom,
  type Search,
  type StepFailure,
  strongCurvature,
  strongWolfe,
  strongWolfeCondition,
  type Trial,
  wolfeCondition,
} from '../src/index.ts'
import { between, type Curve, objectiveOf, powerOfTen, quadratics, tame, wild } from './curves.ts'

/** Runs a search from 0; remembers how often it asked, and that it asked at finite places only. */
const searchOn = (
  curve: Curve,
  searchFrom: (start: Point) => Search,
  direction = -Math.sign(curve.slope(0)),
): { readonly found: E.Either<StepFailure, Trial>; readonly values: number; readonly points: number } => {
  const { value, point } = objectiveOf(curve)
  let [values, points] = [0, 0]
  const finite = (x: Tensor): Tensor => {
    if (!Number.isFinite(x.data[0])) throw new Error(`asked at ${x.data[0]}`)
    return x
  }
  const objective: Objective = {
    value: (x) => {
      values++
      return value(finite(x))
    },
    point: (x) => {
      points++
      return point(finite(x))
    },
  }
  const from = point(tensor([0]))
  const found = drive(objective, searchFrom(from)(...rayFrom(from, tensor([direction]))))
  return { found, values, points }
}

/** Both ends of a step as plain numbers, from the curve itself: what is read off here shares nothing with the code. */
interface Ends {
  readonly alpha: number
  readonly f0: number
  readonly f1: number
  readonly s0: number
  readonly s1: number
}

const endsOf = ({ f, slope }: Curve, d: number, alpha: number): Ends => ({
  alpha,
  f0: f(0),
  f1: f(alpha * d),
  s0: slope(0) * d,
  s1: slope(alpha * d) * d,
})

const decreases = ({ alpha, f0, f1, s0 }: Ends, c1: number): boolean => f1 <= f0 + c1 * alpha * s0
const flattens = ({ s0, s1 }: Ends, c2: number): boolean => Math.abs(s1) <= c2 * Math.abs(s0)

interface Claim {
  readonly name: string
  readonly searchFrom: (start: Point) => Search
  readonly kept: (ends: Ends) => boolean
  readonly condition: (start: Point) => Condition
  readonly most: number
  /** Whether it looks no further where the first length will do. */
  readonly isContent: boolean
  /** Part of the tame curves on which it may fail. */
  readonly failing: number
}

/** A search that remembers, two steps on: it has been 1 and 2 above where it now stands. */
const later =
  <T>({ init, search, observe }: Remembering<T>) =>
  (start: Point): Search => {
    const above = (height: number): Point => ({ ...start, value: start.value + height })
    const step = (to: Point): Trial => ({ from: start, to, alpha: 1, slope0: -1, slope: 0 })
    return search([above(1), start].reduce((memory, to) => observe(memory, step(to)), init(above(2))))
  }

/** (η² (f + 2) + η (f + 1) + f) / (η² + η + 1) for η = 0.85, rounded as the recurrence rounds. */
const meanOf = (f: number): number => {
  const [w1, w2] = [1.85, 0.85 * 1.85 + 1]
  return Math.max(f, (0.85 * w1 * ((0.85 * (f + 2) + (f + 1)) / w1) + f) / w2)
}

const claims: readonly Claim[] = [
  {
    name: 'backtracking',
    searchFrom: () => backtracking(),
    kept: (ends) => decreases(ends, 1e-4) && Number.isInteger(-Math.log2(ends.alpha)),
    condition: () => armijo(),
    most: 60,
    isContent: true,
    failing: 0.002,
  },
  ...[0.9, 0.1].map((c2) => ({
    name: `strong Wolfe, c₂ = ${c2}`,
    searchFrom: () => strongWolfe({ c2 }),
    kept: (ends: Ends) => decreases(ends, 1e-4) && flattens(ends, c2),
    condition: () => strongWolfeCondition(1e-4, c2),
    most: 50,
    isContent: true,
    failing: 0.002,
  })),
  ...(
    [
      [1e-4, 0.9],
      [1e-3, 0.1],
    ] as const
  ).map(([c1, c2]) => ({
    name: `Moré and Thuente, c₁ = ${c1}, c₂ = ${c2}`,
    searchFrom: () => moreThuente({ c1, c2 }),
    kept: (ends: Ends) => decreases(ends, c1) && flattens(ends, c2),
    condition: () => strongWolfeCondition(c1, c2),
    most: 50,
    isContent: true,
    failing: 0.002,
  })),
  {
    name: 'Hager and Zhang',
    searchFrom: () => hagerZhang(),
    kept: (ends) => {
      const { f0, f1, s0, s1 } = ends
      if (s1 < 0.9 * s0) return false
      return decreases(ends, 0.1) || (s1 <= (2 * 0.1 - 1) * s0 && f1 <= f0 + 1e-6 * Math.abs(f0))
    },
    condition: () => disjunction(wolfeCondition(0.1, 0.9), approximateWolfe(0.1, 0.9, 1e-6)),
    most: 50,
    isContent: true,
    failing: 0.002,
  },
  {
    name: 'exact for quadratics',
    searchFrom: () => exactQuadratic(),
    kept: (ends) => decreases(ends, 1e-4) && flattens(ends, 0.1),
    condition: () => strongWolfeCondition(1e-4, 0.1),
    most: 2,
    isContent: false,
    failing: 1,
  },
  {
    name: 'below the maximum of the last values',
    searchFrom: later(maximumOfLast()),
    kept: ({ alpha, f0, f1, s0 }) => f1 <= f0 + 2 + 1e-4 * alpha * s0,
    condition: ({ value }) => decreaseBelow(value + 2),
    most: 60,
    isContent: true,
    failing: 0.002,
  },
  {
    name: 'below the mean of the values',
    searchFrom: later(averageOfValues()),
    kept: ({ alpha, f0, f1, s0 }) => f1 <= meanOf(f0) + 1e-4 * alpha * s0,
    condition: ({ value }) => decreaseBelow(meanOf(value)),
    most: 60,
    isContent: true,
    failing: 0.002,
  },
]

// The searches are checked on more curves by SECANT_DRAWS=100000 npx vitest run packages/optim/test/searches.test.ts
const draws = Number(process.env['SECANT_DRAWS'] ?? 5000)
const timeout = 60_000 * Math.max(1, draws / 5000)

describe.each(claims)('$name', ({ searchFrom, kept, condition, most, isContent, failing }) => {
  /** What of the law of all searches does not hold, and whether a step was found. */
  const judge = (curve: Curve, stretch: number): { readonly broken: readonly string[]; readonly isFound: boolean } => {
    const d = -Math.sign(curve.slope(0)) * stretch
    const start = objectiveOf(curve).point(tensor([0]))
    const { found, values, points } = searchOn(curve, searchFrom, d)
    const clauses = E.isRight(found)
      ? {
          'a step forward, to a finite point': found.right.alpha > 0 && isFinitePoint(found.right.to),
          'the condition, as the curve has it': kept(endsOf(curve, d, found.right.alpha)),
          'the condition, as the library judges it': holds(condition(start), found.right),
        }
      : {
          'a finite best point, no worse than the start':
            'best' in found.left
              ? isFinitePoint(found.left.best.to) && found.left.best.to.value <= start.value
              : found.left.kind === 'non-finite objective',
        }
    const first = endsOf(curve, d, 1)
    const suffices = isContent && Number.isFinite(first.f1) && Number.isFinite(first.s1) && kept(first)
    const law = {
      ...clauses,
      'the first length, where it will do': !suffices || (E.isRight(found) && points === 1),
      [`at most ${most} lengths`]: Math.max(values, points) <= most,
    }
    return { broken: Object.keys(law).filter((key) => !law[key as keyof typeof law]), isFound: E.isRight(found) }
  }

  const obey = (curves: fc.Arbitrary<Curve>): number => {
    let refused = 0
    fc.assert(
      fc.property(curves, powerOfTen(-6, 6), (curve, stretch) => {
        const { broken, isFound } = judge(curve, stretch)
        if (broken.length > 0) throw new Error(`not kept: ${broken.join('; ')}`)
        if (!isFound) refused++
      }),
      { numRuns: draws },
    )
    return refused
  }

  test(`${draws} tame curves: the law is kept, and few steps are refused`, { timeout }, () => {
    expect(obey(tame) / draws).toBeLessThanOrEqual(failing)
  })

  test(`${draws} wild curves: the law is kept`, { timeout }, () => {
    obey(wild)
  })

  test('uphill is refused, with the slope', () => {
    const bowl: Curve = { name: 'bowl', f: (t) => (t + 1) ** 2, slope: (t) => 2 * (t + 1) }
    expect(searchOn(bowl, searchFrom, 1).found).toEqual(E.left({ kind: 'not a descent direction', slope: 2 }))
  })

  test('an endless line ends with a reason or a step', () => {
    const line: Curve = { name: 'line', f: (t) => -t, slope: () => -1 }
    const { found } = searchOn(line, searchFrom)
    if (E.isLeft(found)) expect(['search exhausted', 'no curvature']).toContain(found.left.kind)
    else expect(found.right.alpha).toBe(1)
  })
})

test('a fixed step is taken as it is, and refused where the objective is not finite', () => {
  const barrier: Curve = { name: 'log', f: (t) => -Math.log(1 - t), slope: (t) => 1 / (1 - t) }
  const taken = searchOn(barrier, () => fixed(0.5), 1).found
  expect(E.isRight(taken) && taken.right.to.value).toBe(Math.LN2)
  expect(searchOn(barrier, () => fixed(1), 1).found).toEqual(E.left({ kind: 'non-finite objective', alpha: 1 }))
})

test('constants that no step may satisfy are refused', () => {
  expect(() => strongWolfe({ c1: 0.9, c2: 0.1 })).toThrow('needs 0 < c1 < c2 < 1')
  expect(() => moreThuente({ c1: 0.9, c2: 0.1 })).toThrow('needs 0 < c1 ≤ c2 < 1')
  expect(() => moreThuente({ initial: 2, longest: 1 })).toThrow('got initial = 2; needs a length from 0 to 1')
  expect(() => hagerZhang({ c1: 0.5 })).toThrow('needs 0 < c1 < 1/2 and c1 ≤ c2 < 1')
  expect(() => maximumOfLast({ memory: 0 })).toThrow('needs a whole number ≥ 1')
  expect(() => averageOfValues({ eta: 2 })).toThrow('needs 0 ≤ eta ≤ 1')
})

describe('exact for quadratics', () => {
  test('the minimizer of a quadratic, in two measurements', { timeout }, () => {
    fc.assert(
      fc.property(quadratics, powerOfTen(-6, 6), (curve, stretch) => {
        const d = -Math.sign(curve.slope(0)) * stretch
        const { found, points } = searchOn(curve, () => exactQuadratic(), d)
        expect(points).toBeLessThanOrEqual(2)
        // Slopes are off by three roundings each, which their difference magnifies; then α · d and one more slope.
        const { s0, s1: probed } = endsOf(curve, d, 1)
        const off = (Number.EPSILON / 2) * (8 + (8 * (Math.abs(probed) + Math.abs(s0))) / Math.abs(probed - s0))
        if (E.isLeft(found)) expect(off).toBeGreaterThan(0.01)
        else expect(Math.abs(found.right.slope / s0)).toBeLessThanOrEqual(off)
      }),
      { numRuns: draws },
    )
  })

  test('no curvature is a failure of its own, with the better end', () => {
    const hill: Curve = { name: 'hill', f: (t) => -t - t * t, slope: (t) => -1 - 2 * t }
    const { found } = searchOn(hill, () => exactQuadratic())
    expect(found).toMatchObject({ left: { kind: 'no curvature', curvature: -2, best: { alpha: 1 } } })
    expect(E.isLeft(found) && explain(found.left)).toBe('no curvature along the direction: -2')
  })
})

describe('Moré and Thuente within bounds', () => {
  const bowl: Curve = { name: 'bowl', f: (t) => (t - 10) ** 2, slope: (t) => 2 * (t - 10) }

  test.each([
    ['longest', { longest: 3, c2: 0.1 }, 3],
    ['shortest', { shortest: 25, initial: 50, c2: 0.1 }, 0],
  ] as const)('fails at the %s step where it is not enough', (_, options, best) => {
    const { found } = searchOn(bowl, () => moreThuente(options))
    expect(found).toMatchObject({ left: { kind: 'search exhausted', best: { alpha: best } } })
  })

  test('no trial lies outside', () => {
    fc.assert(
      fc.property(tame, powerOfTen(-3, 0), powerOfTen(0, 3), (curve, shortest, longest) => {
        const seen: number[] = []
        const objective = objectiveOf(curve)
        const from = objective.point(tensor([0]))
        const watched: Objective = {
          ...objective,
          point: (x) => {
            seen.push(Math.abs(x.data[0] as number))
            return objective.point(x)
          },
        }
        const d = tensor([-Math.sign(curve.slope(0))])
        drive(watched, moreThuente({ c2: 0.1, shortest, longest })(...rayFrom(from, d)))
        expect(Math.min(...seen)).toBeGreaterThanOrEqual(shortest)
        expect(Math.max(...seen)).toBeLessThanOrEqual(longest)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('rounding is told from exhaustion', () => {
  const sunk: Curve = {
    name: 'a bowl under 1e8',
    f: (t) => 1e8 + (t - 1) ** 2 / 2 ** 28,
    slope: (t) => (t - 1) / 2 ** 27,
  }
  const searches = {
    backtracking: backtracking(),
    'strong Wolfe': strongWolfe({ c2: 0.1 }),
    'Moré and Thuente': moreThuente({ c2: 0.1 }),
    'exact for quadratics': exactQuadratic(),
  }

  test.each(Object.entries(searches))('%s: values that cannot tell points apart', (_, search) => {
    const uphillByRounding: Curve = { ...sunk, f: (t) => sunk.f(t) + (t === 0 ? 0 : 2 ** -26) }
    expect(searchOn(uphillByRounding, () => search).found).toMatchObject({ left: { kind: 'roundoff-limited' } })
  })

  test('Hager and Zhang decide by slopes there', () => {
    const { found } = searchOn(sunk, () => hagerZhang({ c2: 0.1 }), 1e-3)
    expect(E.isRight(found) && Math.abs(found.right.slope / found.right.slope0)).toBeLessThanOrEqual(0.1)
  })

  // Both sides of a kink are steep, and no step up is acceptable: only the interval becomes small.
  const kink: Curve = {
    name: 'kink',
    f: (t) => 100 * Math.abs(t - 1 / 3),
    slope: (t) => (t < 1 / 3 ? -100 : 100),
  }
  const climb: Curve = { name: 'gradient of the wrong sign', f: (t) => 1 + t, slope: () => -1 }

  test.each([
    ['strong Wolfe', kink, (most: number) => strongWolfe({ most })],
    ['Moré and Thuente', kink, (most: number) => moreThuente({ most })],
    ['Hager and Zhang', climb, (most: number) => hagerZhang({ epsilon: 0, most })],
  ] as const)('%s: exhausted while the slope promises more than rounding, not after', (_, curve, searchOf) => {
    expect(searchOn(curve, () => searchOf(20), 1).found).toMatchObject({ left: { kind: 'search exhausted' } })
    expect(searchOn(curve, () => searchOf(200), 1).found).toMatchObject({ left: { kind: 'roundoff-limited' } })
  })
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
    between(0.01, 0.5).map(goldstein),
    between(0.01, 0.5).map((c1) => approximateWolfe(c1)),
    fc.constant(conditionMonoid.empty),
  )
  const { concat, empty } = conditionMonoid

  /** (t − 1)² from 0 to α, on which every condition is an interval of lengths: `α ≤ 2(1 − c₁)` for Armijo. */
  const onParabola = (alpha: number): Trial => {
    const point = (t: number): Point => ({ x: tensor([t]), value: (t - 1) ** 2, grad: tensor([2 * (t - 1)]) })
    return { from: point(0), to: point(alpha), alpha, slope0: -2, slope: 2 * (alpha - 1) }
  }
  const lengths = [0.01, 0.19, 0.21, 0.49, 0.51, 1, 1.49, 1.51, 1.79, 1.81, 1.99]

  test.each([
    [goldstein(0.25), 0.5, 1.5],
    [armijo(0.1), 0, 1.8],
    [curvature(0.8), 0.2, 2],
    [strongCurvature(0.5), 0.5, 1.5],
    [wolfeCondition(0.1, 0.8), 0.2, 1.8],
    [approximateWolfe(0.1, 0.8, 0), 0.2, 1.8],
  ] as const)('$name is an interval of lengths on a parabola', (condition, low, high) => {
    expect(lengths.filter((alpha) => holds(condition, onParabola(alpha)))).toEqual(
      lengths.filter((alpha) => low <= alpha && alpha <= high),
    )
  })

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

  test('disjunction holds where one holds', () => {
    fc.assert(
      fc.property(conditions, conditions, trials, (a, b, trial) => {
        expect(holds(disjunction(a, b), trial)).toBe(holds(a, trial) || holds(b, trial))
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
