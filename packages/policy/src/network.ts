import type { Value } from '@secant/autodiff'
import type { Draw } from '@secant/linalg'

/**
 * A function of rows of features, `[rows, features] → [rows]`, with parameters θ that all rows share and a state of its
 * own for each row. A network without memory has an empty state.
 */
export interface Network<T, H> {
  readonly name: string
  readonly start: Draw<T>
  readonly init: (rows: number) => H
  readonly apply: (theta: T, state: H, features: Value) => readonly [output: Value, state: H]
}
