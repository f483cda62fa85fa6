import { fromData, type Tensor } from '@secant/linalg'

/** Numbers as a vector `[n]`. */
export const vectorOf = (values: ArrayLike<number>): Tensor => fromData(Float64Array.from(values))
