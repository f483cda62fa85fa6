/** A program as one JavaScript function of its inputs, which calls functions in WebAssembly where there are some. */
import { sameShape, sizeOf, type Tensor } from '@secant/linalg'
import { createMemory, encodeModule, hostFunctions, instantiate, type Linked } from '@secant/linalg/wasm'
import type { Block } from './block.ts'
import { blockText } from './javascript-block.ts'
import { arrayTypes, type Linker, linker } from './linker.ts'
import { bytesPerEntry } from './memory.ts'
import type { Node } from './nodes.ts'
import { reusesOf } from './reuse.ts'
import { arrayOf, givenOf } from './statement.ts'
import type { Resident } from './surroundings.ts'
import { type WasmLimits, wasmPart } from './wasm-block.ts'

/** How a program is called and what it returns. */
export interface Signature {
  /** Whether the inputs come as one list; else each is a parameter, of which engines allow some ten thousand. */
  readonly isList: boolean
  /** Which inputs are numbers. */
  readonly numbers: ReadonlySet<number>
  /** The text of what is returned, from those of the results; inputs are `x0`, `x1` and so on. */
  readonly returned: (results: readonly string[], link: Linker['link']) => string
}

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
 * The code of a program; loops are in WebAssembly where limits are given and it is worth it. Results may be written into
 * the memory of the inputs at the positions in `donated`.
 */
export const emitted = (
  block: Block,
  { isList, numbers, returned }: Signature,
  limits: WasmLimits | undefined,
  donated: readonly number[],
): Emitted => {
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
  const isNumber = (node: Node): boolean => node.kind === 'input' && numbers.has(node.index)
  const residents = residing(new Set([...touched, ...late, ...graph.inputs.filter(isNumber)]), links)
  const resident = (node: Node): string | undefined => residents.get(node)?.array
  const reused = (node: Node): string | undefined => {
    const reuse = reuses.get(node)
    return reuse && `${givenOf(reuse.input.index)}.data`
  }

  const lines = blockText(block, { linker: links, base: 0, offsets: new Map(), isInner: false, wasm, residents })
  const given = graph.inputs.flatMap((node) => {
    const [place, input] = [resident(node), givenOf(node.index)]
    const array = `const ${arrayOf(node)} = ${place ?? `${input}.data`}`
    if (place === undefined) return [array]
    return [array, isNumber(node) ? `${place}[0] = ${input}` : `${place}.set(${input}.data)`]
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
    if (root.kind === 'input' && !isNumber(root) && sameShape(root.shape, layout.shape)) return givenOf(root.index)
    const array = arrayOf(root)
    const isOurs = root.kind === 'constant' || resident(root) !== undefined
    const data = isOurs ? (reused(root) ?? `${array}.slice()`) : array
    return `{ dtype: '${root.dtype}', shape: ${links.linkShape(layout.shape)}, data: ${data} }`
  })
  const inside = [...given, ...fresh, ...lines, ...arrived, `return ${returned(results, links.link)}`]
  const names = graph.inputs.map(({ index }) => givenOf(index))
  const listed = isList ? 'inputs' : `[${names.join(', ')}]`
  const source = [
    "'use strict'",
    `const [${links.values.map((_, i) => `k${i}`).join(', ')}] = links`,
    ...(wasm === undefined ? [] : ['const doubles = new Float64Array(arena)', `const work = ${links.workStart()}`]),
    ...links.lines,
    // An operation may return an argument as it is; what lies in the arena must not leave it.
    'const own = (data) => (data.buffer === arena ? data.slice() : data)',
    'let isRunning = false',
    `return (${isList ? 'inputs' : names.join(', ')}) => {`,
    // An operation's own code may come back here while the arena is in use.
    `  if (isRunning) return again(${listed})`,
    '  isRunning = true',
    '  try {',
    ...(isList ? names.map((name, i) => `    const ${name} = inputs[${i}]`) : []),
    ...inside.map((line) => `    ${line}`),
    '  } finally {',
    '    isRunning = false',
    '  }',
    '}',
  ].join('\n')
  return { source, links: links.values, functions: links.functions, arenaBytes: links.arenaBytes() }
}

/**
 * Makes the function; called while it runs, it hands a list of its inputs to `again`. Fails (throws) where code generation
 * is not allowed.
 */
export const linked = (
  { source, links, functions, arenaBytes }: Emitted,
  again: (inputs: never) => unknown,
): ((...inputs: never[]) => unknown) => {
  const make = new Function('links', 'arena', 'wasm', 'again', source)
  if (Object.keys(functions).length === 0) return make(links, new ArrayBuffer(arenaBytes), {}, again)
  const instance = instantiate(encodeModule(functions), createMemory(arenaBytes), hostFunctions)
  return make(links, instance.memory.buffer, instance.functions, again)
}
