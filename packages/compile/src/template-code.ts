/** What templates ask of trees, as generated code: with many leaves this is most of the time of a small call. */
import { sizeOf } from '@secant/linalg'
import { filledIn, type Leaf, matches, type Template } from './template.ts'

/** Whether a tree has the template; its leaves are put into a list. */
export type Matching = (tree: unknown, leaves: Leaf[]) => boolean
/** The tree of the leaves; `given` are those of the arguments. */
export type Filling = (leaves: readonly Leaf[], given: readonly Leaf[]) => unknown

/** A function of generated text; the plain one where the engine forbids that. */
const generated = <F>(parameters: readonly string[], body: string, values: readonly unknown[], plain: F): F => {
  try {
    return new Function('values', `return (${parameters.join(', ')}) => {\n${body}\n}`)(values) as F
  } catch {
    return plain
  }
}

const matchingCode = (template: Template, values: unknown[]): string => {
  let names = 0
  const refuse = (condition: string): string => `if (${condition}) return false`
  const walk = (node: Template, at: string): readonly string[] => {
    const child = (item: Template, place: string): readonly string[] => {
      const name = `v${names++}`
      return [`const ${name} = ${at}${place}`, ...walk(item, name)]
    }
    switch (node.kind) {
      case 'number':
        return [refuse(`typeof ${at} !== 'number'`), `leaves.push(${at})`]
      case 'value': {
        const { dtype, shape } = node
        const lengths = shape.map((length, axis) => ` || ${at}.shape[${axis}] !== ${length}`).join('')
        const isOther = `${at}.dtype !== '${dtype}' || !ArrayBuffer.isView(${at}.data) || ${at}.shape.length !== ${shape.length}${lengths} || ${at}.data.length !== ${sizeOf(shape)}`
        return [refuse(`typeof ${at} !== 'object' || ${at} === null || ${isOther}`), `leaves.push(${at})`]
      }
      case 'static':
        values.push(node.value)
        return [refuse(`!Object.is(${at}, values[${values.length - 1}])`)]
      case 'given':
        return ['return false']
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
  return [...walk(template, 'tree'), 'return true'].join('\n')
}

export const matchingOf = (template: Template): Matching => {
  const values: unknown[] = []
  const plain: Matching = (tree, leaves) => matches(template, tree, leaves)
  return generated(['tree', 'leaves'], matchingCode(template, values), values, plain)
}

/** A key of a literal; this one would otherwise be the prototype. */
const keyText = (key: string): string => (key === '__proto__' ? '["__proto__"]' : JSON.stringify(key))

const fillingCode = (template: Template, values: unknown[]): string => {
  let next = 0
  const walk = (node: Template): string => {
    switch (node.kind) {
      case 'value':
      case 'number':
        return `leaves[${next++}]`
      case 'given':
        return `given[${node.leaf}]`
      case 'static':
        values.push(node.value)
        return `values[${values.length - 1}]`
      case 'array':
        return `[${node.items.map(walk).join(', ')}]`
      case 'object':
        return `{ ${node.items.map((item, i) => `${keyText(node.keys[i] as string)}: ${walk(item)}`).join(', ')} }`
    }
  }
  return `return ${walk(template)}`
}

export const fillingOf = (template: Template): Filling => {
  const values: unknown[] = []
  const plain: Filling = (leaves, given) => filledIn(template, leaves, given)
  return generated(['leaves', 'given'], fillingCode(template, values), values, plain)
}
