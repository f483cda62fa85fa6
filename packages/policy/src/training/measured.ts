import {
  add,
  bind,
  dot,
  type Operand,
  oneByOne,
  type Primitive,
  stopGradient,
  sub,
  type Value,
  valueAndGrad,
  zeroMap,
} from '@secant/autodiff'
import { full, type Tensor } from '@secant/linalg'
import type { Objective, Place } from '@secant/optim'

/**
 * How an objective is measured while a run is unrolled, in values, so that runs can be recorded, batched and
 * differentiated. `data` is what one problem differs by from another.
 */
export interface Measured<D> {
  readonly value: (data: D, x: Value) => Operand
  readonly place: (data: D, x: Value) => Place
}

/** The gradient is part of what is differentiated: derivatives of an unrolled run hold second derivatives. */
export const differentiatedThrough = <D>(objective: (data: D, x: Value) => Operand): Measured<D> => ({
  value: objective,
  place: (data, x) => {
    const [value, grad] = valueAndGrad((at: Value) => objective(data, at))(x)
    return { x, value, grad }
  },
})

/** A place whose value follows x to first order, by `⟨g, v⟩`, and whose gradient is a constant. */
const followed = (x: Value, measure: (there: Value) => readonly [value: Operand, grad: Value]): Place => {
  const there = stopGradient(x)
  const [value, grad] = measure(there)
  return { x, value: add(value, dot(grad, sub(x, there))), grad }
}

/**
 * The gradient is an outside fact: derivatives let the value through and hold the gradient constant, as papers on
 * learned optimizers do.
 */
export const heldConstant = <D>(objective: (data: D, x: Value) => Operand): Measured<D> => ({
  value: objective,
  place: (data, x) =>
    followed(
      x,
      valueAndGrad((at: Value) => objective(data, at)),
    ),
})

const measureBy = (objective: Objective): Primitive<undefined> => {
  const self: Primitive<undefined> = {
    name: 'measure',
    typeOf: ([x]) => [{ dtype: (x as Value).dtype, shape: [] }, x as Value],
    impl: ([x]) => {
      const { value, grad } = objective.point(x as Tensor)
      return [full([], value, grad.dtype), grad]
    },
    linearize: (args) => [bind(self, args, undefined), zeroMap],
    batch: (args, batched, params, count) => oneByOne(self, args, batched, params, count),
  }
  return self
}

/**
 * Any objective as an operation, be it written by hand, compiled or remote: its gradient is held constant. A batch is
 * measured one by one, and all its members share the objective.
 */
export const measuredBy = (objective: Objective): Measured<null> => {
  const operation = measureBy(objective)
  const place = (x: Value): Place =>
    followed(x, (there) => bind(operation, [there], undefined) as readonly [Value, Value])
  return { value: (_, x) => place(x).value, place: (_, x) => place(x) }
}
