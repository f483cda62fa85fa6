import * as E from 'fp-ts/lib/Either.js'
import { showShape } from '../shape.ts'
import { eye, full, type Tensor } from '../tensor.ts'
import { solveTriangular as solveOnHost, type Triangle } from '../triangular.ts'
import { addProduct, matmul } from './products.ts'
import { type DeviceTensor, type Scope, throughHost, within } from './scope.ts'
import { reshape, slice, stack } from './structure.ts'

/** Rows of a block: those of its diagonal are solved on the host, all others are products on the device. */
const width = 64

/** Inverse of a triangular block; NaN where it has none. */
export const inverseOfBlock =
  (triangle: Triangle) =>
  (block: Tensor): Tensor => {
    const n = block.shape[0] as number
    return E.getOrElse(() => full([n, n], Number.NaN))(solveOnHost(block, eye(n), triangle))
  }

/**
 * x with `T x = b` (or `Tᵀ x = b`), T triangular `[n, n]`, b `[n]` or `[n, k]`, block by block: the blocks on the
 * diagonal are inverted on the host. NaN where the diagonal has a zero.
 */
export const solveTriangular = (scope: Scope, t: DeviceTensor, b: DeviceTensor, triangle: Triangle): DeviceTensor => {
  const n = t.shape[0] as number
  if (t.shape.length !== 2 || t.shape[1] !== n || b.shape.length > 2 || b.shape[0] !== n)
    throw new Error(`solveTriangular: got ${showShape(t.shape)}, ${showShape(b.shape)}; needs [n, n], [n] or [n, k]`)
  const { lower, transpose = false } = triangle
  const forward = lower !== transpose
  const columns = b.shape[1] ?? 1
  return within(scope, (inner) => {
    const right = reshape(inner, b, [n, columns])
    let solved: DeviceTensor | undefined
    const count = Math.ceil(n / width)
    for (let step = 0; step < count; step++) {
      const i = forward ? step : count - 1 - step
      const [from, to] = [i * width, Math.min(n, (i + 1) * width)]
      const block = slice(inner, t, [from, from], [to, to])
      const inverse = throughHost(inner, 'solveTriangular', [block], block.shape, (x) =>
        inverseOfBlock(triangle)(x as Tensor),
      )
      const own = slice(inner, right, [from, 0], [to, columns])
      const [first, last] = forward ? [0, from] : [to, n]
      const rest =
        solved === undefined
          ? own
          : transpose
            ? addProduct(inner, own, -1, slice(inner, t, [first, from], [last, to]), solved, { transposeA: true })
            : addProduct(inner, own, -1, slice(inner, t, [from, first], [to, last]), solved)
      const x = matmul(inner, inverse, rest)
      solved = solved === undefined ? x : forward ? stack(inner, solved, x) : stack(inner, x, solved)
    }
    return reshape(inner, solved as DeviceTensor, b.shape)
  })
}
