/** What all ways to solve a linear system have in common, and how a failure that was recorded is told. */
import { type LinearMap, rightHandSides } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { bindOne, type Primitive, type Tangents, type Value, type Values } from '../core.ts'
import { oneByOne } from '../one-by-one.ts'
import { tensorBehind } from '../read.ts'
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

/** Lets an operation on matrices b `[m, k]` take vectors `[m]` as well. Fails (throws) where b does not fit a. */
export const byColumns = (operation: string, a: Value, b: Value, solve: (b: Value) => Value): Value => {
  const k = rightHandSides(operation, a, b)
  if (b.shape.length === 2) return solve(b)
  const x = solve(reshape(b, [b.shape[0] as number, k]))
  return reshape(x, x.shape.slice(0, 1))
}

/** A total operation's result and what became of it: −1, or where it failed. */
export interface Attempt {
  readonly value: Value
  readonly status: Value
}

/** The result or the failure. Fails (throws) where it is not known which, and names the total operation. */
export const eitherOf = <L>(
  operation: string,
  { value, status }: Attempt,
  failure: (status: number) => L,
): E.Either<L, Value> => {
  const known = tensorBehind(status)?.data[0]
  if (known === undefined)
    throw new Error(
      `${operation}: got a matrix that is not known while recording or under vmap; needs ${operation}OrNaN`,
    )
  return known < 0 ? E.right(value) : E.left(failure(known))
}
