import { adamTheorems } from './adam.ts'
import { bfgsTheorems } from './bfgs.ts'
import { conditions } from './conditions.ts'
import { coordinatewiseTheorems } from './coordinatewise.ts'
import { coordinatewiseRates } from './coordinatewise-rates.ts'
import { gradientDescentTheorems } from './gradient-descent.ts'
import { guardTheorems } from './guards.ts'
import { hypergradientTheorems } from './hypergradient.ts'
import { lbfgsTheorems } from './lbfgs.ts'
import { lineSearchTheorems } from './line-search.ts'
import { noisyBowlTheorems } from './lodo.ts'
import { smoothnessTheorems } from './smoothness.ts'
import { superlinearTheorems } from './superlinear.ts'
import type { Theorem } from './theorem.ts'

const listed = (...groups: readonly Readonly<Record<string, Theorem>>[]): readonly Theorem[] =>
  groups.flatMap((group) => Object.values(group))

/** Everything that can be checked, by subject. */
export const theoremsBySubject: ReadonlyMap<string, readonly Theorem[]> = new Map([
  ['Conditions on steps', listed(conditions)],
  ['Smoothness and convexity', listed(smoothnessTheorems)],
  ['Gradient descent', listed(gradientDescentTheorems)],
  ['Line searches', listed(lineSearchTheorems)],
  ['BFGS', listed(bfgsTheorems)],
  ['Superlinear convergence', listed(superlinearTheorems)],
  ['L-BFGS', listed(lbfgsTheorems)],
  ['Coordinate-wise steps', listed(coordinatewiseTheorems, coordinatewiseRates)],
  ['Guards', listed(guardTheorems)],
  ['Hypergradients', listed(hypergradientTheorems)],
  ['Adam', listed(adamTheorems)],
  ['The noisy bowl', listed(noisyBowlTheorems)],
])

export const allTheorems: readonly Theorem[] = [...theoremsBySubject.values()].flat()
