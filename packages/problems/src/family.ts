import { concrete, flatten, stack, unflatten, type Value } from '@secant/autodiff'
import type { Draw, Key, Tensor } from '@secant/linalg'
import type { Problem } from './problem.ts'

/** Problems of one kind: random data, and an objective that depends on them; `sample`s of equal shapes can be batched with vmap. */
export interface Family<D> {
  readonly name: string
  /** Number of variables. */
  readonly n: number
  /** Data, a tree of values of fixed shapes. */
  readonly sample: Draw<D>
  /** A place to begin, `[n]`; N(0, I) unless the family says otherwise. */
  readonly start: Draw<Tensor>
  /** The objective at x `[n]`, in autodiff operations. */
  readonly objective: (data: D, x: Value) => Value
}

/** One problem of a family, and the data it was made of. */
export interface Instance<D> extends Problem<Value> {
  readonly data: D
  readonly objective: (x: Value) => Value
  readonly start: Tensor
}

/** Several problems of a family: every leaf of the data with a leading axis, and starts `[count, n]`. */
export interface Batch<D> {
  readonly data: D
  readonly starts: Tensor
}

/**
 * The problem that a key stands for: first its data are drawn, then its start.
 *
 * @example
 * instanceOf(leastSquaresFamily({ n: 3 }), key(0)).start.shape // => [3]
 */
export const instanceOf = <D>({ name, n, sample, start, objective }: Family<D>, key: Key): Instance<D> => {
  const [data, next] = sample(key)
  return { name, n, data, objective: (x) => objective(data, x), start: start(next)[0] }
}

/**
 * The problems of several keys at once, for `vmap(family.objective)(data, starts)`. Fails (throws) on no keys.
 *
 * @example
 * batchOf(leastSquaresFamily({ n: 3 }), [key(0), key(1)]).starts.shape // => [2, 3]
 */
export const batchOf = <D>(family: Family<D>, keys: readonly Key[]): Batch<D> => {
  const members = keys.map((key) => instanceOf(family, key))
  const [first, ...rest] = members.map(({ data }) => flatten(data))
  if (first === undefined) throw new Error('batchOf: got no keys; needs one or more')
  const [leaves, structure] = first
  const stacked = leaves.map((leaf, i) => stack([leaf, ...rest.map(([others]) => others[i] as Value)]))
  return {
    data: unflatten(structure, stacked) as D,
    starts: concrete(stack(members.map(({ start }) => start))),
  }
}
