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
  zeroMap,
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
      if (map === zeroMap) return outs
      const results = outs.map((out) => (isFloat(out) ? follow(out) : out))
      tape.push({ ins, outs: results.map(slotOf), map })
      return results
    },
  }

  const inputs = xs.map(follow)
  const outputs = interpretWith(interpreter, () => f(inputs))
  const [inSlots, outSlots] = [inputs.map(slotOf), outputs.map(slotOf)]

  const read = (at: Tangents, places: readonly (number | undefined)[]): Tangents =>
    places.map((slot) => (slot === undefined ? undefined : at[slot]))

  const apply = (tangents: Tangents): Tangents => {
    const at = new Array<Value | undefined>(slots).fill(undefined)
    for (const [i, slot] of inSlots.entries()) if (slot !== undefined) at[slot] = tangents[i]
    for (const { ins, outs, map } of tape) {
      const given = read(at, ins)
      if (!given.some(Boolean)) continue
      const results = map.apply(given)
      for (const [i, slot] of outs.entries()) if (slot !== undefined) at[slot] = results[i]
    }
    return read(at, outSlots)
  }

  const adjoint = (cotangents: Tangents): Tangents => {
    const at = new Array<Value | undefined>(slots).fill(undefined)
    const accumulate = (places: readonly (number | undefined)[], parts: Tangents): void => {
      for (const [i, slot] of places.entries()) {
        const part = parts[i]
        if (slot === undefined || part === undefined) continue
        const sofar = at[slot]
        at[slot] = sofar === undefined ? part : plus(sofar, part)
      }
    }
    accumulate(outSlots, cotangents)
    for (let k = tape.length - 1; k >= 0; k--) {
      const { ins, outs, map } = tape[k] as Entry
      const given = read(at, outs)
      for (const slot of outs) if (slot !== undefined) at[slot] = undefined // read for the last time
      if (given.some(Boolean)) accumulate(ins, map.adjoint(given))
    }
    return read(at, inSlots)
  }

  return [outputs.map(primalOf), { apply, adjoint }]
}
