/** One loop of a program as a WebAssembly function, two entries at a time; the same order of sums as linalg. */
import type { Layout } from '@secant/autodiff'
import { denseLayout } from '@secant/autodiff'
import {
  all,
  type Code,
  type Func,
  f32x4,
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
  v128,
} from '@secant/linalg/wasm'
import { type Dimension, manySegments, nestOf, type Range, reachable, segmentsOf, testedRange } from './collapse.ts'
import type { Expression } from './expression.ts'
import { arrayOf, type Loop } from './statement.ts'
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
type SizeOf = (array: string) => 4 | 8 | undefined

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
  const goesAlong = (dimension: Dimension | undefined): dimension is Dimension =>
    dimension !== undefined &&
    layouts.every((layout) => [0, 1].includes(strideOf(layout, dimension))) &&
    stores.every(({ layout }) => strideOf(layout, dimension) === 1)
  /** Along which two neighbours are computed at once: what is folded, or what is left. */
  const along = [run, kept.at(-1)].find(goesAlong)
  const isAcross = run !== undefined && along !== run
  const tests = everything.flatMap((e) => (e.kind === 'within' ? e.tests : []))
  const canTest =
    tests.every(({ axis, step }) => step === 1 && axis === along?.first) && (tests.length === 0 || run === undefined)
  const arrays = [
    ...new Set([
      ...reads.map(({ array }) => array),
      ...stores.map(({ node }) => arrayOf(node)),
      ...folds.filter(({ node }) => !isNumber(node)).map(({ node }) => arrayOf(node)),
    ]),
  ]
  if (
    along === undefined ||
    !canTest ||
    (isAcross && stores.length > 0) ||
    reads.some((e) => e.tests.length > 0) ||
    !hasInstructions(roots) ||
    arrays.some((array) => sizeOf(array) === undefined)
  )
    return undefined
  const numbers = [...new Set(everything.flatMap((e) => (e.kind === 'local' ? [e.name] : [])))]
  const sizeOfArray = (array: string): 4 | 8 => sizeOf(array) as 4 | 8
  const params: Record<string, ValueType> = { results: 'i32' }
  for (const array of arrays) params[array] = 'i32'
  for (const number of numbers) params[number] = 'f64'

  const body = (given: { readonly [name: string]: Local }): Code<'none'> => {
    const place = (array: string): Local<'i32'> => given[array] as Local<'i32'>
    const indices = new Map(dimensions.map((dimension) => [dimension, local('i32')]))
    const indexOf = (dimension: Dimension): Local<'i32'> => indices.get(dimension) as Local<'i32'>

    /** Where a row of an array begins: all but what changes in the innermost loop. */
    const rows = new Map<string, Local<'i32'>>()
    const rowCodes: Code<'none'>[] = []
    const inner = run ?? along
    const rowOf = (array: string, layout: Layout): Local<'i32'> => {
      const key = `${array} ${layout.start} ${layout.strides}`
      const known = rows.get(key)
      if (known !== undefined) return known
      const row = local('i32')
      const size = sizeOfArray(array)
      const terms = dimensions.flatMap((dimension): readonly Code<'i32'>[] => {
        const stride = strideOf(layout, dimension)
        return dimension === inner || stride === 0 ? [] : [i32.mul(indexOf(dimension), stride * size)]
      })
      const start: Code<'i32'> = i32.add(place(array), i32.const(layout.start * size))
      rowCodes.push(row.set(terms.reduce<Code<'i32'>>((sum, term) => i32.add(sum, term), start)))
      rows.set(key, row)
      return row
    }
    /** The address of an entry of a row at an index of the innermost loop. */
    const addressOf = (array: string, layout: Layout, at: I32): Code<'i32'> => {
      const stride = strideOf(layout, inner)
      const row = rowOf(array, layout)
      return stride === 0 ? row : i32.add(row, i32.mul(at, stride * sizeOfArray(array)))
    }
    const isPair = (layout: Layout, single: boolean): boolean => !single && strideOf(layout, along) === 1
    const lanesAt = (at: I32, single: boolean, part: Range | undefined): Lanes => ({
      read: ({ array, layout }) => {
        const address = addressOf(array, layout, at)
        const pair = isPair(layout, single)
        if (sizeOfArray(array) === 8) return pair ? v128.load(address) : v128.load64Splat(address)
        return f64x2.promoteLow(pair ? v128.load64Zero(address) : v128.load32Splat(address))
      },
      local: (number) => f64x2.splat(given[number] as Local<'f64'>),
      holds: (e) =>
        part !== undefined &&
        e.tests.every((test) => {
          const range = testedRange(shape, along, test)
          return part.from >= range.from && part.to <= range.to
        }),
    })
    const storeAt = (array: string, address: Code<'i32'>, value: V128, single: boolean): Code<'none'> => {
      if (sizeOfArray(array) === 8) return single ? v128.store64Lane(address, value, 0) : v128.store(address, value)
      const narrow = f32x4.demoteZero(value)
      return single ? v128.store32Lane(address, narrow, 0) : v128.store64Lane(address, narrow, 0)
    }

    const invariants = outermostInvariants(roots, everything)
    const early = computed(invariants, lanesAt(i32.const(0), true, undefined))
    const known: Known = early.known

    type Take = (fold: number, value: V128, lane: number, single: boolean) => Code<'none'>
    const bodyAt = (at: I32, lane: number, single: boolean, take: Take, part?: Range): Code<'none'> => {
      const { statements, values } = computed(roots, lanesAt(at, single, part), known)
      return all([
        ...statements,
        ...stores.map(({ node, layout }, i) =>
          storeAt(arrayOf(node), addressOf(arrayOf(node), layout, at), values[i] as V128, single),
        ),
        ...folds.map((_, i) => take(i, values[stores.length + i] as V128, lane, single)),
      ])
    }
    const none: Take = () => all([])
    const i = indexOf(inner)

    const straight = (): Code<'none'> => {
      const ranges = tests.map((test) => testedRange(shape, along, test))
      const segments = segmentsOf(along.length, ranges)
      return all(
        segments.flatMap((part) => {
          const even = part.to - ((part.to - part.from) % 2)
          return [
            ...(even > part.from ? [forLoop(i, part.from, even, 2, [bodyAt(i, 0, false, none, part)])] : []),
            ...(even < part.to ? [i.set(i32.const(even)), bodyAt(i, 0, true, none, part)] : []),
          ]
        }),
      )
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
    const target = (k: number, single: boolean): Code<'none'> => {
      const { node } = folds[k] as Loop['folds'][number]
      const value = resultOf(k)
      if (isNumber(node)) return f64.store(i32.add(place('results'), 8 * k), value as Code<'f64'>)
      const array = arrayOf(node)
      const size = sizeOfArray(array)
      const at = kept.reduce<Code<'i32'>>(
        (sum, dimension, axis) => i32.add(sum, i32.mul(indexOf(dimension), (denseKept[axis] as number) * size)),
        place(array),
      )
      if (isAcross) return storeAt(array, at, value as V128, single)
      return storeAt(array, at, f64x2.splat(value as Code<'f64'>), true)
    }
    const folding = (single: boolean): Code<'none'> => {
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
        ...folds.map((_, k) => target(k, single)),
      ])
    }

    const core = (single: boolean): Code<'none'> => {
      rows.clear()
      rowCodes.length = 0
      const code = run === undefined ? straight() : folding(single)
      return all([...rowCodes, code])
    }
    const outer = kept.filter((dimension) => dimension !== inner && !(isAcross && dimension === along))
    const innermost = (): Code<'none'> => {
      if (!isAcross) return core(false)
      const even = along.length - (along.length % 2)
      const j = indexOf(along)
      return all([
        ...(even > 0 ? [forLoop(j, 0, even, 2, [core(false)])] : []),
        ...(even < along.length ? [j.set(i32.const(even)), core(true)] : []),
      ])
    }
    const earlyRows = [...rowCodes]
    const nested = outer.reduceRight<Code<'none'>>(
      (inside, dimension) => forLoop(indexOf(dimension), 0, dimension.length, 1, [inside]),
      innermost(),
    )
    return all([...earlyRows, ...early.statements, nested])
  }
  if (
    segmentsOf(
      along.length,
      tests.map((test) => testedRange(shape, along, test)),
    ).length > manySegments
  )
    return undefined
  return { func: func(name, params, 'none', body as never), arrays, numbers }
}

/** What is the same at all places and no part of something else that is. */
const outermostInvariants = (roots: readonly Expression[], all: readonly Expression[]): readonly Expression[] => {
  const found = new Map<number, Expression>()
  for (const e of all)
    if (!e.invariant && 'args' in e) for (const arg of e.args) if (arg.invariant) found.set(arg.id, arg)
  for (const e of roots) if (e.invariant) found.set(e.id, e)
  return [...found.values()]
}
