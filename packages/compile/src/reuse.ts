/** Which results of a program are written into the memory of inputs that nobody else has. */
import { sizeOf } from '@secant/linalg'
import type { Block } from './block.ts'
import { reachable } from './collapse.ts'
import { arraysReadBy, nodesWrittenBy } from './memory.ts'
import type { Node, NodeOf } from './nodes.ts'
import { arrayOf, type Loop } from './statement.ts'

export interface Reuse {
  readonly input: NodeOf<'input'>
  /** Whether the input is read no more once the result is written; else the result is moved there at the end. */
  readonly isDirect: boolean
}

/** Whether a loop reads an array only at the entry which it writes of a node. */
const readsWhereItWrites = ({ stores, folds }: Loop, array: string, node: Node): boolean => {
  const store = stores.find((each) => each.node === node)
  return reachable([...stores, ...folds].map(({ expression }) => expression)).every(
    (e) =>
      e.kind !== 'read' ||
      e.array !== array ||
      (e.tests.length === 0 &&
        e.layout.start === store?.layout.start &&
        e.layout.strides.join() === store.layout.strides.join()),
  )
}

/** Places for results, each in another input of the same dtype and size; inputs that are results themselves have none to give. */
export const reusesOf = (
  { schedule: { graph }, statements }: Block,
  results: readonly Node[],
  donated: readonly number[],
): ReadonlyMap<Node, Reuse> => {
  // What a call returns may lie in an argument.
  const called = statements.flatMap((each) => (each.kind === 'call' && each.node.kind === 'call' ? each.node.args : []))
  const kept = new Set(called.map(({ root }) => root))
  for (const { root } of graph.outputs) kept.add(root)
  const free = new Set(graph.inputs.filter((input) => donated.includes(input.index) && !kept.has(input)))
  const reuses = new Map<Node, Reuse>()
  for (const node of results) {
    const fits = (input: Node): boolean => input.dtype === node.dtype && sizeOf(input.shape) === sizeOf(node.shape)
    const input = [...free].find(fits)
    if (input === undefined) continue
    free.delete(input)
    const array = arrayOf(input)
    const written = statements.findIndex((each) => nodesWrittenBy(each).includes(node))
    const read = statements.findLastIndex((each) => arraysReadBy(each).includes(array))
    const last = statements[read]
    const isDirect =
      read < written || (read === written && last?.kind === 'loop' && readsWhereItWrites(last, array, node))
    reuses.set(node, { input, isDirect })
  }
  return reuses
}
