/** Rates of coordinate-wise steps: theorems 3 and 8 of the note on them (CWSS). */
import { add, matvec, mul, norm, sub } from '@secant/linalg'
import {
  distancesFrom,
  hessianAtMinimizer,
  lipschitzHessian,
  minimizer,
  minimum,
  smooth,
  stronglyConvex,
} from './assumptions.ts'
import { atLeast, atMost, below, type Comparison } from './comparison.ts'
import { mostForEigenvalues } from './conditions.ts'
import { positiveSteps, scaledSteps, source } from './coordinatewise.ts'
import { descentConstants } from './descent-constants.ts'
import { declaredNumber, failed, shown, unknown } from './finding.ts'
import { eigenvaluesOf } from './matrices.ts'
import { bfgsMatrices } from './method-assumptions.ts'
import { firstGap, gapsAtMost, gradientsAtMost } from './rate.ts'
import type { ReplayStep } from './replay.ts'
import { type Assumption, type Finding, type Theorem, theorem } from './theorem.ts'

interface Theorem3 {
  readonly sigma: number
  readonly m1: number
}

/** The constants of theorem 3 for all steps together. */
const uniformConstants: Assumption<Theorem3> = {
  statement: 'ε² + η² < 1 and L ≤ 2(1 − σ)m₂ for the extremes of P and H over the run',
  find: (run): Finding<Theorem3> => {
    const [steps, replay, L] = [scaledSteps.find(run).value, run.replay(), run.constants.L?.value]
    if (steps === undefined || replay === undefined || L === undefined) return unknown('p, H or L is not known')
    if (run.n > mostForEigenvalues) return unknown('H is too large for its eigenvalues')
    const spectra = replay.steps.map(({ h }) => eigenvaluesOf(h) ?? [Number.NaN])
    const { descends, m1, m2 } = descentConstants({
      pMin: Math.min(...steps.map(({ least }) => least)),
      pMax: Math.max(...steps.map(({ most }) => most)),
      hMin: Math.min(...spectra.map((values) => values[0] as number)),
      hMax: Math.max(...spectra.map((values) => values[values.length - 1] as number)),
    })
    const sigma = declaredNumber(run, 'sigma') ?? 1 - L / (2 * m2)
    const value = { sigma, m1 }
    const detail = `m₁ = ${shown(m1)}, m₂ = ${shown(m2)}, σ = ${shown(sigma)}`
    const isEnough = descends && sigma > 0 && sigma < 1 && L <= 2 * (1 - sigma) * m2 * (1 + 1e-12)
    return isEnough ? { status: 'measured', detail, value } : failed(detail)
  },
}

export const stepDecrease: Theorem = theorem({
  name: 'theorem 3, decrease',
  source: source('theorem 3'),
  statement: "f₊ ≤ f − σ g'PHg ≤ f − σ m₁‖g‖²",
  assumptions: { L: smooth, steps: scaledSteps, positiveSteps, replay: bfgsMatrices, uniform: uniformConstants },
  bound: ({ valueRounding }, { steps, uniform: { sigma, m1 } }) =>
    steps.flatMap(({ step: { k, from, to, gg }, c }) => [
      atMost(k, to.value - from.value, -sigma * c, { scale: c, rounding: valueRounding }),
      atLeast(k, c, m1 * gg),
    ]),
})

export const scaledStationarity: Theorem = theorem({
  name: 'theorem 3, smooth',
  source: source('theorem 3'),
  statement: 'min over k < K of ‖g‖² ≤ (f₀ − f*)/(σ m₁ K)',
  assumptions: { L: smooth, minimum, steps: scaledSteps, replay: bfgsMatrices, uniform: uniformConstants },
  bound: (run, { minimum, uniform: { sigma, m1 } }) => gradientsAtMost(run, minimum, sigma * m1),
})

export const scaledLinear: Theorem = theorem({
  name: 'theorem 3, linear rate',
  source: source('theorem 3'),
  statement: 'f_k − f* ≤ (1 − 2μσm₁)ᵏ (f₀ − f*)',
  assumptions: {
    L: smooth,
    mu: stronglyConvex,
    minimum,
    steps: scaledSteps,
    replay: bfgsMatrices,
    uniform: uniformConstants,
  },
  bound: (run, { mu, minimum, uniform: { sigma, m1 } }) =>
    gapsAtMost(run, minimum, (k) => (1 - 2 * mu * sigma * m1) ** k * firstGap(run, minimum)),
})

/** With s = p ⊙ d, d = −B⁻¹g: g₊ = (G − BP⁻¹)s + O(‖s‖), and BP⁻¹s = Bs + B(d − p ⊙ d). */
export const scaledSuperlinear: Theorem = theorem({
  name: 'theorem 8, finite form',
  source: source('theorem 8'),
  statement: '|‖g₊‖ − ‖(B − G)s + B(I − P)d‖| ≤ M max(‖x − x*‖, ‖x₊ − x*‖)‖s‖',
  assumptions: { g: hessianAtMinimizer, M: lipschitzHessian, x: minimizer, steps: scaledSteps, replay: bfgsMatrices },
  bound: (run, { g, M, x, steps, replay }) => {
    const distances = distancesFrom(run, x)
    return steps.flatMap(({ step: { k, from, to, s, settled }, direction, p }, i): readonly Comparison[] => {
      if (settled) return []
      const { b, bs } = replay.steps[i] as ReplayStep
      const left = matvec(b, sub(direction, mul(p, direction)))
      const off = norm(add(sub(bs, matvec(g, s)), left))
      const distance = Math.max(distances[i] as number, distances[i + 1] as number)
      return [atMost(k, Math.abs(norm(to.grad) - off), M * distance * norm(s), { scale: norm(from.grad) })]
    })
  },
})

const middle = (values: readonly number[]): number =>
  Math.exp(values.reduce((total, value) => total + Math.log(Math.max(value, Number.MIN_VALUE)), 0) / values.length)

export const stepsTendToOne: Theorem = theorem({
  name: 'theorem 8, steps tend to 1',
  kind: 'evidence',
  source: source('theorem 8'),
  statement: '‖(P − I)d‖/‖d‖ → 0: its mean over the last third < half that over the first; superlinear only then',
  assumptions: { steps: scaledSteps },
  bound: (run, { steps }) => {
    const ratios = steps
      .filter(({ step: { settled } }) => !settled)
      .map(({ direction, p }) => norm(sub(mul(p, direction), direction)) / norm(direction))
    if (ratios.length < 6) return []
    const third = Math.floor(ratios.length / 3)
    return [below(run.first + ratios.length, middle(ratios.slice(-third)), middle(ratios.slice(0, third)) / 2)]
  },
})

export const coordinatewiseRates: readonly Theorem[] = [
  stepDecrease,
  scaledStationarity,
  scaledLinear,
  scaledSuperlinear,
  stepsTendToOne,
]
