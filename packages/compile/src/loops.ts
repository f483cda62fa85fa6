/** The loops of nodes that go over the same entries. */
import { denseLayout } from '@secant/autodiff'
import { isOneRun, reachable } from './collapse.ts'
import { type Expression, expressions } from './expression.ts'
import type { Node, NodeOf, Operand } from './nodes.ts'
import { reading, squeezedShape } from './reading.ts'
import { loopShape, type Schedule } from './schedule.ts'
import { arrayOf, groupedBy, type Loop, type Store } from './statement.ts'

/** Longer bodies are not written out four times for the four running sums. */
const longBody = 60

/** The loops of a group of nodes: one for what is stored and what is folded along with it, more where forms differ. */
export const loopsOf = (schedule: Schedule, members: readonly Node[]): readonly Loop[] => {
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
    const long = reachable(all).filter((e) => 'args' in e).length > longBody
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
