/**
 * States as JSON, bit for bit: numbers, strings, booleans, null, arrays, plain objects and typed arrays of them (so
 * tensors). What JSON lacks is an object with the key `$`: `{"$":"-0"}`, `{"$":"Float64Array","base64":"…"}`; a key of
 * one's own that begins with `$` gets one more.
 */

import type { TypedArray } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { describe, isPlainObject } from './describe.ts'

const specialNumbers: ReadonlyMap<unknown, number> = new Map(
  ['NaN', 'Infinity', '-Infinity', '-0'].map((text) => [text, Number(text)]),
)

const arrays: ReadonlyMap<unknown, (bytes: ArrayBuffer) => TypedArray> = new Map<
  unknown,
  (bytes: ArrayBuffer) => TypedArray
>([
  ['Float64Array', (bytes) => new Float64Array(bytes)],
  ['Float32Array', (bytes) => new Float32Array(bytes)],
  ['Int32Array', (bytes) => new Int32Array(bytes)],
  ['Uint8Array', (bytes) => new Uint8Array(bytes)],
])

/** A state as what `JSON.stringify` takes. Fails (throws) on functions, classes and undefined. */
export const encodePlainData = (value: unknown): unknown => {
  const walk = (node: unknown, path: string): unknown => {
    if (node === null || typeof node === 'string' || typeof node === 'boolean') return node
    if (typeof node === 'number')
      return Number.isFinite(node) && !Object.is(node, -0) ? node : { $: Object.is(node, -0) ? '-0' : String(node) }
    if (Array.isArray(node)) return node.map((child, i) => walk(child, `${path}[${i}]`))
    if (ArrayBuffer.isView(node) && arrays.has(node.constructor.name)) {
      const base64 = Buffer.from(node.buffer, node.byteOffset, node.byteLength).toString('base64')
      return { $: node.constructor.name, base64 }
    }
    if (!isPlainObject(node))
      throw new Error(
        `state: got ${describe(node)} at ${path || 'the top'}; needs numbers, text, arrays and plain objects`,
      )
    return Object.fromEntries(
      Object.entries(node).map(([key, child]) => [
        key.startsWith('$') ? `$${key}` : key,
        walk(child, `${path}.${key}`),
      ]),
    )
  }
  return walk(value, '')
}

/** The state behind what was encoded, or where it is not one. */
export const decodePlainData = (json: unknown): E.Either<string, unknown> => {
  const problems: string[] = []
  const bad = (path: string, message: string): undefined => {
    problems.push(`${path || 'the top'}: ${message}`)
  }
  const special = ({ $: tag, ...rest }: Readonly<Record<string, unknown>>, path: string): unknown => {
    const { base64, ...others } = rest
    const build = arrays.get(tag)
    if (specialNumbers.has(tag) && Object.keys(rest).length === 0) return specialNumbers.get(tag)
    if (build === undefined || typeof base64 !== 'string' || Object.keys(others).length > 0)
      return bad(path, 'needs a number or a typed array after "$"')
    const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
    const width = build(new ArrayBuffer(0)).BYTES_PER_ELEMENT
    return Buffer.from(bytes).toString('base64') === base64 && bytes.length % width === 0
      ? build(bytes.buffer)
      : bad(path, `needs whole entries of a ${String(tag)} in base64`)
  }
  const walk = (node: unknown, path: string): unknown => {
    if (typeof node !== 'object' || node === null) return node
    if (Array.isArray(node)) return node.map((child, i) => walk(child, `${path}[${i}]`))
    const fields = node as Readonly<Record<string, unknown>>
    if (Object.hasOwn(fields, '$')) return special(fields, path)
    return Object.fromEntries(
      Object.entries(fields).map(([key, child]) => [
        key.startsWith('$') ? key.slice(1) : key,
        walk(child, `${path}.${key}`),
      ]),
    )
  }
  const value = walk(json, '')
  return problems[0] === undefined ? E.right(value) : E.left(problems[0])
}
