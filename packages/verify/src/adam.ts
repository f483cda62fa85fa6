/** Adam; section 11 of the convergence theory note. */
import { maxAbs, norm, sub, type Tensor } from '@secant/linalg'
import { minimizer } from './assumptions.ts'
import { atMost, equals } from './comparison.ts'
import type { Known } from './known.ts'
import { stepRounding } from './method-assumptions.ts'
import type { RunView } from './run-view.ts'
import { type Assumption, type Theorem, theorem } from './theorem.ts'

type AdamConstants = NonNullable<Known['adam']>

/** The method is Adam with bias correction from its first step on; yields its constants. */
const adamMethod: Assumption<AdamConstants> = {
  statement: 'the method is Adam with bias correction, from its first step on',
  find: ({ known: { adam }, first }) => {
    if (adam === undefined) return { status: 'unknown', detail: 'its rate and decays are not given' }
    const { rate, beta1, beta2 } = adam
    const detail = `α = ${rate}, β₁ = ${beta1}, β₂ = ${beta2}`
    return first === 0
      ? { status: 'given', detail, value: adam }
      : { status: 'failed', detail: `the trace begins with iterate ${first}`, value: adam }
  },
}

const slowFirstMoment: Assumption<true> = {
  statement: 'β₁² < β₂',
  find: ({ known: { adam } }) => {
    if (adam === undefined) return { status: 'unknown', detail: 'β₁ and β₂ are not given' }
    const detail = `β₁² = ${adam.beta1 ** 2}, β₂ = ${adam.beta2}`
    return { status: adam.beta1 ** 2 < adam.beta2 ? 'proved' : 'failed', detail, value: true }
  },
}

/**
 * The largest entry that step t of Adam can have: Cauchy and Schwarz on the two weighted sums.
 *
 * @example
 * largestAdamStep({ rate: 1, beta1: 0.9, beta2: 0.999 }, 1e5).toFixed(2) // => '7.27'
 */
export const largestAdamStep = ({ rate, beta1, beta2 }: AdamConstants, t: number): number => {
  const r = beta1 ** 2 / beta2
  const corrections = Math.sqrt(1 - beta2 ** t) / (1 - beta1 ** t)
  return rate * corrections * ((1 - beta1) / Math.sqrt(1 - beta2)) * Math.sqrt((1 - r ** t) / (1 - r))
}

const stepsAtMost = ({ steps }: RunView, boundAt: (t: number) => number) =>
  steps.map((step, i) => atMost(step.k, maxAbs(step.s), boundAt(i + 1), { rounding: stepRounding(step) }))

const firstStep: Theorem = theorem({
  name: 'first step of Adam',
  source: 'Kingma and Ba 2015, algorithm 1',
  statement: 's₀ = −α g/(|g| + ε), entry by entry',
  assumptions: { adam: adamMethod },
  bound: ({ steps }, { adam: { rate, epsilon = 1e-8 } }) =>
    steps.slice(0, 1).map((step) => {
      const off = Array.from(step.s.data, (s, i) => {
        const g = step.from.grad.data[i] as number
        return Math.abs(s + (rate * g) / (Math.abs(g) + epsilon))
      })
      return equals(step.k, Math.max(...off), 0, { scale: rate, rounding: stepRounding(step) })
    }),
})

const stepBound: Theorem = theorem({
  name: 'step bound of Adam',
  source: 'convergence theory note, 11.2',
  statement: 'max |s_i| ≤ α √(1 − β₂ᵗ)/(1 − β₁ᵗ) · (1 − β₁)/√(1 − β₂) · √((1 − rᵗ)/(1 − r)), r = β₁²/β₂',
  assumptions: { adam: adamMethod, slowFirstMoment },
  bound: (run, { adam }) => stepsAtMost(run, (t) => largestAdamStep(adam, t)),
})

const printedStepBound: Theorem = theorem({
  name: 'step bound of Adam as printed',
  kind: 'evidence',
  source: 'Kingma and Ba 2015, section 2.1; no theorem: gradients that grow by β₂/β₁ a step refute it',
  statement: 'max |s_i| ≤ α max(1, (1 − β₁)/√(1 − β₂))',
  assumptions: { adam: adamMethod },
  bound: (run, { adam: { rate, beta1, beta2 } }) =>
    stepsAtMost(run, () => rate * Math.max(1, (1 - beta1) / Math.sqrt(1 - beta2))),
})

const lastDistance = ({ points }: RunView, x: Tensor): number => {
  const last = points[points.length - 1]
  return last === undefined ? Number.NaN : norm(sub(last.x, x))
}

const adamConverges: Theorem = theorem({
  name: 'Adam approaches the minimizer',
  kind: 'evidence',
  source: 'no theorem: Reddi, Kale and Kumar 2018, theorems 1 and 2, refute it',
  statement: '‖x_K − x*‖ ≤ ‖x₀ − x*‖/2',
  assumptions: { adam: adamMethod, x: minimizer },
  bound: (run, { x }) => {
    const start = run.points[0]
    return start === undefined || run.steps.length === 0
      ? []
      : [atMost(run.first + run.steps.length, lastDistance(run, x), norm(sub(start.x, x)) / 2)]
  },
})

export const adamTheorems: Readonly<Record<'firstStep' | 'stepBound' | 'printedStepBound' | 'adamConverges', Theorem>> =
  { firstStep, stepBound, printedStepBound, adamConverges }
