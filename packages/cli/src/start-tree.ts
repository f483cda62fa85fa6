import { type DType, fromData, isFloat, isTensor, toNested } from '@secant/linalg'
import { describe, isPlainObject } from './describe.ts'
import { misunderstood } from './failure.ts'

const forms = 'numbers, Float64Arrays, Float32Arrays, float tensors, or arrays and objects of them'

/**
 * A starting tree with its typed arrays wrapped. Fails (throws) where anything but finite floats of one kind is in
 * it, or nothing.
 */
export const decodeStart = (given: unknown): unknown => {
  const dtypes = new Set<DType>()
  const leaf = <A>(node: A, dtype: DType, numbers: ArrayLike<number>, path: string): A => {
    for (let i = 0; i < numbers.length; i++)
      if (!Number.isFinite(numbers[i])) throw misunderstood(`${path}: got ${numbers[i]}; needs finite numbers`)
    if (numbers.length > 0) dtypes.add(dtype)
    return node
  }
  const walk = (node: unknown, path: string): unknown => {
    if (typeof node === 'number') return leaf(node, 'float64', [node], path)
    if (node instanceof Float64Array || node instanceof Float32Array) return walk(fromData(node.slice()), path)
    if (isTensor(node)) {
      if (isFloat(node)) return leaf(node, node.dtype, node.data, path)
      throw misunderstood(`${path}: got a tensor of ${node.dtype}; needs ${forms}`)
    }
    if (Array.isArray(node)) return node.map((child, i) => walk(child, `${path}[${i}]`))
    if (!isPlainObject(node)) throw misunderstood(`${path}: got ${describe(node)}; needs ${forms}`)
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, walk(child, `${path}.${key}`)]))
  }
  const tree = walk(given, 'x0')
  if (dtypes.size === 0) throw misunderstood('x0: got no numbers; needs at least one')
  if (dtypes.size > 1) throw misunderstood(`x0: got ${[...dtypes].join(' and ')}; needs one kind of floats`)
  return tree
}

/** A tree with its tensors as nested arrays, for JSON. */
export const numbersIn = (tree: unknown): unknown => {
  if (isTensor(tree)) return toNested(tree)
  if (Array.isArray(tree)) return tree.map(numbersIn)
  if (!isPlainObject(tree)) return tree
  return Object.fromEntries(Object.entries(tree).map(([key, child]) => [key, numbersIn(child)]))
}
