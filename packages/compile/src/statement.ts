/** What a block does, step by step: what is computed for each entry, and where it goes. */
import type { Layout } from '@secant/autodiff'
import { type Shape, sizeOf } from '@secant/linalg'
import { reachable } from './collapse.ts'
import type { Expression } from './expression.ts'
import type { Graph, Node, NodeOf } from './nodes.ts'

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
/** An input of the whole program as it was given. */
export const givenOf = (index: number): string => `x${index}`
export const arrayOf = (node: Node): string => `n${node.id}`

export const resultsOf = ({ nodes }: Graph, call: Node): readonly NodeOf<'result'>[] =>
  nodes.filter((node): node is NodeOf<'result'> => node.kind === 'result' && node.call === call)

export const groupedBy = <A>(list: readonly A[], keyOf: (item: A) => string): ReadonlyMap<string, readonly A[]> => {
  const groups = new Map<string, A[]>()
  for (const item of list) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

/** The names of variables that statements read. */
const variablesRead = (statements: readonly Statement[]): ReadonlySet<string> => {
  const used = new Set<string>()
  for (const statement of statements) {
    if (statement.kind === 'keep')
      for (let index = 0; index < sizeOf(statement.node.shape); index++) used.add(variableOf(statement.node, index))
    const entries =
      statement.kind === 'loop'
        ? [...statement.stores, ...statement.folds]
        : statement.kind === 'variables'
          ? statement.entries
          : []
    for (const e of reachable(entries.map(({ expression }) => expression))) if (e.kind === 'local') used.add(e.name)
  }
  return used
}

/** The entries of variables that other statements read. */
export const neededEntries = (statements: readonly Statement[]): ((entries: readonly Entry[]) => readonly Entry[]) => {
  const used = variablesRead(statements)
  return (entries) => entries.filter(({ node, index }) => used.has(variableOf(node, index)))
}
