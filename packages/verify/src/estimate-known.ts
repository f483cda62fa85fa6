import { concrete, hessian, hvp, type Operand, type Value } from '@secant/autodiff'
import { norm, type Tensor } from '@secant/linalg'
import { type Objective, objectiveOf, type Point } from '@secant/optim'
import { minimumByNewton } from '@secant/problems'
import * as E from 'fp-ts/lib/Either.js'
import { type Extremes, extremeEigenvalues } from './estimate.ts'
import { shown } from './finding.ts'
import type { Known, Quantity } from './known.ts'
import type { Trace } from './trace.ts'
import { vectorOf } from './vectors.ts'

/** Hessian products at a place. */
export type Curvature = (x: Tensor) => (v: Tensor) => Tensor

/** Hessian products by central differences of gradients: good to about half of the digits. */
export const curvatureByDifferences =
  (objective: Objective): Curvature =>
  (x) =>
  (v) => {
    const h = (6e-6 * (1 + norm(x))) / norm(v)
    const gradientAt = (step: number): Tensor =>
      objective.point(vectorOf(Array.from(x.data, (entry, i) => entry + step * (v.data[i] as number)))).grad
    const [ahead, behind] = [gradientAt(h), gradientAt(-h)]
    return vectorOf(Array.from(ahead.data, (g, i) => (g - (behind.data[i] as number)) / (2 * h)))
  }

/** About so many iterates are looked at, evenly spread. */
const places = 8

const spread = <A>(list: readonly A[]): readonly A[] => {
  const every = Math.ceil(list.length / places)
  return list.filter((_, i) => i % every === 0 || i === list.length - 1)
}

/** L and mu from the ends of the Hessian's spectrum along a run, by Lanczos: from below, and from above. */
export const constantsByLanczos = (
  curvature: Curvature,
  { header: { n }, iterates }: Trace,
): Pick<Known, 'L' | 'mu'> => {
  const found = spread(iterates)
    .map(({ x }) => extremeEigenvalues(curvature(vectorOf(x)), n))
    .filter((extremes): extremes is Extremes => extremes !== undefined)
  if (found.length === 0) return {}
  const how = `Lanczos on Hessian products at ${found.length} iterates`
  const estimated = (value: number): Quantity => ({ value, status: 'estimated', how })
  return {
    L: estimated(Math.max(...found.map(({ greatest }) => greatest))),
    mu: estimated(Math.min(...found.map(({ least }) => least))),
  }
}

/** The most parameters for which Hessians are built. */
const mostForNewton = 100

const bestOf = ({ iterates }: Trace) =>
  iterates.reduce((best, line) => (line.f < best.f ? line : best), iterates[0] as Trace['iterates'][number])

/** The minimum, the minimizer and the Hessian there, by Newton's method from the best iterate. */
const minimumNear = (f: (x: Value) => Operand, trace: Trace): Known => {
  const { best, outcome }: { readonly best: Point; readonly outcome: E.Either<unknown, unknown> } = minimumByNewton(
    f,
    vectorOf(bestOf(trace).x),
  )
  if (E.isLeft(outcome) && !(norm(best.grad) <= 1e-9 * (1 + Math.abs(best.value)))) return {}
  const how = `Newton's method from the best iterate, ‖g‖ = ${shown(norm(best.grad))}`
  return {
    minimum: { value: best.value, status: 'estimated', how },
    minimizer: best.x.data,
    hessianAtMinimizer: concrete(hessian(f)(best.x)),
    estimated: ['minimizer', 'hessianAtMinimizer'],
  }
}

/**
 * What can be found out about an objective on vectors, in operations of `@secant/autodiff`, where a run has been: L and mu
 * by Lanczos, and for up to a hundred parameters the minimum by Newton's method. All of it is estimated.
 *
 * @example
 * const bowl = (x: Value) => sum(mul(tensor([1, 2]), square(x)))
 * const trace = traceOf(objectiveOf(bowl, tensor([1, 1])).objective, descend(steepest(), fixed(0.1)), tensor([1, 1]))
 * viewOf(trace, estimateKnown(bowl, trace)).constants.L?.value.toFixed(6) // => '4.000000'
 */
export const estimateKnown = (f: (x: Value) => Operand, trace: Trace): Known => {
  const [start] = trace.iterates
  if (start === undefined) return {}
  const { objective } = objectiveOf<Value>(f, vectorOf(start.x))
  const curvature: Curvature = (x) => (v) => concrete(hvp(f)(x, v))
  return {
    objective,
    ...constantsByLanczos(curvature, trace),
    ...(trace.header.n <= mostForNewton ? minimumNear(f, trace) : {}),
  }
}
