import type { Buffer } from './device.ts'
import type { Access, Fused, Guard } from './operation.ts'

const spacedIndex = (index: number, { from, step }: Guard): number => Math.floor((index - from) / step)

const holds = ({ axis, from, count, step }: Guard, at: readonly number[]): boolean => {
  const along = (at[axis] as number) - from
  return along >= 0 && along % step === 0 && along / step < count
}

/** Where an access points at a place, or somewhere inside. */
const placeOf = ({ start, strides, spaced, guarded }: Access, at: readonly number[], size: number): number => {
  let place = start
  for (let axis = 0; axis < strides.length; axis++) place += (strides[axis] as number) * (at[axis] as number)
  for (const guard of spaced)
    place +=
      (strides[guard.axis] as number) * (spacedIndex(at[guard.axis] as number, guard) - (at[guard.axis] as number))
  return guarded ? Math.max(0, Math.min(place, size - 1)) : place
}

/** What a loop calls for each of its places: with the indices, and where the result of that place is folded into. */
const walk = (
  { outer, columns, inner, chunk }: Fused,
  visit: (at: readonly number[], result: number, isFirst: boolean) => void,
): void => {
  const lengths = [...outer, columns, ...inner]
  const at = lengths.map(() => 0)
  const size = (list: readonly number[]): number => list.reduce((product, length) => product * length, 1)
  const [results, folded] = [size(outer) * columns, size(inner)]
  const set = (flat: number, first: number, last: number): void => {
    for (let axis = last - 1, rest = flat; axis >= first; axis--) {
      at[axis] = rest % (lengths[axis] as number)
      rest = Math.floor(rest / (lengths[axis] as number))
    }
  }
  for (let result = 0; result < results; result++) {
    set(result, 0, outer.length + 1)
    const from = chunk === undefined ? 0 : (at[outer.length] as number) * chunk
    const to = chunk === undefined ? folded : Math.min(folded, from + chunk)
    for (let place = from; place < to; place++) {
      set(place, outer.length + 1, lengths.length)
      visit(at, result, place === from)
    }
  }
}

/** Whether all guards hold at a place. */
const allHold = (guards: readonly Guard[], at: readonly number[]): boolean => guards.every((guard) => holds(guard, at))

const joins = { sum: (a: number, b: number) => a + b, max: Math.max, min: Math.min } as const

/** A loop in float64. */
export const fusedOnHost = (fused: Fused, args: readonly Buffer[]): Float64Array => {
  const { outer, columns, code, fold } = fused
  const entries = args.map(({ content }) => content as Float64Array)
  const out = new Float64Array(outer.reduce((product, length) => product * length, columns))
  const values = new Float64Array(code.length)
  const join = joins[fold]
  walk(fused, (at, result, isFirst) => {
    for (let k = 0; k < code.length; k++) {
      const item = code[k] as Fused['code'][number]
      if (item.kind === 'read') {
        const list = entries[item.access.argument] as Float64Array
        values[k] = list[placeOf(item.access, at, list.length)] as number
      } else if (item.kind === 'constant') values[k] = item.value
      else if (item.kind === 'within') values[k] = allHold(item.guards, at) ? 1 : 0
      else {
        const [p = 0, q = 0, s = 0] = item.args
        values[k] = item.f.host(values[p] as number, values[q] as number, values[s] as number)
      }
    }
    const value = values[code.length - 1] as number
    out[result] = isFirst ? value : join(out[result] as number, value)
  })
  return out
}
