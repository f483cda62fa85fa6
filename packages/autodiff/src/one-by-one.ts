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
  const members = Array.from({ length: count }, (_, i) =>
    bind(
      primitive,
      args.map((x, k) => (batched[k] ? memberOf(x, i) : x)),
      params,
    ),
  )
  return (members[0] ?? []).map((_, out) => stack(members.map((results) => results[out] as Value)))
}
