/** A program as launches: what is computed on a device, in which order, and until when it is kept. */
import { denseLayout, type Program } from '@secant/autodiff'
import type { Shape, Tensor } from '@secant/linalg'
import { layoutOf } from '@secant/linalg/gpu'
import type { Control } from '../control.ts'
import { type Expression, expressions } from '../expression.ts'
import { graphOf, type Node, type NodeOf, type Operand } from '../nodes.ts'
import { reading, squeezedShape } from '../reading.ts'
import { loopShape, type Schedule, scheduled } from '../schedule.ts'
import { simplified } from '../simplify.ts'
import { arrayOf, groupedBy, resultsOf, variableOf } from '../statement.ts'
import { composedIn } from './composed.ts'
import { type Domain, fusedLoops, type LoopStep, type Place, type Reads } from './fuse.ts'

/** A factor of a product, read as a tensor of a shape. */
interface Factor {
  readonly id: number
  readonly shape: Shape
  readonly transposed: boolean
}

export interface ProductStep {
  readonly kind: 'product'
  readonly factors: readonly [Factor, Factor]
  readonly out: number
}

export interface ControlStep {
  readonly kind: 'control'
  readonly control: Control
  readonly inner: readonly Plan[]
  /** Arguments, each with its shape. */
  readonly args: readonly { readonly id: number; readonly shape: Shape }[]
  readonly outs: readonly number[]
}

export type PlanStep = LoopStep | ProductStep | ControlStep

/** Values are numbered. Inputs are kept as by `keptShape`, and so are outputs. */
export interface Plan {
  readonly inputs: readonly { readonly id: number; readonly shape: Shape }[]
  readonly constants: ReadonlyMap<number, Tensor>
  readonly steps: readonly PlanStep[]
  /** After each step, the values that nothing reads any more. */
  readonly done: readonly (readonly number[])[]
  readonly outputs: readonly number[]
}

/** How a tensor of a shape comes and goes: without axes of length 1, so that a column is a row. */
export const keptShape: (shape: Shape) => Shape = squeezedShape

const outsOf = (step: PlanStep): readonly number[] => (step.kind === 'control' ? step.outs : [step.out])

const argsOf = (step: PlanStep): readonly number[] => {
  if (step.kind === 'loop') return step.args
  return (step.kind === 'product' ? step.factors : step.args).map(({ id }) => id)
}

/** What can be forgotten after each step. */
const doneAfter = (steps: readonly PlanStep[], kept: ReadonlySet<number>): Plan['done'] => {
  const last = new Map<number, number>()
  steps.forEach((step, i) => {
    for (const id of [...outsOf(step), ...argsOf(step)]) last.set(id, i)
  })
  const done = steps.map(() => [] as number[])
  for (const [id, i] of last) if (!kept.has(id)) done[i]?.push(id)
  return done
}

export const planOf = (program: Program): Plan => {
  let ids = 0
  return planned(program, () => ids++)
}

const planned = (recorded: Program, nextId: () => number): Plan => {
  const composed = composedIn(recorded)
  const program = simplified(composed).at(-1)?.program ?? composed
  const graph = graphOf(program, { nextId, isInner: false, isRow: () => false })
  const schedule = scheduled(graph, 0, Number.POSITIVE_INFINITY)
  const places = new Map<number, Place>()
  const names = new Map<string, Place>()
  const steps: PlanStep[] = []

  const placed = (id: number, shape: Shape): Place => {
    const place = { id, ...layoutOf(shape) }
    places.set(id, place)
    return place
  }
  const fresh = (shape: Shape): Place => placed(nextId(), shape)
  /** A node's value is kept as a tensor of a shape, that of its own without axes of length 1 if none is given. */
  const name = (node: Node, shape: Shape = keptShape(node.shape)): void => {
    const place = placed(node.id, shape)
    names.set(arrayOf(node), place)
    names.set(variableOf(node, 0), place)
  }
  const named = (key: string): Place => names.get(key) as Place
  const placeOf = (node: Node): Place => places.get(node.id) as Place
  const asKept = (id: number, shape: Shape): number => {
    const [{ rows, columns }, wanted] = [places.get(id) as Place, layoutOf(shape)]
    if (rows === wanted.rows && columns === wanted.columns) return id
    const on = expressions()
    const copy = fresh(shape)
    names.set(`copied ${id}`, places.get(id) as Place)
    emit(on.read(`copied ${id}`, denseLayout(shape), 'float64'), { shape, folded: [], fold: 'sum' }, copy.id)
    return copy.id
  }
  const emit = (e: Expression, domain: Domain, out: number, stored: Reads['stored'] = new Map()): void => {
    steps.push(...fusedLoops(e, domain, { named, stored }, out, fresh))
  }

  /** Nodes that go over the same entries: a launch for each that is stored, and for each fold. */
  const loops = (members: readonly Node[]): void => {
    const on = expressions()
    const inside = new Set<Node>(members.filter(({ kind }) => kind !== 'fold'))
    const { at } = reading(schedule, on, (node) => inside.has(node))
    const shape = keptShape(loopShape(members[0] as Node))
    const dense = denseLayout(shape)
    const stored = new Map<number, Place>()
    for (const node of inside) {
      const e = at(node, dense)
      if (!schedule.isStored(node)) continue
      name(node)
      emit(e, { shape, folded: [], fold: 'sum' }, node.id, stored)
      if (!['constant', 'read', 'local'].includes(e.kind)) stored.set(e.id, placeOf(node))
    }
    for (const node of members) {
      if (node.kind !== 'fold') continue
      const [a, b] = node.args.map(({ root }) => at(root, dense)) as [Expression, Expression?]
      name(node)
      const long = loopShape(node).flatMap((length, axis) => (length === 1 ? [] : [axis]))
      const folded = long.flatMap((axis, i) => (node.axes.includes(axis) ? [i] : []))
      const fold = node.fold === 'dot' ? 'sum' : node.fold
      emit(b === undefined ? a : on.mul(a, b), { shape, folded, fold }, node.id, stored)
    }
  }

  /** A factor as it is kept, where a row may stand for a column. */
  const factorOf = ({ root, layout: { shape } }: Operand, transposed: boolean): Factor => {
    const { id, rows, columns } = placeOf(root)
    const [m, n] = shape as readonly [number, number]
    if (shape.length === 2 && rows === n && columns === m && (m === 1 || n === 1))
      return { id, shape: [n, m], transposed: !transposed }
    return { id: asKept(id, shape), shape, transposed }
  }
  const product = (node: NodeOf<'product'>): void => {
    const [a, b] = node.args as readonly [Operand, Operand]
    const factors = [factorOf(a, node.transposeA), factorOf(b, node.transposeB)] as const
    const isColumn = node.shape.length === 2 && node.shape[1] === 1
    // A column as the row that it is kept as: (a b)ᵀ = bᵀ aᵀ.
    const turned = ([p, q]: readonly [Factor, Factor]) =>
      [
        { ...q, transposed: !q.transposed },
        { ...p, transposed: !p.transposed },
      ] as const
    steps.push({ kind: 'product', factors: isColumn ? turned(factors) : factors, out: node.id })
    name(node, isColumn ? node.shape.toReversed() : node.shape)
  }

  /** The one kind of operation with a lowering that graphs call: a fold over axes that are no neighbours. */
  const called = (node: NodeOf<'call'>): void => {
    const { step, args } = node
    const lowering = step.primitive.lower?.(step.params as never, step.args)
    const [[{ root, layout }], [result]] = [args as readonly [Operand], resultsOf(graph, node)]
    if (lowering?.kind !== 'fold' || result === undefined)
      throw new Error(`onDevice: got ${step.primitive.name}; needs operations that devices have`)
    const [{ shape }, { axes, fold }] = [layout, lowering]
    const kept = shape.filter((_, axis) => !axes.includes(axis))
    name(result, kept)
    emit(expressions().read(arrayOf(root), layout, root.dtype), { shape, folded: axes, fold }, result.id)
  }

  const control = (node: NodeOf<'control'>): void => {
    const results = resultsOf(graph, node)
    const inner = node.control.inner.map(({ program: own }) => planned(own, nextId))
    const args = node.args.map(({ root, layout: { shape } }) => ({ id: asKept(root.id, keptShape(shape)), shape }))
    steps.push({ kind: 'control', control: node.control, inner, args, outs: results.map(({ id }) => id) })
    for (const result of results) name(result)
  }

  for (const node of graph.inputs) name(node)
  const constants = new Map<number, Tensor>()
  for (const node of graph.nodes)
    if (node.kind === 'constant') {
      name(node)
      constants.set(node.id, node.tensor)
    }
  const levels = levelsOf(schedule)
  for (const nodes of levels) {
    for (const node of nodes) {
      if (node.kind === 'product') product(node)
      else if (node.kind === 'call') called(node)
      else if (node.kind === 'control') control(node)
    }
    const looped = nodes.filter((node) => schedule.placing(node).role === 'looped')
    for (const members of groupedBy(looped, (node) => schedule.placing(node).domain).values()) loops(members)
  }
  const outputs = graph.outputs.map(({ root, layout }) => asKept(root.id, keptShape(layout.shape)))
  const read = new Set([...outputs, ...steps.flatMap(argsOf)])
  return {
    inputs: graph.inputs.map(({ id, shape }) => ({ id, shape })),
    constants: new Map([...constants].filter(([id]) => read.has(id))),
    steps,
    done: doneAfter(steps, new Set([...outputs, ...constants.keys(), ...graph.inputs.map(({ id }) => id)])),
    outputs,
  }
}

const levelsOf = ({ graph, levels, placing }: Schedule): readonly (readonly Node[])[] => {
  const list = Array.from({ length: levels }, () => [] as Node[])
  for (const node of graph.nodes) list[placing(node).level]?.push(node)
  return list
}
