import type { LinearMap } from './linear-map.ts'
import { matmul, matvec } from './matmul.ts'
import { showShape } from './shape.ts'
import type { Tensor } from './tensor.ts'

/**
 * A matrix `[m, n]` as a linear map `[n] → [m]`; its adjoint is the transpose.
 *
 * @example
 * toNested(matrixMap(tensor([[1, 2], [3, 4]])).adjoint(tensor([1, 0]))) // => [1, 2]
 */
export const matrixMap = (a: Tensor): LinearMap<Tensor> => {
  if (a.shape.length !== 2) throw new Error(`matrixMap: got ${showShape(a.shape)}; needs [m, n]`)
  return {
    apply: (x) => matvec(a, x),
    adjoint: (y) => {
      const product = matmul(a, { ...y, shape: [...y.shape, 1] }, { transposeA: true })
      return { ...product, shape: [product.data.length] }
    },
  }
}
