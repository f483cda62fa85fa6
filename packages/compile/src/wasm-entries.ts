/** Expressions for two places of a loop at once, in WebAssembly. Doubles throughout: float32 is widened when it is read. */
import {
  type Code,
  cos,
  exp,
  expm1,
  f32x4,
  f64x2,
  type LaneFunction,
  type Local,
  local,
  log,
  log1p,
  sin,
  tanh,
  v128,
} from '@secant/linalg/wasm'
import { reachable } from './collapse.ts'
import type { Expression, Operation } from './expression.ts'

type V128 = Code<'v128'>

/** Functions that there are kernels for; each errs by a few units in the last place. */
const kernels: ReadonlyMap<unknown, LaneFunction> = new Map<unknown, LaneFunction>([
  [Math.exp, exp],
  [Math.expm1, expm1],
  [Math.log, log],
  [Math.log1p, log1p],
  [Math.tanh, tanh],
  [Math.sin, sin],
  [Math.cos, cos],
])

const one = f64x2.const(1)
const isTrue = (a: V128): V128 => f64x2.ne(a, f64x2.const(0))

const instructions: { readonly [K in Exclude<Operation, 'and' | 'or' | 'select'>]: (a: V128, b: V128) => V128 } = {
  add: f64x2.add,
  sub: f64x2.sub,
  mul: f64x2.mul,
  div: f64x2.div,
  neg: f64x2.neg,
  abs: f64x2.abs,
  sqrt: f64x2.sqrt,
  floor: f64x2.floor,
  ceil: f64x2.ceil,
  max: f64x2.max,
  min: f64x2.min,
  greater: f64x2.gt,
  greaterEqual: f64x2.ge,
  less: f64x2.lt,
  lessEqual: f64x2.le,
  equal: f64x2.eq,
  notEqual: f64x2.ne,
}

/** Whether there is an instruction or a kernel for everything in some expressions. */
export const hasInstructions = (roots: readonly Expression[]): boolean =>
  reachable(roots).every((e) => {
    if (e.kind === 'call') return kernels.has(e.f)
    return e.kind === 'round' ? e.dtype === 'float32' : true
  })

type Reading = Extract<Expression, { readonly kind: 'read' }>

/** How the leaves are had at one place. */
export interface Lanes {
  readonly read: (e: Reading) => V128
  readonly local: (name: string) => V128
  readonly holds: (e: Extract<Expression, { readonly kind: 'within' }>) => boolean
}

/** What has been computed before, by number. */
export type Known = ReadonlyMap<number, Local<'v128'>>

/** Statements that compute expressions, and variables that have them afterwards, masks as numbers. */
export const computed = (
  roots: readonly Expression[],
  lanes: Lanes,
  known: Known = new Map(),
): { readonly statements: readonly Code<'none'>[]; readonly known: Known; readonly values: readonly V128[] } => {
  const resolve = (e: Expression): Expression => {
    if (e.kind !== 'operation' || e.operation !== 'select') return e
    const [mask, a, b] = e.args as readonly [Expression, Expression, Expression]
    return mask.kind === 'within' ? resolve(lanes.holds(mask) ? a : b) : e
  }
  const tops = roots.map(resolve)
  const argsOf = (e: Expression): readonly Expression[] => ('args' in e ? e.args.map(resolve) : [])
  const alive = new Set<number>()
  const waiting = [...tops]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (alive.has(next.id) || known.has(next.id)) continue
    alive.add(next.id)
    waiting.push(...argsOf(next))
  }
  const made = new Map(known)
  const statements: Code<'none'>[] = []
  const variable = (e: Expression): V128 => made.get(e.id) as V128
  const asNumber = (e: Expression): V128 => (e.mask ? v128.and(variable(e), one) : variable(e))
  const asMask = (e: Expression): V128 => (e.mask ? variable(e) : isTrue(variable(e)))

  const codeOf = (e: Expression): V128 => {
    const args = argsOf(e)
    switch (e.kind) {
      case 'constant':
        return f64x2.const(e.value)
      case 'local':
        return lanes.local(e.name)
      case 'read':
        return lanes.read(e)
      case 'within':
        return lanes.holds(e) ? f64x2.eq(one, one) : f64x2.ne(one, one)
      case 'round':
        return f64x2.promoteLow(f32x4.demoteZero(asNumber(args[0] as Expression)))
      case 'call':
        return (kernels.get(e.f) as LaneFunction).call({ x: asNumber(args[0] as Expression) })
      case 'operation': {
        const [a, b = a, c = a] = args as readonly [Expression, Expression?, Expression?]
        if (e.operation === 'and') return v128.and(asMask(a), asMask(b))
        if (e.operation === 'or') return v128.or(asMask(a), asMask(b))
        if (e.operation === 'select') {
          const branch = e.mask ? asMask : asNumber
          return v128.bitselect(branch(b), branch(c), asMask(a))
        }
        return instructions[e.operation](asNumber(a), asNumber(b))
      }
    }
  }
  for (const e of reachable(tops)) {
    if (!alive.has(e.id)) continue
    const result = local('v128')
    statements.push(result.set(codeOf(e)))
    made.set(e.id, result)
  }
  return { statements, known: made, values: tops.map(asNumber) }
}
