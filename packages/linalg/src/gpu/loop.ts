/** Loops of many functions in one launch: what fused programs are made of. */
import { type Shape, sizeOf } from '../shape.ts'
import type { Access, Fold, Fused, Guard, Instruction, Operation } from './operation.ts'
import { longest } from './reductions.ts'
import { type DeviceTensor, enqueue, layoutOf, type Scope, within } from './scope.ts'

/**
 * A loop over the indices of a shape, of which some axes may be folded. The last instruction of `code` is its value at
 * each place; accesses and guards are told by the axes of the shape. `given` are rows and columns of the arguments, of
 * which there are at most `mostArguments`.
 */
export interface Loop {
  readonly shape: Shape
  /** Axes that are folded, in ascending order. */
  readonly folded: readonly number[]
  readonly fold: Fold
  readonly code: readonly Instruction[]
  readonly given: Fused['given']
}

/** A loop as what engines carry out: one operation, or two where a long fold takes partial ones. */
export interface PreparedLoop {
  readonly operations: readonly Operation[]
  /** The axes that are not folded. */
  readonly shape: Shape
}

/** What WebGPU binds in one launch, one result beside. */
export const mostArguments = 7

type Role = 'outer' | 'columns' | 'inner'

/** Axes of the loop that are walked as one. */
interface Run {
  readonly role: Role
  readonly axes: readonly number[]
  readonly length: number
}

const accessesOf = (code: readonly Instruction[]): readonly Access[] =>
  code.flatMap((item) => (item.kind === 'read' ? [item.access] : []))

const guardsOf = (code: readonly Instruction[]): readonly Guard[] =>
  code.flatMap((item) => (item.kind === 'read' ? item.access.spaced : item.kind === 'within' ? item.guards : []))

/** Neighbours become one where all that is read lies without gaps across them. */
const runsOf = (shape: Shape, order: readonly (readonly [axis: number, role: Role])[], code: Loop['code']) => {
  const guarded = new Set(guardsOf(code).map(({ axis }) => axis))
  const accesses = accessesOf(code)
  const runs: Run[] = []
  for (const [axis, role] of order) {
    const [length, before] = [shape[axis] as number, runs.at(-1)]
    const last = before?.axes.at(-1) ?? axis
    const joins =
      before?.role === role &&
      ![axis, last].some((each) => guarded.has(each)) &&
      accesses.every(({ strides }) => strides[last] === (strides[axis] as number) * length)
    if (joins) runs.splice(-1, 1, { role, axes: [...before.axes, axis], length: before.length * length })
    else runs.push({ role, axes: [axis], length })
  }
  return runs
}

/** Accesses and guards told by runs; one without axes is that of columns. */
const byRuns = (code: Loop['code'], runs: readonly Run[]): readonly Instruction[] => {
  const moved = (guards: readonly Guard[]): readonly Guard[] =>
    guards.map((guard) => ({ ...guard, axis: runs.findIndex(({ axes }) => axes.includes(guard.axis)) }))
  return code.map((item) => {
    if (item.kind === 'within') return { ...item, guards: moved(item.guards) }
    if (item.kind !== 'read') return item
    const { access } = item
    const strides = runs.map(({ axes }) => (axes.length === 0 ? 0 : (access.strides[axes.at(-1) as number] as number)))
    return { ...item, access: { ...access, strides, spaced: moved(access.spaced) } }
  })
}

const showInstruction = (item: Instruction): string => {
  const show = (guards: readonly Guard[]): string =>
    guards.map(({ axis, from, count, step }) => `${axis}:${from}+${count}*${step}`).join(' ')
  switch (item.kind) {
    case 'read': {
      const { argument, start, strides, spaced, guarded } = item.access
      return `${argument}[${start} ${strides}${guarded ? ' guarded' : ''} ${show(spaced)}]`
    }
    case 'within':
      return `within ${show(item.guards)}`
    case 'constant':
      return Object.is(item.value, -0) ? '-0' : String(item.value)
    case 'apply':
      return `${item.f.name} ${item.args}`
  }
}

const showFused = ({ outer, columns, inner, fold, chunk, code, given }: Omit<Fused, 'name'>): string =>
  [
    `${outer} × ${columns}${inner.length === 0 ? '' : `, ${fold} over ${inner}${chunk === undefined ? '' : ` by ${chunk}`}`}`,
    ...given.map(({ rows, columns: width }) => `${rows} × ${width}`),
    ...code.map(showInstruction),
  ].join('; ')

/** What carries out a loop. Fails (throws) on more arguments than there may be. */
export const prepareLoop = ({ shape, folded: inner, fold, code, given }: Loop): PreparedLoop => {
  if (given.length > mostArguments)
    throw new Error(`prepareLoop: got ${given.length} arguments; needs at most ${mostArguments}`)
  const axes = shape.map((_, axis) => axis)
  const kept = axes.filter((axis) => !inner.includes(axis))
  const lengths = (list: readonly number[]): Shape => list.map((axis) => shape[axis] as number)
  const total = sizeOf(lengths(inner))
  const chunk = total > longest ? Math.ceil(Math.sqrt(total)) : undefined
  const chunks = chunk === undefined ? 1 : Math.ceil(total / chunk)
  const own = chunk === undefined ? kept.slice(-1) : []
  const outer = kept.slice(0, kept.length - own.length)
  const runs = runsOf(
    shape,
    [
      ...outer.map((axis) => [axis, 'outer'] as const),
      ...own.map((axis) => [axis, 'columns'] as const),
      ...inner.map((axis) => [axis, 'inner'] as const),
    ],
    code,
  )
  const bare = (): Run => ({ role: 'columns', axes: [], length: chunks })
  const at = runs.findIndex(({ role }) => role === 'inner')
  const all = own.length > 0 ? runs : at < 0 ? [...runs, bare()] : runs.toSpliced(at, 0, bare())
  const of = (role: Role): Shape => all.filter((run) => run.role === role).map(({ length }) => length)
  const fused: Omit<Fused, 'name'> = {
    kind: 'fused',
    outer: of('outer'),
    columns: of('columns')[0] as number,
    inner: of('inner'),
    fold,
    chunk,
    code: byRuns(code, all),
    given,
  }
  const first: Fused = { ...fused, name: showFused(fused) }
  const result = lengths(kept)
  if (chunk === undefined) return { operations: [first], shape: result }
  const second = { kind: 'reduce', fold: fused.fold, way: 'along rows', length: chunks, ...layoutOf(result) } as const
  return { operations: [first, second], shape: result }
}

/** A loop on a device, `shape` without its folded axes. */
export const runLoop = (
  scope: Scope,
  { operations, shape }: PreparedLoop,
  args: readonly DeviceTensor[],
): DeviceTensor =>
  within(scope, (inner) => {
    const [first, second] = operations as readonly [Operation, Operation?]
    const partial = second?.kind === 'reduce' ? [...shape, second.length] : shape
    const value = enqueue(inner, 'loop', args, partial, (engine, buffers) => engine.run(first, buffers))
    if (second === undefined) return value
    return enqueue(inner, 'loop', [value], shape, (engine, buffers) => engine.run(second, buffers))
  })
