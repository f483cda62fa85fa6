import {
  concrete,
  flatten,
  item,
  type Operand,
  unflatten,
  type Value,
  type Values,
  valueAndGrad,
} from '@secant/autodiff'
import { jit } from '@secant/compile'
import { allocate, fromData, isTensor, sizeOf, type Tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { AsyncObjective, Objective } from './drive.ts'
import type { Point } from './point.ts'

/** An objective on vectors, where to start, and the way back to the user's own nesting. */
export interface Flattened<X> {
  readonly objective: Objective
  readonly start: Tensor
  readonly toTree: (x: Tensor) => X
}

/** A plain function that computes value and gradient by itself. */
export interface GivenGradient {
  readonly measure: (x: Float64Array) => { readonly value: number; readonly gradient: Float64Array }
}

/** An objective whose gradient is written by hand, for `minimize`. */
export const fromGradient = (measure: GivenGradient['measure']): GivenGradient => ({ measure })

/** What can be minimized: a scalar function of a tree in autodiff operations, or one with its own gradient. */
export type Minimizable<X> = ((x: X) => Operand) | GivenGradient

const ravel = (leaves: Values): Tensor => {
  const tensors = leaves.map(concrete)
  const dtype = tensors[0]?.dtype ?? 'float64'
  const data = allocate(
    dtype,
    tensors.reduce((total, { data }) => total + data.length, 0),
  )
  let offset = 0
  for (const leaf of tensors) {
    if (leaf.dtype !== dtype)
      throw new Error(`minimize: got leaves of dtype ${dtype} and ${leaf.dtype}; needs one dtype`)
    data.set(leaf.data, offset)
    offset += leaf.data.length
  }
  return fromData(data)
}

/** Views of a vector as leaves of the given shapes; nothing is copied. */
const unravel = (x: Tensor, like: Values): Values => {
  let offset = 0
  return like.map(({ shape }) => {
    const data = x.data.subarray(offset, offset + sizeOf(shape))
    offset += data.length
    return fromData(data, shape)
  })
}

export interface ObjectiveOptions {
  /**
   * Whether the function is recorded once and runs as generated code (`jit`). It must then read no number that depends on
   * its argument, and what it closes over is frozen.
   */
  readonly compile?: boolean
}

/** A tree as one vector, and both ways back: with values as leaves, and nested and typed as the tree was. */
const raveled = <X>(x0: X): Omit<Flattened<X>, 'objective'> & { readonly treeOf: (x: Tensor) => X } => {
  const [leaves, structure] = flatten(x0)
  const treeOf = (x: Tensor): X => unflatten(structure, unravel(x, leaves)) as X
  return { start: ravel(leaves), treeOf, toTree: numbersAsGiven(x0, treeOf) }
}

/**
 * The function of one vector behind a function of a tree. Fails (throws) where the tree has leaves that are not
 * floats, or the function's result is not a scalar.
 *
 * @example
 * objectiveOf((x: { a: Value }) => sum(x.a), { a: tensor([1, 2]) }).start.shape // => [2]
 */
export const objectiveOf = <X>(f: Minimizable<X>, x0: X, { compile = false }: ObjectiveOptions = {}): Flattened<X> => {
  const { start, treeOf, toTree } = raveled(x0)
  const objective = typeof f === 'function' ? differentiated(f, treeOf, compile) : handWritten(f)
  return { objective, start, toTree }
}

/** Value and gradient of a function of a tree, later: what `onDevice` makes of `valueAndGrad(f)`. */
export type AsyncMinimizable<F, X> = (x: X) => TaskEither<F, readonly [value: Operand, gradient: X]>

/** The function of one vector behind one that answers later. */
export const asyncObjectiveOf = <F, X>(
  f: AsyncMinimizable<F, X>,
  x0: X,
): Omit<Flattened<X>, 'objective'> & { readonly objective: AsyncObjective<F> } => {
  const { start, treeOf, toTree } = raveled(x0)
  const point: AsyncObjective<F>['point'] = (x) => async () => {
    const measured = await f(treeOf(x))()
    if (E.isLeft(measured)) return measured
    const [value, gradient] = measured.right
    return E.right({ x, value: typeof value === 'number' ? value : item(value), grad: ravel(flatten(gradient)[0]) })
  }
  const value: AsyncObjective<F>['value'] = (x) => async () => E.map(({ value }: Point) => value)(await point(x)())
  return { objective: { value, point }, start, toTree }
}

const differentiated = <X>(f: (x: X) => Operand, treeOf: (x: Tensor) => X, compile: boolean): Objective => {
  const [measured, pointOf] = compile ? [jit(f), jit(valueAndGrad(f))] : [f, valueAndGrad(f)]
  return {
    value: (x) => item(measured(treeOf(x))),
    point: (x) => {
      const [value, gradient] = pointOf(treeOf(x))
      return { x, value: item(value), grad: ravel(flatten(gradient)[0]) }
    },
  }
}

const handWritten = ({ measure }: GivenGradient): Objective => {
  const point: Objective['point'] = (x) => {
    const { value, gradient } = measure(Float64Array.from(x.data))
    if (typeof value !== 'number' || !(gradient instanceof Float64Array) || gradient.length !== x.data.length)
      throw new Error(
        `fromGradient: got a gradient of length ${gradient?.length}; needs a number and a Float64Array of length ${x.data.length}`,
      )
    return { x, value, grad: fromData(Float64Array.from(gradient)) }
  }
  return { value: (x) => point(x).value, point }
}

/** Numbers of the starting tree come back as numbers, so that the result has the type of the start. */
const numbersAsGiven =
  <X>(x0: X, treeOf: (x: Tensor) => X) =>
  (x: Tensor): X => {
    const restore = (given: unknown, found: unknown): unknown => {
      if (typeof given === 'number') return item(found as Value)
      if (typeof given !== 'object' || given === null || isTensor(given)) return found
      if (Array.isArray(given)) return given.map((child, i) => restore(child, (found as readonly unknown[])[i]))
      const children = found as Readonly<Record<string, unknown>>
      return Object.fromEntries(Object.entries(given).map(([key, child]) => [key, restore(child, children[key])]))
    }
    return restore(x0, treeOf(x)) as X
  }
