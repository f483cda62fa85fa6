/** A program as one JavaScript function of its inputs. */
import { sameShape, sizeOf, type Tensor } from '@secant/linalg'
import type { Block } from './block.ts'
import { blockText } from './javascript-block.ts'
import { arrayTypes, linker } from './linker.ts'
import type { Node } from './nodes.ts'
import { arrayOf } from './statements.ts'

export type Run = (inputs: readonly Tensor[]) => readonly Tensor[]

/** Source text, and the values that its names stand for. */
export interface Emitted {
  readonly source: string
  readonly links: readonly unknown[]
  /** The size of the memory between loops. */
  readonly arenaBytes: number
}

export const javascriptOf = (block: Block): Emitted => {
  const { schedule, plan } = block
  const { graph } = schedule
  const links = linker()
  const lines = blockText(block, { linker: links, base: 0, offsets: new Map(), isInner: false })
  const given = graph.inputs.map((node) => `const ${arrayOf(node)} = inputs[${node.index}].data`)
  // Results of calls and of other programs' inputs are there already.
  const isFresh = (node: Node): boolean =>
    !['given', 'called'].includes(schedule.placing(node).role) ||
    (node.kind === 'result' && node.call.kind === 'control')
  const fresh = [...new Set(graph.outputs.map(({ root }) => root))]
    .filter(isFresh)
    .map((node) => `const ${arrayOf(node)} = new ${arrayTypes[node.dtype]}(${sizeOf(node.shape)})`)
  const results = graph.outputs.map(({ root, layout }) => {
    if (root.kind === 'constant' && sameShape(root.shape, layout.shape)) return links.link(root.tensor)
    if (root.kind === 'input' && sameShape(root.shape, layout.shape)) return `inputs[${root.index}]`
    return `{ dtype: '${root.dtype}', shape: ${links.linkShape(layout.shape)}, data: ${arrayOf(root)} }`
  })
  const inside = [...given, ...fresh, ...lines, `return [${results.join(', ')}]`]
  const source = [
    "'use strict'",
    `const [${links.values.map((_, i) => `k${i}`).join(', ')}] = links`,
    ...links.lines,
    // An operation may return an argument as it is; what lies in the arena must not leave it.
    'const own = (data) => (data.buffer === arena ? data.slice() : data)',
    'return (inputs) => {',
    ...inside.map((line) => `  ${line}`),
    '}',
  ].join('\n')
  return { source, links: links.values, arenaBytes: plan.bytes }
}

/** Makes the function. Fails (throws) where code generation is not allowed. */
export const linkedJavascript = ({ source, links, arenaBytes }: Emitted): Run =>
  new Function('links', 'arena', source)(links, new ArrayBuffer(arenaBytes)) as Run
