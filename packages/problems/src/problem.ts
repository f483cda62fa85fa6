import type { Operand } from '@secant/autodiff'

/** An objective in autodiff operations, where to start, and what is known about it. */
export interface Problem<X> {
  readonly name: string
  /** Number of scalar parameters. */
  readonly n: number
  readonly objective: (x: X) => Operand
  readonly start: X
  /** The least value, where it is known. */
  readonly minimum?: number
}
