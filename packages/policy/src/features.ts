import { add, div, mean, type Operand, sqrt, square, stack, type Value } from '@secant/autodiff'

/** What a coordinate-wise network is told: a row for each variable, `[n, 3]`. */
export type Features = (x: Value, gradient: Value, direction: Value) => Value

const rows = (columns: readonly Value[]): Value => stack(columns, 1)

/** The variable, its gradient and its entry of the direction as they are. */
export const raw: Features = (x, gradient, direction) => rows([x, gradient, direction])

const byRootMeanSquare = (v: Value): Value => div(v, add(sqrt(mean(square(v))), 1e-12 as Operand))

/**
 * The same, each divided by its root mean square over all variables: without it a network mostly learns one constant
 * (docs/conventions.md).
 */
export const normalised: Features = (x, gradient, direction) => rows([x, gradient, direction].map(byRootMeanSquare))
