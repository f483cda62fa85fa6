import { dot, norm, symmetricEigen, type Tensor } from '@secant/linalg'
import type { Point } from '@secant/optim'
import * as E from 'fp-ts/lib/Either.js'
import { curvatureBounds } from './estimate.ts'
import type { Known, Quantity } from './known.ts'
import { solveSpd } from './matrices.ts'
import type { StepView } from './step-view.ts'
import type { TraceHeader } from './trace.ts'

/** The three numbers that most bounds need, as far as they are known. */
export interface Constants {
  readonly L?: Quantity
  readonly mu?: Quantity
  readonly minimum?: Quantity
}

const asQuantity = (given: number | Quantity): Quantity =>
  typeof given === 'number' ? { value: given, status: 'given', how: 'given' } : given

const extremesOf = (hessian: Tensor): readonly [least: number, greatest: number] | undefined => {
  const decomposed = symmetricEigen(hessian)
  if (E.isLeft(decomposed)) return undefined
  const values = Array.from(decomposed.right.values.data)
  return [Math.min(...values), Math.max(...values)]
}

const proved = (value: number, how: string): Quantity => ({ value, status: 'proved', how })

const estimated = (value: number | undefined, how: string): Quantity | undefined =>
  value === undefined ? undefined : { value, status: 'estimated', how }

/** The least value of a quadratic, seen from any point: f − ½ g'A⁻¹g. */
const minimumOfQuadratic = (hessian: Tensor, { value, grad }: Point): Quantity | undefined => {
  const newton = solveSpd(hessian, grad)
  return newton === undefined ? undefined : proved(value - dot(grad, newton) / 2, "f − ½ g'A⁻¹g")
}

const bestOf = (points: readonly Point[]): number | undefined => {
  const values = points.map(({ value }) => value).filter(Number.isFinite)
  return values.length === 0 ? undefined : Math.min(...values)
}

/**
 * What is given counts most, then what follows from the Hessian of a quadratic, then what the trace declares; what is
 * left is estimated from the run: L from below, mu and the minimum from above.
 */
export const resolveConstants = (
  { constants }: TraceHeader,
  known: Known,
  points: readonly Point[],
  steps: readonly StepView[],
): Constants => {
  const spectrum = known.hessian === undefined ? undefined : extremesOf(known.hessian)
  const pairs = curvatureBounds(steps)
  const least = [...points].sort((a, b) => norm(a.grad) - norm(b.grad))[0]
  const declared = (value: number | undefined): Quantity | undefined =>
    value === undefined ? undefined : { value, status: 'given', how: 'declared by the trace' }
  const first = (...candidates: readonly (Quantity | undefined)[]): Quantity | undefined =>
    candidates.find((candidate) => candidate !== undefined)
  const L = first(
    known.L === undefined ? undefined : asQuantity(known.L),
    spectrum && proved(spectrum[1], 'largest eigenvalue of the given Hessian'),
    declared(constants?.L),
    estimated(pairs?.L, "largest ‖y‖²/s'y or ‖y‖/‖s‖ of the run"),
  )
  const mu = first(
    known.mu === undefined ? undefined : asQuantity(known.mu),
    spectrum && proved(spectrum[0], 'least eigenvalue of the given Hessian'),
    declared(constants?.mu),
    estimated(pairs?.mu, "least s'y/‖s‖² of the run"),
  )
  const minimum = first(
    known.minimum === undefined ? undefined : asQuantity(known.minimum),
    known.hessian && least && minimumOfQuadratic(known.hessian, least),
    declared(constants?.minimum),
    estimated(bestOf(points), 'least value of the run'),
  )
  return { ...(L && { L }), ...(mu && { mu }), ...(minimum && { minimum }) }
}
