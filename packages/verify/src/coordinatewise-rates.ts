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
import { above, atLeast, atMost, below, type Comparison } from './comparison.ts'
import { positiveSteps, scaledSteps, source } from './coordinatewise.ts'
import { descentConstants } from './descent-constants.ts'
import { declaredNumber, failed, shown, unknown } from './finding.ts'
import { bfgsMatrices } from './method-assumptions.ts'
import { firstGap, gapsAtMost, gradientsAtMost } from './rate.ts'
import type { ReplayStep } from './replay.ts'
import { type Assumption, type Finding, type Theorem, theorem } from './theorem.ts'
import { errorRatios, quarters } from './trend.ts'

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
    const spectra = replay.steps.map(({ spectrum }) => spectrum() ?? [Number.NaN])
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
    return isEnough ? { status: 'measured', detail, value } : failed(detail, value)
  },
}

const stepDecrease: Theorem = theorem({
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

const scaledStationarity: Theorem = theorem({
  name: 'theorem 3, smooth',
  source: source('theorem 3'),
  statement: 'min over k < K of ‖g‖² ≤ (f₀ − f*)/(σ m₁ K)',
  assumptions: { L: smooth, minimum, steps: scaledSteps, replay: bfgsMatrices, uniform: uniformConstants },
  bound: (run, { minimum, uniform: { sigma, m1 } }) => gradientsAtMost(run, minimum, sigma * m1),
})

const scaledLinear: Theorem = theorem({
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
const scaledSuperlinear: Theorem = theorem({
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

const superlinearIfOne: Theorem = theorem({
  name: 'theorem 8, equivalence',
  kind: 'evidence',
  source: source('theorem 8'),
  statement: '‖x₊ − x*‖/‖x − x*‖ falls along the run if and only if ‖(P − I)d‖/‖d‖ does',
  assumptions: { x: minimizer, steps: scaledSteps, replay: bfgsMatrices },
  bound: (run, { x, steps }) => {
    const sizes = steps.flatMap(({ step: { settled }, direction, p }) =>
      settled ? [] : [norm(sub(mul(p, direction), direction)) / norm(direction)],
    )
    const [distance, errors] = [quarters(sizes), quarters(errorRatios(run, x))]
    if (distance === undefined || errors === undefined) return []
    const claim = distance.late < distance.early ? below : above
    return [claim(run.first + run.steps.length, errors.late, errors.early)]
  },
})

export const coordinatewiseRates: Readonly<
  Record<'stepDecrease' | 'scaledStationarity' | 'scaledLinear' | 'scaledSuperlinear' | 'superlinearIfOne', Theorem>
> = {
  stepDecrease,
  scaledStationarity,
  scaledLinear,
  scaledSuperlinear,
  superlinearIfOne,
}
