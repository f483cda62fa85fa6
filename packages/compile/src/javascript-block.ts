/** The statements of a block as JavaScript, with the blocks inside of it. */
import { sameShape, sizeOf } from '@secant/linalg'
import type { Block } from './block.ts'
import { reachable } from './collapse.ts'
import { controlText } from './javascript-control.ts'
import { loopText } from './javascript-loop.ts'
import { arraysReadBy, bytesPerEntry } from './memory.ts'
import type { Node, NodeOf, Operand } from './nodes.ts'
import {
  arrayOf,
  type Entry,
  givenOf,
  type Loop,
  neededEntries,
  resultsOf,
  type Statement,
  variableOf,
} from './statement.ts'
import type { Surroundings } from './surroundings.ts'
import { type Leaves, written } from './text.ts'
import type { WasmVariables } from './wasm-variables.ts'

/** Loops over fewer entries are written where they run. */
const separate = 64

const isArray = ({ shape }: Node): boolean => shape.some((length) => length !== 1)

export const blockText = (block: Block, surroundings: Surroundings): readonly string[] => {
  const { schedule, statements, plan } = block
  const { linker, base, offsets, isInner, wasm, residents } = surroundings
  const { graph } = schedule
  const outputs = new Set(graph.outputs.map(({ root }) => root))
  const callable = linker.link
  const startOf = (array: string): readonly string[] => {
    const offset = offsets.get(array)
    return offset === undefined ? [] : [offset]
  }
  const indexText = (array: string, index: number): string => [...startOf(array), String(index)].join(' + ')

  for (const [node, offset] of plan.offsets)
    if (node.kind !== 'control') linker.place(arrayOf(node), node, base + offset)
  const read = new Set(statements.flatMap(arraysReadBy))
  for (const node of graph.nodes)
    if (node.kind === 'constant' && (read.has(arrayOf(node)) || outputs.has(node))) {
      const place = residents.get(node)?.array
      const data = `${linker.link(node.tensor)}.data`
      linker.once(`const ${arrayOf(node)} = ${place ?? data}`)
    }

  /** An operand as a tensor for a call; made once if its memory stays the same. */
  const tensorText = ({ root, layout }: Operand): string => {
    const place = residents.get(root)?.array
    if (root.kind === 'input' && !isInner && place === undefined && sameShape(root.shape, layout.shape))
      return givenOf(root.index)
    const text = `{ dtype: '${root.dtype}', shape: ${linker.linkShape(layout.shape)}, data: ${place ?? arrayOf(root)} }`
    const isSteady = root.kind === 'constant' || plan.offsets.has(root) || place !== undefined
    return isSteady ? linker.made(text) : text
  }

  const neededOf = neededEntries(statements)
  const variableLines = (entries: readonly Entry[], code: WasmVariables | undefined): readonly string[] => {
    const needed = neededOf(entries)
    const leaves: Leaves = {
      read: ({ array, layout }) => `${array}[${indexText(array, layout.start)}]`,
      within: () => false,
      callable,
    }
    if (code !== undefined) {
      const { func, given } = code
      const at = linker.reserve(8 * (given.length + needed.length))
      const number = (i: number): string => `doubles[${at / 8 + i}]`
      return [
        ...given.map((e, i) => `${number(i)} = ${e.kind === 'read' ? leaves.read(e) : e.name}`),
        `${linker.wasm(func.callee.name, func)}(${at})`,
        ...needed.map(({ node, index }, i) => `const ${variableOf(node, index)} = ${number(given.length + i)}`),
      ]
    }
    const roots = needed.map(({ expression }) => expression)
    const { lines, texts } = written(roots, leaves, `w${linker.fresh()}_`)
    return [...lines, ...needed.map(({ node, index }, i) => `const ${variableOf(node, index)} = ${texts[i]}`)]
  }

  /** What an operation returned: as it is, or copied to where others look for it. */
  const gained = (node: Node, data: string): readonly string[] => {
    const place = residents.get(node)?.array
    if (place === undefined) return [`const ${arrayOf(node)} = own(${data})`]
    return [`const ${arrayOf(node)} = ${place}`, `${place}.set(${data})`]
  }

  const callLines = (node: NodeOf<'call'> | NodeOf<'product'>): readonly string[] => {
    const { primitive, params, outs } = node.step
    const types = outs.map(({ dtype, shape }) => ({ dtype, shape }))
    const given = `[${node.args.map(tensorText).join(', ')}], ${linker.link(params)}, ${linker.link(types)}`
    const call = `${linker.link(primitive.impl)}(${given})`
    if (node.kind === 'product') return gained(node, `${call}[0].data`)
    return [
      `const c${node.id} = ${call}`,
      ...resultsOf(graph, node).flatMap((result) => gained(result, `c${node.id}[${result.index}].data`)),
    ]
  }

  /** A longer loop as a function of its own: an engine takes a small function with one loop to machine code at once. */
  const loopLines = (loop: Loop): readonly string[] => {
    const number = linker.fresh()
    const name = `l${number}`
    const items = [...loop.stores, ...loop.folds]
    const used = reachable(items.map(({ expression }) => expression))
    const written = [...loop.stores.map(({ node }) => node), ...loop.folds.map(({ node }) => node).filter(isArray)]
    const touched = [...used.flatMap((e) => (e.kind === 'read' ? [e.array] : [])), ...written.map(arrayOf)]
    const variables = used.flatMap((e) => (e.kind === 'local' ? [e.name] : []))
    const parameters = [...new Set([...touched, ...touched.flatMap(startOf), ...variables])].join(', ')
    const results = loop.folds.filter(({ node }) => !isArray(node)).map(({ node }) => variableOf(node, 0))
    const single = results.length === 1
    const slots = `f${number}`
    if (results.length > 1) linker.once(`const ${slots} = new Float64Array(${results.length})`)
    const end = single ? [`return ${results[0]}`] : results.map((result, i) => `${slots}[${i}] = ${result}`)
    const body = [...loopText(loop, number, callable, startOf), ...end]
    linker.once([`const ${name} = (${parameters}) => {`, ...body.map((line) => `  ${line}`), '}'].join('\n'))
    if (single) return [`const ${results[0]} = ${name}(${parameters})`]
    return [`${name}(${parameters})`, ...results.map((result, i) => `const ${result} = ${slots}[${i}]`)]
  }

  /** Where a node's entries begin in the arena; those of inputs and outputs of an inner block change from step to step. */
  const placeOf = (node: Node): string => {
    const offset = plan.offsets.get(node)
    const at = offset === undefined ? residents.get(node)?.at : base + offset
    if (at !== undefined) return String(at)
    const array = arrayOf(node)
    return [
      `${array}.byteOffset`,
      ...startOf(array).map((entries) => `${entries} * ${bytesPerEntry[node.dtype]}`),
    ].join(' + ')
  }

  const linesOf = (statement: Statement): readonly string[] => {
    const call = wasm?.lines.get(statement)
    if (call !== undefined) {
      const own =
        statement.kind === 'call' ? [`const ${arrayOf(statement.node)} = ${residents.get(statement.node)?.array}`] : []
      return [...own, ...call(placeOf)]
    }
    switch (statement.kind) {
      case 'loop':
        return sizeOf(statement.shape) < separate
          ? loopText(statement, linker.fresh(), callable, startOf)
          : loopLines(statement)
      case 'variables':
        return variableLines(statement.entries, wasm?.variables.get(statement))
      case 'keep': {
        const { node } = statement
        const array = arrayOf(node)
        return Array.from(
          { length: sizeOf(node.shape) },
          (_, i) => `${array}[${indexText(array, i)}] = ${variableOf(node, i)}`,
        )
      }
      case 'zeros': {
        const array = arrayOf(statement.node)
        const size = sizeOf(statement.node.shape)
        return [`${array}.fill(0, ${indexText(array, 0)}, ${indexText(array, size)})`]
      }
      case 'call':
        return callLines(statement.node)
      case 'control': {
        const { node, results } = statement
        const inner = block.inner.get(node) as readonly Block[]
        return controlText(node, results, inner, surroundings, base + (plan.offsets.get(node) as number), blockText)
      }
    }
  }
  return statements.flatMap(linesOf)
}
