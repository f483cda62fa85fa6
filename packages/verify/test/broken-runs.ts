/** Runs and theorems that are broken in one way or another, for showing that checks can fail. */
import type { Value } from '@secant/autodiff'
import { map, mul, scalar, type Tensor, tensor, zip } from '@secant/linalg'
import { bfgs, bfgsUpdate, type Direction, descend, fixed, type Objective, steepest } from '@secant/optim'
import {
  type Known,
  onTrust,
  type Replay,
  type Row,
  type RunView,
  type Theorem,
  type Trace,
  viewOf,
} from '../src/index.ts'
import { bowl, diagonal, rotated } from './problems.ts'
import {
  coordinatewiseRun,
  hessian,
  hypergradientRun,
  L,
  ofQuadratic,
  quadratic,
  type Reference,
  run,
  scaleOf,
  scheduledRun,
  start,
  traced,
} from './reference-runs.ts'
import { references } from './references.ts'

export const reference = (name: string): Reference => {
  const make = references.get(name)
  if (make === undefined) throw new Error(`reference: got ${name}; needs one of ${[...references.keys()].join(', ')}`)
  return make()
}

export const view = ({ trace, known }: Reference, more: Known = {}): RunView => viewOf(trace, { ...known, ...more })

/** The run as it would be if it stood still from an iterate on; what it says of its steps stays. */
export const stalled = ({ trace, known }: Reference, from = 1, length = trace.iterates.length): Reference => {
  const iterates = Array.from({ length }, (_, k) => {
    const line = trace.iterates[Math.min(k, trace.iterates.length - 2)] as Trace['iterates'][number]
    const still = trace.iterates[Math.min(k, from)] as Trace['iterates'][number]
    return { ...line, k, x: still.x, f: still.f, g: still.g }
  })
  return { trace: { ...trace, iterates }, known }
}

export const stalledOnTrust =
  (one: Theorem, name: string, from = 0, length?: number) =>
  (): Row =>
    onTrust(one).check(view(stalled(reference(name), from, length)))

export const bounded = { maxIterations: 60, until: [] }

/** Steps that are much too short for the search that they are said to come from. */
export const timid = (): Reference =>
  run(quadratic, descend(steepest(), fixed(1e-4)), start, ofQuadratic, { maxIterations: 400, until: [] })

export const promising = (one: Theorem, made: () => Reference, more: Known) => (): Row => one.check(view(made(), more))

export const trusting = (one: Theorem, made: () => Reference, more: Known) => (): Row =>
  onTrust(one).check(view(made(), more))

export const timidBfgs = (alpha: number): Reference =>
  run(quadratic, descend(bfgs(scaleOf(1 / L)), fixed(alpha)), start, ofQuadratic, bounded)

/** The update with s and y exchanged. */
export const exchanged: Direction<Value> = {
  ...bfgs(scaleOf(1 / L)),
  observe: (h, { from, to }) => bfgsUpdate(h, zipped(to.grad, from.grad), zipped(to.x, from.x)),
}
export const zipped = (a: Value, b: Value): Value => zip(a as Tensor, b as Tensor, (p, q) => p - q)

/** Σ xᵢ⁴/4 − xᵢ²/2: concave around 0. */
export const twoWells: Objective = {
  value: (x) => twoWells.point(x).value,
  point: (x) => {
    let value = 0
    for (const entry of x.data) value += entry ** 4 / 4 - entry ** 2 / 2
    return { x, value, grad: map(x, (entry) => entry ** 3 - entry) }
  },
}

/** The matrices of a run, all but the first of them three times as large as they should be. */
export const swollen = (one: Theorem) => (): Row => {
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

export const inexact = (one: Theorem) =>
  trusting(one, () => reference('BFGS with a strong Wolfe search on a quadratic'), {})

export const doubled = (a: Tensor): Tensor => map(a, (entry) => 2 * entry)

/** A step across the gradient. */
export const sideways = (): Reference => {
  const objective = bowl(diagonal([1, 1]), tensor([0, 0]))
  const trace = traced('L-BFGS(1)', objective, tensor([1, 0]), 1, () => ({
    x: tensor([1, 1e-3]),
    said: { d: [-1, 0] },
  }))
  return { trace, known: { L: 1, mu: 1 } }
}

/** f = ½x² and a method that says it is L-BFGS. */
export const line = (): Reference => ({
  trace: traced('L-BFGS(1)', bowl(diagonal([1]), tensor([0])), tensor([1]), 3, () => ({
    x: tensor([0.5]),
    said: { d: [-1], alpha: 0.5 },
  })),
  known: { L: 1, mu: 1, minimum: 0, c1: 0.1, c2: 0.7 },
})

/** Coordinate-wise steps whose directions lead uphill. */
export const uphill = (): Reference => {
  const { trace, known } = reference('coordinate-wise steps on BFGS')
  const flip = (numbers: readonly number[]) => numbers.map((entry) => -entry)
  const iterates = trace.iterates.map((line) => (line.d === undefined ? line : { ...line, d: flip(line.d) }))
  return { trace: { ...trace, iterates }, known }
}

export const overshooting = (): Reference => coordinatewiseRun(tensor([1.9, 1.9, 1.9, 1.9, 1.9]), hessian, 1)

/** Coordinate-wise steps with the inverse Hessian itself: they contract the error by 0.2. */
export const perfect = (): Reference => {
  const { trace, known } = reference('coordinate-wise steps on BFGS')
  const values = [1, 1.5 ** 0.25, 1.5 ** 0.5, 1.5 ** 0.75, 1.5]
  return { trace, known: { ...known, initialInverse: rotated(values.map((value) => 1 / value)) } }
}

export const refusing = (): Reference => stalled(hypergradientRun(0.05), 0)

/** Step sizes that stay 0 whatever the feedback. */
export const unlearning = (): Reference => {
  const { trace, known } = hypergradientRun(0.05, 400)
  const iterates = trace.iterates.map((line) =>
    line.p === undefined ? line : { ...line, x: start.data as never, p: line.p.map(() => 0) },
  )
  return stalled({ trace: { ...trace, iterates }, known }, 0)
}

export const halfSteps = (): Reference => {
  const { trace, known } = scheduledRun(0.6)
  const iterates = trace.iterates.map((line, k) => ({
    ...line,
    x: line.x.map((_, i) => ((trace.iterates[0] as typeof line).x[i] as number) * 0.9 ** k),
  }))
  return { trace: { ...trace, iterates }, known }
}
