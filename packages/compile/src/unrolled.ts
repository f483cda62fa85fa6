/** Values of few entries, each of which is a variable: folds and products written out in the order of linalg. */
import { denseLayout, type Layout } from '@secant/autodiff'
import { sizeOf } from '@secant/linalg'
import { type Expression, type Expressions, expressions } from './expression.ts'
import type { Node, NodeOf, Operand } from './nodes.ts'
import { entryOf, reading } from './reading.ts'
import type { Schedule } from './schedule.ts'
import { type Entry, variableOf } from './statement.ts'

export const unrolledEntries = (schedule: Schedule, nodes: readonly Node[]): readonly Entry[] => {
  const on = expressions()
  const inside = new Set(nodes)
  const { at, computedEntry, name } = reading(schedule, on, (node) => inside.has(node))
  const entries: Entry[] = []
  const single = (start: number): Layout => ({ shape: [], start, strides: [] })
  const entryAt = ({ root, layout }: Operand, index: number): Expression => at(root, entryOf(layout, index))
  for (const node of nodes) {
    const results =
      node.kind === 'fold'
        ? foldedEntries(on, node, entryAt)
        : node.kind === 'product'
          ? productEntries(on, node, entryAt)
          : undefined
    for (let index = 0; index < sizeOf(node.shape); index++) {
      const value = results?.[index]
      const expression = value === undefined ? computedEntry(node, single(index)) : on.round(node.dtype, value)
      name(variableOf(node, index), expression)
      entries.push({ node, index, expression })
    }
  }
  return entries
}

type EntryAt = (operand: Operand, index: number) => Expression

/** Sums as linalg has them: from 0, which only shows in the sign of a zero, so that 0 may come last. */
const sumInFour = (on: Expressions, terms: readonly Expression[]): Expression => {
  const lanes: (Expression | undefined)[] = [undefined, undefined, undefined, undefined]
  const whole = terms.length - (terms.length % 4)
  terms.forEach((term, i) => {
    const lane = i < whole ? i % 4 : 0
    const before = lanes[lane]
    lanes[lane] = before === undefined ? term : on.add(before, term)
  })
  const [a, b, c, d] = lanes
  if (a === undefined) return on.constant(0)
  if (b === undefined || c === undefined || d === undefined) return on.add(a, on.constant(0))
  return on.add(on.add(on.add(a, b), on.add(c, d)), on.constant(0))
}

const foldedEntries = (on: Expressions, node: NodeOf<'fold'>, entryAt: EntryAt): readonly Expression[] => {
  const [first, second] = node.args as readonly [Operand, Operand?]
  const { shape } = first.layout
  const groups = Array.from({ length: sizeOf(node.shape) }, () => [] as Expression[])
  const kept = shape.map((_, axis) => axis).filter((axis) => !node.axes.includes(axis))
  const strides = denseLayout(shape).strides
  for (let i = 0; i < sizeOf(shape); i++) {
    const index = strides.map((stride, axis) => Math.floor(i / stride) % (shape[axis] as number))
    const group = kept.reduce((sum, axis) => sum * (shape[axis] as number) + (index[axis] as number), 0)
    const entry = entryAt(first, i)
    groups[group]?.push(second === undefined ? entry : on.mul(entry, entryAt(second, i)))
  }
  const { fold } = node
  if (fold === 'sum' || fold === 'dot') return groups.map((terms) => sumInFour(on, terms))
  return groups.map((terms) => terms.reduce((a, b) => on[fold](a, b)))
}

/** Products in the order of linalg's plain product: along a row in two running sums if the right factor is a column. */
const productEntries = (on: Expressions, node: NodeOf<'product'>, entryAt: EntryAt): readonly Expression[] => {
  const [a, b] = node.args as readonly [Operand, Operand]
  const [m, n] = node.shape as readonly [number, number]
  const [rowsA, columnsA] = a.layout.shape as readonly [number, number]
  const columnsB = b.layout.shape[1] as number
  const k = node.transposeA ? rowsA : columnsA
  const zero = on.constant(0)
  const chain = (terms: readonly Expression[]): Expression | undefined =>
    terms.length === 0 ? undefined : terms.reduce((sum, term) => on.add(sum, term))
  return Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n]
    const terms = Array.from({ length: k }, (_, l) =>
      on.mul(
        entryAt(a, node.transposeA ? l * columnsA + i : i * columnsA + l),
        entryAt(b, node.transposeB ? j * columnsB + l : l * columnsB + j),
      ),
    )
    if (n !== 1 || (node.transposeA && columnsA !== 1)) return on.add(chain(terms) ?? zero, zero)
    // The last term of an odd number goes to the even sum, where its place is.
    const even = chain(terms.filter((_, l) => l % 2 === 0))
    const odd = chain(terms.filter((_, l) => l % 2 === 1))
    return on.add(even === undefined ? zero : odd === undefined ? even : on.add(even, odd), zero)
  })
}
