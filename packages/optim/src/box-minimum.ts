import {
  cholesky,
  fromData,
  type NotPositiveDefinite,
  type Singular,
  solveCholesky,
  squareOrder,
  type Tensor,
} from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'

/** −1 and 1 where a variable is held at its lower and upper bound, 0 where it is free. */
type Held = Int8Array

/** Newton's step of the free variables to where their gradient vanishes. */
const freeStep = (
  a: Tensor,
  gradient: Float64Array,
  free: readonly number[],
): E.Either<NotPositiveDefinite | Singular, Tensor> => {
  const [n, count] = [gradient.length, free.length]
  const block = new Float64Array(count * count)
  for (let r = 0; r < count; r++)
    for (let c = 0; c < count; c++)
      block[r * count + c] = a.data[(free[r] as number) * n + (free[c] as number)] as number
  const downhill = fromData(Float64Array.from(free, (i) => -(gradient[i] as number)))
  return pipe(
    cholesky(fromData(block, [count, count])),
    E.chainW((l) => solveCholesky(l, downhill)),
  )
}

/** a x + b, and the largest size of its terms: what rounding is measured by. */
const gradientAt = (a: Tensor, x: Float64Array, b: Tensor): readonly [gradient: Float64Array, size: number] => {
  const n = x.length
  const gradient = Float64Array.from(b.data)
  let size = 0
  for (let i = 0; i < n; i++) {
    let terms = Math.abs(gradient[i] as number)
    for (let j = 0; j < n; j++) {
      const term = (a.data[i * n + j] as number) * (x[j] as number)
      gradient[i] = (gradient[i] as number) + term
      terms += Math.abs(term)
    }
    size = Math.max(size, terms)
  }
  return [gradient, size]
}

/**
 * The x with the smallest `½ x'Ax + b'x` and `low ≤ x ≤ high`, entry by entry, for a symmetric positive definite A
 * `[n, n]`, and b, low and high `[n]`: an active-set method (Nocedal and Wright, algorithm 16.3), exact but for rounding.
 * Fails (Left) where A is not positive definite, and (throws) where `low ≤ high` does not hold.
 *
 * @example
 * boxMinimum(tensor([[2, 1], [1, 2]]), tensor([-3, -3]), tensor([0, 0]), tensor([0.5, 9])) // => { _tag: 'Right', right: tensor([0.5, 1.25]) }
 */
export const boxMinimum = (
  a: Tensor,
  b: Tensor,
  low: Tensor,
  high: Tensor,
): E.Either<NotPositiveDefinite | Singular, Tensor> => {
  const n = squareOrder('boxMinimum', a)
  for (let i = 0; i < n; i++)
    if (!((low.data[i] as number) <= (high.data[i] as number)))
      throw new Error(`boxMinimum: got bounds ${low.data[i]} and ${high.data[i]}; needs low ≤ high`)
  const bound = (i: number, side: number): number => (side < 0 ? low.data[i] : high.data[i]) as number
  const isBound = (i: number): boolean => bound(i, -1) < bound(i, 1)
  const x = Float64Array.from({ length: n }, (_, i) => Math.min(Math.max(0, bound(i, -1)), bound(i, 1)))
  const held: Held = Int8Array.from({ length: n }, (_, i) => (isBound(i) ? 0 : -1))

  /** Moves the free variables as far as the first bound, which is then held; true if there was none. */
  const move = (free: readonly number[], step: Tensor): boolean => {
    let [length, blocking] = [1, -1]
    free.forEach((i, k) => {
      const by = step.data[k] as number
      const room = (bound(i, by) - (x[i] as number)) / by
      if (by !== 0 && room < length) [length, blocking] = [room, k]
    })
    free.forEach((i, k) => {
      x[i] = Math.min(Math.max((x[i] as number) + length * (step.data[k] as number), bound(i, -1)), bound(i, 1))
    })
    if (blocking < 0) return true
    const i = free[blocking] as number
    held[i] = Math.sign(step.data[blocking] as number)
    x[i] = bound(i, held[i])
    return false
  }

  for (;;) {
    const [gradient, size] = gradientAt(a, x, b)
    const free = [...x.keys()].filter((i) => held[i] === 0)
    const step = freeStep(a, gradient, free)
    if (E.isLeft(step)) return step
    if (!move(free, step.right)) continue
    // Held variables whose gradient points back into the box, the steepest first.
    const [there] = gradientAt(a, x, b)
    const pull = (i: number): number => (isBound(i) ? (held[i] as number) * (there[i] as number) : 0)
    const [first] = [...x.keys()].sort((i, j) => pull(j) - pull(i))
    if (first === undefined || pull(first) <= 4 * n * Number.EPSILON * size) return E.right(fromData(x))
    held[first] = 0
  }
}
