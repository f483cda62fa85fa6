/** Axes of a loop taken together, where every array that it reads or writes lies without gaps across them. */
import type { Layout } from '@secant/autodiff'
import type { Shape } from '@secant/linalg'
import type { Expression, Test } from './expression.ts'

/** A loop of its own: axes from `first` up to `last`, taken together. */
export interface Dimension {
  readonly first: number
  readonly last: number
  readonly length: number
}

const allArgs = (e: Expression): readonly Expression[] => ('args' in e ? e.args : [])

/** Every expression below the given ones, each once, arguments first; `argsOf` says where to go on. */
export const reachable = (
  roots: readonly Expression[],
  argsOf: (e: Expression) => readonly Expression[] = allArgs,
): readonly Expression[] => {
  const seen = new Map<number, Expression>()
  const waiting = [...roots]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next.id)) continue
    seen.set(next.id, next)
    waiting.push(...argsOf(next))
  }
  return [...seen.values()].sort((a, b) => a.id - b.id)
}

/** What a loop reads, and which axes it tests. */
const accesses = (
  roots: readonly Expression[],
): { readonly layouts: readonly Layout[]; readonly tests: readonly Test[] } => {
  const all = reachable(roots)
  return {
    layouts: all.flatMap((e) => (e.kind === 'read' ? [e.layout] : [])),
    tests: all.flatMap((e) => (e.kind === 'within' || e.kind === 'read' ? e.tests : [])),
  }
}

/** The loops over a shape, given what is read and written; no loop crosses the borders of `folded`. */
const dimensionsOf = (
  shape: Shape,
  [from, to]: readonly [number, number],
  roots: readonly Expression[],
  written: readonly Layout[],
): readonly Dimension[] => {
  const { layouts, tests } = accesses(roots)
  const tested = new Set(tests.map(({ axis }) => axis))
  const spaced = new Set(tests.filter(({ step }) => step > 1).map(({ axis }) => axis))
  const joined: Dimension[] = []
  for (let axis = 0; axis < shape.length; axis++) {
    const length = shape[axis] as number
    const before = joined.at(-1)
    const joins =
      before !== undefined &&
      axis !== from &&
      axis !== to &&
      !tested.has(axis) &&
      !spaced.has(before.first) &&
      [...layouts, ...written].every(({ strides }) => strides[axis - 1] === (strides[axis] as number) * length)
    if (joins) joined.splice(-1, 1, { first: before.first, last: axis + 1, length: before.length * length })
    else joined.push({ first: axis, last: axis + 1, length })
  }
  return joined
}

/** All loops over a shape: those that are kept, and those over the folded axes. */
export interface Nest {
  readonly dimensions: readonly Dimension[]
  readonly kept: readonly Dimension[]
  readonly folded: readonly Dimension[]
}

export const nestOf = (
  shape: Shape,
  borders: readonly [number, number],
  roots: readonly Expression[],
  written: readonly Layout[],
): Nest => {
  const dimensions = dimensionsOf(shape, borders, roots, written)
  const [from, to] = borders
  const isFolded = ({ first }: Dimension): boolean => first >= from && first < to
  return {
    dimensions,
    kept: dimensions.filter((dimension) => !isFolded(dimension)),
    folded: dimensions.filter(isFolded),
  }
}

/** Whether the folded axes are one loop for all that is read, and none of them is tested. */
export const isOneRun = (shape: Shape, borders: readonly [number, number], roots: readonly Expression[]): boolean =>
  nestOf(shape, borders, roots, []).folded.length <= 1

/** Indices of a loop. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** The parts of a loop in which every test along it either always holds or never does. */
export const segmentsOf = (length: number, ranges: readonly Range[]): readonly Range[] => {
  const ends = [...new Set([0, ...ranges.flatMap(({ from, to }) => [from, to]), length])]
    .filter((end) => end >= 0 && end <= length)
    .sort((a, b) => a - b)
  return ends.slice(1).map((to, i) => ({ from: ends[i] as number, to }))
}

/** More parts than this are not written out. */
export const manySegments = 6

/** Where a test holds (of its steps, if they are longer than 1), in indices of a loop over several axes of which the first is tested. */
export const testedRange = (shape: Shape, dimension: Dimension, { from, count, step }: Test): Range => {
  const width = dimension.length / (shape[dimension.first] as number)
  return { from: from * width, to: (from + count * step) * width }
}

/** Indices `phase + period·k` of a loop, for k from `from` up to `to`: each test along it always holds there, or never does. */
export interface Part extends Range {
  readonly phase: number
  readonly period: number
}

const commonMultiple = (a: number, b: number): number => {
  let [p, q] = [a, b]
  while (q !== 0) [p, q] = [q, p % q]
  return (a / p) * b
}

const hasPhase = (phase: number, { from, step }: Test): boolean => (phase - from) % step === 0

/** The range of a test in the k of a phase. */
const rangeIn = (shape: Shape, dimension: Dimension, { phase, period }: Omit<Part, keyof Range>, test: Test): Range => {
  const { from, to } = testedRange(shape, dimension, test)
  return { from: Math.ceil((from - phase) / period), to: Math.ceil((to - phase) / period) }
}

/** More parts than this are not written out. */
export const manyParts = 12

/** All indices of a loop in parts, by the tests along it; none where there would be too many of them. */
export const partsOf = (shape: Shape, dimension: Dimension, tests: readonly Test[]): readonly Part[] => {
  const period = tests.reduce((common, { step }) => commonMultiple(common, step), 1)
  if (period > manyParts) return []
  const parts = Array.from({ length: Math.min(period, dimension.length) }, (_, phase) => {
    const ranges = tests
      .filter((test) => hasPhase(phase, test))
      .map((test) => rangeIn(shape, dimension, { phase, period }, test))
    return segmentsOf(Math.ceil((dimension.length - phase) / period), ranges).map((range) => ({
      ...range,
      phase,
      period,
    }))
  }).flat()
  return parts.length > manyParts ? [] : parts
}

/** Whether a test holds in a part of the loop along which it tests. */
export const holdsIn = (shape: Shape, dimension: Dimension, part: Part, test: Test): boolean => {
  const range = rangeIn(shape, dimension, part, test)
  return hasPhase(part.phase, test) && part.from >= range.from && part.to <= range.to
}
