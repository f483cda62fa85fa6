/** Every theorem is shown to be able to fail: by a broken method, by a wrong constant, by a run that stops moving. */
import type { Value } from '@secant/autodiff'
import { map, mul, scalar, type Tensor, tensor, zip } from '@secant/linalg'
import { backtracking, bfgs, bfgsUpdate, type Direction, descend, fixed, type Objective, steepest } from '@secant/optim'
import { describe, expect, test } from 'vitest'
import {
  adamTheorems,
  allTheorems,
  bfgsTheorems,
  type Comparison,
  conditions,
  coordinatewiseRates,
  coordinatewiseTheorems,
  gradientDescentTheorems,
  guardTheorems,
  hypergradientTheorems,
  type Known,
  lbfgsTheorems,
  lineSearchTheorems,
  noisyBowlTheorems,
  onTrust,
  type Replay,
  type Row,
  type RunView,
  slackFactor,
  smoothnessTheorems,
  superlinearTheorems,
  type Theorem,
  type Trace,
  theorem,
  viewOf,
} from '../src/index.ts'
import { adamOn, counterexample, growing, reddi } from './counterexamples.ts'
import { bowl, diagonal, rotated } from './problems.ts'
import {
  adamConstants,
  bentHessian,
  coordinatewiseRun,
  gradientRun,
  hessian,
  hypergradientRun,
  L,
  learningRun,
  noisyRun,
  ofQuadratic,
  quadratic,
  type Reference,
  references,
  run,
  scaleOf,
  scheduledRun,
  start,
  traced,
} from './reference-runs.ts'

const reference = (name: string): Reference => {
  const make = references.get(name)
  if (make === undefined) throw new Error(`reference: got ${name}; needs one of ${[...references.keys()].join(', ')}`)
  return make()
}

const view = ({ trace, known }: Reference, more: Known = {}): RunView => viewOf(trace, { ...known, ...more })

/** The run as it would be if it stood still from an iterate on; what it says of its steps stays. */
const stalled = ({ trace, known }: Reference, from = 1, length = trace.iterates.length): Reference => {
  const iterates = Array.from({ length }, (_, k) => {
    const line = trace.iterates[Math.min(k, trace.iterates.length - 2)] as Trace['iterates'][number]
    const still = trace.iterates[Math.min(k, from)] as Trace['iterates'][number]
    return { ...line, k, x: still.x, f: still.f, g: still.g }
  })
  return { trace: { ...trace, iterates }, known }
}

const stalledOnTrust =
  (one: Theorem, name: string, from = 0, length?: number) =>
  (): Row =>
    onTrust(one).check(view(stalled(reference(name), from, length)))

const bounded = { maxIterations: 60, until: [] }

/** Steps that are much too short for the search that they are said to come from. */
const timid = (): Reference =>
  run(quadratic, descend(steepest(), fixed(1e-4)), start, ofQuadratic, { maxIterations: 400, until: [] })

const promising = (one: Theorem, made: () => Reference, more: Known) => (): Row => one.check(view(made(), more))

const trusting = (one: Theorem, made: () => Reference, more: Known) => (): Row => onTrust(one).check(view(made(), more))

const timidBfgs = (alpha: number): Reference =>
  run(quadratic, descend(bfgs(scaleOf(1 / L)), fixed(alpha)), start, ofQuadratic, bounded)

/** The update with s and y exchanged. */
const exchanged: Direction<Value> = {
  ...bfgs(scaleOf(1 / L)),
  observe: (h, { from, to }) => bfgsUpdate(h, zipped(to.grad, from.grad), zipped(to.x, from.x)),
}
const zipped = (a: Value, b: Value): Value => zip(a as Tensor, b as Tensor, (p, q) => p - q)

/** Σ xᵢ⁴/4 − xᵢ²/2: concave around 0. */
const twoWells: Objective = {
  value: (x) => twoWells.point(x).value,
  point: (x) => {
    let value = 0
    for (const entry of x.data) value += entry ** 4 / 4 - entry ** 2 / 2
    return { x, value, grad: map(x, (entry) => entry ** 3 - entry) }
  },
}

/** The matrices of a run, all but the first of them three times as large as they should be. */
const swollen = (one: Theorem) => (): Row => {
  const right = view(reference('BFGS with exact search on a quadratic'))
  const replay = right.replay() as Replay
  const triple = (a: Tensor): Tensor => mul(scalar(3), a)
  const broken: Replay = {
    ...replay,
    steps: replay.steps.map((step, i) => (i === 0 ? step : { ...step, h: triple(step.h), b: triple(step.b) })),
    last: { h: triple(replay.last.h), b: triple(replay.last.b) },
  }
  return one.check({ ...right, replay: () => broken })
}

const inexact = (one: Theorem) => trusting(one, () => reference('BFGS with a strong Wolfe search on a quadratic'), {})

const doubled = (a: Tensor): Tensor => map(a, (entry) => 2 * entry)

/** A step across the gradient. */
const sideways = (): Reference => {
  const objective = bowl(diagonal([1, 1]), tensor([0, 0]))
  const trace = traced('L-BFGS(1)', objective, tensor([1, 0]), 1, () => ({
    x: tensor([1, 1e-3]),
    said: { d: [-1, 0] },
  }))
  return { trace, known: { L: 1, mu: 1 } }
}

/** f = ½x² and a method that says it is L-BFGS. */
const line = (): Reference => ({
  trace: traced('L-BFGS(1)', bowl(diagonal([1]), tensor([0])), tensor([1]), 3, () => ({
    x: tensor([0.5]),
    said: { d: [-1], alpha: 0.5 },
  })),
  known: { L: 1, mu: 1, minimum: 0, c1: 0.1, c2: 0.7 },
})

/** Coordinate-wise steps whose directions lead uphill. */
const uphill = (): Reference => {
  const { trace, known } = reference('coordinate-wise steps on BFGS')
  const flip = (numbers: readonly number[]) => numbers.map((entry) => -entry)
  const iterates = trace.iterates.map((line) => (line.d === undefined ? line : { ...line, d: flip(line.d) }))
  return { trace: { ...trace, iterates }, known }
}

const overshooting = (): Reference => coordinatewiseRun(tensor([1.9, 1.9, 1.9, 1.9, 1.9]), hessian, 1)

/** Coordinate-wise steps with the inverse Hessian itself: they contract the error by 0.2. */
const perfect = (): Reference => {
  const { trace, known } = reference('coordinate-wise steps on BFGS')
  const values = [1, 1.5 ** 0.25, 1.5 ** 0.5, 1.5 ** 0.75, 1.5]
  return { trace, known: { ...known, initialInverse: rotated(values.map((value) => 1 / value)) } }
}

const refusing = (): Reference => stalled(hypergradientRun(0.05), 0)

/** Step sizes that stay 0 whatever the feedback. */
const unlearning = (): Reference => {
  const { trace, known } = hypergradientRun(0.05, 400)
  const iterates = trace.iterates.map((line) =>
    line.p === undefined ? line : { ...line, x: start.data as never, p: line.p.map(() => 0) },
  )
  return stalled({ trace: { ...trace, iterates }, known }, 0)
}

const halfSteps = (): Reference => {
  const { trace, known } = scheduledRun(0.6)
  const iterates = trace.iterates.map((line, k) => ({
    ...line,
    x: line.x.map((_, i) => ((trace.iterates[0] as typeof line).x[i] as number) * 0.9 ** k),
  }))
  return { trace: { ...trace, iterates }, known }
}

const c = { c1: 0.1, c2: 0.5 }
const backtracked: Known = { c1: 0.1, shrink: 0.5, initialStep: 1 }

/** For every theorem, a run on which it fails. */
const failures = new Map<Theorem, () => Row>([
  [conditions.descent, promising(conditions.descent, () => gradientRun(-0.1), { promises: ['descent'] })],
  [conditions.armijo, promising(conditions.armijo, () => gradientRun(0.3), { promises: ['Armijo'] })],
  [conditions.curvature, promising(conditions.curvature, timid, { promises: ['weak Wolfe'] })],
  [conditions.weakWolfe, promising(conditions.weakWolfe, timid, { promises: ['weak Wolfe'] })],
  [
    conditions.strongWolfe,
    // c₁ > c₂: even the exact step achieves only half of what the slope promises.
    promising(conditions.strongWolfe, () => reference('BFGS with exact search on a quadratic'), {
      promises: ['strong Wolfe'],
      c1: 0.9,
      c2: 0.1,
    }),
  ],
  [conditions.approximateWolfe, promising(conditions.approximateWolfe, timid, { promises: ['approximate Wolfe'] })],
  [conditions.goldstein, promising(conditions.goldstein, timid, { promises: ['Goldstein'] })],
  [conditions.stepWindow, promising(conditions.stepWindow, () => gradientRun(2.01 / L), {})],
  [
    conditions.recordedStep,
    () => {
      const { trace, known } = gradientRun(0.1)
      const iterates = trace.iterates.map((line) => (line.k === 3 ? { ...line, alpha: 0.2 } : line))
      return conditions.recordedStep.check(viewOf({ ...trace, iterates }, known))
    },
  ],
  [
    conditions.secantEquation,
    promising(
      conditions.secantEquation,
      () => run(quadratic, descend(exchanged, backtracking()), start, ofQuadratic, bounded),
      { promises: ['secant equation'] },
    ),
  ],
  [
    conditions.positiveDefinite,
    promising(
      conditions.positiveDefinite,
      () =>
        run(
          twoWells,
          descend(bfgs({ tolerance: Number.NEGATIVE_INFINITY, initialScale: () => 0.1 }), fixed(1)),
          tensor([0.1, 0.2]),
          {},
          { maxIterations: 5, until: [] },
        ),
      { promises: ['secant equation'] },
    ),
  ],
  [smoothnessTheorems.descentLemma, trusting(smoothnessTheorems.descentLemma, () => gradientRun(0.1), { L: 5 })],
  [smoothnessTheorems.cocoercivity, trusting(smoothnessTheorems.cocoercivity, () => gradientRun(0.1), { L: 5 })],
  [
    smoothnessTheorems.strongMonotonicity,
    trusting(smoothnessTheorems.strongMonotonicity, () => gradientRun(0.1), { mu: 5 }),
  ],
  [
    smoothnessTheorems.gapByGradient,
    promising(smoothnessTheorems.gapByGradient, () => gradientRun(0.1), { minimum: -1 }),
  ],
  [gradientDescentTheorems.decrease, trusting(gradientDescentTheorems.decrease, () => gradientRun(0.1), { L: 1 })],
  ...(['stationarity', 'convexSharp', 'convexClassical', 'linear', 'contraction'] as const).map(
    (name): [Theorem, () => Row] => [
      gradientDescentTheorems[name],
      stalledOnTrust(gradientDescentTheorems[name], 'gradient descent with α = 1/L', 1, 100),
    ],
  ),
  [
    gradientDescentTheorems.optimal,
    stalledOnTrust(gradientDescentTheorems.optimal, 'gradient descent with α = 2/(μ + L)', 1),
  ],
  [gradientDescentTheorems.kantorovich, trusting(gradientDescentTheorems.kantorovich, () => gradientRun(0.01), {})],
  [
    gradientDescentTheorems.preconditionedKantorovich,
    trusting(gradientDescentTheorems.preconditionedKantorovich, () => timidBfgs(0.1), {}),
  ],
  ...(['curvatureOfStep', 'lengthOfStep', 'zoutendijkIncrement', 'zoutendijkSum', 'wolfeLinear'] as const).map(
    (name): [Theorem, () => Row] => [lineSearchTheorems[name], trusting(lineSearchTheorems[name], timid, c)],
  ),
  ...(['backtrackingLength', 'backtrackingIncrement', 'backtrackingSum'] as const).map((name): [Theorem, () => Row] => [
    lineSearchTheorems[name],
    trusting(lineSearchTheorems[name], timid, backtracked),
  ]),
  [bfgsTheorems.inverseUpdates, swollen(bfgsTheorems.inverseUpdates)],
  [bfgsTheorems.traceAndDeterminant, swollen(bfgsTheorems.traceAndDeterminant)],
  [bfgsTheorems.byrdNocedalPotential, swollen(bfgsTheorems.byrdNocedalPotential)],
  [bfgsTheorems.interlacing, swollen(bfgsTheorems.interlacing)],
  [bfgsTheorems.wolfeRate, trusting(bfgsTheorems.wolfeRate, () => timidBfgs(1e-3), c)],
  [bfgsTheorems.exactRate, trusting(bfgsTheorems.exactRate, () => timidBfgs(1e-3), {})],
  [bfgsTheorems.termination, inexact(bfgsTheorems.termination)],
  [bfgsTheorems.finalMatrix, inexact(bfgsTheorems.finalMatrix)],
  [bfgsTheorems.conjugateGradientEquality, inexact(bfgsTheorems.conjugateGradientEquality)],
  [superlinearTheorems.unitStepLinear, trusting(superlinearTheorems.unitStepLinear, () => timidBfgs(0.1), {})],
  ...(['unitStepSuperlinear', 'unitStepSharper'] as const).map((name): [Theorem, () => Row] => [
    superlinearTheorems[name],
    stalledOnTrust(superlinearTheorems[name], 'unit-step BFGS on a quadratic, B₀ = LI', 0, 100),
  ]),
  [
    superlinearTheorems.jinMokhtari,
    stalledOnTrust(superlinearTheorems.jinMokhtari, 'unit-step BFGS close to the minimizer of a bent bowl, B₀ = G'),
  ],
  [
    superlinearTheorems.dennisMore,
    promising(superlinearTheorems.dennisMore, () => gradientRun(0.1), { hessianAtMinimizer: doubled(hessian) }),
  ],
  [
    superlinearTheorems.dennisMoreRatio,
    promising(superlinearTheorems.dennisMoreRatio, () => reference('BFGS with a strong Wolfe search on a bent bowl'), {
      hessianAtMinimizer: doubled(bentHessian),
    }),
  ],
  [superlinearTheorems.superlinear, promising(superlinearTheorems.superlinear, () => timidBfgs(0.5), {})],
  [
    lbfgsTheorems.twoLoop,
    promising(lbfgsTheorems.twoLoop, () => reference('L-BFGS with a strong Wolfe search on a quadratic'), {
      memory: 1,
    }),
  ],
  [lbfgsTheorems.scaleBounds, trusting(lbfgsTheorems.scaleBounds, () => gradientRun(0.1), { L: 5 })],
  [lbfgsTheorems.leastAngle, trusting(lbfgsTheorems.leastAngle, sideways, {})],
  [lbfgsTheorems.rLinear, () => onTrust(lbfgsTheorems.rLinear).check(view(stalled(line(), 0)))],
  [
    lbfgsTheorems.limitedConjugateGradients,
    trusting(
      lbfgsTheorems.limitedConjugateGradients,
      () => reference('L-BFGS with a strong Wolfe search on a quadratic'),
      {},
    ),
  ],
  [coordinatewiseTheorems.exactDescent, promising(coordinatewiseTheorems.exactDescent, counterexample, {})],
  [
    coordinatewiseTheorems.conditionNumbers,
    trusting(coordinatewiseTheorems.conditionNumbers, uphill, { initialInverse: 1 / 1.5 }),
  ],
  [
    coordinatewiseTheorems.tightConstants,
    trusting(coordinatewiseTheorems.tightConstants, uphill, { initialInverse: 1 / 1.5 }),
  ],
  [
    coordinatewiseTheorems.sufficientDecreaseOfStep,
    trusting(coordinatewiseTheorems.sufficientDecreaseOfStep, overshooting, { L: 0.01 }),
  ],
  [
    coordinatewiseTheorems.errorContraction,
    () => onTrust(coordinatewiseTheorems.errorContraction).check(view(stalled(perfect(), 0))),
  ],
  [
    coordinatewiseTheorems.scalarContraction,
    promising(coordinatewiseTheorems.scalarContraction, () => reference('unit-step BFGS on a quadratic, B₀ = LI'), {
      minimizer: [30, 10, -10, 20, 0],
    }),
  ],
  [
    coordinatewiseRates.stepDecrease,
    trusting(coordinatewiseRates.stepDecrease, () => reference('coordinate-wise steps on BFGS'), { sigma: 0.9 }),
  ],
  ...(['scaledStationarity', 'scaledLinear'] as const).map((name): [Theorem, () => Row] => [
    coordinatewiseRates[name],
    stalledOnTrust(coordinatewiseRates[name], 'coordinate-wise steps on BFGS', 0, 60),
  ]),
  [
    coordinatewiseRates.scaledSuperlinear,
    promising(coordinatewiseRates.scaledSuperlinear, () => reference('coordinate-wise steps on BFGS'), {
      hessianAtMinimizer: doubled(hessian),
    }),
  ],
  [coordinatewiseRates.superlinearIfOne, trusting(coordinatewiseRates.superlinearIfOne, halfSteps, {})],
  [
    guardTheorems.guardWithL,
    stalledOnTrust(guardTheorems.guardWithL, 'wild coordinate-wise steps, guarded by a gradient step'),
  ],
  [
    guardTheorems.guardByBacktracking,
    stalledOnTrust(guardTheorems.guardByBacktracking, 'wild coordinate-wise steps, guarded by backtracking'),
  ],
  [hypergradientTheorems.regret, trusting(hypergradientTheorems.regret, unlearning, {})],
  [hypergradientTheorems.hypergradientRate, trusting(hypergradientTheorems.hypergradientRate, refusing, {})],
  [adamTheorems.firstStep, promising(adamTheorems.firstStep, () => adamOn([1, 1], adamConstants, false), {})],
  [adamTheorems.stepBound, promising(adamTheorems.stepBound, () => adamOn([1, 1], adamConstants, false), {})],
  [
    adamTheorems.printedStepBound,
    promising(adamTheorems.printedStepBound, () => adamOn(growing(400), adamConstants), {}),
  ],
  [adamTheorems.adamConverges, promising(adamTheorems.adamConverges, () => reddi('Adam'), {})],
  [noisyBowlTheorems.bowlNewton, promising(noisyBowlTheorems.bowlNewton, () => noisyRun('Newton'), { drift: 2 })],
  [
    noisyBowlTheorems.bowlGradientDescent,
    promising(noisyBowlTheorems.bowlGradientDescent, () => noisyRun('gradient descent'), { drift: 2 }),
  ],
  [
    noisyBowlTheorems.bowlHeavyBall,
    promising(noisyBowlTheorems.bowlHeavyBall, () => noisyRun('heavy ball'), { drift: 2 }),
  ],
  [
    noisyBowlTheorems.learningLaw,
    promising(noisyBowlTheorems.learningLaw, () => learningRun(0.03, 60, 50), { learningRate: 0.06 }),
  ],
])

/** True of any numbers, whatever the run: what can fail is only their bound. */
const algebraic = [coordinatewiseTheorems.wholeBox]

test.each(allTheorems.filter((one) => !algebraic.includes(one)).map((one) => [one.name, one] as const))(
  '%s fails where it should',
  (_, one) => {
    const row = failures.get(one)?.()
    expect(row?.theorem).toBe(one.name)
    expect([row?.verdict, row?.reasons]).toEqual([
      one.kind === 'evidence' ? 'contradicted' : 'violated',
      [expect.stringMatching(/^step \d+: /)],
    ])
  },
)

describe('a bound that is tightened beyond its slack is violated', () => {
  /** Whatever a theorem compares, with its bound moved by a share of the scale. */
  const tightened = (one: Theorem, by: number): Theorem =>
    theorem({
      name: one.name,
      source: one.source,
      statement: one.statement,
      assumptions: {},
      bound: (run) => one.bound(run).map((comparison: Comparison) => ({ ...comparison, slack: comparison.slack - by })),
    })
  const views = [...references.values()].slice(0, 18).map((make) => view(make()))

  test.each(allTheorems.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const where = views.find((run) => ['holds', 'supported'].includes(one.check(run).verdict))
    if (where === undefined) return expect(Object.values(noisyBowlTheorems)).toContain(one)
    const tightest = one.check(where).tightest as Comparison
    const room = Math.max(tightest.slack, 0)
    expect(slackFactor(tightest)).not.toBeNaN()
    expect(tightened(one, room + 2 * Math.abs(tightest.tolerance) + 1e-9).check(where).verdict).toBe('violated')
  })
})
