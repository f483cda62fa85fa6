import { norm } from '@secant/linalg'
import type { StepView } from './run-view.ts'

/** Steps shorter than this, relative to where they happen, say more about rounding than about curvature. */
const shortest = 1e-7

/** Curvature constants as steps show them: L from below, and mu from above, of a function convex along its steps. */
export const curvatureBounds = (
  steps: readonly StepView[],
): { readonly L: number; readonly mu: number } | undefined => {
  let [L, mu] = [0, Number.POSITIVE_INFINITY]
  for (const { from, ss, sy, yy } of steps) {
    if (!(Math.sqrt(ss) > shortest * norm(from.x)) || !(yy > 0) || !Number.isFinite(yy)) continue
    // Where f is convex ‖y‖²/s'y ≤ L; where it is not, ‖y‖/‖s‖ ≤ L still is.
    L = Math.max(L, Math.sqrt(yy / ss), sy > 0 ? Math.min(yy / sy, Number.MAX_VALUE) : 0)
    mu = Math.min(mu, sy / ss)
  }
  return L > 0 ? { L, mu } : undefined
}
