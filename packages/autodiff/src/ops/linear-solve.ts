/** What all ways to solve a linear system have in common. */
import { type LinearMap, rightHandSides } from '@secant/linalg'
import { bindOne, type Primitive, type Tangents, type Value, type Values } from '../core.ts'
import { oneByOne } from '../one-by-one.ts'
import { neg, sub } from './arithmetic.ts'
import { product } from './product.ts'
import { reshape, transpose } from './structure.ts'

/**
 * The derivative of x in `A x = b` (or `Aᵀ x = b`, where `transposed`): changes of A and b move x by
 * `A⁻¹ (db − dA x)`. `divide` solves with A or with Aᵀ; `part` is what is read of A, a linear map that is its own
 * adjoint. The first two arguments are A and b.
 */
export const solveDerivative = (
  x: Value,
  transposed: boolean,
  divide: (b: Value, transposed: boolean) => Value,
  part: (a: Value) => Value,
  active: readonly boolean[],
): LinearMap<Tangents> => ({
  apply: ([da, db]) => {
    const moved = da && product(part(da), x, transposed, false)
    const rest = moved && db ? sub(db, moved) : moved ? neg(moved) : db
    return [rest && divide(rest, transposed)]
  },
  adjoint: ([w]) => {
    if (!w) return []
    const pulled = divide(w, !transposed)
    const [left, right] = transposed ? [x, pulled] : [pulled, x]
    return [active[0] ? neg(part(product(left, right, false, true))) : undefined, pulled]
  },
})

/** A batch rule: right-hand sides that share their matrix are put beside each other, all else goes one by one. */
export const solveBatch = <P>(
  self: Primitive<P>,
  args: Values,
  batched: readonly boolean[],
  params: P,
  count: number,
): Values => {
  if (batched.some((is, i) => is !== (i === 1))) return oneByOne(self, args, batched, params, count)
  const b = args[1] as Value
  const [, n, k] = b.shape as readonly [number, number, number]
  const beside = reshape(transpose(b, [1, 0, 2]), [n, count * k])
  const x = bindOne(self, args.with(1, beside), params)
  return [transpose(reshape(x, [n, count, k]), [1, 0, 2])]
}

/** Right-hand sides b `[m]` or `[m, k]` as columns `[m, k]`. Fails (throws) where they do not fit a. */
export const asColumns = (operation: string, a: Value, b: Value): Value =>
  reshape(b, [b.shape[0] as number, rightHandSides(operation, a, b)])

/** Solutions `[n, k]` in the form in which their right-hand sides were given. */
export const inFormOf = (b: Value, x: Value): Value => (b.shape.length === 2 ? x : reshape(x, x.shape.slice(0, 1)))
