/**
 * When each node is computed and whether it is kept in memory. Nodes of one level do not wait for each other; those of
 * a level that go over the same entries are one loop. What is needed beyond its loop is stored, or computed again
 * there if that is cheap; functions such as exp are never computed twice.
 */
import { type Shape, sizeOf } from '@secant/linalg'
import { standing } from './expression.ts'
import { type Graph, isSpread, isWhole, type Node, type Operand } from './nodes.ts'

export type Role = 'given' | 'unrolled' | 'looped' | 'called' | 'scattered'

export interface Placing {
  readonly role: Role
  readonly level: number
  /** Which nodes of a level go over the same entries. */
  readonly domain: string
}

/** What is known of a graph before code is written. */
export interface Schedule {
  readonly graph: Graph
  readonly levels: number
  readonly placing: (node: Node) => Placing
  /** Whether a node's entries are in memory after its level. */
  readonly isStored: (node: Node) => boolean
  /** Whether each entry is a variable of its own. */
  readonly isVariable: (node: Node) => boolean
}

export const domainOf = (shape: Shape): string => shape.filter((length) => length !== 1).join('×')

/** The entries over which a node loops: its own, or those that it folds. */
export const loopShape = (node: Node): Shape =>
  node.kind === 'fold' ? (node.args[0] as Operand).layout.shape : node.shape

/** Cheaper than a way through memory. */
const cheap = 6

/** Up to this many entries a value is kept in variables, one for each; fewer where that made long code. */
const unrolledEntries = (nodes: readonly Node[]): number => {
  const total = nodes.reduce((sum, { shape }) => sum + (sizeOf(shape) <= 16 ? sizeOf(shape) : 0), 0)
  return total <= 1500 ? 16 : total <= 4000 ? 4 : 1
}

/** Small products are written out. */
const isSmallProduct = (node: Node, limit: number): boolean => {
  if (node.kind !== 'product' || node.shape.length !== 2) return false
  const [a, b] = node.args as readonly [Operand, Operand]
  const inner = a.layout.shape[node.transposeA ? 0 : 1] as number
  return [a, b].every(({ root }) => sizeOf(root.shape) <= limit) && sizeOf(node.shape) * inner <= 64
}

const roleOf = (node: Node, limit: number, parts: number): Role => {
  const size = sizeOf(node.shape)
  switch (node.kind) {
    case 'input':
    case 'constant':
      return 'given'
    case 'entries':
      return size <= limit ? 'unrolled' : 'looped'
    case 'placed':
      return size <= limit ? 'unrolled' : node.args.length > parts ? 'scattered' : 'looped'
    case 'fold':
      return sizeOf(loopShape(node)) <= limit ? 'unrolled' : 'looped'
    case 'product':
      return size <= limit && isSmallProduct(node, limit) ? 'unrolled' : 'called'
    case 'call':
    case 'control':
    case 'result':
      return 'called'
  }
}

/** How many operations an entry of a node takes by itself, and how many of them are functions. */
const costOf = (node: Node): { readonly cost: number; readonly calls: number } => {
  if (node.kind !== 'entries') return { cost: node.kind === 'placed' ? node.args.length : 0, calls: 0 }
  return standing(node.formula, [node.dtype, node.dtype, node.dtype])
}

/** Values of up to `limit` entries are kept in variables; up to so many `parts` put side by side are one loop. */
export const scheduled = (graph: Graph, limit: number = unrolledEntries(graph.nodes), parts = 2): Schedule => {
  const { nodes, outputs } = graph
  const placings = new Map<Node, Placing>()
  const placing = (node: Node): Placing => placings.get(node) as Placing

  /** The first level at which an operand can be read, from within its loop or after it. */
  const readyAt = (operand: Operand, mayFuse: boolean, domain: string): number => {
    const { root } = operand
    const { role: made, level, domain: home } = placing(root)
    if (made === 'given') return 0
    if (made === 'unrolled') return level
    const fuses = made === 'looped' && mayFuse && root.kind !== 'fold' && home === domain && isWhole(operand)
    return fuses ? level : level + 1
  }
  for (const node of nodes) {
    const role = roleOf(node, limit, parts)
    const domain = domainOf(loopShape(node))
    const level =
      node.kind === 'result'
        ? placing(node.call).level
        : node.args.reduce(
            (latest, arg) => Math.max(latest, readyAt(arg, role === 'looped' && node.kind !== 'placed', domain)),
            0,
          )
    placings.set(node, { role, level, domain })
  }

  const isVariable = (node: Node): boolean =>
    placing(node).role === 'unrolled' || (node.kind === 'fold' && sizeOf(node.shape) === 1)
  /** Whether an operand is read from variables, or at one place that a loop does not change. */
  const readsVariables = (operand: Operand, role: Role): boolean =>
    isVariable(operand.root) && (role === 'unrolled' || (role !== 'called' && isSpread(operand)))
  const isFused = (operand: Operand, reader: Node): boolean => {
    const [made, read] = [placing(operand.root), placing(reader)]
    const together =
      made.role === 'looped' && read.role === 'looped' && operand.root.kind !== 'fold' && reader.kind !== 'placed'
    return together && made.level === read.level && made.domain === read.domain && isWhole(operand)
  }

  const stored = new Set<Node>()
  for (const node of nodes)
    for (const arg of node.args)
      if (!readsVariables(arg, placing(node).role) && !isFused(arg, node)) stored.add(arg.root)
  const kept = new Set(outputs.map(({ root }) => root))
  for (const node of nodes)
    if (placing(node).role === 'called' || node.kind === 'placed')
      for (const arg of node.args) if (!readsVariables(arg, placing(node).role)) kept.add(arg.root)
  for (const root of kept) stored.add(root)

  // What is cheap and made of what is at hand anyway is not stored but computed where it is read.
  const again = new Map<Node, number>()
  const flexible = new Set<Node>()
  const atHand = ({ root }: Operand): boolean =>
    placing(root).role !== 'looped' || stored.has(root) || again.has(root) || isVariable(root)
  const readers = new Map<Node, Operand[]>()
  for (const node of nodes) for (const arg of node.args) readers.set(arg.root, [...(readers.get(arg.root) ?? []), arg])
  for (const node of nodes) {
    if (!stored.has(node) || kept.has(node) || placing(node).role !== 'looped' || node.kind === 'fold') continue
    const { cost, calls } = costOf(node)
    const total = node.args.reduce((sum, { root }) => sum + (again.get(root) ?? 0), cost)
    // Read in another order, its arguments are too: they have to lie in one order, or be computed again in any.
    const isFlexible =
      node.kind === 'entries' &&
      node.args.every((arg) => (isWhole(arg) || isSpread(arg)) && (!again.has(arg.root) || flexible.has(arg.root)))
    const elsewhere = (readers.get(node) ?? []).every(
      (reader) => isFlexible || (isWhole(reader) && domainOf(reader.layout.shape) === domainOf(node.shape)),
    )
    // Spread over a larger shape, each entry would be computed many times.
    const isSpreadOut =
      total > 0 && (readers.get(node) ?? []).some(({ layout }) => sizeOf(layout.shape) > sizeOf(node.shape))
    if (calls > 0 || total > cheap || isSpreadOut || !elsewhere || !node.args.every(atHand)) continue
    again.set(node, total)
    if (isFlexible) flexible.add(node)
    stored.delete(node)
  }

  return {
    graph,
    levels: [...placings.values()].reduce((most, { level }) => Math.max(most, level + 1), 0),
    placing,
    isStored: (node) => stored.has(node),
    isVariable,
  }
}
