/** A scheduled graph as statements, in the order in which they run: what is computed for each entry, and where it goes. */
import { denseLayout, type Layout } from '@secant/autodiff'
import { type Shape, sizeOf } from '@secant/linalg'
import { isOneRun } from './collapse.ts'
import { type Expression, type Expressions, expressions, type Test } from './expression.ts'
import type { Graph, Node, NodeOf, Operand } from './nodes.ts'
import { loopShape, type Schedule } from './schedule.ts'
import { isDense } from './simplify.ts'

/** An expression whose value goes to the entry of a node at the place of the loop. */
export interface Store {
  readonly node: Node
  readonly expression: Expression
  /** Where the entries lie in the node's memory. */
  readonly layout: Layout
}

export interface Folding {
  readonly node: NodeOf<'fold'>
  readonly expression: Expression
}

/** A loop over all indices of a shape; the axes from `from` up to `to` are folded, if there are folds. */
export interface Loop {
  readonly kind: 'loop'
  readonly shape: Shape
  readonly folded: readonly [from: number, to: number]
  readonly stores: readonly Store[]
  readonly folds: readonly Folding[]
}

export type Statement =
  | Loop
  /** Entries in variables, named by `variableOf`. */
  | { readonly kind: 'variables'; readonly entries: readonly Entry[] }
  /** A node's variables into its memory. */
  | { readonly kind: 'keep'; readonly node: Node }
  | { readonly kind: 'zeros'; readonly node: Node }
  | { readonly kind: 'call'; readonly node: NodeOf<'call'> | NodeOf<'product'> }
  | { readonly kind: 'control'; readonly node: NodeOf<'control'>; readonly results: readonly NodeOf<'result'>[] }

export interface Entry {
  readonly node: Node
  readonly index: number
  readonly expression: Expression
}

export const variableOf = (node: Node, index: number): string => `s${node.id}_${index}`
export const arrayOf = (node: Node): string => `n${node.id}`

export const resultsOf = ({ nodes }: Graph, call: Node): readonly NodeOf<'result'>[] =>
  nodes.filter((node): node is NodeOf<'result'> => node.kind === 'result' && node.call === call)

const groupedBy = <A>(list: readonly A[], keyOf: (item: A) => string): ReadonlyMap<string, readonly A[]> => {
  const groups = new Map<string, A[]>()
  for (const item of list) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

/** Without axes of length 1. */
const squeezed = ({ shape, start, strides }: Layout): Layout => {
  const long = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== 1)
  return {
    shape: long.map((axis) => shape[axis] as number),
    start,
    strides: long.map((axis) => strides[axis] as number),
  }
}

const squeezedShape = (shape: Shape): Shape => shape.filter((length) => length !== 1)

/** One entry of a layout, by its number in row-major order. */
const entryOf = ({ shape, start, strides }: Layout, index: number): Layout => {
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

/** The entries of nodes as expressions, over one loop or for single places. */
const reading = (schedule: Schedule, on: Expressions, isInside: (node: Node) => boolean) => {
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

export const statementsOf = (schedule: Schedule): readonly Statement[] => {
  const { graph, placing, isStored, isVariable } = schedule
  const byLevel = Array.from({ length: schedule.levels }, () => [] as Node[])
  for (const node of graph.nodes) byLevel[placing(node).level]?.push(node)
  const statements: Statement[] = []
  const keep = (node: Node): void => {
    if (isStored(node)) statements.push({ kind: 'keep', node })
  }

  for (const nodes of byLevel) {
    const of = (role: string): readonly Node[] => nodes.filter((node) => placing(node).role === role)
    const unrolled = of('unrolled')
    if (unrolled.length > 0) {
      statements.push({ kind: 'variables', entries: unrolledEntries(schedule, unrolled) })
      unrolled.forEach(keep)
    }
    for (const node of of('called')) {
      if (node.kind === 'call' || node.kind === 'product') statements.push({ kind: 'call', node })
      else if (node.kind === 'control') statements.push({ kind: 'control', node, results: resultsOf(graph, node) })
    }
    for (const node of of('scattered')) statements.push(...scattered(schedule, node as NodeOf<'placed'>))
    const domains = groupedBy(of('looped'), (node) => placing(node).domain)
    for (const members of domains.values()) {
      const loops = loopsOf(schedule, members)
      statements.push(...loops)
      for (const { folds } of loops) for (const { node } of folds) if (isVariable(node)) keep(node)
    }
  }
  return statements
}

/** Each part of a long concatenation into its place. */
const scattered = (schedule: Schedule, node: NodeOf<'placed'>): readonly Statement[] => {
  const covered = node.at.reduce((total, { shape }) => total + sizeOf(shape), 0)
  const loops = node.args.map(({ root, layout }, i): Statement => {
    const target = squeezed(node.at[i] as Layout)
    const expression = reading(schedule, expressions(), () => false).at(root, squeezed(layout))
    return {
      kind: 'loop',
      shape: target.shape,
      folded: [0, 0],
      stores: [{ node, expression, layout: target }],
      folds: [],
    }
  })
  return covered === sizeOf(node.shape) ? loops : [{ kind: 'zeros', node }, ...loops]
}

const unrolledEntries = (schedule: Schedule, nodes: readonly Node[]): readonly Entry[] => {
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

/** Longer bodies are not written out four times for the four running sums. */
const longBody = 60

/** The loops of a group of nodes: one for what is stored and what is folded along with it, more where forms differ. */
const loopsOf = (schedule: Schedule, members: readonly Node[]): readonly Loop[] => {
  const on = expressions()
  const inside = new Set<Node>(members.filter((node) => node.kind !== 'fold'))
  const { at } = reading(schedule, on, (node) => inside.has(node))
  const shape = squeezedShape(loopShape(members[0] as Node))
  const dense = denseLayout(shape)
  const whole = (root: Node): Expression => at(root, dense)
  for (const node of inside) if (node.kind === 'entries') whole(node) // in order, so that no chain is followed to its end at once

  const stores = new Map<Node, Store>()
  const store = (node: Node): void => void stores.set(node, { node, expression: whole(node), layout: dense })
  for (const node of inside) if (schedule.isStored(node)) store(node)

  const folds = members.filter((node) => node.kind === 'fold') as readonly NodeOf<'fold'>[]
  const forms = [...groupedBy(folds, (node) => foldedAxes(node).join()).values()]
  const main = forms.find(([node]) => foldedAxes(node as NodeOf<'fold'>)[1] === shape.length)
  const combined = (node: NodeOf<'fold'>, entry: (root: Node) => Expression): Expression => {
    const [a, b] = node.args.map(({ root }) => entry(root)) as [Expression, Expression?]
    return b === undefined ? a : on.mul(a, b)
  }
  const isFusable = (form: readonly NodeOf<'fold'>[], extra: readonly Expression[]): boolean => {
    const all = [...form.map((node) => combined(node, whole)), ...extra]
    const long = all.reduce((sum, { cost }) => sum + cost, 0) > longBody
    return !long && isOneRun(shape, foldedAxes(form[0] as NodeOf<'fold'>), all)
  }
  const loops: Loop[] = []
  const after: Loop[] = []
  for (const form of forms) {
    const folded = foldedAxes(form[0] as NodeOf<'fold'>)
    const stored = form === main ? [...stores.values()].map(({ expression }) => expression) : []
    const dear =
      form !== main && (stores.size > 0 || main !== undefined) && form.some((node) => combined(node, whole).calls > 0)
    if (!dear && isFusable(form, stored)) {
      const foldings = form.map((node) => ({ node, expression: combined(node, whole) }))
      if (form === main) loops.push({ kind: 'loop', shape, folded, stores: [], folds: foldings })
      else after.push({ kind: 'loop', shape, folded, stores: [], folds: foldings })
      continue
    }
    for (const { args } of form) for (const { root } of args) if (!isInMemory(schedule, root, inside)) store(root)
    const fromMemory = (root: Node): Expression =>
      root.kind === 'constant' && root.uniform !== undefined
        ? on.constant(root.uniform)
        : on.read(arrayOf(root), dense, root.dtype)
    const foldings = form.map((node) => ({ node, expression: combined(node, fromMemory) }))
    after.push({ kind: 'loop', shape, folded, stores: [], folds: foldings })
  }
  const [first] = loops
  const all = [...stores.values()]
  // What was stored for another form may be too much for the loop of the main one.
  const together =
    first !== undefined &&
    isFusable(
      main ?? [],
      all.map(({ expression }) => expression),
    )
  if (first !== undefined && together) return [{ ...first, stores: all }, ...after]
  const plain: readonly Loop[] =
    all.length === 0 ? [] : [{ kind: 'loop', shape, folded: [0, 0], stores: all, folds: [] }]
  return [...plain, ...loops, ...after]
}

/** Whether a node's entries can be read from memory before its own loops have run. */
const isInMemory = (schedule: Schedule, node: Node, inside: ReadonlySet<Node>): boolean =>
  !inside.has(node) && (schedule.placing(node).role !== 'looped' || schedule.isStored(node) || node.kind === 'fold')

/** The run of longer axes that a fold goes over. */
const foldedAxes = (node: NodeOf<'fold'>): readonly [from: number, to: number] => {
  const { shape } = (node.args[0] as Operand).layout
  const long = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== 1)
  const folded = long.map((axis, i) => ({ axis, i })).filter(({ axis }) => node.axes.includes(axis))
  const first = folded[0]?.i ?? long.length
  return [first, first + folded.length]
}
