import type { LinearMap, Tensor, TensorType } from '@secant/linalg'
import { bindOne, type Primitive, type Tangents, type Value, type Values, zeroMap } from './core.ts'
import type { Lower } from './lowering.ts'
import { plus } from './vector-space.ts'

/** The derivative in one argument, at a point whose result `out` is already known. */
export type Rule<P> = (args: Values, out: Value, params: P) => LinearMap<Value>

/** An operation with one result, told by one linear map per argument; `undefined` where there is no derivative. */
/* @__NO_SIDE_EFFECTS__ */
export const primitive = <P>(spec: {
  readonly name: string
  readonly typeOf: (args: readonly TensorType[], params: P) => TensorType
  readonly impl: (args: readonly Tensor[], params: P, type: TensorType) => Tensor
  readonly partials: readonly (Rule<P> | undefined)[]
  readonly batch: (args: Values, batched: readonly boolean[], params: P, count: number) => Value
  readonly lower?: Lower<P> | undefined
}): Primitive<P> => {
  const self: Primitive<P> = {
    name: spec.name,
    typeOf: (args, params) => [spec.typeOf(args, params)],
    impl: (args, params, types) => [spec.impl(args, params, types[0] as TensorType)],
    linearize: (args, params, active) => {
      const out = bindOne(self, args, params)
      const maps = args.map((_, i) => (active[i] ? spec.partials[i]?.(args, out, params) : undefined))
      return [[out], maps.some(Boolean) ? sumOfMaps(maps) : zeroMap]
    },
    batch: (args, batched, params, count) => [spec.batch(args, batched, params, count)],
    lower: spec.lower,
  }
  return self
}

/** Several maps into one space as a map of lists: `apply` adds up, `adjoint` hands the same cotangent to each. */
export const sumOfMaps = (maps: readonly (LinearMap<Value> | undefined)[]): LinearMap<Tangents> => ({
  apply: (tangents) => {
    let total: Value | undefined
    tangents.forEach((v, i) => {
      const part = v && maps[i]?.apply(v)
      total = total && part ? plus(total, part) : (total ?? part)
    })
    return [total]
  },
  adjoint: ([w]) => maps.map((map) => w && map?.adjoint(w)),
})
