import { broadcastShapes, type Shape, showShape } from '../shape.ts'
import { fromData } from '../tensor.ts'
import type { Elementwise } from './elementwise.ts'
import type { Spread } from './operation.ts'
import { type DeviceTensor, enqueue, layoutOf, type Scope, upload } from './scope.ts'

/** How rows of an argument of shape `from` are found for rows of `to`, where a division and a remainder suffice. */
const spreadOf = (from: Shape, to: Shape): Spread | undefined => {
  const rank = to.length
  const lengths = Array.from({ length: rank }, (_, axis) => from[axis - rank + from.length] ?? 1)
  const outer = to.slice(0, -1).map((length, axis) => [length, lengths[axis] as number] as const)
  const rows = outer.filter(([length]) => length !== 1)
  const firstKept = rows.findIndex(([length, own]) => length === own)
  const lastKept = rows.findLastIndex(([length, own]) => length === own)
  const step = lengths[rank - 1] === to[rank - 1] && to[rank - 1] !== 1 ? 1 : 0
  if (firstKept < 0) return { after: 1, middle: 1, step }
  const kept = rows.slice(firstKept, lastKept + 1)
  if (kept.some(([length, own]) => length !== own)) return undefined
  const sizeOfRows = (list: typeof rows): number => list.reduce((total, [length]) => total * length, 1)
  return { after: sizeOfRows(rows.slice(lastKept + 1)), middle: sizeOfRows(kept), step }
}

/**
 * A function of entries at equal places, with broadcasting. Fails (throws) where shapes do not stretch to one, and
 * where an argument repeats between axes that it has.
 */
export const zip = (scope: Scope, f: Elementwise, ...args: readonly DeviceTensor[]): DeviceTensor => {
  if (args.length !== f.arity) throw new Error(`${f.name}: got ${args.length} arguments; needs ${f.arity}`)
  const shape = args.map((arg) => arg.shape).reduce((a, b) => broadcastShapes(a, b))
  const { rows, columns } = layoutOf(shape)
  const spreads = args.map((arg) => {
    const spread = spreadOf(arg.shape, shape)
    if (spread === undefined)
      throw new Error(`${f.name}: got ${showShape(arg.shape)} for ${showShape(shape)}; needs to be broadcast first`)
    return spread
  })
  return enqueue(scope, f.name, args, shape, (engine, buffers) =>
    engine.run({ kind: 'pointwise', f, rows, columns, spreads }, buffers),
  )
}

/** The same with one argument. */
export const map = (scope: Scope, f: Elementwise, x: DeviceTensor): DeviceTensor => zip(scope, f, x)

/** One number as a value of shape `[]`. */
export const number = (scope: Scope, value: number): DeviceTensor => upload(scope, fromData(Float64Array.of(value), []))
