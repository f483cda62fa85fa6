import { currentInterpreter, isTracer, type Operand } from '@secant/autodiff'
import { dot, isTensor, showShape, type Tensor } from '@secant/linalg'
import type { GivenGradient, Minimizable, Objective, Point } from '@secant/optim'
import { describe, isPlainObject } from './describe.ts'
import { Failure, messageOf, misunderstood } from './failure.ts'

type Measured = ReturnType<GivenGradient['measure']>

export const isGivenGradient = (value: unknown): value is GivenGradient =>
  isPlainObject(value) && typeof value['measure'] === 'function'

const scalarFrom = (result: unknown): Operand => {
  if (typeof result === 'number') return result
  if (!isTensor(result) && !isTracer(result))
    throw new Error(`got ${describe(result)}; needs a scalar, returned at once`)
  if (result.shape.length > 0) throw new Error(`got a result of shape ${showShape(result.shape)}; needs a scalar, []`)
  return result
}

const measuredFrom = (result: unknown, n: number): Measured => {
  if (!isPlainObject(result)) throw new Error(`got ${describe(result)}; needs { value, gradient }, returned at once`)
  const { value, gradient }: { readonly value?: unknown; readonly gradient?: unknown } = result
  if (typeof value !== 'number') throw new Error(`got ${describe(value)} as value; needs a number`)
  if (!(gradient instanceof Float64Array))
    throw new Error(`got ${describe(gradient)} as gradient; needs a Float64Array`)
  if (gradient.length !== n) throw new Error(`got a gradient of length ${gradient.length}; needs ${n}, as x0`)
  return { value, gradient }
}

/** A user's objective whose results are looked at. */
export interface CheckedObjective {
  readonly objective: Minimizable<unknown>
  /** Whether a result ever came out of the parameters by operations that could be followed, or with its gradient. */
  readonly isFollowed: () => boolean
}

export const checkedObjective = (given: unknown): CheckedObjective => {
  if (isGivenGradient(given))
    return { objective: { measure: (x) => measuredFrom(given.measure(x), x.length) }, isFollowed: () => true }
  if (typeof given !== 'function')
    throw misunderstood(`objective: got ${describe(given)}; needs a function, or fromGradient(…) of @secant/optim`)
  let followed = false
  const objective = (x: unknown): Operand => {
    const result = scalarFrom(given(x))
    followed ||= isTracer(result) && result.owner === currentInterpreter()
    return result
  }
  return { objective, isFollowed: () => followed }
}

const succeeds = (action: () => unknown): boolean => {
  try {
    action()
    return true
  } catch {
    return false
  }
}

const operationsNeeded = `needs operations of the @secant/autodiff that the command gives it, or fromGradient(…)`

/**
 * The first measurement, at `x`. Fails (throws) where the objective throws, where it is not made of operations that
 * this command's copy of `@secant/autodiff` can follow, and where its value or gradient is not finite.
 */
export const measureFirst = (objective: Objective, isFollowed: () => boolean, x: Tensor): Point => {
  const measure = (): Point => {
    try {
      return objective.point(x)
    } catch (thrown) {
      const message = messageOf(thrown)
      throw succeeds(() => objective.value(x))
        ? misunderstood(`objective: has a value but no derivative (${message}); ${operationsNeeded}`, thrown)
        : misunderstood(`objective: fails at the start: ${message}`, thrown)
    }
  }
  const point = measure()
  if (!isFollowed())
    throw misunderstood(`objective: got a result that operations do not connect to its argument; ${operationsNeeded}`)
  if (!Number.isFinite(point.value))
    throw new Failure('non-finite objective', `objective: is ${point.value} at the start; needs a finite value`)
  if (!Number.isFinite(dot(point.grad, point.grad)))
    throw new Failure(
      'non-finite objective',
      'objective: has a gradient that is not finite at the start; needs a finite one',
    )
  return point
}

/** An objective whose failures on the way are told as such. */
export const guarded = ({ value, point }: Objective): Objective => {
  const guard =
    <A>(measure: (x: Tensor) => A) =>
    (x: Tensor): A => {
      try {
        return measure(x)
      } catch (thrown) {
        throw new Failure('objective failed', `objective: fails on the way: ${messageOf(thrown)}`, { cause: thrown })
      }
    }
  return { value: guard(value), point: guard(point) }
}
