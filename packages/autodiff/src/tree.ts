/**
 * Parameters may be nested: a tree is a value, an array or plain object of trees, or `null`, which holds nothing. The
 * transformations work on the flat list of its leaves; this file is all that knows about nesting.
 */
import { isTensor } from '@secant/linalg'
import { asValue, isTracer, type Value, type Values } from './core.ts'

/** How leaves were nested. */
export type Structure =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'array'; readonly items: readonly Structure[] }
  | { readonly kind: 'object'; readonly keys: readonly string[]; readonly items: readonly Structure[] }

const leaf: Structure = { kind: 'leaf' }

const isPlainObject = (x: unknown): x is Readonly<Record<string, unknown>> => {
  if (typeof x !== 'object' || x === null) return false
  const prototype = Object.getPrototypeOf(x)
  return prototype === Object.prototype || prototype === null
}

const describe = (x: unknown): string => {
  if (ArrayBuffer.isView(x)) return `a ${x.constructor.name} (wrap it in fromData)`
  return typeof x === 'object' && x !== null ? `a ${x.constructor.name}` : `${typeof x}`
}

/**
 * The leaves of a tree in a fixed order (keys sorted), and how they were nested.
 * A number takes the dtype of its partner, if one is given.
 * Fails (throws) on anything that is not a number, a value, an array, a plain object or `null`.
 *
 * @example
 * flatten({ b: [1, 2], a: 3 })[0].map(item) // => [3, 1, 2]
 */
export const flatten = (tree: unknown, partners: Values = []): readonly [leaves: Values, structure: Structure] => {
  const leaves: Value[] = []
  const walk = (node: unknown, path: string): Structure => {
    if (typeof node === 'number' || isTensor(node) || isTracer(node)) {
      leaves.push(asValue(node, partners[leaves.length]))
      return leaf
    }
    if (node === null) return { kind: 'nothing' }
    if (Array.isArray(node)) return { kind: 'array', items: node.map((child, i) => walk(child, `${path}[${i}]`)) }
    if (!isPlainObject(node))
      throw new Error(
        `tree: got ${describe(node)} at ${path || 'the top'}; needs numbers, tensors, arrays and plain objects`,
      )
    const keys = Object.keys(node).sort()
    return { kind: 'object', keys, items: keys.map((key) => walk(node[key], `${path}.${key}`)) }
  }
  return [leaves, walk(tree, '')]
}

/** The tree with the given nesting and leaves; the inverse of `flatten`, but numbers come back as values. */
export const unflatten = (structure: Structure, leaves: Values): unknown => {
  let next = 0
  const build = (node: Structure): unknown => {
    if (node.kind === 'leaf') return leaves[next++]
    if (node.kind === 'nothing') return null
    const items = node.items.map(build)
    return node.kind === 'array' ? items : Object.fromEntries(node.items.map((_, i) => [node.keys[i], items[i]]))
  }
  return build(structure)
}

/** Whether two trees are nested alike. */
export const sameStructure = (a: Structure, b: Structure): boolean => {
  if (a.kind !== b.kind) return false
  if (!('items' in a && 'items' in b)) return true
  if (a.items.length !== b.items.length) return false
  if (a.kind === 'object' && b.kind === 'object' && a.keys.some((key, i) => key !== b.keys[i])) return false
  return a.items.every((item, i) => sameStructure(item, b.items[i] as Structure))
}
