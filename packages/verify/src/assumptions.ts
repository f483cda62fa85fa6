/** What theorems assume of the objective. */
import { dot, matvec, norm, sub, type Tensor } from '@secant/linalg'
import { failed, found, fromQuantity, shown, unknown } from './finding.ts'
import { solveSpd } from './matrices.ts'
import type { RunView } from './run-view.ts'
import type { StepView } from './step-view.ts'
import type { Assumption } from './theorem.ts'
import { vectorOf } from './vectors.ts'

/** An error of differences of gradients that is allowed for. */
const gradientRounding = ({ from, s }: StepView, L: number): number =>
  1e-13 * (L * (norm(from.x) + norm(s)) + norm(from.grad))

const firstRefutation = (
  steps: readonly StepView[],
  refutes: (step: StepView) => string | undefined,
): string | undefined => {
  for (const step of steps) {
    const refutation = refutes(step)
    if (refutation !== undefined) return `step ${step.k} has ${refutation}`
  }
  return undefined
}

/** f is L-smooth; yields L. A pair with ‖y‖ > L‖s‖ refutes it. */
export const smooth: Assumption<number> = {
  statement: 'f is L-smooth',
  find: ({ constants, steps }) =>
    fromQuantity('L', constants.L, (L) =>
      firstRefutation(steps, (step) => {
        const [y, s] = [norm(step.y), norm(step.s)]
        return y > L * s * (1 + 1e-6) + gradientRounding(step, L) ? `‖y‖/‖s‖ = ${shown(y / s)}` : undefined
      }),
    ),
}

/** f is μ-strongly convex; yields μ > 0. A pair with s'y < μ‖s‖² refutes it. */
export const stronglyConvex: Assumption<number> = {
  statement: 'f is μ-strongly convex',
  find: ({ constants, steps }) => {
    const finding = fromQuantity('μ', constants.mu, (mu) =>
      firstRefutation(steps, (step) => {
        const rounding = gradientRounding(step, Math.max(mu, Math.sqrt(step.yy / step.ss) || 0)) * norm(step.s)
        return step.sy < mu * step.ss * (1 - 1e-6) - rounding ? `s'y/‖s‖² = ${shown(step.sy / step.ss)}` : undefined
      }),
    )
    return finding.value !== undefined && !(finding.value > 0)
      ? failed(`μ = ${shown(finding.value)} is not > 0`)
      : finding
  },
}

/** f is convex. A pair with s'y < 0 refutes it. */
export const convex: Assumption<true> = {
  statement: 'f is convex',
  find: ({ known, constants, steps }) => {
    const concave = firstRefutation(steps, (step) =>
      step.sy < -gradientRounding(step, Math.sqrt(step.yy / step.ss) || 0) * norm(step.s)
        ? `s'y = ${shown(step.sy)}`
        : undefined,
    )
    if (known.convex === false || concave !== undefined) return failed(concave ?? 'given as not convex')
    if (known.convex === true) return found('given', true, 'given')
    const { mu } = constants
    if (mu === undefined || !(mu.value >= 0)) return unknown('not given')
    return found(mu.status, true, `μ = ${shown(mu.value)}, ${mu.how}`)
  },
}

/** Yields the least value f*; for f that is only bounded below, any lower bound will do. */
export const minimum: Assumption<number> = {
  statement: 'f* is the least value of f',
  find: ({ constants, points, valueRounding, first }) =>
    fromQuantity('f*', constants.minimum, (least) => {
      const i = points.findIndex(({ value }) => value < least - valueRounding)
      return i < 0 ? undefined : `iterate ${first + i} has f = ${String(points[i]?.value)}`
    }),
}

/** f is quadratic; yields its Hessian A. A pair with y ≠ As refutes it. */
export const quadratic: Assumption<Tensor> = {
  statement: 'f is quadratic with Hessian A',
  find: ({ known: { hessian }, steps, constants }) => {
    if (hessian === undefined) return unknown('A is not given')
    const refuted = firstRefutation(steps, (step) => {
      const off = norm(sub(matvec(hessian, step.s), step.y))
      return off > 1e-6 * norm(step.y) + gradientRounding(step, constants.L?.value ?? 0)
        ? `‖y − As‖ = ${shown(off)}`
        : undefined
    })
    return refuted === undefined ? found('given', hessian, 'given') : failed(refuted, hessian)
  },
}

/** Yields the minimizer x*. */
export const minimizer: Assumption<Tensor> = {
  statement: 'x* is the minimizer of f',
  find: (run) => {
    if (run.known.minimizer !== undefined) {
      const status = run.known.estimated?.includes('minimizer') ? 'estimated' : 'given'
      return found(status, vectorOf(run.known.minimizer), status)
    }
    const [{ status, value }, [start]] = [quadratic.find(run), run.points]
    const newton = status === 'given' && value && start ? solveSpd(value, start.grad) : undefined
    if (newton === undefined || start === undefined) return unknown('x* is not given')
    return found('proved', sub(start.x, newton), 'x − A⁻¹g of the given quadratic')
  },
}

/** Yields the Hessian at the minimizer. */
export const hessianAtMinimizer: Assumption<Tensor> = {
  statement: 'G = ∇²f(x*) is positive definite',
  find: ({ known }) => {
    const g = known.hessianAtMinimizer ?? known.hessian
    if (g === undefined) return unknown('G is not given')
    const status = known.estimated?.includes('hessianAtMinimizer') ? 'estimated' : 'given'
    return solveSpd(g, vectorOf(new Float64Array(g.shape[0] as number))) === undefined
      ? failed('G is not positive definite')
      : found(status, g, status)
  },
}

/** Yields a Lipschitz constant M of the Hessian; 0 of a quadratic. */
export const lipschitzHessian: Assumption<number> = {
  statement: '∇²f is M-Lipschitz',
  find: ({ known: { hessianLipschitz, hessian } }) => {
    if (hessianLipschitz !== undefined) return found('given', hessianLipschitz, `M = ${shown(hessianLipschitz)}, given`)
    return hessian === undefined ? unknown('M is not given') : found('proved', 0, 'M = 0 of a quadratic')
  },
}

/** The distance of each iterate from a point. */
export const distancesFrom = ({ points }: RunView, x: Tensor): readonly number[] =>
  points.map((point) => norm(sub(point.x, x)))

/** √(v'A v). */
export const energyNorm = (a: Tensor, v: Tensor): number => Math.sqrt(Math.max(0, dot(v, matvec(a, v))))
