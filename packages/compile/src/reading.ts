/** Entries of nodes as expressions: by their formulas inside of a loop, and as reads of memory from outside. */
import { denseLayout, type Layout } from '@secant/autodiff'
import { type Shape, sizeOf } from '@secant/linalg'
import type { Expression, Expressions, Test } from './expression.ts'
import type { Node, NodeOf } from './nodes.ts'
import type { Schedule } from './schedule.ts'
import { isDense } from './simplify.ts'
import { arrayOf, variableOf } from './statement.ts'

/** Without axes of length 1. */
export const squeezed = ({ shape, start, strides }: Layout): Layout => {
  const long = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== 1)
  return {
    shape: long.map((axis) => shape[axis] as number),
    start,
    strides: long.map((axis) => strides[axis] as number),
  }
}

export const squeezedShape = (shape: Shape): Shape => shape.filter((length) => length !== 1)

/** One entry of a layout, by its number in row-major order. */
export const entryOf = ({ shape, start, strides }: Layout, index: number): Layout => {
  let [offset, rest] = [start, index]
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] as number
    offset += (rest % length) * (strides[axis] as number)
    rest = Math.floor(rest / length)
  }
  return { shape: [], start: offset, strides: [] }
}

/** The entries of `inner` (a layout of an argument, over a result) at `outer` (a layout of that result: all of it, if it matters). */
const composed = (inner: Layout, outer: Layout): Layout => {
  if (outer.shape.length === 0) return entryOf(inner, outer.start)
  if (isDense(inner)) return outer
  const isSpread = inner.shape.every((length, axis) => length === 1 || inner.strides[axis] === 0)
  if (isSpread) return { ...outer, start: inner.start, strides: outer.strides.map(() => 0) }
  return squeezed(inner)
}

/** Along each longer axis of a result, where an argument placed in it has its entries. */
const testsOf = (at: Layout, shape: Shape): readonly Test[] => {
  const dense = denseLayout(shape).strides
  const tests = shape.map((length, axis) => {
    const stride = dense[axis] as number
    const count = at.shape[axis] as number
    const from = Math.floor(at.start / stride) % length
    return { from, count, step: count > 1 ? (at.strides[axis] as number) / stride : 1, length }
  })
  return tests.filter(({ length }) => length !== 1).map(({ from, count, step }, axis) => ({ axis, from, count, step }))
}

export interface Reading {
  /** The entries of a node at a layout. */
  readonly at: (root: Node, layout: Layout) => Expression
  /** The same by the node's own formula. */
  readonly computedEntry: (node: Node, layout: Layout) => Expression
  /** What a variable stands for. */
  readonly name: (variable: string, e: Expression) => void
}

/** The entries of nodes as expressions, over one loop or for single places. */
export const reading = (schedule: Schedule, on: Expressions, isInside: (node: Node) => boolean): Reading => {
  const known = new Map<string, Expression>()
  const variables = new Map<string, Expression>()

  const placed = (node: NodeOf<'placed'>, layout: Layout): Expression => {
    const parts = node.args
      .map((arg, i) => ({ arg, place: node.at[i] as Layout }))
      .filter(({ place }) => sizeOf(place.shape) > 0)
    let value = on.constant(0)
    for (const { arg, place } of parts.toReversed()) {
      const tests = testsOf(place, node.shape)
      if (layout.shape.length === 0) {
        const { shape } = node
        const dense = denseLayout(shape).strides
        const index =
          squeezedShape(shape).length === 0
            ? []
            : shape.flatMap((length, axis) =>
                length === 1 ? [] : [Math.floor(layout.start / (dense[axis] as number)) % length],
              )
        const places = tests.map(({ axis, from, step }) => ((index[axis] as number) - from) / step)
        if (!places.every((k, i) => Number.isInteger(k) && k >= 0 && k < (tests[i] as Test).count)) continue
        const lengths = tests.map(({ count }) => count)
        const number = places.reduce((sum, k, i) => sum * (lengths[i] as number) + k, 0)
        value = at(arg.root, entryOf(arg.layout, number))
        continue
      }
      const long = node.shape
        .map((length, axis) => ({ length, stride: arg.layout.strides[axis] as number }))
        .filter((a) => a.length !== 1)
      const strides = long.map(({ stride }, axis) => ((tests[axis] as Test).count > 1 ? stride : 0))
      const direct = tests.filter(({ step }) => step === 1)
      const start = direct.reduce((sum, { axis, from }) => sum - from * (strides[axis] as number), arg.layout.start)
      const spaced = tests.filter(({ step }) => step > 1)
      const needed = tests.filter(
        ({ axis, from, count, step }) => from > 0 || step > 1 || count < (layout.shape[axis] as number),
      )
      const entry = at(arg.root, { shape: layout.shape, start, strides }, spaced, needed.length > 0)
      value = needed.length === 0 ? entry : on.select(on.within(needed), entry, value)
    }
    return value
  }

  const at = (root: Node, layout: Layout, tests: readonly Test[] = [], isGuarded = false): Expression => {
    if (root.kind === 'constant' && root.uniform !== undefined) return on.constant(root.uniform)
    if (schedule.isVariable(root) && layout.strides.every((stride) => stride === 0)) {
      const name = variableOf(root, layout.start)
      return variables.get(name) ?? on.local(name, root.dtype)
    }
    const isAgain = schedule.placing(root).role === 'looped' && root.kind !== 'fold' && !schedule.isStored(root)
    if (isGuarded || !(isInside(root) || isAgain)) return on.read(arrayOf(root), layout, root.dtype, tests, isGuarded)
    const key = `${root.id} ${layout.start} ${layout.strides}`
    const before = known.get(key)
    if (before !== undefined) return before
    const fresh = computedEntry(root, layout)
    known.set(key, fresh)
    return fresh
  }

  /** The entry of a node by its own formula. */
  const computedEntry = (node: Node, layout: Layout): Expression => {
    if (node.kind === 'placed') return placed(node, layout)
    if (node.kind !== 'entries') throw new Error(`compile: got a ${node.kind} inside of a loop; needs entries`)
    const args = node.args.map(({ root, layout: inner }) => at(root, composed(inner, layout)))
    return on.round(node.dtype, node.formula(on, ...(args as [never, never, never])))
  }

  return { at, computedEntry, name: (variable: string, e: Expression) => void variables.set(variable, e) }
}
