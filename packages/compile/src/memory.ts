/** Where the arrays between loops lie: in one arena, in which places are used again once nothing reads them any more. */
import { type DType, sizeOf } from '@secant/linalg'
import { reachable } from './collapse.ts'
import type { Node, NodeOf } from './nodes.ts'
import { arrayOf, type Statement } from './statement.ts'

/** Bytes from the beginning of the arena. */
export interface MemoryPlan {
  readonly offsets: ReadonlyMap<Node, number>
  readonly bytes: number
}

export const bytesPerEntry: { readonly [K in DType]: number } = { float64: 8, float32: 4, int32: 4, bool: 1 }

/** The names of the arrays that a statement reads. */
export const arraysReadBy = (statement: Statement): readonly string[] => {
  const of = (roots: Parameters<typeof reachable>[0]): readonly string[] =>
    reachable(roots).flatMap((e) => (e.kind === 'read' ? [e.array] : []))
  switch (statement.kind) {
    case 'loop':
      return of([...statement.stores, ...statement.folds].map(({ expression }) => expression))
    case 'variables':
      return of(statement.entries.map(({ expression }) => expression))
    case 'call':
    case 'control':
      return statement.node.args.map(({ root }) => arrayOf(root))
    case 'keep':
    case 'zeros':
      return []
  }
}

/** The nodes whose memory a statement writes. */
export const nodesWrittenBy = (statement: Statement): readonly Node[] => {
  switch (statement.kind) {
    case 'loop':
      return [
        ...statement.stores.map(({ node }) => node),
        ...statement.folds.map(({ node }) => node).filter(({ shape }) => sizeOf(shape) !== 1),
      ]
    case 'keep':
    case 'zeros':
      return [statement.node]
    case 'control':
      // What is inside of it lies in the place of the node itself.
      return [statement.node, ...statement.results]
    case 'variables':
    case 'call':
      return []
  }
}

export const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16

/** First fit, in the order in which arrays are written. */
export const memoryPlan = (
  statements: readonly Statement[],
  isOutput: (node: Node) => boolean,
  scratch: (node: NodeOf<'control'>) => number,
): MemoryPlan => {
  const lifetimes = new Map<Node, { first: number; last: number }>()
  const byName = new Map<string, Node>()
  statements.forEach((statement, time) => {
    for (const node of nodesWrittenBy(statement)) {
      if (isOutput(node)) continue
      const lifetime = lifetimes.get(node)
      if (lifetime === undefined) lifetimes.set(node, { first: time, last: time })
      else lifetime.last = time
      byName.set(arrayOf(node), node)
    }
    for (const name of arraysReadBy(statement)) {
      const node = byName.get(name)
      const lifetime = node && lifetimes.get(node)
      if (lifetime !== undefined) lifetime.last = time
    }
  })
  const offsets = new Map<Node, number>()
  const taken: { readonly from: number; readonly to: number; readonly last: number }[] = []
  let bytes = 0
  for (const [node, { first, last }] of [...lifetimes].sort(([, a], [, b]) => a.first - b.first)) {
    const size = node.kind === 'control' ? scratch(node) : aligned(sizeOf(node.shape) * bytesPerEntry[node.dtype])
    const alive = taken.filter((place) => place.last >= first).sort((a, b) => a.from - b.from)
    let from = 0
    for (const place of alive) {
      if (from + size <= place.from) break
      from = Math.max(from, place.to)
    }
    taken.push({ from, to: from + size, last })
    offsets.set(node, from)
    bytes = Math.max(bytes, from + size)
  }
  return { offsets, bytes }
}
