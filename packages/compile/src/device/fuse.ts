/** Expressions as the loops of devices. */
import { denseLayout, type Layout } from '@secant/autodiff'
import type { Shape } from '@secant/linalg'
import {
  type Access,
  type Elementwise,
  type Fold,
  type Instruction,
  mostArguments,
  type PreparedLoop,
  prepareLoop,
  scale,
  scaleDown,
  trunc,
} from '@secant/linalg/gpu'
import { reachable } from '../collapse.ts'
import type { Expression, Test } from '../expression.ts'
import { deviceFunctions, deviceOperations } from './functions.ts'

/** A value on the device, by a number that stands for it in a plan, and how it is kept. */
export interface Place {
  readonly id: number
  readonly rows: number
  readonly columns: number
}

/** What is read where an expression stands. */
export interface Reads {
  /** Values of arrays and of variables, by their names. */
  readonly named: (name: string) => Place
  /** Expressions whose values have been stored, all over the loop. */
  readonly stored: ReadonlyMap<number, Place>
}

/** A launch of a plan. */
export interface LoopStep {
  readonly kind: 'loop'
  readonly loop: PreparedLoop
  readonly args: readonly number[]
  readonly out: number
}

/** What a loop is over. */
export interface Domain {
  readonly shape: Shape
  readonly folded: readonly number[]
  readonly fold: Fold
}

type Of<K extends Expression['kind']> = Extract<Expression, { readonly kind: K }>

const isOf = (e: Expression | undefined, operation: Of<'operation'>['operation']): e is Of<'operation'> =>
  e?.kind === 'operation' && e.operation === operation

/** x, where an expression is `x = 0`. */
const zeroTested = (e: Expression | undefined): Expression | undefined => {
  if (!isOf(e, 'equal')) return undefined
  const [x, zero] = e.args
  return zero?.kind === 'constant' && zero.value === 0 ? x : undefined
}

/** Products and quotients in which 0 wins, of which derivatives are full, are functions of their own on devices. */
const inOne = (e: Expression): { readonly f: Elementwise; readonly args: readonly Expression[] } | undefined => {
  if (!isOf(e, 'select')) return undefined
  const [mask, zero, other] = e.args
  if (zero?.kind !== 'constant' || !Object.is(zero.value, 0) || other?.kind !== 'operation') return undefined
  const [p, q] = other.args as readonly [Expression, Expression]
  if (isOf(mask, 'or') && isOf(other, 'mul'))
    return zeroTested(mask.args[0]) === p && zeroTested(mask.args[1]) === q ? { f: scale, args: [p, q] } : undefined
  return isOf(other, 'div') && zeroTested(mask) === p ? { f: scaleDown, args: [p, q] } : undefined
}

const argsOf = (e: Expression): readonly Expression[] => inOne(e)?.args ?? ('args' in e ? e.args : [])

/** Everything below an expression down to what is stored, arguments first. */
const below = (root: Expression, { stored }: Reads): readonly Expression[] =>
  reachable([root], (e) => (stored.has(e.id) ? [] : argsOf(e)))

/** A read of memory, if an expression is one. */
const readOf = (
  e: Expression,
  reads: Reads,
  dense: Layout,
): readonly [Place, Layout, readonly Test[], boolean] | undefined => {
  const kept = reads.stored.get(e.id)
  if (kept !== undefined) return [kept, dense, [], false]
  if (e.kind === 'local') return [reads.named(e.name), { ...dense, strides: dense.strides.map(() => 0) }, [], false]
  return e.kind === 'read' ? [reads.named(e.array), e.layout, e.tests, e.guarded] : undefined
}

/**
 * Subexpressions to be stored before: where one reads more arrays than a launch may, that of its arguments which reads
 * most. An expression has at most three arguments, so in the end each reads few.
 */
const toStore = (root: Expression, reads: Reads, dense: Layout): Expression | undefined => {
  const read = new Map<number, ReadonlySet<number>>()
  for (const e of below(root, reads)) {
    const own = readOf(e, reads, dense)
    const args = own === undefined ? argsOf(e) : []
    const all = new Set(args.flatMap(({ id }) => [...(read.get(id) as ReadonlySet<number>)]))
    if (own !== undefined) all.add(own[0].id)
    if (all.size > mostArguments) {
      const size = ({ id }: Expression): number => read.get(id)?.size ?? 0
      return args.reduce((most, arg) => (size(arg) > size(most) ? arg : most))
    }
    read.set(e.id, all)
  }
  return undefined
}

const codeOf = (root: Expression, reads: Reads, dense: Layout) => {
  const args: Place[] = []
  const code: Instruction[] = []
  const at = new Map<number, number>()
  const argument = (place: Place): number => {
    const known = args.findIndex(({ id }) => id === place.id)
    return known < 0 ? args.push(place) - 1 : known
  }
  const instruction = (e: Expression): Instruction | number => {
    const read = readOf(e, reads, dense)
    if (read !== undefined) {
      const [place, { start, strides }, spaced, guarded] = read
      const access: Access = { argument: argument(place), start, strides, spaced, guarded }
      return { kind: 'read', access }
    }
    const values = argsOf(e).map(({ id }) => at.get(id) as number)
    switch (e.kind) {
      case 'constant':
        return { kind: 'constant', value: e.value }
      case 'within':
        return { kind: 'within', guards: e.tests }
      case 'operation':
        return { kind: 'apply', f: inOne(e)?.f ?? deviceOperations[e.operation], args: values }
      case 'call': {
        const f = deviceFunctions.get(e.f)
        if (f === undefined) throw new Error(`onDevice: got ${e.f.name}; needs a function of devices`)
        return { kind: 'apply', f, args: values }
      }
      case 'round':
        // Precision is that of the device, but whole numbers stay whole.
        return e.dtype === 'int32' ? { kind: 'apply', f: trunc, args: values } : (values[0] as number)
      default:
        throw new Error(`onDevice: got ${e.kind}; needs an expression of a loop`)
    }
  }
  for (const e of below(root, reads)) {
    const made = instruction(e)
    at.set(e.id, typeof made === 'number' ? made : code.push(made) - 1)
  }
  // The result is the last one.
  const last = at.get(root.id) as number
  return { args, code: code.slice(0, last + 1) }
}

/** The launches of an expression over a loop; the last one makes `out`. `fresh` numbers what is stored on the way. */
export const fusedLoops = (
  root: Expression,
  { shape, folded, fold }: Domain,
  reads: Reads,
  out: number,
  fresh: (shape: Shape) => Place,
): readonly LoopStep[] => {
  const dense = denseLayout(shape)
  const first = toStore(root, reads, dense)
  if (first !== undefined) {
    const place = fresh(shape)
    const before = fusedLoops(first, { shape, folded: [], fold }, reads, place.id, fresh)
    const stored = new Map([...reads.stored, [first.id, place] as const])
    return [...before, ...fusedLoops(root, { shape, folded, fold }, { ...reads, stored }, out, fresh)]
  }
  const { args, code } = codeOf(root, reads, dense)
  const loop = prepareLoop({ shape, folded, fold, code, given: args.map(({ rows, columns }) => ({ rows, columns })) })
  return [{ kind: 'loop', loop, args: args.map(({ id }) => id), out }]
}
