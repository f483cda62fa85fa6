/** What holds for every method, each law stated once. Laws throw what they found. */
import { concrete } from '@secant/autodiff'
import { maxAbs, norm, type Tensor } from '@secant/linalg'
import {
  type Condition,
  drive,
  gradientNorm,
  type Iterate,
  iterates,
  type Method,
  type Point,
  resume,
  run,
  type Trial,
} from '@secant/optim'
import * as E from 'fp-ts/lib/Either.js'
import type { Known } from '../known.ts'
import { traceOf } from '../trace-of.ts'
import { verify, withVerdict } from '../verify.ts'
import type { KnownProblem } from './known-problem.ts'
import { demand } from './law.ts'
import { copyOf, stateText } from './plain-state.ts'
import { type Change, changed } from './symmetry.ts'
import { isAtMost, isResolved, resolution, roundingOf, stepOf } from './tolerance.ts'

/** A method, or how to make it for a problem whose constants it needs. */
export type MethodFor<S> = Method<S> | ((problem: KnownProblem) => Method<S>)

export const methodFor = <S>(method: MethodFor<S>, problem: KnownProblem): Method<S> =>
  typeof method === 'function' ? method(problem) : method

/** A law of a method on a problem, looked at for a number of iterations. */
export type MethodLaw = <S>(method: MethodFor<S>, problem: KnownProblem, iterations: number) => void

const sameNumbers = (a: Tensor, b: Tensor): boolean =>
  a.data.length === b.data.length && a.data.every((entry, i) => Object.is(entry, b.data[i]))

const samePoint = (a: Point, b: Point): boolean =>
  Object.is(a.value, b.value) && sameNumbers(a.x, b.x) && sameNumbers(a.grad, b.grad)

const show = ({ x, value }: Point): string => `x = [${[...x.data].join(', ')}], f = ${value}`

const iteratesOf = <S>(method: MethodFor<S>, problem: KnownProblem, maxIterations: number): readonly Iterate<S>[] => [
  ...iterates(problem.measured, methodFor(method, problem), problem.start, { until: [], maxIterations }),
]

/** The first state is at the start. */
export const startsWhereTold: MethodLaw = (method, problem) => {
  const start = problem.measured.point(problem.start)
  const { init, at } = methodFor(method, problem)
  const first = at(init(start))
  demand(samePoint(first, start), () => `began at ${show(first)}; the start is ${show(start)}`)
}

/** Where the gradient is 0 there is nowhere to go. */
export const staysAtMinimizer: MethodLaw = (method, problem) => {
  const exact = {
    x: problem.minimizer,
    value: problem.minimum,
    grad: { ...problem.minimizer, data: new Float64Array(problem.n) },
  }
  const { init, at, step } = methodFor(method, problem)
  const next = drive(problem.measured, step(init(exact)))
  if (E.isLeft(next)) {
    demand(next.left.kind !== 'non-finite objective', () => 'tried a place that is not finite')
    return
  }
  const { x } = at(next.right)
  demand(sameNumbers(x, exact.x), () => `left the minimizer for [${[...x.data].join(', ')}]`)
}

/** Values and gradients of the iterates are those that were measured there, bit for bit. */
export const iteratesAreMeasured: MethodLaw = (method, problem, iterations) => {
  for (const { point, counts } of iteratesOf(method, problem, iterations)) {
    const measured = problem.measured.point(point.x)
    demand(
      samePoint(point, measured),
      () => `iterate ${counts.iterations} is ${show(point)}; measured: ${show(measured)}`,
    )
  }
}

/** Convex problems with a minimum leave no reason to end at a place that is not finite. */
export const staysFinite: MethodLaw = (method, problem, maxIterations) => {
  const { point, outcome } = run(problem.measured, methodFor(method, problem), problem.start, {
    until: [],
    maxIterations,
  })
  demand(!(E.isLeft(outcome) && outcome.left.kind === 'non-finite objective'), () => `ended at ${show(point)}`)
}

/** The same state and the same answers give the same next state, and the state is as it was. */
export const stepsArePure: MethodLaw = (method, problem, iterations) => {
  const { step } = methodFor(method, problem)
  for (const { state, counts } of iteratesOf(method, problem, iterations)) {
    const before = stateText(state)
    const [once, again] = [drive(problem.measured, step(state)), drive(problem.measured, step(copyOf(state)))]
    demand(stateText(state) === before, () => `step ${counts.iterations} changed the state that it began with`)
    demand(stateText(once) === stateText(again), () => `step ${counts.iterations} from the same state gave two results`)
  }
}

/** A run goes on from any saved state to the same bits. */
export const resumesBitForBit: MethodLaw = (method, problem, iterations) => {
  const whole = iteratesOf(method, problem, iterations)
  const middle = whole[Math.floor(whole.length / 2)]
  if (middle === undefined) return
  const rest = resume(
    problem.measured,
    methodFor(method, problem),
    copyOf(middle.state),
    { until: [], maxIterations: iterations },
    middle.counts,
  )
  const resumed = [...rest]
  const expected = whole.slice(middle.counts.iterations)
  demand(
    resumed.length === expected.length,
    () => `resumed at ${middle.counts.iterations}, it took ${resumed.length - 1} steps; needs ${expected.length - 1}`,
  )
  for (const [i, { point, counts }] of expected.entries()) {
    const found = resumed[i]?.point ?? point
    demand(
      samePoint(found, point),
      () => `iterate ${counts.iterations} of the resumed run is ${show(found)}; needs ${show(point)}`,
    )
  }
}

/** What a run certifies is so at the point that it returns, which is no worse than the start. */
export const certificatesAreTrue: MethodLaw = (method, problem, maxIterations) => {
  const criterion = gradientNorm(1e-3 * Math.max(1e-12, maxAbs(problem.measured.point(problem.start).grad)))
  const { best, outcome } = run(problem.measured, methodFor(method, problem), problem.start, {
    until: [criterion],
    maxIterations,
  })
  const there = problem.measured.point(best.x)
  if (E.isRight(outcome))
    for (const { measured, bound } of outcome.right)
      demand(
        criterion.measure(there) === measured && measured <= bound,
        () => `certified ${measured} ≤ ${bound}; at the returned point it is ${criterion.measure(there)}`,
      )
  const start = problem.measured.value(problem.start)
  demand(there.value <= start, () => `returned f = ${there.value}; it began at ${start}`)
}

/** f never rises, rounding aside. */
export const descends: MethodLaw = (method, problem, iterations) => {
  const points = iteratesOf(method, problem, iterations).map(({ point }) => point)
  for (const [k, { value }] of points.slice(1).entries()) {
    const before = points[k]?.value ?? value
    demand(
      isAtMost(value - problem.minimum, before - problem.minimum, problem.minimum),
      () => `step ${k} raised f from ${before} to ${value}`,
    )
  }
}

/** Every step satisfies a condition, as far as rounding lets it be seen. */
export const stepsSatisfy =
  ({ name, slack }: Condition): MethodLaw =>
  (method, problem, iterations) => {
    for (const [k, trial] of trialsOf(iteratesOf(method, problem, iterations)).entries())
      demand(slack(trial) >= -roundingOf(trial), () => `step ${k} does not satisfy ${name}: slack ${slack(trial)}`)
  }

/** The steps of a run, each as its direction taken once: conditions do not depend on how a step is divided. */
export const trialsOf = <S>(run: readonly Iterate<S>[]): readonly Trial[] =>
  run.slice(1).map(({ point }, k) => stepOf(run[k]?.point ?? point, point))

/** The iterates on a changed problem are the changed iterates, as long as values can tell them from the minimum. */
export const follows =
  (change: Change): MethodLaw =>
  (method, problem, iterations) => {
    const other = changed(problem, change)
    const [plain, moved] = [iteratesOf(method, problem, iterations), iteratesOf(method, other, iterations)]
    const reach = norm(problem.start) + norm(problem.minimizer)
    for (const [k, { point }] of plain.entries()) {
      if (!isResolved(point.value, problem.minimum)) return
      const [expected, found] = [concrete(change.to(point.x)), moved[k]?.point.x]
      demand(found !== undefined, () => `after ${change.name}, the run ended before iterate ${k}`)
      const off = Math.max(...expected.data.map((entry, i) => Math.abs(entry - (found?.data[i] as number))))
      const size = change.stretch * (reach + norm(point.x)) + norm(expected)
      demand(off <= 1e-6 * size, () => `after ${change.name}, iterate ${k} is off by ${off}`)
    }
  }

/** The gradient becomes 10⁻⁶ of the first within a number of iterations. */
export const converges: MethodLaw = (method, problem, maxIterations) => {
  const first = maxAbs(problem.measured.point(problem.start).grad)
  const until = [gradientNorm(1e-6 * first)]
  const { outcome, point } = run(problem.measured, methodFor(method, problem), problem.start, { until, maxIterations })
  // Where rounding ends a run, no method can do better.
  const isThere = E.isRight(outcome) || outcome.left.kind === 'roundoff-limited'
  demand(isThere, () => `after ${maxIterations} iterations ‖g‖∞ is ${maxAbs(point.grad)}; it began with ${first}`)
}

/**
 * No theorem is violated on the run, given what is declared of the method, as far as values tell the iterates from the
 * minimum.
 */
export const theoremsHold =
  (declared: Known): MethodLaw =>
  (method, problem, maxIterations) => {
    const options = { until: [resolution(problem)], maxIterations }
    const trace = traceOf(problem.measured, methodFor(method, problem), problem.start, options)
    const report = verify(trace, { ...problem.known, ...declared })
    // Conditions on steps are not theorems: they are claimed by themselves.
    for (const { theorem, kind, reasons } of withVerdict(report, 'violated'))
      demand(kind !== 'theorem', () => `${theorem}: ${reasons.join('; ')}`)
  }
