import type { Monoid } from 'fp-ts/lib/Monoid.js'
import type { Trial } from './point.ts'

/** A requirement on a step as a number that must not be negative; the number is the certificate. */
export interface Condition {
  readonly name: string
  readonly slack: (trial: Trial) => number
}

/** Whether a step satisfies a condition; NaN does not. */
export const holds = (condition: Condition, trial: Trial): boolean => condition.slack(trial) >= 0

/** Sufficient decrease, `f(x + αd) ≤ f(x) + c₁ α g'd` (Nocedal and Wright, 3.4). */
export const armijo = (c1 = 1e-4): Condition => ({
  name: `Armijo(${c1})`,
  slack: ({ from, to, alpha, slope0 }) => from.value + c1 * alpha * slope0 - to.value,
})

/** Curvature, `g(x + αd)'d ≥ c₂ g'd` (3.5b). */
export const curvature = (c2 = 0.9): Condition => ({
  name: `curvature(${c2})`,
  slack: ({ slope0, slope }) => slope - c2 * slope0,
})

/** Strong curvature, `|g(x + αd)'d| ≤ c₂ |g'd|` (3.7b). */
export const strongCurvature = (c2 = 0.9): Condition => ({
  name: `strong curvature(${c2})`,
  slack: ({ slope0, slope }) => c2 * Math.abs(slope0) - Math.abs(slope),
})

/** Conjunction: the least slack; the condition that always holds has slack +∞. */
export const conditionMonoid: Monoid<Condition> = {
  empty: { name: 'always', slack: () => Number.POSITIVE_INFINITY },
  concat: (a, b) => ({
    name: a.name === 'always' ? b.name : b.name === 'always' ? a.name : `${a.name} and ${b.name}`,
    slack: (trial) => Math.min(a.slack(trial), b.slack(trial)),
  }),
}

/** Armijo and curvature (3.6). */
export const wolfeCondition = (c1 = 1e-4, c2 = 0.9): Condition => conditionMonoid.concat(armijo(c1), curvature(c2))

/** Armijo and strong curvature (3.7). */
export const strongWolfeCondition = (c1 = 1e-4, c2 = 0.9): Condition =>
  conditionMonoid.concat(armijo(c1), strongCurvature(c2))
