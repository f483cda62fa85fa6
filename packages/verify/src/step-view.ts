import type { Tensor } from '@secant/linalg'
import type { Point } from '@secant/optim'

/** One step of a run: from iterate k to the next. Products are of s and y unless named otherwise. */
export interface StepView {
  readonly k: number
  readonly from: Point
  readonly to: Point
  readonly s: Tensor
  readonly y: Tensor
  readonly ss: number
  readonly sy: number
  readonly yy: number
  /** ‖g‖² where the step starts. */
  readonly gg: number
  /** g's at the start and at the end: α times the slopes along the direction. */
  readonly slope0: number
  readonly slope: number
  /** The squared cosine of the angle between s and −g. */
  readonly cos2: number
  /** Whether the gradient is so small beside the largest of the run that differences of gradients are rounding. */
  readonly settled: boolean
  /** As recorded: the direction before any step size, the step size, the coordinate-wise step sizes. */
  readonly direction?: Tensor
  readonly alpha?: number
  readonly p?: Tensor
}
