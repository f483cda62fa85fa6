/**
 * How the arguments of a call are nested and of which types their values are: one program serves all calls that agree in
 * that. Unlike the trees of derivatives, arguments may also hold what is not a value, which then counts by identity.
 */
import { isTracer, type Value } from '@secant/autodiff'
import { type DType, isTensor, type Shape, sameShape, showShape, sizeOf, type Tensor } from '@secant/linalg'

export type Template =
  | { readonly kind: 'value'; readonly dtype: DType; readonly shape: Shape }
  /** A number, which enters as a scalar. */
  | { readonly kind: 'number' }
  | { readonly kind: 'static'; readonly value: unknown }
  /** In a result: an argument, as it was given. */
  | { readonly kind: 'given'; readonly leaf: number }
  | { readonly kind: 'array'; readonly items: readonly Template[] }
  | { readonly kind: 'object'; readonly keys: readonly string[]; readonly items: readonly Template[] }

/** A value or a number, as they stand in a tree. */
export type Leaf = Value | number

const isPlainObject = (x: unknown): x is Readonly<Record<string, unknown>> => {
  if (typeof x !== 'object' || x === null) return false
  const prototype = Object.getPrototypeOf(x)
  return prototype === Object.prototype || prototype === null
}

const refused = (x: unknown): boolean =>
  typeof x === 'object' && x !== null && (ArrayBuffer.isView(x) || 'then' in x || Symbol.iterator in x || 'next' in x)

/**
 * The template of a tree; its leaves are put behind those given. Fails (throws) on promises, iterators, bare arrays of
 * numbers, and tensors whose numbers were donated.
 */
export const templateOf = (tree: unknown, leaves: Leaf[], path = ''): Template => {
  if (typeof tree === 'number') {
    leaves.push(tree)
    return { kind: 'number' }
  }
  if (isTensor(tree) || isTracer(tree)) {
    if (isTensor(tree) && tree.data.length !== sizeOf(tree.shape))
      throw new Error(
        `jit: got ${tree.dtype} ${showShape(tree.shape)} whose numbers were given away; needs a tensor that has them`,
      )
    leaves.push(tree)
    return { kind: 'value', dtype: tree.dtype, shape: tree.shape }
  }
  if (Array.isArray(tree))
    return { kind: 'array', items: tree.map((item, i) => templateOf(item, leaves, `${path}[${i}]`)) }
  if (isPlainObject(tree)) {
    const keys = Object.keys(tree)
    return { kind: 'object', keys, items: keys.map((key) => templateOf(tree[key], leaves, `${path}.${key}`)) }
  }
  if (refused(tree))
    throw new Error(
      `jit: got a ${(tree as object).constructor.name} at ${path || 'the top'}; needs numbers, tensors, arrays and plain objects`,
    )
  return { kind: 'static', value: tree }
}

/** Whether a tree has a template; its leaves are put behind those given. */
export const matches = (template: Template, tree: unknown, leaves: Leaf[]): boolean => {
  switch (template.kind) {
    case 'number':
      if (typeof tree !== 'number') return false
      leaves.push(tree)
      return true
    case 'value': {
      if (!isTensor(tree) || tree.dtype !== template.dtype || !sameShape(tree.shape, template.shape)) return false
      if (tree.data.length !== sizeOf(tree.shape)) return false
      leaves.push(tree)
      return true
    }
    case 'static':
      return Object.is(tree, template.value)
    case 'given':
      return false
    case 'array': {
      const { items } = template
      if (!Array.isArray(tree) || tree.length !== items.length) return false
      for (let i = 0; i < items.length; i++) if (!matches(items[i] as Template, tree[i], leaves)) return false
      return true
    }
    case 'object': {
      if (!isPlainObject(tree) || isTensor(tree)) return false
      const { keys, items } = template
      let count = 0
      for (const _ in tree) count++
      if (count !== keys.length) return false
      for (let i = 0; i < keys.length; i++) {
        const key = keys[i] as string
        if (!Object.hasOwn(tree, key) || !matches(items[i] as Template, tree[key], leaves)) return false
      }
      return true
    }
  }
}

/** The tree with a template and its leaves; `given` are those of the arguments. */
export const filledIn = (template: Template, leaves: readonly Leaf[], given: readonly Leaf[]): unknown => {
  let next = 0
  const build = (node: Template): unknown => {
    switch (node.kind) {
      case 'value':
      case 'number':
        return leaves[next++]
      case 'static':
        return node.value
      case 'given':
        return given[node.leaf]
      case 'array': {
        const items = new Array<unknown>(node.items.length)
        for (let i = 0; i < items.length; i++) items[i] = build(node.items[i] as Template)
        return items
      }
      case 'object': {
        const made: Record<string, unknown> = {}
        for (let i = 0; i < node.keys.length; i++) {
          const key = node.keys[i] as string
          const value = build(node.items[i] as Template)
          if (key === '__proto__')
            Object.defineProperty(made, key, { value, enumerable: true, writable: true, configurable: true })
          else made[key] = value
        }
        return made
      }
    }
  }
  return build(template)
}

/** Numbers beside float32 tensors alone become float32, as they would beside each of them; else float64. */
export const numberType = (leaves: readonly Leaf[]): 'float64' | 'float32' => {
  const floats = leaves.filter(
    (leaf) => typeof leaf !== 'number' && leaf.dtype.startsWith('float'),
  ) as readonly Tensor[]
  return floats.length > 0 && floats.every(({ dtype }) => dtype === 'float32') ? 'float32' : 'float64'
}

/**
 * The template of a result. Numbers in it do not depend on the arguments and are part of the template; arguments that
 * are handed on are given back as they came.
 */
export const withoutNumbers = (template: Template, leaves: readonly Leaf[], inputs: readonly Value[]): Template => {
  let next = 0
  const walk = (node: Template): Template => {
    if (node.kind === 'number') return { kind: 'static', value: leaves[next++] }
    if (node.kind === 'value') {
      const leaf = inputs.indexOf(leaves[next++] as Value)
      return leaf < 0 ? node : { kind: 'given', leaf }
    }
    return 'items' in node ? { ...node, items: node.items.map(walk) } : node
  }
  return walk(template)
}
