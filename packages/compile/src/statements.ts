/** A scheduled graph as statements, in the order in which they run. */
import type { Layout } from '@secant/autodiff'
import { sizeOf } from '@secant/linalg'
import { expressions } from './expression.ts'
import { loopsOf } from './loops.ts'
import type { Node, NodeOf } from './nodes.ts'
import { reading, squeezed } from './reading.ts'
import type { Schedule } from './schedule.ts'
import { groupedBy, resultsOf, type Statement } from './statement.ts'
import { unrolledEntries } from './unrolled.ts'

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
