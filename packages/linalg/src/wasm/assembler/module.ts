import { type Callee, type Label, type Part, unsignedLeb, type Variable } from './code.ts'
import { typeByte } from './control.ts'
import type { Linked } from './function.ts'

/** All bytes of some pieces, after `count`. */
const joined = (count: number, pieces: readonly (readonly number[])[]): readonly number[] => {
  const bytes = [...unsignedLeb(count)]
  // Spreading and flattening long arrays takes several times as long.
  for (const piece of pieces) for (const byte of piece) bytes.push(byte)
  return bytes
}

/** Bytes with their number before them. */
const sized = (bytes: readonly number[]): readonly number[] => joined(bytes.length, [bytes])

/** Pieces with their number before them. */
const vector = (pieces: readonly (readonly number[])[]): readonly number[] => joined(pieces.length, pieces)

/** A name of ASCII letters, digits and signs, so that every character is a byte. */
const nameBytes = (name: string): readonly number[] => {
  if (!/^[\x20-\x7e]*$/.test(name)) throw new Error(`encodeModule: got the name ${name}; needs ASCII`)
  return sized(Array.from(name, (character) => character.charCodeAt(0)))
}

/** A function with its place among all functions of a module. */
interface Body {
  readonly params: readonly Variable[]
  readonly parts: readonly Part[]
}

/** Calls `visit` for every function that some parts mention. */
const eachCallee = (parts: readonly Part[], visit: (callee: Callee) => void): void => {
  for (const part of parts) {
    if (typeof part === 'number') continue
    if (part.kind === undefined) eachCallee(part.parts, visit)
    else if (part.kind === 'nest') eachCallee(part.body, visit)
    else if (part.kind === 'function') visit(part)
  }
}

/** All functions that the given ones reach, each once, with their bodies where they have one. */
const reach = (roots: readonly Callee[]): ReadonlyMap<Callee, Body | undefined> => {
  const found = new Map<Callee, Body | undefined>()
  const waiting = [...roots]
  for (let callee = waiting.shift(); callee !== undefined; callee = waiting.shift()) {
    if (found.has(callee)) continue
    const expanded = callee.expand?.()
    const body = expanded && { params: expanded.params, parts: [expanded.code] }
    if (expanded && expanded.code.type !== callee.result)
      throw new Error(`${callee.name}: got a body of type ${expanded.code.type}; needs ${callee.result}`)
    found.set(callee, body)
    if (body) eachCallee(body.parts, (next) => waiting.push(next))
  }
  return found
}

/** The code section's entry of one function: its locals, run by run of one type, and its instructions. */
const encodeBody = ({ params, parts }: Body, indexOf: (callee: Callee) => number, name: string): readonly number[] => {
  const variables = new Map<Variable, number>(params.map((variable, i) => [variable, i]))
  const types: number[] = []
  const bytes: number[] = []
  const labels: Label[] = []
  const leb = (value: number): void => {
    if (value < 0x80) bytes.push(value)
    else bytes.push(...unsignedLeb(value))
  }
  const write = (list: readonly Part[]): void => {
    for (const part of list) {
      if (typeof part === 'number') bytes.push(part)
      else if (part.kind === undefined) write(part.parts)
      else if (part.kind === 'variable') {
        let index = variables.get(part)
        if (index === undefined) {
          index = variables.size
          variables.set(part, index)
          types.push(typeByte(part.type))
        }
        leb(index)
      } else if (part.kind === 'function') leb(indexOf(part))
      else if (part.kind === 'label') {
        const at = labels.lastIndexOf(part)
        if (at < 0) throw new Error(`${name}: got a branch to a block that it is not in`)
        leb(labels.length - 1 - at)
      } else {
        labels.push(part.label)
        for (const byte of part.head) bytes.push(byte)
        write(part.body)
        bytes.push(0x0b)
        labels.pop()
      }
    }
  }
  write(parts)
  const runs: [count: number, type: number][] = []
  for (const type of types) {
    const last = runs[runs.length - 1]
    if (last?.[1] === type) last[0]++
    else runs.push([1, type])
  }
  const declared = vector(runs.map(([count, type]) => [...unsignedLeb(count), type]))
  return joined(declared.length + bytes.length + 1, [declared, bytes, [0x0b]])
}

/** Largest memory of ours, 2 GiB in pages of 64 KiB, so that every address is a positive i32. */
export const mostPages = 32_768

/** What a module needs of the memory that it is given: pages of 64 KiB. */
export interface MemoryLimits {
  readonly minimum: number
  /** At most this many; a memory with a larger limit, or none, is refused by the engine. */
  readonly maximum?: number
}

/**
 * The bytes of a module with the given exports and every function that they call; functions of one signature share a
 * type. It imports `env.memory`, and the host's functions by their names from `env`.
 *
 * @example
 * const square = func('square', { x: 'f64' }, 'f64', ({ x }) => f64.mul(x, x))
 * encodeModule({ square }).length // => 63
 */
export const encodeModule = (
  exports: Readonly<Record<string, Linked>>,
  { minimum, maximum = mostPages }: MemoryLimits = { minimum: 1 },
): Uint8Array => {
  const found = reach(Object.values(exports).map(({ callee }) => callee))
  const imported = [...found].flatMap(([callee, body]) => (body === undefined ? [callee] : []))
  const defined = [...found].flatMap(([callee, body]) => (body === undefined ? [] : [[callee, body] as const]))
  const twice = imported.find(
    ({ name }, i) => name === 'memory' || imported.some((other, j) => j < i && other.name === name),
  )
  if (twice) throw new Error(`encodeModule: got two imports by the name ${twice.name}; needs different names`)
  const order = new Map([...imported, ...defined.map(([callee]) => callee)].map((callee, i) => [callee, i]))
  const indexOf = (callee: Callee): number => order.get(callee) as number

  const types = new Map<string, number>()
  const signatures: (readonly number[])[] = []
  const typeOf = ({ params, result }: Callee): readonly number[] => {
    const signature = [0x60, ...sized(params.map(typeByte)), ...sized(result === 'none' ? [] : [typeByte(result)])]
    const key = signature.join()
    const known = types.get(key) ?? types.size
    if (known === types.size) signatures.push(signature)
    types.set(key, known)
    return unsignedLeb(known)
  }
  const imports = [
    [...nameBytes('env'), ...nameBytes('memory'), 2, 1, ...unsignedLeb(minimum), ...unsignedLeb(maximum)],
    ...imported.map((callee) => [...nameBytes('env'), ...nameBytes(callee.name), 0, ...typeOf(callee)]),
  ]
  const functions = defined.map(([callee]) => typeOf(callee))
  const exported = Object.entries(exports).map(([name, { callee }]) => [
    ...nameBytes(name),
    0,
    ...unsignedLeb(indexOf(callee)),
  ])
  const bodies = defined.map(([callee, body]) => encodeBody(body, indexOf, callee.name))
  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
  const sections = [
    [1, signatures],
    [2, imports],
    [3, functions],
    [7, exported],
    [10, bodies],
  ] as const
  const parts = [head, ...sections.flatMap(([id, items]) => [[id], sized(vector(items))])]
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
