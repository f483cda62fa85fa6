/** Conditions beside those of Wolfe. */
import type { Condition } from './condition.ts'

/** Goldstein, `f + (1 − c) α g'd ≤ f(x + αd) ≤ f + c α g'd` with c < ½: neither too long nor too short (3.11). */
export const goldstein = (c = 0.25): Condition => ({
  name: `Goldstein(${c})`,
  slack: ({ from, to, alpha, slope0 }) =>
    Math.min(from.value + c * alpha * slope0 - to.value, to.value - from.value - (1 - c) * alpha * slope0),
})

/**
 * The Wolfe conditions as slopes alone can tell them, `(2c₁ − 1) g'd ≥ g(x + αd)'d ≥ c₂ g'd`, where the value is as
 * good as that of the start, `f(x + αd) ≤ f + ε|f|` (Hager and Zhang 2005, T2). Equal to sufficient decrease on
 * quadratics, and decided where values differ by their rounding only.
 */
export const approximateWolfe = (c1 = 0.1, c2 = 0.9, epsilon = 1e-6): Condition => ({
  name: `approximate Wolfe(${c1}, ${c2}, ${epsilon})`,
  slack: ({ from, to, slope0, slope }) =>
    Math.min(
      (2 * c1 - 1) * slope0 - slope,
      slope - c2 * slope0,
      from.value + epsilon * Math.abs(from.value) - to.value,
    ),
})

/** Disjunction: the greatest slack. */
export const disjunction = (a: Condition, b: Condition): Condition => ({
  name: `${a.name} or ${b.name}`,
  slack: (trial) => Math.max(a.slack(trial), b.slack(trial)),
})
