/** Loops and branches around blocks as JavaScript. */
import { sizeOf, type TensorType } from '@secant/linalg'
import { type Block, sharedNodes } from './block.ts'
import type { Linker } from './linker.ts'
import { aligned, bytesPerEntry } from './memory.ts'
import type { Node, NodeOf } from './nodes.ts'
import { arrayOf } from './statement.ts'
import type { Surroundings } from './surroundings.ts'

type BlockText = (block: Block, surroundings: Surroundings) => readonly string[]

const inputOf = (block: Block, index: number): Node => block.schedule.graph.inputs[index] as Node
const outputOf = (block: Block, index: number): Node => block.schedule.graph.outputs[index]?.root as Node

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`)
const alias = (name: Node, stands: Node): string => `const ${arrayOf(name)} = ${arrayOf(stands)}`

/** Two places for each value of a carry, of which one is read while the other is written. */
interface Carry {
  readonly begin: readonly string[]
  readonly turn: readonly string[]
  readonly end: readonly string[]
  readonly bytes: number
}

const carryText = (
  block: Block,
  from: number,
  given: readonly Node[],
  results: readonly NodeOf<'result'>[],
  linker: Linker,
  base: number,
): Carry => {
  let bytes = 0
  const place = (type: TensorType): string => {
    const name = `d${linker.fresh()}`
    linker.place(name, type, base + bytes)
    bytes += aligned(sizeOf(type.shape) * bytesPerEntry[type.dtype])
    return name
  }
  const pairs = given.map((init, i) => ({ init, now: inputOf(block, from + i), next: outputOf(block, i) }))
  const begin = pairs.flatMap(({ init, now, next }) => [
    `let ${arrayOf(now)} = ${place(now)}, ${arrayOf(next)} = ${place(now)}`,
    `${arrayOf(now)}.set(${arrayOf(init)})`,
  ])
  const turn = pairs.map(({ now, next }) => {
    const [a, b] = [arrayOf(now), arrayOf(next)]
    return `{ const turned = ${a}; ${a} = ${b}; ${b} = turned }`
  })
  const end = results.map((result) => {
    const pair = pairs[result.index]
    return pair === undefined ? '' : `${arrayOf(result)}.set(${arrayOf(pair.now)})`
  })
  return { begin, turn, end: end.filter((line) => line !== ''), bytes }
}

export const controlText = (
  node: NodeOf<'control'>,
  results: readonly NodeOf<'result'>[],
  inner: readonly Block[],
  outside: Surroundings,
  base: number,
  blockText: BlockText,
): readonly string[] => {
  const { control, args } = node
  const { linker } = outside
  const roots = args.map(({ root }) => root)
  const inside = (start: number, offsets: ReadonlyMap<string, string> = new Map()): Surroundings => ({
    ...outside,
    base: start,
    offsets,
    isInner: true,
  })
  const shared = inner.map((block, k) => sharedNodes(node, results, block, k))
  const aliases = (k: number): readonly string[] => (shared[k] ?? []).map(([name, stands]) => alias(name, stands))

  switch (control.kind) {
    case 'repeat': {
      const [block] = inner as readonly [Block]
      const { consts, carry: count, length, reverse } = control
      const carry = carryText(block, consts, roots.slice(consts, consts + count), results, linker, base)
      const step = `i${linker.fresh()}_`
      const rows = (shared[0] ?? []).flatMap(([row]) => (row.kind === 'input' && !row.isRow ? [] : [row]))
      const offsets = new Map(rows.map((row) => [arrayOf(row), `r${row.id}`]))
      const at = reverse ? `(${length - 1} - ${step})` : step
      return [
        '{',
        ...indented([
          ...aliases(0),
          ...carry.begin,
          `for (let ${step} = 0; ${step} < ${length}; ${step}++) {`,
          ...indented([
            ...rows.map((row) => `const r${row.id} = ${at} * ${sizeOf(row.shape)}`),
            ...blockText(block, inside(base + carry.bytes, offsets)),
            ...carry.turn,
          ]),
          '}',
          ...carry.end,
        ]),
        '}',
      ]
    }
    case 'while': {
      const [condition, body] = inner as readonly [Block, Block]
      const { conditionConsts, bodyConsts } = control
      const first = conditionConsts + bodyConsts
      const carry = carryText(body, bodyConsts, roots.slice(first), results, linker, base)
      const again = outputOf(condition, 0)
      linker.place(arrayOf(again), again, linker.reserve(bytesPerEntry[again.dtype]))
      const states = roots
        .slice(first)
        .map((_, i) => alias(inputOf(condition, conditionConsts + i), inputOf(body, bodyConsts + i)))
      return [
        '{',
        ...indented([
          ...aliases(0),
          ...aliases(1),
          ...carry.begin,
          'for (;;) {',
          ...indented([
            ...states,
            ...blockText(condition, inside(base + carry.bytes)),
            `if (${arrayOf(again)}[0] === 0) break`,
            ...blockText(body, inside(base + carry.bytes + condition.plan.bytes)),
            ...carry.turn,
          ]),
          '}',
          ...carry.end,
        ]),
        '}',
      ]
    }
    case 'choose': {
      const chosen = `${arrayOf(roots[0] as Node)}[0]`
      let start = base
      const branches = inner.map((block, k) => {
        const lines = [...aliases(k), ...blockText(block, inside(start))]
        start += block.plan.bytes
        const isLast = k === inner.length - 1
        const head = isLast ? '' : `if (${chosen} ${k === 0 ? '<=' : '==='} ${k}) `
        return [`${k === 0 ? '' : '} else '}${head}{`, ...indented(lines)]
      })
      return [...branches.flat(), '}']
    }
  }
}
