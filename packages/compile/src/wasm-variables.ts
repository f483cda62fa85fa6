/**
 * Values of few entries in WebAssembly: a function that finds what it needs at a place of the arena and leaves its results
 * behind it. Sine and cosine of the same argument are one call, and so are two calls of another function that do not wait
 * for each other.
 */
import {
  all,
  type Code,
  exp,
  expm1,
  type Func,
  f32,
  f64,
  f64x2,
  func,
  i32,
  type LaneFunction,
  type Local,
  local,
  log,
  log1p,
  select,
  sinCos,
  tanhOne,
} from '@secant/linalg/wasm'
import { reachable } from './collapse.ts'
import type { Callable, Expression, Operation } from './expression.ts'

type F64 = Code<'f64'>
type I32 = Code<'i32'>

/** What a function in WebAssembly is given: entries of arrays, and variables. */
export type Given = Extract<Expression, { readonly kind: 'read' | 'local' }>

export interface WasmVariables {
  readonly func: Func<{ readonly at: 'i32' }, 'none'>
  /** What lies at the place when it is called, followed by room for the results. */
  readonly given: readonly Given[]
  /** How many calls that take long in JavaScript it saves: those of tanh, and of the second of a sine and a cosine. */
  readonly saved: number
}

const inPairs: ReadonlyMap<Callable, LaneFunction> = new Map<Callable, LaneFunction>([
  [Math.exp, exp],
  [Math.expm1, expm1],
  [Math.log, log],
  [Math.log1p, log1p],
])
const turns: readonly Callable[] = [Math.sin, Math.cos]

const arithmetic: {
  readonly [K in 'add' | 'sub' | 'mul' | 'div' | 'neg' | 'abs' | 'sqrt' | 'floor' | 'ceil' | 'max' | 'min']: (
    a: F64,
    b: F64,
  ) => F64
} = f64

const comparisons = {
  greater: f64.gt,
  greaterEqual: f64.ge,
  less: f64.lt,
  lessEqual: f64.le,
  equal: f64.eq,
  notEqual: f64.ne,
} satisfies { readonly [K in Operation]?: (a: F64, b: F64) => I32 }

/** An engine takes 50 000 locals. */
const mostExpressions = 20_000

const isPossible = (e: Expression): boolean => {
  if (e.kind === 'call') return inPairs.has(e.f) || turns.includes(e.f) || e.f === Math.tanh
  if (e.kind === 'round') return e.dtype === 'float32'
  return e.kind !== 'within' && (e.kind !== 'read' || e.tests.length === 0)
}

/** How many calls an expression waits for, one after another, by number; its own counts. */
const callDepths = (order: readonly Expression[]): ReadonlyMap<number, number> => {
  const depths = new Map<number, number>()
  for (const e of order) {
    const before = 'args' in e ? e.args.map(({ id }) => depths.get(id) as number) : []
    depths.set(e.id, Math.max(0, ...before) + (e.kind === 'call' ? 1 : 0))
  }
  return depths
}

/** The function of some expressions of single entries, or nothing where there are no instructions for it. */
export const wasmVariables = (roots: readonly Expression[], name: string): WasmVariables | undefined => {
  const order = reachable(roots)
  if (order.length > mostExpressions || !order.every(isPossible)) return undefined
  const given = order.filter((e): e is Given => e.kind === 'read' || e.kind === 'local')
  const calls = order.flatMap((e) => (e.kind === 'call' ? [e] : []))
  const angles = calls.filter(({ f }) => turns.includes(f)).map(({ args }) => args[0])
  const saved = calls.filter(({ f }) => f === Math.tanh).length + angles.length - new Set(angles).size

  const body = (at: Local<'i32'>): Code<'none'> => {
    const statements: Code<'none'>[] = []
    const [numbers, masks] = [new Map<Expression, F64>(), new Map<Expression, I32>()]
    const keep = (e: Expression, value: F64): void => {
      const result = local('f64')
      statements.push(result.set(value))
      numbers.set(e, result)
    }
    const number = (e: Expression): F64 => (e.mask ? f64.fromI32(masks.get(e) as I32) : (numbers.get(e) as F64))
    const mask = (e: Expression): I32 => (e.mask ? (masks.get(e) as I32) : f64.ne(numbers.get(e) as F64, 0))

    const maskOf = (operation: Operation, a: Expression, b: Expression, c: Expression): I32 => {
      if (operation === 'and') return i32.and(mask(a), mask(b))
      if (operation === 'or') return i32.or(mask(a), mask(b))
      if (operation === 'select') return select(mask(a), mask(b), mask(c))
      return comparisons[operation as keyof typeof comparisons](number(a), number(b))
    }
    const numberOf = (operation: Operation, a: Expression, b: Expression, c: Expression): F64 =>
      operation === 'select'
        ? select(mask(a), number(b), number(c))
        : arithmetic[operation as keyof typeof arithmetic](number(a), number(b))

    const compute = (e: Expression): void => {
      if (e.kind === 'constant') numbers.set(e, f64.const(e.value))
      if (e.kind === 'round') keep(e, f64.promote(f32.demote(number(e.args[0]))))
      if (e.kind !== 'operation') return
      const [a, b = a, c = b] = e.args as readonly [Expression, Expression?, Expression?]
      if (!e.mask) {
        keep(e, numberOf(e.operation, a, b, c))
        return
      }
      const result = local('i32')
      statements.push(result.set(maskOf(e.operation, a, b, c)))
      masks.set(e, result)
    }

    /** Calls that do not wait for each other, in the order in which their functions are first called. */
    const callAll = (all: readonly Extract<Expression, { readonly kind: 'call' }>[]): void => {
      const angles = new Map<Expression, Local<'v128'>>()
      const waiting = new Map<LaneFunction, typeof all>()
      for (const e of all) {
        const x = e.args[0] as Expression
        const lane = inPairs.get(e.f)
        if (lane !== undefined) waiting.set(lane, [...(waiting.get(lane) ?? []), e])
        else if (e.f === Math.tanh) keep(e, tanhOne.call({ x: number(x) }))
        else {
          const both = angles.get(x) ?? local('v128')
          if (!angles.has(x)) statements.push(both.set(sinCos.call({ x: number(x) })))
          angles.set(x, both)
          keep(e, f64x2.extract(both, turns.indexOf(e.f)))
        }
      }
      for (const [f, list] of waiting)
        for (let i = 0; i < list.length; i += 2) {
          const pair = list.slice(i, i + 2)
          const [x, y] = pair.map(({ args }) => number(args[0] as Expression)) as [F64, F64?]
          const both = local('v128')
          const one = f64x2.splat(x)
          statements.push(both.set(f.call({ x: y === undefined ? one : f64x2.replace(one, 1, y) })))
          pair.forEach((e, lane) => {
            keep(e, f64x2.extract(both, lane))
          })
        }
    }

    given.forEach((e, i) => {
      keep(e, f64.load(at, 8 * i))
    })
    const depths = callDepths(order)
    const layers: Expression[][] = []
    for (const e of order) {
      const depth = depths.get(e.id) as number
      while (layers.length <= depth) layers.push([])
      layers[depth]?.push(e)
    }
    for (const layer of layers) {
      callAll(layer.flatMap((e) => (e.kind === 'call' ? [e] : [])))
      layer.forEach(compute)
    }
    return all([...statements, ...roots.map((e, i) => f64.store(at, number(e), 8 * (given.length + i)))])
  }
  return { func: func(name, { at: 'i32' }, 'none', (params) => body(params.at)), given, saved }
}
