/** Values of few entries in WebAssembly: a function that finds what it needs at a place of the arena and leaves its results behind it. */
import { all, type Code, type Func, f32, f64, func, i32, type Local, local, select } from '@secant/linalg/wasm'
import { reachable } from './collapse.ts'
import type { Expression, Operation } from './expression.ts'
import { called, hasKernel, savedBy } from './wasm-calls.ts'

type F64 = Code<'f64'>
type I32 = Code<'i32'>

/** What a function in WebAssembly is given: entries of arrays, and variables. */
export type Given = Extract<Expression, { readonly kind: 'read' | 'local' }>

export interface WasmVariables {
  readonly func: Func<{ readonly at: 'i32' }, 'none'>
  /** What lies at the place when it is called, followed by room for the results. */
  readonly given: readonly Given[]
  /** How much it saves, in calls of tanh. */
  readonly saved: number
}

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
  if (e.kind === 'call') return hasKernel(e.f)
  if (e.kind === 'round') return e.dtype === 'float32'
  return e.kind !== 'within' && (e.kind !== 'read' || e.tests.length === 0)
}

/** Expressions by how many calls they wait for, one after another; calls come with what is computed from them. */
const layersOf = (order: readonly Expression[]): readonly (readonly Expression[])[] => {
  const depths = new Map<Expression, number>()
  const layers: Expression[][] = []
  for (const e of order) {
    const before = 'args' in e ? e.args.map((arg) => depths.get(arg) as number) : []
    const depth = Math.max(0, ...before) + (e.kind === 'call' ? 1 : 0)
    depths.set(e, depth)
    while (layers.length <= depth) layers.push([])
    layers[depth]?.push(e)
  }
  return layers
}

/** The function of some expressions of single entries, or nothing where there are no instructions for it. */
export const wasmVariables = (roots: readonly Expression[], name: string): WasmVariables | undefined => {
  const order = reachable(roots)
  if (order.length > mostExpressions || !order.every(isPossible)) return undefined
  const given = order.filter((e): e is Given => e.kind === 'read' || e.kind === 'local')
  const saved = savedBy(order.flatMap((e) => (e.kind === 'call' ? [e] : [])))

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

    given.forEach((e, i) => {
      keep(e, f64.load(at, 8 * i))
    })
    for (const layer of layersOf(order)) {
      const { before, values } = called(
        layer.flatMap((e) => (e.kind === 'call' ? [e] : [])),
        number,
      )
      statements.push(...before)
      for (const [e, value] of values) keep(e, value)
      layer.forEach(compute)
    }
    return all([...statements, ...roots.map((e, i) => f64.store(at, number(e), 8 * (given.length + i)))])
  }
  return { func: func(name, { at: 'i32' }, 'none', (params) => body(params.at)), given, saved }
}
