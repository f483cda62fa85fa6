/** A program ready to be written as code, together with the programs inside of it. */
import type { Program } from '@secant/autodiff'
import { sizeOf } from '@secant/linalg'
import type { Inner } from './control.ts'
import { aligned, bytesPerEntry, type MemoryPlan, memoryPlan } from './memory.ts'
import { graphOf, type Nesting, type Node, type NodeOf } from './nodes.ts'
import { type Schedule, scheduled } from './schedule.ts'
import { simplified } from './simplify.ts'
import type { Statement } from './statement.ts'
import { statementsOf } from './statements.ts'

export interface Block {
  readonly schedule: Schedule
  readonly statements: readonly Statement[]
  readonly inner: ReadonlyMap<NodeOf<'control'>, readonly Block[]>
  readonly plan: MemoryPlan
}

export interface BlockOptions {
  readonly unrolled?: number | undefined
}

/** The carry of a loop has two places: where it is read, and where the next one is written. */
export const carryBytes = (node: NodeOf<'control'>, carry: number): number =>
  node.results
    .slice(0, carry)
    .reduce((total, { dtype, shape }) => total + 2 * aligned(sizeOf(shape) * bytesPerEntry[dtype]), 0)

export const carryOf = ({ control, results }: NodeOf<'control'>): number => {
  if (control.kind === 'repeat') return control.carry
  return control.kind === 'while' ? results.length : 0
}

/** Inputs and outputs of a block inside of a step, each with the node outside in whose memory it lies. */
export const sharedNodes = (
  { control, args }: NodeOf<'control'>,
  results: readonly NodeOf<'result'>[],
  { schedule: { graph } }: Block,
  number: number,
): readonly (readonly [inside: Node, outside: Node])[] => {
  const { argument, isResult } = control.inner[number] as Inner
  const given = graph.inputs.flatMap((input, i) => {
    const root = args[argument(i) ?? -1]?.root
    return root === undefined ? [] : [[input, root] as const]
  })
  const made = results.flatMap((result) => {
    const root = graph.outputs[result.index]?.root
    return root !== undefined && isResult(result.index) ? [[root, result] as const] : []
  })
  return [...given, ...made]
}

export const blockOf = (program: Program, options: BlockOptions = {}): Block => {
  let ids = 0
  const build = (from: Program, nesting: Nesting): Block => {
    const schedule = scheduled(graphOf(from, nesting), options.unrolled)
    const statements = statementsOf(schedule)
    const inner = new Map<NodeOf<'control'>, readonly Block[]>()
    for (const statement of statements) {
      if (statement.kind !== 'control') continue
      const { node } = statement
      inner.set(
        node,
        node.control.inner.map(({ program: own, isRow }) =>
          build(simplified(own).at(-1)?.program ?? own, { nextId, isInner: true, isRow }),
        ),
      )
    }
    const outputs = new Set(schedule.graph.outputs.map(({ root }) => root))
    const scratch = (node: NodeOf<'control'>): number =>
      carryBytes(node, carryOf(node)) + (inner.get(node) ?? []).reduce((total, block) => total + block.plan.bytes, 0)
    const plan = memoryPlan(statements, (node) => outputs.has(node), scratch)
    return { schedule, statements, inner, plan }
  }
  const nextId = (): number => ids++
  return build(program, { nextId, isInner: false, isRow: () => false })
}
