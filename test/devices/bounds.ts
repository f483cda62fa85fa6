/**
 * An engine that knows how far another one may be off: it computes in float64 and carries, beside each entry, a bound of
 * its error on a device of a given unit roundoff (running error analysis: Higham 2002, section 3.3). Where a device may
 * come to another decision, the bound is that of either; where nothing can be said, it is infinite.
 */
import type { Tensor } from '@secant/linalg'
import * as gpu from '@secant/linalg/gpu'
import {
  type Access,
  type Buffer,
  type Elementwise,
  type Engine,
  type Fused,
  type Guard,
  hostEngine,
  type Identity,
  type Operation,
} from '@secant/linalg/gpu'
import { errorOf, underflow } from './errors.ts'
import { spreads } from './spreads.ts'

/** Numbers with a bound for each. */
interface Bounded {
  readonly values: Float64Array
  readonly errors: Float64Array
}

const identity: Identity = {
  backEnd: 'cpu',
  renderer: 'bounds',
  software: true,
  precision: 'float64',
  unitRoundoff: 2 ** -53,
}

/** Beyond this a sum of two floats may overflow on the way. */
const largest = 2 ** 115

/** Whether whole numbers that are known exactly make another that every float holds, as loops count. */
const isCount = (f: Elementwise, value: number, values: readonly number[], errors: readonly number[]): boolean =>
  (f === gpu.add || f === gpu.sub || f === gpu.mul) &&
  Math.abs(value) <= 2 ** 24 &&
  errors.every((e) => e === 0) &&
  values.every((each) => Number.isInteger(each))

const applied = (f: Elementwise, values: readonly number[], errors: readonly number[], u: number) => {
  const [p = 0, q = 0, s = 0] = values
  const value = f.host(p, q, s)
  const spread = spreads.get(f)
  if (spread === undefined) throw new Error(`bounds: got ${f.name}; needs a function whose errors are known`)
  const isChosen = f === gpu.where
  const unknown = isChosen ? !Number.isFinite(errors[0] as number) : errors.some((e) => !Number.isFinite(e))
  const inherited = unknown ? Number.POSITIVE_INFINITY : spread(value, values, errors)
  const own = isCount(f, value, values, errors)
    ? 0
    : errorOf(f, Math.abs(value) + inherited, [Math.abs(p) + (errors[0] ?? 0)], u)
  const total = inherited + own
  return [value, isSound(value, total, values, errors) ? total : Number.POSITIVE_INFINITY] as const
}

/** Numbers that devices keep apart from others; masks may come from ∞. */
const isSound = (value: number, error: number, values: readonly number[], errors: readonly number[]): boolean => {
  if (values.every((each, i) => errors[i] === 0 && Math.abs(each) === Number.POSITIVE_INFINITY) && error === 0)
    return true
  return Number.isFinite(value) && Math.abs(value) + error < largest
}

const holds = (guards: readonly Guard[], at: readonly number[]): boolean =>
  guards.every(({ axis, from, count, step }) =>
    Array.from({ length: count }, (_, k) => from + k * step).includes(at[axis] as number),
  )

/** The number of the entry that an access points at; of a guarded one, any. */
const placeOf = ({ start, strides, spaced }: Access, at: readonly number[], size: number): number => {
  const indices = at.map((index, axis) => {
    const guard = spaced.find((each) => each.axis === axis)
    return guard === undefined ? index : Math.floor((index - guard.from) / guard.step)
  })
  const place = strides.reduce((sum, stride, axis) => sum + stride * (indices[axis] as number), start)
  return Math.min(Math.max(place, 0), size - 1)
}

const size = (lengths: readonly number[]): number => lengths.reduce((product, length) => product * length, 1)

/** The indices of a place by its number in row-major order. */
const digits = (lengths: readonly number[], flat: number): readonly number[] =>
  lengths.map((length, axis) => Math.floor(flat / size(lengths.slice(axis + 1))) % length)

/** All places of a loop with the number of the result that each goes into. */
const walk = (
  { outer, columns, inner, chunk }: Fused,
  visit: (at: readonly number[], result: number, isFirst: boolean) => void,
): void => {
  const results = size(outer) * columns
  for (let result = 0; result < results; result++) {
    const kept = digits([...outer, columns], result)
    const from = chunk === undefined ? 0 : (result % columns) * chunk
    const to = Math.min(size(inner), from + (chunk ?? size(inner)))
    for (let place = from; place < to; place++) visit([...kept, ...digits(inner, place)], result, place === from)
  }
}

const fused = (operation: Fused, args: readonly Bounded[], u: number): Bounded => {
  const { outer, columns, inner, code, fold } = operation
  const results = size(outer) * columns
  const [out, bound] = [new Float64Array(results), new Float64Array(results)]
  const [values, errors] = [new Float64Array(code.length), new Float64Array(code.length)]
  walk(operation, (at, result, isFirst) => {
    code.forEach((item, k) => {
      if (item.kind === 'read') {
        const { values: list, errors: far } = args[item.access.argument] as Bounded
        const place = placeOf(item.access, at, list.length)
        values[k] = list[place] as number
        errors[k] = far[place] as number
      } else if (item.kind === 'constant') {
        values[k] = item.value
        errors[k] = Number.isFinite(item.value) && !isExact(item.value) ? u * Math.abs(item.value) : 0
      } else if (item.kind === 'within') {
        values[k] = holds(item.guards, at) ? 1 : 0
        errors[k] = 0
      } else {
        const pick = (list: Float64Array): readonly number[] => item.args.map((arg) => list[arg] as number)
        const [value, error] = applied(item.f, pick(values), pick(errors), u)
        values[k] = value
        errors[k] = error
      }
    })
    const last = code.length - 1
    if (isFirst) {
      out[result] = values[last] as number
      bound[result] = errors[last] as number
      return
    }
    const f = fold === 'sum' ? gpu.add : fold === 'max' ? gpu.maximum : gpu.minimum
    const [value, error] = applied(
      f,
      [out[result] as number, values[last] as number],
      [bound[result] as number, errors[last] as number],
      u,
    )
    out[result] = value
    bound[result] = error
  })
  // Another order of summation errs by as much again.
  if (fold === 'sum' && inner.length > 0) for (let i = 0; i < results; i++) bound[i] = 2 * (bound[i] as number)
  return { values: out, errors: bound }
}

const isExact = (x: number): boolean => Math.fround(x) === x

const sizesOf = (list: Float64Array): Float64Array => list.map((x) => (Number.isFinite(x) ? Math.abs(x) : largest))

/** |A| ΔB + ΔA |B| + ΔA ΔB and k roundoffs of |A||B|, by products themselves. */
const productOf = async (
  engine: Engine,
  operation: Extract<Operation, { readonly kind: 'product' }>,
  args: readonly Buffer[],
  u: number,
): Promise<Bounded> => {
  const [a, b] = args as readonly [Buffer, Buffer]
  const run = async (p: Float64Array, q: Float64Array): Promise<Float64Array> =>
    (
      await engine.run({ ...operation, added: false }, [
        { ...a, content: p },
        { ...b, content: q },
      ])
    ).content as Float64Array
  const [p, q] = [a.content as Bounded, b.content as Bounded]
  const [sizeP, sizeQ] = [sizesOf(p.values), sizesOf(q.values)]
  const far = (list: Float64Array): Float64Array => list.map((e) => (Number.isFinite(e) ? e : largest))
  const values = await run(p.values, q.values)
  const [plain, first, second] = [
    await run(sizeP, sizeQ),
    await run(sizeP, far(q.errors)),
    await run(
      far(p.errors),
      sizeQ.map((x, i) => x + (far(q.errors)[i] as number)),
    ),
  ]
  const errors = values.map((value, i) => {
    const inherited = (first[i] as number) + (second[i] as number)
    const error = inherited + (operation.k + 2) * (u * ((plain[i] as number) + inherited) + underflow)
    return Number.isFinite(value) && Math.abs(value) + error < largest ? error : Number.POSITIVE_INFINITY
  })
  return { values, errors }
}

/** What was made of it while decisions were taken: whether a device may have decided otherwise. */
export interface Bounds extends Engine {
  readonly isDecided: () => boolean
  /** Bounds of the entries that were brought back last. */
  readonly lastErrors: () => Float64Array
}

/** The engine, for devices of a unit roundoff. */
export const boundsEngine = (u: number): Bounds => {
  const plain = hostEngine(identity)
  let decided = true
  let last: Float64Array = new Float64Array(0)
  const bare = (buffer: Buffer, part: 'values' | 'errors'): Buffer => ({
    ...buffer,
    content: (buffer.content as Bounded)[part],
  })
  const run: Engine['run'] = async (operation, args) => {
    const contents = args.map(({ content }) => content as Bounded)
    if (operation.kind === 'product') {
      const content = await productOf(plain, operation, args, u)
      return { rows: operation.batch * operation.m, columns: operation.n, content }
    }
    if (operation.kind === 'fused') {
      const content = fused(operation, contents, u)
      return { rows: content.values.length / operation.columns, columns: operation.columns, content }
    }
    const parts = [
      await plain.run(
        operation,
        args.map((arg) => bare(arg, 'values')),
      ),
      await plain.run(
        operation,
        args.map((arg) => bare(arg, 'errors')),
      ),
    ] as const
    const [values, errors] = parts.map(({ content }) => content as Float64Array) as [Float64Array, Float64Array]
    if (operation.kind === 'reduce') {
      const sizes = await plain.run(operation, [
        { ...(args[0] as Buffer), content: sizesOf((contents[0] as Bounded).values) },
      ])
      const terms = operation.fold === 'sum' ? operation.length : 0
      ;(sizes.content as Float64Array).forEach((size, i) => {
        errors[i] =
          operation.fold === 'sum'
            ? (errors[i] as number) + terms * u * (size + (errors[i] as number))
            : largestOf(contents[0] as Bounded)
      })
    }
    return { ...parts[0], content: { values, errors } }
  }
  return {
    ...plain,
    isDecided: () => decided,
    lastErrors: () => last,
    upload: async (entries: Tensor['data'], rows, columns) => {
      const values = Float64Array.from(entries)
      return { rows, columns, content: { values, errors: values.map((x) => (isExact(x) ? 0 : u * Math.abs(x))) } }
    },
    download: async ({ content }) => {
      const { values, errors } = content as Bounded
      if (values.length === 1 && (errors[0] as number) >= 0.5) decided = false
      last = errors
      return values.slice()
    },
    run,
  }
}

const largestOf = ({ errors }: Bounded): number => errors.reduce((most, e) => Math.max(most, e), 0)
