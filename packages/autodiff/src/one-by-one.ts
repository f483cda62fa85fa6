import { zeros } from '@secant/linalg'
import { bind, type Primitive, type Value, type Values } from './core.ts'
import { reshape, slice, stack } from './ops/structure.ts'

/** Member `i` of a batch. */
export const memberOf = (x: Value, i: number): Value => {
  const [, ...inner] = x.shape
  const rest = inner.map(() => 0)
  return reshape(slice(x, [i, ...rest], [i + 1, ...inner]), inner)
}

/** A batch rule for operations that gain nothing from being batched: each member by itself. */
export const oneByOne = <P>(
  primitive: Primitive<P>,
  args: Values,
  batched: readonly boolean[],
  params: P,
  count: number,
): Values => {
  const types = primitive.typeOf(
    args.map((x, k) => (batched[k] ? { dtype: x.dtype, shape: x.shape.slice(1) } : x)),
    params,
  )
  if (count === 0) return types.map(({ shape, dtype }) => zeros([0, ...shape], dtype))
  const members = Array.from({ length: count }, (_, i) =>
    bind(
      primitive,
      args.map((x, k) => (batched[k] ? memberOf(x, i) : x)),
      params,
    ),
  )
  return types.map((_, out) => stack(members.map((results) => results[out] as Value)))
}
