import * as E from 'fp-ts/lib/Either.js'
import { holds, strongWolfeCondition } from './condition.ts'
import { better, isFinitePoint, noStep, type Search } from './search.ts'

/**
 * The minimizer along the ray of a quadratic, from the slopes at 0 and at `initial`: `α = −φ'(0) / κ` with
 * `κ = (φ'(initial) − φ'(0)) / initial`. Measures twice at most. Fails where `κ ≤ 0`, with the curvature: no step is
 * exact there; and where the objective is not the quadratic that the slopes tell, so that the strong Wolfe conditions
 * do not hold at α.
 */
export const exactQuadratic = ({
  initial = 1,
  c1 = 1e-4,
  c2 = 0.1,
}: {
  readonly initial?: number
  readonly c1?: number
  readonly c2?: number
} = {}): Search => {
  const wanted = strongWolfeCondition(c1, c2)
  return function* (ray, start) {
    if (!(start.slope0 < 0)) return E.left({ kind: 'not a descent direction', slope: start.slope0 })
    const probe = yield* ray.trial(initial)
    if (!isFinitePoint(probe.to)) return E.left({ kind: 'non-finite objective', alpha: initial })
    const curvature = (probe.slope - start.slope0) / initial
    const alpha = -start.slope0 / curvature
    if (!(curvature > 0 && Number.isFinite(alpha)))
      return E.left({ kind: 'no curvature', curvature, best: better(start, probe) })
    const exact = alpha === initial ? probe : yield* ray.trial(alpha)
    if (!isFinitePoint(exact.to)) return E.left({ kind: 'non-finite objective', alpha })
    if (holds(wanted, exact)) return E.right(exact)
    return E.left(noStep(wanted, better(better(start, probe), exact), alpha))
  }
}
