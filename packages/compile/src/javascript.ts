/** A program as one JavaScript function of its inputs, which calls functions in WebAssembly where there are some. */
import { sameShape, sizeOf, type Tensor } from '@secant/linalg'
import { createMemory, encodeModule, hostFunctions, instantiate, type Linked } from '@secant/linalg/wasm'
import type { Block } from './block.ts'
import { blockText } from './javascript-block.ts'
import { arrayTypes, type Linker, linker } from './linker.ts'
import { bytesPerEntry } from './memory.ts'
import type { Node } from './nodes.ts'
import { reusesOf } from './reuse.ts'
import { arrayOf } from './statement.ts'
import type { Resident } from './surroundings.ts'
import { type WasmLimits, wasmPart } from './wasm-block.ts'

export type Run = (inputs: readonly Tensor[]) => readonly Tensor[]

/** Source text, and what its names stand for. */
export interface Emitted {
  readonly source: string
  readonly links: readonly unknown[]
  /** Functions in WebAssembly; none where all is JavaScript. */
  readonly functions: Readonly<Record<string, Linked>>
  /** The size of the memory between loops. */
  readonly arenaBytes: number
}

/** Room in the arena for nodes; the same for constants that are the same tensor. */
const residing = (nodes: Iterable<Node>, links: Linker): ReadonlyMap<Node, Resident> => {
  const residents = new Map<Node, Resident>()
  const constants = new Map<Tensor, Resident>()
  for (const node of nodes) {
    const tensor = node.kind === 'constant' ? node.tensor : undefined
    const known = tensor && constants.get(tensor)
    const room = known ?? { array: `m${node.id}`, at: links.reserve(sizeOf(node.shape) * bytesPerEntry[node.dtype]) }
    residents.set(node, room)
    if (known !== undefined) continue
    links.place(room.array, node, room.at)
    if (tensor === undefined) continue
    constants.set(tensor, room)
    links.once(`${room.array}.set(${links.link(tensor)}.data)`)
  }
  return residents
}

/**
 * The code of a program; loops are in WebAssembly where limits are given and it is worth it. Inputs with some numbers are
 * `donated`: results may be written into their memory.
 */
export const emitted = (block: Block, limits?: WasmLimits, donated: readonly number[] = []): Emitted => {
  const { schedule, plan } = block
  const { graph } = schedule
  const links = linker(plan.bytes)
  const wasm = limits && wasmPart(block, links, limits)
  const touched = wasm?.touched ?? new Set()
  // Results of calls and of other programs' inputs are there already.
  const isFresh = (node: Node): boolean =>
    !['given', 'called'].includes(schedule.placing(node).role) ||
    (node.kind === 'result' && node.call.kind === 'control')
  const roots = [...new Set(graph.outputs.map(({ root }) => root))]
  const owned = roots.filter((node) => node.kind !== 'input' && (isFresh(node) || touched.has(node)))
  const reuses = reusesOf(block, owned, donated)
  const late = [...reuses].flatMap(([node, { isDirect }]) => (isDirect ? [] : [node]))
  const residents = residing(new Set([...touched, ...late]), links)
  const resident = (node: Node): string | undefined => residents.get(node)?.array
  const reused = (node: Node): string | undefined => {
    const reuse = reuses.get(node)
    return reuse && `inputs[${reuse.input.index}].data`
  }

  const lines = blockText(block, { linker: links, base: 0, offsets: new Map(), isInner: false, wasm, residents })
  const given = graph.inputs.flatMap((node) => {
    const place = resident(node)
    const data = `inputs[${node.index}].data`
    const array = `const ${arrayOf(node)} = ${place ?? data}`
    return place === undefined ? [array] : [array, `${place}.set(${data})`]
  })
  const fresh = roots.filter(isFresh).map((node) => {
    const array = resident(node) ?? reused(node) ?? `new ${arrayTypes[node.dtype]}(${sizeOf(node.shape)})`
    return `const ${arrayOf(node)} = ${array}`
  })
  const arrived = roots.flatMap((node) => {
    const place = resident(node) && reused(node)
    return place === undefined ? [] : [`${place}.set(${arrayOf(node)})`]
  })
  const results = graph.outputs.map(({ root, layout }) => {
    if (root.kind === 'input' && sameShape(root.shape, layout.shape)) return `inputs[${root.index}]`
    const array = arrayOf(root)
    const isOurs = root.kind === 'constant' || resident(root) !== undefined
    const data = isOurs ? (reused(root) ?? `${array}.slice()`) : array
    return `{ dtype: '${root.dtype}', shape: ${links.linkShape(layout.shape)}, data: ${data} }`
  })
  const inside = [...given, ...fresh, ...lines, ...arrived, `return [${results.join(', ')}]`]
  const source = [
    "'use strict'",
    `const [${links.values.map((_, i) => `k${i}`).join(', ')}] = links`,
    ...(wasm === undefined ? [] : ['const doubles = new Float64Array(arena)', `const work = ${links.workStart()}`]),
    ...links.lines,
    // An operation may return an argument as it is; what lies in the arena must not leave it.
    'const own = (data) => (data.buffer === arena ? data.slice() : data)',
    'return (inputs) => {',
    ...inside.map((line) => `  ${line}`),
    '}',
  ].join('\n')
  return { source, links: links.values, functions: links.functions, arenaBytes: links.arenaBytes() }
}

/** Makes the function. Fails (throws) where code generation is not allowed. */
export const linked = ({ source, links, functions, arenaBytes }: Emitted): Run => {
  const make = new Function('links', 'arena', 'wasm', source)
  if (Object.keys(functions).length === 0) return make(links, new ArrayBuffer(arenaBytes), {}) as Run
  const instance = instantiate(encodeModule(functions), createMemory(arenaBytes), hostFunctions)
  return make(links, instance.memory.buffer, instance.functions) as Run
}
