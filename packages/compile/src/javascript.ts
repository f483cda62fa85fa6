/** A program's statements as one JavaScript function of its inputs. */
import { sameShape, sizeOf, type Tensor } from '@secant/linalg'
import { reachable } from './collapse.ts'
import type { Callable } from './expression.ts'
import { loopText } from './javascript-loop.ts'
import { arraysReadBy, type MemoryPlan, memoryPlan } from './memory.ts'
import type { Node, NodeOf, Operand } from './nodes.ts'
import type { Schedule } from './schedule.ts'
import { arrayOf, type Entry, type Statement, variableOf } from './statements.ts'
import { type Leaves, written } from './text.ts'

export type Run = (inputs: readonly Tensor[]) => readonly Tensor[]

/** Source text, and the values that its names stand for. */
export interface Emitted {
  readonly source: string
  readonly links: readonly unknown[]
  readonly plan: MemoryPlan
}

const arrays = { float64: 'Float64Array', float32: 'Float32Array', int32: 'Int32Array', bool: 'Uint8Array' } as const

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

export const javascriptOf = (schedule: Schedule, statements: readonly Statement[]): Emitted => {
  const { graph } = schedule
  const outputs = new Set(graph.outputs.map(({ root }) => root))
  const plan = memoryPlan(statements, (node) => outputs.has(node))
  const links: unknown[] = []
  const linkNames = new Map<unknown, string>()
  const link = (value: unknown): string => {
    const name = linkNames.get(value) ?? `k${links.length}`
    if (!linkNames.has(value)) {
      linkNames.set(value, name)
      links.push(value)
    }
    return name
  }
  const shapes = new Map<string, readonly number[]>()
  const linkShape = (shape: readonly number[]): string => {
    const known = shapes.get(shape.join()) ?? shape
    shapes.set(shape.join(), known)
    return link(known)
  }
  const callable = (f: Callable): string => link(f)

  const linked: string[] = [...plan.offsets].map(
    ([node, offset]) => `const ${arrayOf(node)} = new ${arrays[node.dtype]}(arena, ${offset}, ${sizeOf(node.shape)})`,
  )
  const tensors = new Map<string, string>()
  /** An operand as a tensor for a call; made once if its memory stays the same. */
  const tensorText = ({ root, layout }: Operand): string => {
    if (root.kind === 'input' && sameShape(root.shape, layout.shape)) return `inputs[${root.index}]`
    const text = `{ dtype: '${root.dtype}', shape: ${linkShape(layout.shape)}, data: ${arrayOf(root)} }`
    if (root.kind !== 'constant' && !plan.offsets.has(root)) return text
    const name = tensors.get(text) ?? `t${tensors.size}`
    if (!tensors.has(text)) {
      tensors.set(text, name)
      linked.push(`const ${name} = ${text}`)
    }
    return name
  }

  const used = variablesRead(statements)
  const variableLines = (entries: readonly Entry[]): readonly string[] => {
    const needed = entries.filter(({ node, index }) => used.has(variableOf(node, index)))
    const leaves: Leaves = { read: ({ array, layout }) => `${array}[${layout.start}]`, within: () => false, callable }
    const { lines, texts } = written(
      needed.map(({ expression }) => expression),
      leaves,
      `w${(needed[0] as Entry | undefined)?.node.id}_`,
    )
    return [...lines, ...needed.map(({ node, index }, i) => `const ${variableOf(node, index)} = ${texts[i]}`)]
  }

  const callLines = (node: NodeOf<'call'> | NodeOf<'product'>): readonly string[] => {
    const { primitive, params, outs } = node.step
    const types = outs.map(({ dtype, shape }) => ({ dtype, shape }))
    const call = `${link(primitive.impl)}([${node.args.map(tensorText).join(', ')}], ${link(params)}, ${link(types)})`
    if (node.kind === 'product') return [`const ${arrayOf(node)} = own(${call}[0].data)`]
    const results = graph.nodes.filter((other) => other.kind === 'result' && other.call === node) as NodeOf<'result'>[]
    return [
      `const c${node.id} = ${call}`,
      ...results.map((r) => `const ${arrayOf(r)} = own(c${node.id}[${r.index}].data)`),
    ]
  }

  const linesOf = (statement: Statement, number: number): readonly string[] => {
    switch (statement.kind) {
      case 'loop':
        return loopText(statement, number, callable)
      case 'variables':
        return variableLines(statement.entries)
      case 'keep': {
        const { node } = statement
        return Array.from({ length: sizeOf(node.shape) }, (_, i) => `${arrayOf(node)}[${i}] = ${variableOf(node, i)}`)
      }
      case 'zeros':
        return outputs.has(statement.node) ? [] : [`${arrayOf(statement.node)}.fill(0)`]
      case 'call':
        return callLines(statement.node)
    }
  }
  const lines = statements.flatMap(linesOf)

  const read = new Set(statements.flatMap(arraysReadBy))
  for (const node of graph.nodes)
    if (node.kind === 'constant' && (read.has(arrayOf(node)) || outputs.has(node)))
      linked.unshift(`const ${arrayOf(node)} = ${link(node.tensor)}.data`)
  const given = graph.inputs.map((node) => `const ${arrayOf(node)} = inputs[${node.index}].data`)
  const isFresh = (node: Node): boolean => !['given', 'called'].includes(schedule.placing(node).role)
  const fresh = [...outputs]
    .filter(isFresh)
    .map((node) => `const ${arrayOf(node)} = new ${arrays[node.dtype]}(${sizeOf(node.shape)})`)
  const results = graph.outputs.map((operand) => {
    const { root, layout } = operand
    if (root.kind === 'constant' && sameShape(root.shape, layout.shape)) return link(root.tensor)
    if (root.kind === 'input' && sameShape(root.shape, layout.shape)) return `inputs[${root.index}]`
    return `{ dtype: '${root.dtype}', shape: ${linkShape(layout.shape)}, data: ${arrayOf(root)} }`
  })
  const inside = [...given, ...fresh, ...lines, `return [${results.join(', ')}]`]
  const source = [
    "'use strict'",
    `const [${links.map((_, i) => `k${i}`).join(', ')}] = links`,
    ...linked,
    // An operation may return an argument as it is; what lies in the arena must not leave it.
    'const own = (data) => (data.buffer === arena ? data.slice() : data)',
    'return (inputs) => {',
    ...inside.map((line) => `  ${line}`),
    '}',
  ].join('\n')
  return { source, links, plan }
}

/** Makes the function. Fails (throws) where code generation is not allowed. */
export const linkedJavascript = ({ source, links, plan }: Emitted): Run =>
  new Function('links', 'arena', source)(links, new ArrayBuffer(plan.bytes)) as Run
