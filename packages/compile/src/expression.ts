/**
 * What happens to one entry, as a graph in which equal parts are one node. Values are doubles; `round` takes them to a
 * narrower dtype. Only rewritings that leave every bit of every result alone are applied.
 */
import type { EntryArithmetic, Formula, Layout } from '@secant/autodiff'
import type { DType } from '@secant/linalg'

/** Operations of two entries or one; their names are those of `EntryArithmetic`. */
export type Operation = Exclude<keyof EntryArithmetic<unknown>, 'constant' | 'call'>

export type Callable = (...entries: number[]) => number

/** Where an index along an axis has to be: `from + k·step` for a k below `count`. */
export interface Test {
  readonly axis: number
  readonly from: number
  readonly count: number
  readonly step: number
}

interface Common {
  readonly id: number
  /** Whether it is a truth value, which generated code keeps as such until a number is needed. */
  readonly mask: boolean
  /** Whether each value is one of float32, so that rounding changes nothing. */
  readonly single: boolean
  /** Whether it is the same for all places of a loop. */
  readonly invariant: boolean
  /** How many operations it takes, and how many of them are functions such as exp. */
  readonly cost: number
  readonly calls: number
}

export type Expression = Common &
  (
    | { readonly kind: 'constant'; readonly value: number }
    | { readonly kind: 'local'; readonly name: string }
    /** An entry of a named array; along a tested axis its index is that of the loop less `from`, over `step`. Guarded ones are only
     read where a test holds. */
    | {
        readonly kind: 'read'
        readonly array: string
        readonly layout: Layout
        readonly tests: readonly Test[]
        readonly guarded: boolean
      }
    | { readonly kind: 'within'; readonly tests: readonly Test[] }
    | { readonly kind: 'operation'; readonly operation: Operation; readonly args: readonly Expression[] }
    | { readonly kind: 'call'; readonly f: Callable; readonly args: readonly Expression[] }
    | { readonly kind: 'round'; readonly dtype: DType; readonly args: readonly [Expression] }
  )

type Shape<E> = E extends unknown ? Omit<E, keyof Common> : never
type Bare = Shape<Expression>

/** A graph under construction. */
export interface Expressions extends EntryArithmetic<Expression> {
  readonly local: (name: string, dtype: DType) => Expression
  readonly read: (array: string, layout: Layout, dtype: DType, tests?: readonly Test[], guarded?: boolean) => Expression
  readonly within: (tests: readonly Test[]) => Expression
  readonly round: (dtype: DType, a: Expression) => Expression
}

const truth = (holds: boolean): number => (holds ? 1 : 0)

const computed: Pick<EntryArithmetic<number>, Operation> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  neg: (a) => -a,
  abs: Math.abs,
  sqrt: Math.sqrt,
  floor: Math.floor,
  ceil: Math.ceil,
  max: (a, b) => Math.max(a, b),
  min: (a, b) => Math.min(a, b),
  greater: (a, b) => truth(a > b),
  greaterEqual: (a, b) => truth(a >= b),
  less: (a, b) => truth(a < b),
  lessEqual: (a, b) => truth(a <= b),
  equal: (a, b) => truth(a === b),
  notEqual: (a, b) => truth(a !== b),
  and: (a, b) => truth(a !== 0 && b !== 0),
  or: (a, b) => truth(a !== 0 || b !== 0),
  select: (mask, a, b) => (mask !== 0 ? a : b),
}

const masks: ReadonlySet<Operation> = new Set([
  'greater',
  'greaterEqual',
  'less',
  'lessEqual',
  'equal',
  'notEqual',
  'and',
  'or',
])

/** Operations whose result is one of their arguments but for the sign. */
const picking: ReadonlySet<Operation> = new Set(['neg', 'abs', 'max', 'min'])

const rounded = (dtype: DType, x: number): number => {
  if (dtype === 'float32') return Math.fround(x)
  if (dtype === 'int32') return x | 0
  return dtype === 'bool' ? x & 255 : x
}

const isSingle = (dtype: DType): boolean => dtype === 'float32' || dtype === 'bool'

/** Keys of functions, so that the same function of the same entries is one node. */
const numbering = (): ((f: Callable) => number) => {
  const known = new Map<Callable, number>()
  return (f) => {
    const number = known.get(f) ?? known.size
    known.set(f, number)
    return number
  }
}

const isConstant = (e: Expression, value?: number): e is Expression & { readonly kind: 'constant' } =>
  e.kind === 'constant' && (value === undefined || Object.is(e.value, value))

/** A new, empty graph. */
export const expressions = (): Expressions => {
  const nodes = new Map<string, Expression>()
  const numberOf = numbering()

  const node = (key: string, bare: Bare, common: Omit<Common, 'id'>): Expression => {
    const known = nodes.get(key)
    if (known !== undefined) return known
    const fresh = { id: nodes.size, ...common, ...bare } as Expression
    nodes.set(key, fresh)
    return fresh
  }
  const leaf = (single: boolean, invariant: boolean) => ({ mask: false, single, invariant, cost: 0, calls: 0 })
  const above = (args: readonly Expression[], own: Partial<Common>) => ({
    mask: false,
    single: false,
    invariant: args.every((arg) => arg.invariant),
    cost: args.reduce((total, arg) => total + arg.cost, 1),
    calls: args.reduce((total, arg) => total + arg.calls, 0),
    ...own,
  })

  const constant = (value: number): Expression =>
    node(
      `constant ${Object.is(value, -0) ? '-0' : value}`,
      { kind: 'constant', value },
      {
        ...leaf(Object.is(Math.fround(value), value), true),
      },
    )

  const operation = (name: Operation, ...given: readonly (Expression | undefined)[]): Expression => {
    const args = given.filter((arg) => arg !== undefined)
    if (args.every((arg) => isConstant(arg))) {
      const [a = 0, b = 0, c = 0] = args.map((arg) => (arg as { readonly value: number }).value)
      return constant((computed[name] as (...entries: number[]) => number)(a, b, c))
    }
    const single = picking.has(name) && args.every((arg) => arg.single)
    const key = `${name} ${args.map(({ id }) => id).join(' ')}`
    return node(
      key,
      { kind: 'operation', operation: name, args },
      above(args, {
        mask: masks.has(name) || (name === 'select' && args.slice(1).every((arg) => arg.mask)),
        single: single || (name === 'select' && args.slice(1).every((arg) => arg.single)),
      }),
    )
  }

  const plain = (name: Operation) => (a: Expression, b?: Expression) => operation(name, a, b)

  return {
    constant,
    add: (a, b) => (isConstant(b, -0) ? a : isConstant(a, -0) ? b : operation('add', a, b)),
    sub: (a, b) => (isConstant(b, 0) ? a : operation('sub', a, b)),
    mul: (a, b) => (isConstant(b, 1) ? a : isConstant(a, 1) ? b : operation('mul', a, b)),
    div: (a, b) => (isConstant(b, 1) ? a : operation('div', a, b)),
    neg: (a) => (a.kind === 'operation' && a.operation === 'neg' ? (a.args[0] as Expression) : operation('neg', a)),
    abs: plain('abs'),
    sqrt: plain('sqrt'),
    floor: plain('floor'),
    ceil: plain('ceil'),
    max: plain('max'),
    min: plain('min'),
    greater: plain('greater'),
    greaterEqual: plain('greaterEqual'),
    less: plain('less'),
    lessEqual: plain('lessEqual'),
    equal: plain('equal'),
    notEqual: (a, b) => (a.mask && isConstant(b, 0) ? a : operation('notEqual', a, b)),
    and: plain('and'),
    or: (a, b) => (isConstant(a, 0) && b.mask ? b : isConstant(b, 0) && a.mask ? a : operation('or', a, b)),
    select: (mask, a, b) => {
      if (a === b || isConstant(mask)) return !isConstant(mask) || mask.value !== 0 ? a : b
      return operation('select', mask, a, b)
    },
    call: (f, ...args) => {
      if (args.every((arg) => isConstant(arg)))
        return constant(f(...args.map((arg) => (arg as { value: number }).value)))
      const key = `call ${numberOf(f)} ${args.map(({ id }) => id).join(' ')}`
      const base = above(args, {})
      return node(key, { kind: 'call', f, args }, { ...base, calls: base.calls + 1 })
    },
    local: (name, dtype) => node(`local ${name}`, { kind: 'local', name }, leaf(isSingle(dtype), true)),
    read: (array, layout, dtype, tests = [], guarded = false) => {
      const key = `read ${guarded} ${array} ${layout.start} ${layout.shape} ${layout.strides} ${JSON.stringify(tests)}`
      const fixed =
        !guarded && tests.length === 0 && layout.shape.every((n, axis) => n === 1 || layout.strides[axis] === 0)
      return node(key, { kind: 'read', array, layout, tests, guarded }, leaf(isSingle(dtype), fixed))
    },
    within: (tests) => {
      const needed = { mask: true, single: true, invariant: false, cost: tests.length, calls: 0 }
      return node(`within ${JSON.stringify(tests)}`, { kind: 'within', tests }, needed)
    },
    round: (dtype, a) => {
      if (isConstant(a)) return constant(rounded(dtype, a.value))
      const exact =
        dtype === 'float64' || (dtype === 'float32' && (a.single || a.mask)) || (dtype !== 'float32' && a.mask)
      if (exact) return a
      // A whole number may have more digits than float32.
      const single = dtype !== 'int32'
      return node(`round ${dtype} ${a.id}`, { kind: 'round', dtype, args: [a] }, above([a], { single }))
    },
  }
}

/** A formula by itself, over arguments of some dtypes: what it is made of and what it costs. */
export const standing = (formula: Formula, dtypes: readonly DType[]): Expression => {
  const on = expressions()
  const args = dtypes.map((dtype, i) => on.local(String(i), dtype))
  return formula(on, ...(args as [never, never, never]))
}
