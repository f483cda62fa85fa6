import { slopeByDifferences } from '@secant/autodiff'
import { axpy, dot, fromData, map, type Tensor } from '@secant/linalg'
import type { Objective, Point } from '@secant/optim'
import Table from 'cli-table3'

/** The slope of an objective in one direction, by its gradient and by differences of its values. */
export interface SlopeCheck {
  readonly slope: number
  readonly difference: number
  /** Estimated error of the difference quotient. */
  readonly uncertainty: number
  /** Undecided where no difference is finite. */
  readonly verdict: 'agrees' | 'disagrees' | 'undecided'
}

/**
 * A direction without a pattern, entries as large as those of x. Squares of multiples of an irrational number are
 * spread evenly over the circle (Weyl 1916), and differently for each number.
 */
const scatteredDirection = (x: Tensor, which: number): Tensor =>
  fromData(x.data.map((value, i) => Math.max(Math.abs(value), 1) * Math.sin((i + 1) ** 2 * (which + 2.399963))))

/** First steps of the differences: smaller ones serve where larger ones leave the domain or meet curvature. */
const steps = [5e-2, 1e-3, 1e-5]

const checkSlope = (objective: Objective, { x, grad }: Point, direction: Tensor): SlopeCheck => {
  const slope = dot(grad, direction)
  const size = dot(map(grad, Math.abs), map(direction, Math.abs))
  const rounding = x.dtype === 'float32' ? 1e-4 : 1e-11
  const along = (h: number): number => objective.value(axpy(h, direction, x))
  let best: SlopeCheck = { slope, difference: Number.NaN, uncertainty: Number.POSITIVE_INFINITY, verdict: 'undecided' }
  for (const step of steps) {
    const [difference, uncertainty] = slopeByDifferences(along, step)
    if (!(uncertainty < best.uncertainty)) continue
    const values = Math.abs(along(step)) + Math.abs(along(-step))
    const allowed = 10 * uncertainty + rounding * (size + (Number.isFinite(values) ? values : 0))
    const verdict = Math.abs(slope - difference) <= allowed ? 'agrees' : 'disagrees'
    best = { slope, difference, uncertainty, verdict }
    if (verdict === 'agrees') break
  }
  return best
}

/** Checks the gradient that was measured at a point, in several directions. */
export const checkGradient = (objective: Objective, at: Point, directions = 5): readonly SlopeCheck[] =>
  Array.from({ length: directions }, (_, which) => checkSlope(objective, at, scatteredDirection(at.x, which)))

/** The check as a table. */
export const renderChecks = (checks: readonly SlopeCheck[]): string => {
  const table = new Table({
    head: ['direction', 'gradient · direction', 'differences', '±', ''],
    style: { head: [], border: [], compact: true },
    colAligns: ['right', 'right', 'right', 'right', 'left'],
  })
  for (const [i, { slope, difference, uncertainty, verdict }] of checks.entries())
    table.push([i + 1, slope.toPrecision(10), difference.toPrecision(10), uncertainty.toExponential(0), verdict])
  return table.toString()
}
