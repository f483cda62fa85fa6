import { type Draw, drawing, normal, type Shape, type Tensor, uniform } from '@secant/linalg'

/** Normal numbers of a shape, as a draw. */
export const normals = (shape: Shape): Draw<Tensor> => drawing((key) => normal(key, shape))

/** Numbers uniform in [0, 1) of a shape, as a draw. */
export const uniforms = (shape: Shape): Draw<Tensor> => drawing((key) => uniform(key, shape))

/** Fails (throws) unless n is a whole number ≥ `least`. */
export const checkCount = (operation: string, n: number, least = 1): void => {
  if (!Number.isInteger(n) || n < least) throw new Error(`${operation}: got n = ${n}; needs a whole number ≥ ${least}`)
}
