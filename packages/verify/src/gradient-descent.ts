/** Gradient descent, x₊ = x − αg; section 3 of the convergence theory note. */
import { dot, type Tensor } from '@secant/linalg'
import { convex, distancesFrom, minimizer, minimum, quadratic, smooth, stronglyConvex } from './assumptions.ts'
import { atMost, type Comparison } from './comparison.ts'
import { shown } from './finding.ts'
import { generalizedEigenvalues, inverseSpd } from './matrices.ts'
import { bfgsMatrices, exactSearch, fixedGradientSteps, gradientSteps } from './method-assumptions.ts'
import { firstGap, gapsAtMost, gradientsAtMost } from './rate.ts'
import { mostForEigenvalues, type ReplayStep } from './replay.ts'
import type { RunView } from './run-view.ts'
import { type Assumption, type Theorem, theorem } from './theorem.ts'

const nesterov = 'Nesterov 2018, Lectures on Convex Optimization'

/** A fixed step that lies in an interval; yields it. */
const fixedWithin = (statement: string, isInside: (alpha: number, L: number) => boolean): Assumption<number> => ({
  statement: `every step is −αg with one ${statement}`,
  find: (run) => {
    const finding = fixedGradientSteps.find(run)
    const L = run.constants.L?.value
    if (finding.value === undefined || L === undefined || finding.status !== 'measured') return finding
    if (isInside(finding.value, L)) return finding
    return { status: 'failed', detail: `${finding.detail}, αL = ${shown(finding.value * L)}`, value: finding.value }
  },
})

const insideWindow = fixedWithin('α in (0, 2/L)', (alpha, L) => alpha > 0 && alpha * L < 2)
const atMostInverse = fixedWithin('α in (0, 1/L]', (alpha, L) => alpha > 0 && alpha * L <= 1 + 1e-9)
const exactlyInverse = fixedWithin('α = 1/L', (alpha, L) => Math.abs(alpha * L - 1) <= 1e-9)

const decrease: Theorem = theorem({
  name: 'decrease of a gradient step',
  source: `${nesterov}, (1.2.19)`,
  statement: 'f₊ ≤ f − α(1 − αL/2)‖g‖²',
  assumptions: { L: smooth, alphas: gradientSteps },
  bound: ({ steps, valueRounding }, { L, alphas }) =>
    steps.map(({ k, from, to, gg }, i) => {
      const alpha = alphas[i] as number
      return atMost(k, to.value - from.value, -alpha * (1 - (alpha * L) / 2) * gg, {
        scale: Math.abs(alpha) * gg,
        rounding: valueRounding,
      })
    }),
})

const stationarity: Theorem = theorem({
  name: 'gradient descent, smooth',
  source: `${nesterov}, section 1.2.3`,
  statement: 'min over k < K of ‖g‖² ≤ (f₀ − f*) / (K α(1 − αL/2))',
  assumptions: { L: smooth, minimum, alpha: insideWindow },
  bound: (run, { L, minimum, alpha }) => gradientsAtMost(run, minimum, alpha * (1 - (alpha * L) / 2)),
})

const squaredDistance = (run: RunView, x: Tensor): number => (distancesFrom(run, x)[0] ?? Number.NaN) ** 2

const convexSharp: Theorem = theorem({
  name: 'gradient descent, convex, α = 1/L',
  source: 'Drori and Teboulle 2014, theorem 1',
  statement: 'f_k − f* ≤ L‖x₀ − x*‖² / (4k + 2)',
  assumptions: { L: smooth, convex, minimum, x: minimizer, alpha: exactlyInverse },
  bound: (run, { L, minimum, x }) => gapsAtMost(run, minimum, (k) => (L * squaredDistance(run, x)) / (4 * k + 2)),
})

const convexClassical: Theorem = theorem({
  name: 'gradient descent, convex',
  source: 'Beck and Teboulle 2009, theorem 3.1',
  statement: 'f_k − f* ≤ ‖x₀ − x*‖² / (2αk)',
  assumptions: { L: smooth, convex, minimum, x: minimizer, alpha: atMostInverse },
  bound: (run, { minimum, x, alpha }) => gapsAtMost(run, minimum, (k) => squaredDistance(run, x) / (2 * alpha * k)),
})

const linear: Theorem = theorem({
  name: 'gradient descent, linear rate',
  source: 'Polyak 1963; Karimi, Nutini and Schmidt 2016, theorem 1',
  statement: 'f_k − f* ≤ (1 − 2μα(1 − αL/2))ᵏ (f₀ − f*)',
  assumptions: { L: smooth, mu: stronglyConvex, minimum, alpha: insideWindow },
  bound: (run, { L, mu, minimum, alpha }) =>
    gapsAtMost(run, minimum, (k) => (1 - 2 * mu * alpha * (1 - (alpha * L) / 2)) ** k * firstGap(run, minimum)),
})

/** Distances below this, relative to the first or to the minimizer, are rounding. */
const distanceFloor = (distances: readonly number[], x: Tensor): number =>
  1e-9 * Math.max(distances[0] ?? 0, Math.sqrt(dot(x, x)))

const contraction: Theorem = theorem({
  name: 'gradient descent, contraction',
  source: `${nesterov}, theorem 2.1.15`,
  statement: '‖x_k − x*‖ ≤ max(|1 − αμ|, |1 − αL|)ᵏ ‖x₀ − x*‖',
  assumptions: { L: smooth, mu: stronglyConvex, x: minimizer, alpha: fixedGradientSteps },
  bound: (run, { L, mu, x, alpha }) => {
    const distances = distancesFrom(run, x)
    const factor = Math.max(Math.abs(1 - alpha * mu), Math.abs(1 - alpha * L))
    return distances.flatMap((distance, k) =>
      k === 0 || distance < distanceFloor(distances, x)
        ? []
        : [atMost(run.first + k, distance, factor ** k * (distances[0] as number))],
    )
  },
})

const optimalStep: Assumption<number> = {
  statement: 'every step is −αg with α = 2/(μ + L)',
  find: (run) => {
    const finding = fixedGradientSteps.find(run)
    const [L, mu] = [run.constants.L?.value, run.constants.mu?.value]
    if (finding.value === undefined || L === undefined || mu === undefined || finding.status !== 'measured')
      return finding
    return Math.abs((finding.value * (L + mu)) / 2 - 1) <= 1e-9
      ? finding
      : { status: 'failed', detail: `${finding.detail} is not ${shown(2 / (L + mu))}`, value: finding.value }
  },
}

const optimal: Theorem = theorem({
  name: 'gradient descent, best fixed step',
  source: `${nesterov}, theorem 2.1.15`,
  statement: 'f_k − f* ≤ (L/2) ((κ − 1)/(κ + 1))²ᵏ ‖x₀ − x*‖²',
  assumptions: { L: smooth, mu: stronglyConvex, minimum, x: minimizer, alpha: optimalStep },
  bound: (run, { L, mu, minimum, x }) =>
    gapsAtMost(run, minimum, (k) => (L / 2) * ((L - mu) / (L + mu)) ** (2 * k) * squaredDistance(run, x)),
})

const kantorovichFactor = (kappa: number): number => ((kappa - 1) / (kappa + 1)) ** 2

/** Gap after each step against a share of the gap before it. */
const stepwise = (
  { steps, gapFloor, valueRounding }: RunView,
  minimum: number,
  factorAt: (i: number) => number | undefined,
): readonly Comparison[] =>
  steps.flatMap(({ k, from, to }, i) => {
    const [gap, before] = [to.value - minimum, from.value - minimum]
    if (gap < gapFloor) return []
    const factor = factorAt(i)
    return factor === undefined ? [] : [atMost(k, gap, factor * before, { rounding: valueRounding })]
  })

const kantorovich: Theorem = theorem({
  name: 'exact steepest descent on quadratics',
  source: 'Kantorovich 1948; Luenberger and Ye 2008, section 8.6',
  statement: 'f₊ − f* ≤ ((κ − 1)/(κ + 1))² (f − f*)',
  assumptions: { a: quadratic, L: smooth, mu: stronglyConvex, minimum, gradientSteps, exactSearch },
  bound: (run, { L, mu, minimum }) => stepwise(run, minimum, () => kantorovichFactor(L / mu)),
})

const preconditionedKantorovich: Theorem = theorem({
  name: 'exact search along −Hg on quadratics',
  source: 'Kantorovich 1948, in the variables H^(−1/2) x',
  statement: 'f₊ − f* ≤ ((κ − 1)/(κ + 1))² (f − f*) with κ = κ(H^(1/2) A H^(1/2))',
  assumptions: { a: quadratic, minimum, replay: bfgsMatrices, exactSearch },
  bound: (run, { a, minimum, replay }) => {
    const inverse = run.n <= mostForEigenvalues ? inverseSpd(a) : undefined
    return stepwise(run, minimum, (i) => {
      const spectrum = inverse && generalizedEigenvalues((replay.steps[i] as ReplayStep).h, inverse)
      const [least, greatest] = [spectrum?.[0], spectrum?.[run.n - 1]]
      return least === undefined || greatest === undefined ? undefined : kantorovichFactor(greatest / least)
    })
  },
})

export const gradientDescentTheorems: Readonly<
  Record<
    | 'decrease'
    | 'stationarity'
    | 'convexSharp'
    | 'convexClassical'
    | 'linear'
    | 'contraction'
    | 'optimal'
    | 'kantorovich'
    | 'preconditionedKantorovich',
    Theorem
  >
> = {
  decrease,
  stationarity,
  convexSharp,
  convexClassical,
  linear,
  contraction,
  optimal,
  kantorovich,
  preconditionedKantorovich,
}
