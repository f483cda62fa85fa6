/** What line searches guarantee; section 2 of the convergence theory note. */
import { minimum, smooth, stronglyConvex } from './assumptions.ts'
import { above, atLeast, atMost } from './comparison.ts'
import { type BacktrackingConstants, backtrackingSteps, wolfeSteps } from './method-assumptions.ts'
import { firstGap, gapsAtMost, products, sums } from './rate.ts'
import type { StepView } from './step-view.ts'
import { type Theorem, theorem } from './theorem.ts'

const zoutendijkSource = 'Zoutendijk 1970; Nocedal and Wright 2006, theorem 3.2'
const note = 'convergence theory note, section 2'

const curvatureOfStep: Theorem = theorem({
  name: 'curvature from the Wolfe conditions',
  source: 'Nocedal and Wright 2006, section 6.1',
  statement: "s'y ≥ (1 − c₂)(−g's) > 0",
  assumptions: { wolfe: wolfeSteps },
  bound: ({ steps }, { wolfe: { c2 } }) =>
    steps
      .filter(({ settled }) => !settled)
      .flatMap(({ k, sy, slope0 }) => [atLeast(k, sy, (1 - c2) * -slope0), above(k, sy, 0)]),
})

const lengthOfStep: Theorem = theorem({
  name: 'length of a Wolfe step',
  source: note,
  statement: "‖s‖² ≥ (1 − c₂)(−g's)/L",
  assumptions: { L: smooth, wolfe: wolfeSteps },
  bound: ({ steps }, { L, wolfe: { c2 } }) =>
    steps.filter(({ settled }) => !settled).map(({ k, ss, slope0 }) => atLeast(k, ss, ((1 - c2) * -slope0) / L)),
})

const zoutendijkIncrement: Theorem = theorem({
  name: 'Zoutendijk’s increment',
  source: zoutendijkSource,
  statement: 'f − f₊ ≥ (c₁(1 − c₂)/L) cos²θ ‖g‖²',
  assumptions: { L: smooth, wolfe: wolfeSteps },
  bound: ({ steps, valueRounding }, { L, wolfe: { c1, c2 } }) =>
    steps
      .filter(({ settled }) => !settled)
      .map(({ k, from, to, cos2, gg }) =>
        atLeast(k, from.value - to.value, ((c1 * (1 - c2)) / L) * cos2 * gg, { rounding: valueRounding }),
      ),
})

const zoutendijkSum: Theorem = theorem({
  name: 'Zoutendijk’s sum',
  source: zoutendijkSource,
  statement: 'Σ cos²θ ‖g‖² ≤ L(f₀ − f*)/(c₁(1 − c₂))',
  assumptions: { L: smooth, minimum, wolfe: wolfeSteps },
  bound: (run, { L, minimum, wolfe: { c1, c2 } }) => {
    const total = sums(run.steps.map(({ cos2, gg }) => cos2 * gg))
    const share = (c1 * (1 - c2)) / L
    return run.steps.map(({ k }, i) =>
      atMost(k, total[i + 1] as number, firstGap(run, minimum) / share, { rounding: run.valueRounding / share }),
    )
  },
})

const wolfeLinear: Theorem = theorem({
  name: 'linear rate of Wolfe steps',
  source: note,
  statement: 'f_k − f* ≤ Π (1 − 2c₁(1 − c₂)cos²θ_i/κ) (f₀ − f*)',
  assumptions: { L: smooth, mu: stronglyConvex, minimum, wolfe: wolfeSteps },
  bound: (run, { L, mu, minimum, wolfe: { c1, c2 } }) => {
    const factors = products(run.steps.map(({ cos2 }) => 1 - (2 * c1 * (1 - c2) * cos2 * mu) / L))
    return gapsAtMost(run, minimum, (k) => (factors[k] as number) * firstGap(run, minimum))
  },
})

/** −g'd and ‖d‖² of the direction of a step whose α is known. */
const along = ({ slope0, ss, alpha = Number.NaN }: StepView): { readonly slope: number; readonly dd: number } => ({
  slope: -slope0 / alpha,
  dd: ss / alpha ** 2,
})

const backtrackingLength: Theorem = theorem({
  name: 'length of a backtracking step',
  source: note,
  statement: "α ≥ min(α₀, 2ρ(1 − c₁)(−g'd)/(L‖d‖²))",
  assumptions: { L: smooth, search: backtrackingSteps },
  bound: ({ steps }, { L, search: { c1, initial, shrink } }) =>
    steps
      .filter(({ settled }) => !settled)
      .map((step) => {
        const { slope, dd } = along(step)
        return atLeast(step.k, step.alpha ?? Number.NaN, Math.min(initial, (2 * shrink * (1 - c1) * slope) / (L * dd)))
      }),
})

/** What backtracking decreases f by, at least. */
const backtrackingDecrease = (step: StepView, L: number, { c1, initial, shrink }: BacktrackingConstants): number =>
  c1 * Math.min(initial * along(step).slope, ((2 * shrink * (1 - c1)) / L) * step.cos2 * step.gg)

const backtrackingIncrement: Theorem = theorem({
  name: 'decrease of a backtracking step',
  source: note,
  statement: "f − f₊ ≥ c₁ min(α₀(−g'd), (2ρ(1 − c₁)/L) cos²θ ‖g‖²)",
  assumptions: { L: smooth, search: backtrackingSteps },
  bound: ({ steps, valueRounding }, { L, search }) =>
    steps
      .filter(({ settled }) => !settled)
      .map((step) =>
        atLeast(step.k, step.from.value - step.to.value, backtrackingDecrease(step, L, search), {
          rounding: valueRounding,
        }),
      ),
})

const backtrackingSum: Theorem = theorem({
  name: 'sum of backtracking decreases',
  source: note,
  statement: "Σ c₁ min(α₀(−g'd), (2ρ(1 − c₁)/L) cos²θ ‖g‖²) ≤ f₀ − f*",
  assumptions: { L: smooth, minimum, search: backtrackingSteps },
  bound: (run, { L, minimum, search }) => {
    const total = sums(run.steps.map((step) => backtrackingDecrease(step, L, search)))
    return run.steps.map(({ k }, i) =>
      atMost(k, total[i + 1] as number, firstGap(run, minimum), { rounding: run.valueRounding }),
    )
  },
})

export const lineSearchTheorems: Readonly<
  Record<
    | 'curvatureOfStep'
    | 'lengthOfStep'
    | 'zoutendijkIncrement'
    | 'zoutendijkSum'
    | 'wolfeLinear'
    | 'backtrackingLength'
    | 'backtrackingIncrement'
    | 'backtrackingSum',
    Theorem
  >
> = {
  curvatureOfStep,
  lengthOfStep,
  zoutendijkIncrement,
  zoutendijkSum,
  wolfeLinear,
  backtrackingLength,
  backtrackingIncrement,
  backtrackingSum,
}
