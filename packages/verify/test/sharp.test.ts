/** Bounds that cannot be improved: equality on the instances that are as bad as possible. */
import { fromData, map, matmul, norm, tensor } from '@secant/linalg'
import { backtracking, bfgs, descend, fixed, type Objective, steepest } from '@secant/optim'
import { describe, expect, test } from 'vitest'
import {
  adamTheorems,
  bfgsTheorems,
  coordinatewiseTheorems,
  descentConstants,
  gradientDescentTheorems,
  guardTheorems,
  hypergradientTheorems,
  type Known,
  lbfgsTheorems,
  lineSearchTheorems,
  type Row,
  smoothnessTheorems,
  superlinearTheorems,
  type Theorem,
  viewOf,
} from '../src/index.ts'
import { eigenvaluesOf } from '../src/matrices.ts'
import { adamOn, counterexample, growing } from './counterexamples.ts'
import { bowl, diagonal } from './problems.ts'
import { adamConstants, gradientRun, L, type Reference, references, run, scaleOf, traced } from './reference-runs.ts'

const check = (one: Theorem, { trace, known }: Reference, more: Known = {}): Row =>
  one.check(viewOf(trace, { ...known, ...more }))

/** Steepest descent with step α on ½Lx² in one variable. */
const onLine = (alpha: number, search = fixed(alpha)): Reference =>
  run(
    bowl(diagonal([L]), tensor([0])),
    descend(steepest(), search),
    tensor([1]),
    { hessian: diagonal([L]), minimum: 0, minimizer: [0] },
    { maxIterations: 8, until: [] },
  )

const ends = [1, L] as const
/** From an end of the spectrum, or both in balance. */
const fromEnds = (start: readonly [number, number], alpha: number): Reference =>
  run(
    bowl(diagonal(ends), tensor([0, 0])),
    descend(steepest(), fixed(alpha)),
    tensor([...start]),
    { hessian: diagonal(ends), minimum: 0, minimizer: [0, 0] },
    { maxIterations: 10, until: [] },
  )

/** L r|x| − L r²/2 outside of |x| ≤ r, ½Lx² inside: after k steps from 1, with r = 1/(2k + 1), the worst there is. */
const huber = (k: number): Reference => {
  const r = 1 / (2 * k + 1)
  const objective: Objective = {
    value: (x) => objective.point(x).value,
    point: (x) => {
      const at = x.data[0] as number
      const inside = Math.abs(at) <= r
      const value = inside ? (L * at ** 2) / 2 : L * r * Math.abs(at) - (L * r ** 2) / 2
      return { x, value, grad: tensor([inside ? L * at : L * r * Math.sign(at)]) }
    },
  }
  return run(
    objective,
    descend(steepest(), fixed(1 / L)),
    tensor([1]),
    { L, convex: true, minimum: 0, minimizer: [0] },
    { maxIterations: k, until: [] },
  )
}

/** The largest step that backtracking from just above it refuses, times the factor: as short as an accepted step can be. */
const shortest = (): Reference => {
  const initial = ((2 * (1 - 0.1)) / L) * (1 + 1e-9)
  return onLine(0, backtracking({ c1: 0.1, shrink: 0.5, initial }))
}

/** A hypergradient run in one variable: every step follows its feedback exactly. */
const oneVariable = (): Reference => ({
  trace: traced('steps', bowl(diagonal([L]), tensor([0])), tensor([1]), 6, ({ x, grad }) => ({
    x: map(x, (entry) => entry - 0.05 * (grad.data[0] as number)),
    said: { d: [-(grad.data[0] as number)], p: [0.05] },
  })),
  known: { hessian: diagonal([L]), minimum: 0 },
})

/** p at the corner of its box where descent is worst: small where the direction descends, large where it does not. */
const corner = counterexample

const backtracked: Known = { c1: 0.1, shrink: 0.5, initialStep: ((2 * (1 - 0.1)) / L) * (1 + 1e-9) }

test.each<readonly [string, () => Row]>([
  ['descent lemma', () => check(smoothnessTheorems.descentLemma, onLine(0.07))],
  ['co-coercivity', () => check(smoothnessTheorems.cocoercivity, onLine(0.07))],
  [
    'curvature of a strongly convex function',
    () => check(smoothnessTheorems.strongMonotonicity, fromEnds([1, 1], 0.07)),
  ],
  ['gap by gradient and distance', () => check(smoothnessTheorems.gapByGradient, onLine(0.07))],
  ['decrease of a gradient step', () => check(gradientDescentTheorems.decrease, onLine(0.07))],
  ['convex, α = 1/L', () => check(gradientDescentTheorems.convexSharp, huber(5))],
  ['linear rate at κ = 1', () => check(gradientDescentTheorems.linear, onLine(0.07))],
  ['contraction by the large eigenvalue', () => check(gradientDescentTheorems.contraction, fromEnds([0, 1], 0.19))],
  ['contraction by the small eigenvalue', () => check(gradientDescentTheorems.contraction, fromEnds([1, 0], 0.05))],
  ['best fixed step', () => check(gradientDescentTheorems.optimal, fromEnds([0, 1], 2 / (1 + L)))],
  [
    'Kantorovich',
    () =>
      check(
        gradientDescentTheorems.kantorovich,
        (references.get('exact steepest descent from its slowest start') as () => Reference)(),
      ),
  ],
  ['length of a Wolfe step', () => check(lineSearchTheorems.lengthOfStep, onLine(0.07))],
  ['Zoutendijk’s increment', () => check(lineSearchTheorems.zoutendijkIncrement, onLine(0.07))],
  ['linear rate of Wolfe steps', () => check(lineSearchTheorems.wolfeLinear, onLine(0.07))],
  ['length of a backtracking step', () => check(lineSearchTheorems.backtrackingLength, shortest(), backtracked)],
  ['scale of L-BFGS', () => check(lbfgsTheorems.scaleBounds, onLine(0.07))],
  [
    'Byrd–Nocedal potential from B = I',
    () =>
      check(
        bfgsTheorems.byrdNocedalPotential,
        run(
          bowl(diagonal([1, 3, L]), tensor([0, 0, 0])),
          descend(bfgs(scaleOf(1)), fixed(0.1)),
          tensor([1, 1, 1]),
          {},
          { maxIterations: 1, until: [] },
        ),
      ),
  ],
  [
    'linear phase of unit steps',
    () =>
      check(
        superlinearTheorems.unitStepLinear,
        run(
          bowl(diagonal(ends), tensor([0, 0])),
          descend(bfgs(scaleOf(1 / L)), fixed(1)),
          tensor([1, 0]),
          { hessian: diagonal(ends) },
          { maxIterations: 1, until: [] },
        ),
      ),
  ],
  ['descent in a whole box', () => check(coordinatewiseTheorems.wholeBox, corner())],
  ['contraction of the error', () => check(coordinatewiseTheorems.errorContraction, atFirst(corner()))],
  ['rate of steps with feedback', () => check(hypergradientTheorems.hypergradientRate, oneVariable())],
  [
    'rate of the guard',
    // f falls by δ‖g‖² exactly: δ = α(1 − αL/2).
    () => check(guardTheorems.guardWithL, onLine(0.05), { delta: 0.05 * (1 - (0.05 * L) / 2) }),
  ],
  ['step bound of Adam', () => check(adamTheorems.stepBound, adamOn(growing(400), adamConstants))],
])('%s: equality', (_, made) => {
  const row = made()
  expect([row.verdict, row.reasons]).toEqual(['holds', []])
  expect(Math.abs(row.tightest?.slack ?? Number.NaN)).toBeLessThan(1e-6)
})

/** The same with the error along the first axis, whose p is farthest from 1. */
function atFirst({ trace, known }: Reference): Reference {
  const a = known.hessian ?? diagonal([1, 1])
  const inverse = known.initialInverse
  const objective = bowl(a, tensor([0, 0]))
  const moved = traced(trace.header.method, objective, tensor([1, 0]), 1, ({ x }) => ({
    x: map(x, (entry) => (1 - 0.2) * entry),
    said: { d: [-1, 0], p: [0.2, 1] },
  }))
  return {
    trace: moved,
    known: { hessian: a, minimizer: [0, 0], ...(inverse === undefined ? {} : { initialInverse: inverse }) },
  }
}

describe('the step window (0, 2/L)', () => {
  const last = ({ trace }: Reference): number => trace.iterates[trace.iterates.length - 1]?.f ?? Number.NaN
  test('just inside it converges, at its end it stands, beyond it diverges', () => {
    const values = [1.99, 2, 2.01].map((factor) => last(fromEnds([0, 1], factor / L)) / (L / 2))
    expect(values[0]).toBeCloseTo(0.99 ** 20, 12)
    expect(values[1]).toBeCloseTo(1, 12)
    expect(values[2]).toBeCloseTo(1.01 ** 20, 12)
    expect(last(gradientRun(2.01 / L, 400))).toBeGreaterThan(last(gradientRun(2.01 / L, 300)))
  })
})

describe('lemmas 1 and 2 are tight', () => {
  /** The least of g'PHg/‖g‖² over all g and all rotations of H, n = 2. */
  const scanned = (kappaP: number, kappaH: number): number => {
    let least = Number.POSITIVE_INFINITY
    for (let step = 0; step <= 2000; step++) {
      const angle = (Math.PI * step) / 2000
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
      const q = tensor([
        [cos, -sin],
        [sin, cos],
      ])
      const h = matmul(matmul(q, diagonal([1, kappaH])), q, { transposeB: true })
      const ph = matmul(diagonal([1, kappaP]), h)
      const symmetric = fromData(
        Float64Array.of(
          ph.data[0] as number,
          ((ph.data[1] as number) + (ph.data[2] as number)) / 2,
          ((ph.data[1] as number) + (ph.data[2] as number)) / 2,
          ph.data[3] as number,
        ),
        [2, 2],
      )
      least = Math.min(least, eigenvaluesOf(symmetric)?.[0] ?? Number.NaN)
    }
    return least
  }

  test.each([
    [4, 4],
    [2, 3],
    [9, 3],
    [5, 6],
    [20, 20],
  ])('κ_P = %d, κ_H = %d', (kappaP, kappaH) => {
    const { m1, m2, descends } = descentConstants({ pMin: 1, pMax: kappaP, hMin: 1, hMax: kappaH })
    expect(scanned(kappaP, kappaH)).toBeCloseTo(m1, 4)
    expect(descends).toBe((Math.sqrt(kappaP) - 1) * (Math.sqrt(kappaH) - 1) < 2)
    expect(descends).toBe(m1 > 0)
    // Lemma 2 is lemma 1 for the inverses.
    const inverse = descentConstants({ pMin: 1 / kappaP, pMax: 1, hMin: 1 / kappaH, hMax: 1 })
    expect(m2).toBeCloseTo(inverse.m1, 12)
  })

  test('κ_P = κ_H = 4 leaves 0.875', () => {
    expect(descentConstants({ pMin: 1, pMax: 4, hMin: 1, hMax: 4 }).m1).toBeCloseTo(0.875, 14)
  })
})

test('counterexample 5: with a perfect Hessian and p in (0, 2) the error falls, and f rises', () => {
  const { trace, known } = counterexample()
  const [from, to] = trace.iterates
  const length = (x: readonly number[] = []): number => norm(tensor([...x]))
  expect([length(from?.x), length(to?.x)].map((value) => value.toFixed(4))).toEqual(['1.3454', '0.8000'])
  expect([from?.f, to?.f].map((value) => value?.toFixed(3))).toEqual(['0.014', '0.320'])
  const row = check(coordinatewiseTheorems.exactDescent, { trace, known })
  expect(row.tightest?.measured).toBeCloseTo(-0.0592, 4)
  expect(row.verdict).toBe('violated')
  expect(check(coordinatewiseTheorems.errorContraction, { trace, known }).verdict).toBe('holds')
})
