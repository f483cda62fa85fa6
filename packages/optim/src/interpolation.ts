import type { Trial } from './point.ts'

/** Value and slope of a function of one number at `alpha`. */
export interface Sample {
  readonly alpha: number
  readonly value: number
  readonly slope: number
}

/** A trial along its ray: of φ, or of `φ(α) − tilt α`. */
export const sampleOf = ({ alpha, to, slope }: Trial, tilt = 0): Sample => ({
  alpha,
  value: to.value - tilt * alpha,
  slope: slope - tilt,
})

/** Minimizer of the cubic through two values and slopes (Nocedal and Wright, 3.59); NaN where there is none. */
export const cubicMinimizer = (a: Sample, b: Sample): number => {
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.alpha - b.alpha)
  const d2 = Math.sign(b.alpha - a.alpha) * Math.sqrt(d1 * d1 - a.slope * b.slope)
  return b.alpha - ((b.alpha - a.alpha) * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2)
}

/** Minimizer of the parabola through both values and the slope at `a`. */
export const parabolaMinimizer = (a: Sample, b: Sample): number => {
  const width = b.alpha - a.alpha
  return a.alpha + (width * a.slope) / (2 * ((a.value - b.value) / width + a.slope))
}

/** Root of the line through both slopes. */
export const secantRoot = (a: Sample, b: Sample): number =>
  b.alpha - ((b.alpha - a.alpha) * b.slope) / (b.slope - a.slope)
