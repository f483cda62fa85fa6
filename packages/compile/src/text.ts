/** Expressions as JavaScript. */
import { reachable } from './collapse.ts'
import type { Callable, Expression, Operation } from './expression.ts'

/** How the leaves of expressions are written at one place of a loop. */
export interface Leaves {
  readonly read: (e: Extract<Expression, { readonly kind: 'read' }>) => string
  /** Where a test is known to hold, or not to, it is true or false. */
  readonly within: (e: Extract<Expression, { readonly kind: 'within' }>) => string | boolean
  readonly callable: (f: Callable) => string
}

/** Statements that compute what is used more than once, and the text of each root after them. */
export interface Written {
  readonly lines: readonly string[]
  readonly texts: readonly string[]
}

const infix: { readonly [K in Operation]?: string } = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  greater: '>',
  greaterEqual: '>=',
  less: '<',
  lessEqual: '<=',
  equal: '===',
  notEqual: '!==',
}

const functions: { readonly [K in Operation]?: string } = {
  abs: 'Math.abs',
  sqrt: 'Math.sqrt',
  floor: 'Math.floor',
  ceil: 'Math.ceil',
  max: 'Math.max',
  min: 'Math.min',
}

/** Names under which generated code finds the functions of the language itself. */
const known: ReadonlyMap<unknown, string> = new Map(
  Object.getOwnPropertyNames(Math).map((name) => [Math[name as keyof Math] as unknown, `Math.${name}`]),
)

export const numberText = (value: number): string => {
  if (Object.is(value, -0)) return '(-0)'
  return value < 0 ? `(${value})` : String(value)
}

/** Deeper nesting is broken by a name. */
const deepest = 12

/** Writes expressions down; `named` has what was written before, by number. */
export const written = (
  roots: readonly Expression[],
  leaves: Leaves,
  prefix: string,
  named: Map<number, string> = new Map(),
): Written => {
  const resolve = (e: Expression): Expression => {
    if (e.kind !== 'operation' || e.operation !== 'select') return e
    const [mask, a, b] = e.args as readonly [Expression, Expression, Expression]
    const holds = mask.kind === 'within' ? leaves.within(mask) : ''
    return typeof holds === 'boolean' ? resolve(holds ? a : b) : e
  }
  const argsOf = (e: Expression): readonly Expression[] => ('args' in e ? e.args.map(resolve) : [])
  const tops = roots.map(resolve)
  const order = reachable(tops).filter(({ id }) => !named.has(id))

  const uses = new Map<number, number>()
  const count = (e: Expression): void => void uses.set(e.id, (uses.get(e.id) ?? 0) + 1)
  const alive = new Set(tops.map(({ id }) => id))
  tops.forEach(count)
  for (const e of order.toReversed())
    if (alive.has(e.id))
      for (const arg of argsOf(e)) {
        alive.add(arg.id)
        count(arg)
      }

  const lines: string[] = []
  const texts = new Map(named)
  const depths = new Map<number, number>()
  const raw = (e: Expression): string => texts.get(e.id) as string
  const asNumber = (e: Expression): string => (e.mask ? `(${raw(e)} ? 1 : 0)` : raw(e))
  const asMask = (e: Expression): string => (e.mask ? raw(e) : `(${raw(e)} !== 0)`)

  const textOf = (e: Expression): string => {
    const args = argsOf(e)
    switch (e.kind) {
      case 'constant':
        return numberText(e.value)
      case 'local':
        return e.name
      case 'read':
        return leaves.read(e)
      case 'within':
        return String(leaves.within(e))
      case 'call':
        return `${known.get(e.f) ?? leaves.callable(e.f)}(${args.map(asNumber).join(', ')})`
      case 'round': {
        const inner = asNumber(args[0] as Expression)
        if (e.dtype === 'float32') return `Math.fround(${inner})`
        return e.dtype === 'int32' ? `(${inner} | 0)` : `(${inner} & 255)`
      }
      case 'operation': {
        const { operation } = e
        const [a, b, c] = args as readonly [Expression, Expression, Expression]
        if (operation === 'and' || operation === 'or')
          return `(${asMask(a)} ${operation === 'and' ? '&&' : '||'} ${asMask(b)})`
        if (operation === 'select') {
          const branch = e.mask ? asMask : asNumber
          return `(${asMask(a)} ? ${branch(b)} : ${branch(c)})`
        }
        if (operation === 'neg') return `(-${asNumber(a)})`
        const sign = infix[operation]
        if (sign !== undefined) return `(${asNumber(a)} ${sign} ${asNumber(b)})`
        return `${functions[operation]}(${args.map(asNumber).join(', ')})`
      }
    }
  }

  for (const e of order) {
    if (!alive.has(e.id)) continue
    const text = textOf(e)
    const depth = argsOf(e).reduce((most, arg) => Math.max(most, depths.get(arg.id) ?? 0), 0) + 1
    const isLeaf = e.kind === 'constant' || e.kind === 'local' || e.kind === 'within'
    const isGuarded = e.kind === 'read' && e.guarded
    if (!isLeaf && !isGuarded && ((uses.get(e.id) ?? 0) > 1 || depth > deepest)) {
      const name = `${prefix}${e.id}`
      lines.push(`const ${name} = ${text}`)
      texts.set(e.id, name)
      depths.set(e.id, 0)
    } else {
      texts.set(e.id, text)
      depths.set(e.id, isLeaf ? 0 : depth)
    }
  }
  return { lines, texts: tops.map(asNumber) }
}
