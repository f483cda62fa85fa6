/** What templates ask of trees, as generated code: with many leaves this is most of the time of a small call. */
import { sizeOf } from '@secant/linalg'
import type { Signature } from './javascript.ts'
import { givenOf } from './statement.ts'
import { type Leaf, matches, type Template } from './template.ts'
import { numberText } from './text.ts'

/** What comes of a call whose arguments are of another kind. */
export const otherKind: unique symbol = Symbol('other kind')

/** Calls a function with the leaves of some arguments; or gives `otherKind`. */
export type Entry = (...args: readonly unknown[]) => unknown

const entryCode = (template: Template, isList: boolean, values: unknown[]): string => {
  let names = 0
  let leaves = 0
  const refuse = (condition: string): string => `if (${condition}) return other`
  const walk = (node: Template, at: string): readonly string[] => {
    const child = (item: Template, place: string): readonly string[] => {
      const name = `v${names++}`
      return [`const ${name} = ${at}${place}`, ...walk(item, name)]
    }
    switch (node.kind) {
      case 'number':
        return [refuse(`typeof ${at} !== 'number'`), `const ${givenOf(leaves++)} = ${at}`]
      case 'value': {
        const { dtype, shape } = node
        const lengths = shape.map((length, axis) => ` || ${at}.shape[${axis}] !== ${length}`).join('')
        const isOther = `${at}.dtype !== '${dtype}' || !ArrayBuffer.isView(${at}.data) || ${at}.shape.length !== ${shape.length}${lengths} || ${at}.data.length !== ${sizeOf(shape)}`
        return [
          refuse(`typeof ${at} !== 'object' || ${at} === null || ${isOther}`),
          `const ${givenOf(leaves++)} = ${at}`,
        ]
      }
      case 'static':
        values.push(node.value)
        return [refuse(`!Object.is(${at}, values[${values.length - 1}])`)]
      case 'given':
        return ['return other']
      case 'array':
        return [
          refuse(`!Array.isArray(${at}) || ${at}.length !== ${node.items.length}`),
          ...node.items.flatMap((item, i) => child(item, `[${i}]`)),
        ]
      case 'object': {
        const keys = node.keys.map((key) => JSON.stringify(key))
        const [proto, count] = [`p${names}`, `c${names++}`]
        return [
          refuse(`typeof ${at} !== 'object' || ${at} === null`),
          `const ${proto} = Object.getPrototypeOf(${at})`,
          refuse(`${proto} !== Object.prototype && ${proto} !== null`),
          `let ${count} = 0`,
          `for (const _ in ${at}) ${count}++`,
          refuse([`${count} !== ${keys.length}`, ...keys.map((key) => `!Object.hasOwn(${at}, ${key})`)].join(' || ')),
          ...node.items.flatMap((item, i) => child(item, `[${keys[i]}]`)),
        ]
      }
    }
  }
  const args = template.kind === 'array' ? template.items : []
  const checks = args.flatMap((item, i) => walk(item, `a${i}`))
  const given = Array.from({ length: leaves }, (_, i) => givenOf(i)).join(', ')
  // V8 counts `arguments` without making them; where a caller counts a list that it spreads as well, it makes the list.
  return [
    "'use strict'",
    `return function (${args.map((_, i) => `a${i}`).join(', ')}) {`,
    refuse(`arguments.length !== ${args.length}`),
    ...checks,
    `return enter(${isList ? `[${given}]` : given})`,
    '}',
  ].join('\n')
}

/**
 * Arguments with a template go to a function, as one list of leaves or each by itself; as generated code, or the plain
 * form where the engine forbids that.
 */
export const entryOf = (template: Template, isList: boolean, enter: (...leaves: never[]) => unknown): Entry => {
  const values: unknown[] = []
  try {
    return new Function('enter', 'other', 'values', entryCode(template, isList, values))(enter, otherKind, values)
  } catch {
    return (...args) => {
      const leaves: Leaf[] = []
      if (!matches(template, args, leaves)) return otherKind
      return isList ? enter(leaves as never) : enter(...(leaves as never[]))
    }
  }
}

/** A key of a literal; this one would otherwise be the prototype. */
const keyText = (key: string): string => (key === '__proto__' ? '["__proto__"]' : JSON.stringify(key))

/** The text of a tree, from those of its values; arguments in it are those that were given. */
export const textOf =
  (template: Template): Signature['returned'] =>
  (results, link) => {
    let next = 0
    const walk = (node: Template): string => {
      switch (node.kind) {
        case 'value':
        case 'number':
          return results[next++] as string
        case 'given':
          return givenOf(node.leaf)
        case 'static':
          return typeof node.value === 'number' ? numberText(node.value) : link(node.value)
        case 'array':
          return `[${node.items.map(walk).join(', ')}]`
        case 'object':
          return `{ ${node.items.map((item, i) => `${keyText(node.keys[i] as string)}: ${walk(item)}`).join(', ')} }`
      }
    }
    return walk(template)
  }
