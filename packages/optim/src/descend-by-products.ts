import { dot, neg, norm, sub, type Tensor } from '@secant/linalg'
import type { SecantHistory } from '@secant/linalg/gpu'
import * as E from 'fp-ts/lib/Either.js'
import type { Measuring } from './measure.ts'
import type { Descent, Method } from './method.ts'
import type { Point } from './point.ts'
import { rayFrom, type Search } from './search.ts'

/** Asks for a product with an inverse Hessian. */
export function* multiply(history: SecantHistory, vector: Tensor): Measuring<Tensor> {
  const { product } = yield { history, vector, want: 'product' }
  if (product === undefined)
    throw new Error('multiply: got an answer without a product; needs one, as it was asked for')
  return product
}

/** The history after a step. A pair without curvature does not enter. */
const after = (history: SecantHistory, from: Point, to: Point, tolerance: number): SecantHistory => {
  const { memory, pairs } = history
  const [s, y] = [sub(to.x, from.x), sub(to.grad, from.grad)]
  const sy = dot(s, y)
  if (!(sy > tolerance * norm(s) * norm(y))) return history
  const kept = memory === undefined ? pairs : pairs.slice(0, memory - 1)
  return { memory, scale: memory === undefined ? history.scale : sy / dot(y, y), pairs: [{ s, y }, ...kept] }
}

/**
 * BFGS, or L-BFGS with a memory, whose state is its pairs alone: it asks for products with the matrix that they stand
 * for, and whoever measures the objective may keep that matrix, on a device for instance. On the processor a product
 * of BFGS costs 4 n operations a pair and its pairs are never dropped: `bfgs` is the better choice there.
 *
 * @example
 * descendByProducts(strongWolfe(), { memory: 5 }).name // => 'L-BFGS(5) by products'
 */
export const descendByProducts = (
  search: Search,
  { memory, tolerance = 1e-10 }: { readonly memory?: number; readonly tolerance?: number } = {},
): Method<Descent<SecantHistory>> => {
  if (memory !== undefined && (!Number.isInteger(memory) || memory < 1))
    throw new Error(`descendByProducts: got memory ${memory}; needs a whole number ≥ 1`)
  return {
    name: `${memory === undefined ? 'BFGS' : `L-BFGS(${memory})`} by products`,
    // The first step is one unit long, as in `bfgs`.
    init: (point) => ({ point, memory: { scale: 1 / norm(point.grad) || 1, memory, pairs: [] }, last: null }),
    at: ({ point }) => point,
    *step({ point, memory: history }) {
      const d = neg(yield* multiply(history, point.grad))
      const found = yield* search(...rayFrom(point, d))
      if (E.isLeft(found)) return found
      const { from, to, alpha } = found.right
      return E.right({ point: to, memory: after(history, from, to, tolerance), last: { direction: d, alpha } })
    },
  }
}
