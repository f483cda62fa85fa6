/** One loop of a program as a WebAssembly function, two entries at a time; the same order of sums as linalg. */
import type { Layout } from '@secant/autodiff'
import { denseLayout } from '@secant/autodiff'
import {
  all,
  type Code,
  type Func,
  f64,
  f64x2,
  forLoop,
  func,
  i32,
  type Local,
  local,
  type Operand,
  type Params,
  type ValueType,
} from '@secant/linalg/wasm'
import { type Dimension, holdsIn, manyParts, nestOf, type Part, partsOf, reachable } from './collapse.ts'
import type { Expression, Test } from './expression.ts'
import { arrayOf, type Loop } from './statement.ts'
import { readPair, type Size, storeOne, storePair } from './wasm-access.ts'
import { computed, hasInstructions, type Known, type Lanes } from './wasm-entries.ts'

type V128 = Code<'v128'>
type I32 = Operand<'i32'>

/** A loop as a function of the places of arrays (in bytes) and of numbers; folds to one number go to `results`. */
export interface WasmLoop {
  readonly func: Func<Params, 'none'>
  readonly arrays: readonly string[]
  readonly numbers: readonly string[]
}

/** Bytes of an entry of an array, by its name; undefined for what is not a float. */
type SizeOf = (array: string) => Size | undefined

/** Which part of each dimension is gone through. */
type Parts = ReadonlyMap<Dimension, Part>

const isNumber = ({ shape }: Loop['folds'][number]['node']): boolean => shape.every((length) => length === 1)

const isSum = (fold: string): boolean => fold === 'sum' || fold === 'dot'

/** The function of a loop, or nothing where there are no instructions for it. */
export const wasmLoop = (loop: Loop, name: string, sizeOf: SizeOf): WasmLoop | undefined => {
  const { shape, stores, folds } = loop
  const roots = [...stores, ...folds].map(({ expression }) => expression)
  const everything = reachable(roots)
  const { dimensions, kept, folded } = nestOf(
    shape,
    loop.folded,
    roots,
    stores.map(({ layout }) => layout),
  )
  const run = folded[0]
  if (folds.length > 0 && run === undefined) return undefined
  const strideOf = ({ strides }: Layout, dimension: Dimension): number => strides[dimension.last - 1] as number
  const reads = everything.flatMap((e) => (e.kind === 'read' ? [e] : []))
  const layouts = [...reads.map(({ layout }) => layout), ...stores.map(({ layout }) => layout)]
  const last = kept.at(-1)
  /** Along which two neighbours may be computed at once: what is folded or, where nothing is stored on the way, what is left. */
  const candidates = [run, run === undefined || stores.length === 0 ? last : undefined].filter((d) => d !== undefined)
  const isDenseAlong = (dimension: Dimension): boolean =>
    layouts.every((layout) => [0, 1].includes(strideOf(layout, dimension)))
  const widest = (dimension: Dimension): number =>
    Math.max(...layouts.map((layout) => Math.abs(strideOf(layout, dimension))))
  const along = candidates.find(isDenseAlong) ?? candidates.toSorted((a, b) => widest(a) - widest(b))[0]
  const isAcross = run !== undefined && along !== run
  const tests = everything.flatMap((e) => (e.kind === 'within' ? e.tests : []))
  const testsOf = ({ first }: Dimension): readonly Test[] => tests.filter(({ axis }) => axis === first)
  const parts = new Map(dimensions.map((dimension) => [dimension, partsOf(shape, dimension, testsOf(dimension))]))
  const partsAlong = (dimension: Dimension): readonly Part[] => parts.get(dimension) as readonly Part[]
  const count = dimensions.reduce((product, dimension) => product * partsAlong(dimension).length, 1)
  const arrays = [
    ...new Set([
      ...reads.map(({ array }) => array),
      ...stores.map(({ node }) => arrayOf(node)),
      ...folds.filter(({ node }) => !isNumber(node)).map(({ node }) => arrayOf(node)),
    ]),
  ]
  if (
    along === undefined ||
    count === 0 ||
    count > manyParts ||
    (run !== undefined && testsOf(run).length > 0) ||
    !hasInstructions(roots) ||
    arrays.some((array) => sizeOf(array) === undefined)
  )
    return undefined
  const numbers = [...new Set(everything.flatMap((e) => (e.kind === 'local' ? [e.name] : [])))]
  const sizeOfArray = (array: string): Size => sizeOf(array) as Size
  const params: Record<string, ValueType> = { results: 'i32' }
  for (const array of arrays) params[array] = 'i32'
  for (const number of numbers) params[number] = 'f64'
  const inner = run ?? along

  const body = (given: { readonly [name: string]: Local }): Code<'none'> => {
    const place = (array: string): Local<'i32'> => given[array] as Local<'i32'>
    const indices = new Map(dimensions.map((dimension) => [dimension, local('i32')]))
    const indexOf = (dimension: Dimension): Local<'i32'> => indices.get(dimension) as Local<'i32'>

    /** Where the entries of an array lie, in bytes, for the indices of some parts: the first, and the distances of others. */
    const reachOf = (array: string, layout: Layout, tested: readonly Test[], at: Parts) => {
      const size = sizeOfArray(array)
      const reach = dimensions.map((dimension) => {
        const { phase, period } = at.get(dimension) as Part
        const { from, step } = tested.find(({ axis }) => axis === dimension.first) ?? { from: 0, step: 1 }
        const stride = strideOf(layout, dimension) * size
        return { dimension, first: ((phase - from) / step) * stride, each: (period / step) * stride }
      })
      const eachOf = (wanted: Dimension): number => reach.find(({ dimension }) => dimension === wanted)?.each ?? 0
      return { start: reach.reduce((sum, { first }) => sum + first, layout.start * size), eachOf }
    }
    type Reach = ReturnType<typeof reachOf>

    /** Where a row of an array begins: all but what changes in the innermost loop. */
    const rows = new Map<string, Local<'i32'>>()
    const rowCodes: Code<'none'>[] = []
    const rowOf = (array: string, { start, eachOf }: Reach): Local<'i32'> => {
      const outside = dimensions.filter((dimension) => dimension !== inner && eachOf(dimension) !== 0)
      const key = `${array} ${start} ${outside.map((dimension) => `${dimension.first}:${eachOf(dimension)}`)}`
      const known = rows.get(key)
      if (known !== undefined) return known
      const row = local('i32')
      const first: Code<'i32'> = i32.add(place(array), i32.const(start))
      const terms = outside.map((dimension) => i32.mul(indexOf(dimension), eachOf(dimension)))
      rowCodes.push(row.set(terms.reduce<Code<'i32'>>((sum, term) => i32.add(sum, term), first)))
      rows.set(key, row)
      return row
    }
    /** The address of an entry of a row at an index of the innermost loop. */
    const addressOf = (array: string, reach: Reach, at: I32): Code<'i32'> => {
      const [row, each] = [rowOf(array, reach), reach.eachOf(inner)]
      return each === 0 ? row : i32.add(row, i32.mul(at, each))
    }
    const lanesAt = (at: I32, single: boolean, within: Parts): Lanes => ({
      read: ({ array, layout, tests: tested }) => {
        const reach = reachOf(array, layout, tested, within)
        return readPair(sizeOfArray(array), addressOf(array, reach, at), single ? 0 : reach.eachOf(along))
      },
      local: (number) => f64x2.splat(given[number] as Local<'f64'>),
      holds: (e) =>
        e.tests.every((test) => {
          const dimension = dimensions.find(({ first }) => first === test.axis)
          return dimension !== undefined && holdsIn(shape, dimension, within.get(dimension) as Part, test)
        }),
    })

    const firstParts: Parts = new Map(dimensions.map((dimension) => [dimension, partsAlong(dimension)[0] as Part]))
    const early = computed(
      outermost(roots, everything, (e) => e.invariant),
      lanesAt(i32.const(0), true, firstParts),
    )
    const earlyRows = [...rowCodes]
    const variable = new Set<number>()
    for (const e of everything) {
      const changes = e.kind === 'read' && (e.guarded || strideOf(e.layout, inner) !== 0)
      if (changes || ('args' in e && e.args.some(({ id }) => variable.has(id)))) variable.add(e.id)
    }
    const fixed = outermost(roots, everything, ({ id }) => !variable.has(id))

    type Take = (fold: number, value: V128, lane: number, single: boolean) => Code<'none'>
    type BodyAt = (at: I32, lane: number, single: boolean, take: Take) => Code<'none'>
    const bodyIn =
      (within: Parts, known: Known): BodyAt =>
      (at, lane, single, take) => {
        const { statements, values } = computed(roots, lanesAt(at, single, within), known)
        return all([
          ...statements,
          ...stores.map(({ node, layout }, i) => {
            const [array, value] = [arrayOf(node), values[i] as V128]
            const reach = reachOf(array, layout, [], within)
            const address = addressOf(array, reach, at)
            if (single) return storeOne(sizeOfArray(array), address, value)
            return storePair(sizeOfArray(array), address, reach.eachOf(along), value)
          }),
          ...folds.map((_, i) => take(i, values[stores.length + i] as V128, lane, single)),
        ])
      }
    const i = indexOf(inner)

    /** Pairs of indices along a part, and the last one if it is left. */
    const inPairs = (index: Local<'i32'>, { from, to }: Part, at: (single: boolean) => Code<'none'>): Code<'none'> => {
      const even = to - ((to - from) % 2)
      return all([
        ...(even > from ? [forLoop(index, from, even, 2, [at(false)])] : []),
        ...(even < to ? [index.set(i32.const(even)), at(true)] : []),
      ])
    }

    // Four running sums: in two vectors along what is folded; across it, two neighbours in each of four vectors.
    const accumulators = folds.map(() => [0, 1, 2, 3].map(() => local('v128')))
    const sumOf = (fold: number, lane: number): Local<'v128'> =>
      (accumulators[fold] as Local<'v128'>[])[lane] as Local<'v128'>
    const begin = folds.flatMap(({ node: { fold } }, k) =>
      [0, 1, 2, 3].map((lane) =>
        sumOf(k, lane).set(f64x2.const(isSum(fold) ? 0 : fold === 'max' ? -Infinity : Infinity)),
      ),
    )
    const take: Take = (k, value, lane, single) => {
      const { fold } = (folds[k] as Loop['folds'][number]).node
      const sum = sumOf(k, isSum(fold) ? lane : 0)
      if (fold === 'max') return sum.set(f64x2.max(sum, value))
      if (fold === 'min') return sum.set(f64x2.min(sum, value))
      // A single entry goes to the first sum alone: −0 changes nothing in the second.
      return sum.set(f64x2.add(sum, single && !isAcross ? f64x2.replace(value, 1, f64.const(-0)) : value))
    }
    const resultOf = (k: number): V128 | Code<'f64'> => {
      const { fold } = (folds[k] as Loop['folds'][number]).node
      const [a, b, c, d] = [sumOf(k, 0), sumOf(k, 1), sumOf(k, 2), sumOf(k, 3)] as const
      const halves = [f64x2.extract(a, 0), f64x2.extract(a, 1)] as const
      if (!isSum(fold)) return isAcross ? a : fold === 'max' ? f64.max(...halves) : f64.min(...halves)
      if (isAcross) return f64x2.add(f64x2.add(a, b), f64x2.add(c, d))
      return f64.add(f64.add(...halves), f64.add(f64x2.extract(b, 0), f64x2.extract(b, 1)))
    }
    const denseKept = denseLayout(kept.map(({ length }) => length)).strides
    const target = (k: number, single: boolean, within: Parts): Code<'none'> => {
      const { node } = folds[k] as Loop['folds'][number]
      const value = resultOf(k)
      if (isNumber(node)) return f64.store(i32.add(place('results'), 8 * k), value as Code<'f64'>)
      const array = arrayOf(node)
      const size = sizeOfArray(array)
      const at = kept.reduce<Code<'i32'>>((sum, dimension, axis) => {
        const { phase, period } = within.get(dimension) as Part
        const stride = (denseKept[axis] as number) * size
        return i32.add(i32.add(sum, phase * stride), i32.mul(indexOf(dimension), period * stride))
      }, place(array))
      if (!isAcross) return storeOne(size, at, f64x2.splat(value as Code<'f64'>))
      if (single) return storeOne(size, at, value as V128)
      return storePair(size, at, (within.get(along) as Part).period * size, value as V128)
    }
    const folding = (bodyAt: BodyAt, single: boolean, within: Parts): Code<'none'> => {
      const { length } = run as Dimension
      const whole = length - (length % 4)
      const at = (offset: number): I32 => (offset === 0 ? i : i32.add(i, offset))
      // Along: lanes 0 and 1 of one vector are the first two sums. Across: each sum has a vector.
      const four = isAcross
        ? [0, 1, 2, 3].map((lane) => bodyAt(at(lane), lane, single, take))
        : [0, 1].map((half) => bodyAt(at(2 * half), half, false, take))
      return all([
        ...begin,
        ...(whole > 0 ? [forLoop(i, 0, whole, 4, four)] : []),
        ...(whole < length ? [forLoop(i, whole, length, 1, [bodyAt(i, 0, isAcross ? single : true, take)])] : []),
        ...folds.map((_, k) => target(k, single, within)),
      ])
    }

    /** The innermost loop, after what it leaves alone. */
    const core = (within: Parts, single: boolean): Code<'none'> => {
      rows.clear()
      rowCodes.length = 0
      const before = computed(fixed, lanesAt(i32.const(0), single, within), early.known)
      const bodyAt = bodyIn(within, before.known)
      const code =
        run === undefined
          ? inPairs(i, within.get(along) as Part, (one) => bodyAt(i, 0, one, () => all([])))
          : folding(bodyAt, single, within)
      return all([...rowCodes, ...before.statements, code])
    }
    const outer = kept.filter((dimension) => dimension !== along)
    const inside = (within: Parts): Code<'none'> =>
      isAcross
        ? inPairs(indexOf(along), within.get(along) as Part, (single) => core(within, single))
        : core(within, false)
    const nested = ([dimension, ...rest]: readonly Dimension[], within: Parts): Code<'none'> => {
      const each = dimension ?? along
      return all(
        partsAlong(each).map((part) => {
          const narrowed = new Map(within).set(each, part)
          if (dimension === undefined) return inside(narrowed)
          return forLoop(indexOf(dimension), part.from, part.to, 1, [nested(rest, narrowed)])
        }),
      )
    }
    return all([...earlyRows, ...early.statements, nested(outer, firstParts)])
  }
  return { func: func(name, params, 'none', body as never), arrays, numbers }
}

/** What is the same everywhere, by a property that what is made of such has too, and no part of something else that is. */
const outermost = (
  roots: readonly Expression[],
  all: readonly Expression[],
  isSame: (e: Expression) => boolean,
): readonly Expression[] => {
  const found = new Map<number, Expression>()
  for (const e of all) if (!isSame(e) && 'args' in e) for (const arg of e.args) if (isSame(arg)) found.set(arg.id, arg)
  for (const e of roots) if (isSame(e)) found.set(e.id, e)
  return [...found.values()]
}
