import { zeros } from '@secant/linalg'
import { bind, type Primitive, type Value, type Values } from './core.ts'
import { split } from './ops/arrange.ts'
import { reshape, stack } from './ops/structure.ts'

/** The members of a batch. */
const membersOf = (x: Value, count: number): Values =>
  split(x, count).map((member) => reshape(member, x.shape.slice(1)))

/** A batch rule for operations that gain nothing from being batched: each member by itself. */
export const oneByOne = <P>(
  primitive: Primitive<P>,
  args: Values,
  batched: readonly boolean[],
  params: P,
  count: number,
): Values => {
  if (count === 0) {
    const types = args.map(({ dtype, shape }, k) => ({ dtype, shape: batched[k] ? shape.slice(1) : shape }))
    return primitive.typeOf(types, params).map(({ dtype, shape }) => zeros([0, ...shape], dtype))
  }
  const members = args.map((x, k) => (batched[k] ? membersOf(x, count) : Array.from({ length: count }, () => x)))
  const results = Array.from({ length: count }, (_, i) =>
    bind(
      primitive,
      members.map((list) => list[i] as Value),
      params,
    ),
  )
  return (results[0] as Values).map((_, out) => stack(results.map((values) => values[out] as Value)))
}
