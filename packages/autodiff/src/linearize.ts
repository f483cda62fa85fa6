import { isFloat, type LinearMap } from '@secant/linalg'
import {
  currentInterpreter,
  type Interpreter,
  interpretWith,
  isTracer,
  type Tangents,
  type Tracer,
  tracerOf,
  type Value,
  type Values,
} from './core.ts'
import { plus } from './vector-space.ts'

/** One operation that was carried out: where its arguments and results live, and its derivative at that point. */
interface Entry {
  readonly ins: readonly (number | undefined)[]
  readonly outs: readonly (number | undefined)[]
  readonly map: LinearMap<Tangents>
}

/**
 * The value of `f` at `xs` together with its derivative there. Operations on the way are written to a tape;
 * `apply` walks it up (forward mode) and `adjoint` walks it down (reverse mode), both without recursion.
 *
 * In `grad(x => mul(x, grad(y => mul(x, y))(1)))` the inner call meets a tracer `x` that it does not own: to it, x
 * is a constant, and the product is passed on to the outer call, whose tracer it is. That one check keeps nested
 * derivatives apart.
 */
export const linearizeValues = (f: (xs: Values) => Values, xs: Values): readonly [Values, LinearMap<Tangents>] => {
  const outer = currentInterpreter()
  const tape: Entry[] = []
  let slots = 0

  const follow = (known: Value): Tracer => tracerOf(interpreter, slots++, known, known)
  const slotOf = (x: Value): number | undefined => (isTracer(x) && x.owner === interpreter ? x.slot : undefined)
  const primalOf = (x: Value): Value => (isTracer(x) && x.owner === interpreter ? (x.known as Value) : x)

  const interpreter: Interpreter = {
    name: 'linearize',
    bind: (primitive, args, params) => {
      const ins = args.map(slotOf)
      const primals = args.map(primalOf)
      const active = ins.map((slot) => slot !== undefined)
      if (!active.includes(true)) return interpretWith(outer, () => outer.bind(primitive, primals, params))
      const [outs, map] = interpretWith(outer, () => primitive.linearize(primals, params, active))
      const results = outs.map((out) => (isFloat(out) ? follow(out) : out))
      tape.push({ ins, outs: results.map(slotOf), map })
      return results
    },
  }

  const inputs = xs.map(follow)
  const outputs = interpretWith(interpreter, () => f(inputs))
  const outSlots = outputs.map(slotOf)

  const apply = (tangents: Tangents): Tangents => {
    const at = new Array<Value | undefined>(slots).fill(undefined)
    tangents.forEach((v, i) => {
      at[i] = v
    })
    for (const { ins, outs, map } of tape) {
      const given = ins.map((slot) => (slot === undefined ? undefined : at[slot]))
      if (given.some(Boolean)) map.apply(given).forEach((v, i) => put(at, outs[i], v))
    }
    return outSlots.map((slot) => (slot === undefined ? undefined : at[slot]))
  }

  const adjoint = (cotangents: Tangents): Tangents => {
    const at = new Array<Value | undefined>(slots).fill(undefined)
    cotangents.forEach((w, i) => accumulate(at, outSlots[i], w))
    for (let k = tape.length - 1; k >= 0; k--) {
      const { ins, outs, map } = tape[k] as Entry
      const given = outs.map((slot) => (slot === undefined ? undefined : at[slot]))
      if (!given.some(Boolean)) continue
      map.adjoint(given).forEach((w, i) => accumulate(at, ins[i], w))
      for (const slot of outs) put(at, slot, undefined) // its last use: let it be collected
    }
    return inputs.map((_, i) => at[i])
  }

  return [outputs.map(primalOf), { apply, adjoint }]
}

const put = (at: (Value | undefined)[], slot: number | undefined, v: Value | undefined): void => {
  if (slot !== undefined) at[slot] = v
}

const accumulate = (at: (Value | undefined)[], slot: number | undefined, w: Value | undefined): void => {
  if (slot === undefined || w === undefined) return
  const sofar = at[slot]
  at[slot] = sofar === undefined ? w : plus(sofar, w)
}
