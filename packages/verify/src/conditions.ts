/** Conditions that a method promises of each of its steps. */
import { dot, norm } from '@secant/linalg'
import { smooth } from './assumptions.ts'
import { above, atLeast, atMost, below, type Comparison, equals } from './comparison.ts'
import { fixedGradientSteps, stepRounding } from './method-assumptions.ts'
import { promised } from './promises.ts'
import type { RunView } from './run-view.ts'
import type { StepView } from './step-view.ts'
import { renamed, type Theorem, theorem, theoremMonoid } from './theorem.ts'

/** Values are compared on the scale of the decrease that the slope predicts. */
const onDecrease = ({ slope0 }: StepView, { valueRounding }: RunView) => ({
  scale: Math.abs(slope0),
  rounding: valueRounding,
})

/** Slopes are compared on the scale of the first; their rounding is that of gradients. */
const onSlope = ({ slope0, from, to, s }: StepView) => ({
  scale: Math.abs(slope0),
  rounding: 1e-14 * norm(s) * (norm(from.grad) + norm(to.grad)),
})

const c1 = { name: 'c1', customary: 1e-4 } as const
const c2 = { name: 'c2', customary: 0.9 } as const

const descent: Theorem = theorem({
  name: 'descent',
  kind: 'condition',
  source: 'Nocedal and Wright 2006, section 3.1',
  statement: "g's < 0",
  assumptions: { promise: promised('descent') },
  bound: ({ steps }) =>
    steps.map(({ k, from, s, slope0 }) => below(k, slope0, 0, { scale: norm(from.grad) * norm(s) })),
})

const armijo: Theorem = theorem({
  name: 'Armijo condition',
  kind: 'condition',
  source: 'Nocedal and Wright 2006, (3.4)',
  statement: "f₊ − f ≤ c₁ g's",
  assumptions: { c1: promised('Armijo', c1) },
  bound: (run, { c1 }) =>
    run.steps.map((step) => atMost(step.k, step.to.value - step.from.value, c1 * step.slope0, onDecrease(step, run))),
})

const curvature: Theorem = theorem({
  name: 'curvature condition',
  kind: 'condition',
  source: 'Nocedal and Wright 2006, (3.5b)',
  statement: "g₊'s ≥ c₂ g's",
  assumptions: { c2: promised('weak Wolfe', c2) },
  bound: ({ steps }, { c2 }) => steps.map((step) => atLeast(step.k, step.slope, c2 * step.slope0, onSlope(step))),
})

const strongCurvature: Theorem = theorem({
  name: 'strong curvature condition',
  kind: 'condition',
  source: 'Nocedal and Wright 2006, (3.7b)',
  statement: "|g₊'s| ≤ c₂ |g's|",
  assumptions: { c2: promised('strong Wolfe', c2) },
  bound: ({ steps }, { c2 }) =>
    steps.map((step) => atMost(step.k, Math.abs(step.slope), c2 * Math.abs(step.slope0), onSlope(step))),
})

const weakWolfe: Theorem = renamed('weak Wolfe conditions', [descent, armijo, curvature].reduce(theoremMonoid.concat))

const strongWolfe: Theorem = renamed(
  'strong Wolfe conditions',
  [descent, armijo, strongCurvature].reduce(theoremMonoid.concat),
)

const approximateWolfe: Theorem = theorem({
  name: 'approximate Wolfe conditions',
  kind: 'condition',
  source: 'Hager and Zhang 2005, (T2)',
  statement: "(2c₁ − 1) g's ≥ g₊'s ≥ c₂ g's and f₊ ≤ f + 1e-6 |f|",
  assumptions: {
    c1: promised('approximate Wolfe', { ...c1, customary: 0.1 }),
    c2: promised('approximate Wolfe', c2),
  },
  bound: (run, { c1, c2 }) =>
    run.steps.flatMap((step) => [
      atMost(step.k, step.slope, (2 * c1 - 1) * step.slope0, onSlope(step)),
      atLeast(step.k, step.slope, c2 * step.slope0, onSlope(step)),
      atMost(step.k, step.to.value - step.from.value, 1e-6 * Math.abs(step.from.value), {
        scale: Math.abs(step.from.value),
        rounding: run.valueRounding,
      }),
    ]),
})

const goldstein: Theorem = theorem({
  name: 'Goldstein conditions',
  kind: 'condition',
  source: 'Nocedal and Wright 2006, (3.11)',
  statement: "(1 − c₁) g's ≤ f₊ − f ≤ c₁ g's",
  assumptions: { c1: promised('Goldstein', { ...c1, customary: 0.25 }) },
  bound: (run, { c1 }) =>
    run.steps.flatMap((step) => {
      const change = step.to.value - step.from.value
      return [
        atMost(step.k, change, c1 * step.slope0, onDecrease(step, run)),
        atLeast(step.k, change, (1 - c1) * step.slope0, onDecrease(step, run)),
      ]
    }),
})

const stepWindow: Theorem = theorem({
  name: 'step window of gradient descent',
  kind: 'condition',
  source: 'convergence theory note, 3.1; Nesterov 2018, section 1.2.3',
  statement: '0 < α < 2/L',
  assumptions: { L: smooth, alpha: fixedGradientSteps },
  bound: ({ first }, { L, alpha }) => [above(first, alpha, 0), below(first, alpha, 2 / L)],
})

/** A direction of a quasi-Newton method shows the newest pair: with H symmetric and Hy = s, y'd = −y'Hg = −s'g. */
const secantEquation: Theorem = theorem({
  name: 'secant equation',
  kind: 'condition',
  source: 'Nocedal and Wright 2006, (6.6)',
  statement: "Hy = s for H symmetric, d = −Hg, seen as y'd = −s'g",
  assumptions: { promise: promised('secant equation') },
  bound: ({ steps }) =>
    steps.slice(1).flatMap(({ k, from, direction, settled }, i): readonly Comparison[] => {
      const { s, y, sy, ss, yy } = steps[i] as StepView
      const carriesCurvature = sy > 1e-10 * Math.sqrt(ss * yy)
      if (direction === undefined || settled || !carriesCurvature) return []
      const scale = norm(y) * norm(direction) + norm(s) * norm(from.grad)
      return [equals(k, dot(y, direction), -dot(s, from.grad), { scale })]
    }),
})

/** What the trace says of a step is what it did; a step that was not taken at all is allowed. */
const recordedStep: Theorem = theorem({
  name: 'recorded step',
  kind: 'condition',
  source: 'docs/trace.md',
  statement: 'x₊ = x + αd, or x + p ⊙ d, or x where the step was refused',
  assumptions: {},
  bound: ({ steps }) =>
    steps.flatMap((step): readonly Comparison[] => {
      const { k, s, direction, alpha, p, ss } = step
      if (direction === undefined || (alpha === undefined && p === undefined) || !(ss > 0)) return []
      let off = 0
      for (let i = 0; i < s.data.length; i++) {
        const length = (p?.data[i] ?? alpha) as number
        off += ((s.data[i] as number) - length * (direction.data[i] as number)) ** 2
      }
      return [equals(k, Math.sqrt(off), 0, { scale: norm(s), rounding: stepRounding(step) })]
    }),
})

/** With s'y ≤ 0 no positive definite matrix has Hy = s; a direction that obeys it all the same gives it away. */
const isUsed = ({ direction, from }: StepView, { s, y }: StepView): boolean => {
  if (direction === undefined) return false
  const scale = norm(y) * norm(direction) + norm(s) * norm(from.grad)
  return Math.abs(dot(y, direction) + dot(s, from.grad)) <= 1e-6 * scale
}

const positiveDefinite: Theorem = theorem({
  name: 'positive definiteness',
  kind: 'condition',
  source: 'Nocedal and Wright 2006, section 6.1',
  statement: "H ≻ 0: −g'd = g'Hg > 0, and s'y > 0 of every pair with Hy = s",
  assumptions: { promise: promised('secant equation') },
  bound: ({ steps }) =>
    steps.flatMap((step, i): readonly Comparison[] => {
      const { k, from, direction, s, slope0, settled } = step
      if (settled) return []
      const along = direction === undefined ? -slope0 : -dot(direction, from.grad)
      const last = steps[i - 1]
      return [
        above(k, along, 0, { scale: norm(direction ?? s) * norm(from.grad) }),
        ...(last === undefined || last.settled || !isUsed(step, last)
          ? []
          : [above(last.k, last.sy, 0, { scale: norm(last.s) * norm(last.y) })]),
      ]
    }),
})

export const conditions: Readonly<
  Record<
    | 'descent'
    | 'armijo'
    | 'curvature'
    | 'weakWolfe'
    | 'strongWolfe'
    | 'approximateWolfe'
    | 'goldstein'
    | 'stepWindow'
    | 'recordedStep'
    | 'secantEquation'
    | 'positiveDefinite',
    Theorem
  >
> = {
  descent,
  armijo,
  curvature,
  weakWolfe,
  strongWolfe,
  approximateWolfe,
  goldstein,
  stepWindow,
  recordedStep,
  secantEquation,
  positiveDefinite,
}
