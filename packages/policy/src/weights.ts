/**
 * Parameters as text: one JSON object that says what they are for, lists the leaves with their shapes and numbers, and
 * ends with a checksum. Numbers are decimals that stand for exactly one double each.
 */
import { concrete, flatten, type Structure, unflatten } from '@secant/autodiff'
import { fromData, sameShape, showShape, sizeOf } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'

const version = 1

/** What parameters are for, as plain data: how they were trained, say. */
export type About = Readonly<Record<string, string | number | boolean>>

/** Parameters and what was written beside them. */
export interface Weights<T> {
  readonly theta: T
  readonly about: About
}

interface Leaf {
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

/** CRC-32 (ISO 3309) of ASCII text, as eight hexadecimal digits. */
const checksum = (text: string): string => {
  let crc = 0xffffffff
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i)
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (~crc >>> 0).toString(16).padStart(8, '0')
}

/** JSON loses the sign of −0. */
const showNumber = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))

const bodyOf = (leaves: readonly Leaf[]): string =>
  leaves.map(({ shape, values }) => `{"shape":[${shape}],"values":[${values.map(showNumber).join(',')}]}`).join(',\n')

/**
 * Parameters of a policy as text. Fails (throws) where a number is not finite or not float64.
 *
 * @example
 * const text = encodeWeights('two numbers', { a: tensor([0.5, -2]) }, { seed: 7 })
 * decodeWeights('two numbers', { a: zeros([2]) }, text)._tag // => 'Right'
 */
export const encodeWeights = (policy: string, theta: unknown, about: About = {}): string => {
  const leaves = flatten(theta)[0].map((leaf): Leaf => {
    const { dtype, shape, data } = concrete(leaf)
    if (dtype !== 'float64' || !data.every(Number.isFinite))
      throw new Error(`encodeWeights: got a leaf ${dtype} ${showShape(shape)}; needs finite numbers of float64`)
    return { shape, values: Array.from(data) }
  })
  const head = `"secant-weights":${version},"policy":${JSON.stringify(policy)},"about":${JSON.stringify(about)}`
  const body = bodyOf(leaves)
  return `{${head},"crc32":"${checksum(body)}","leaves":[\n${body}\n]}\n`
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isAbout = (value: unknown): value is About =>
  isRecord(value) && Object.values(value).every((entry) => ['string', 'number', 'boolean'].includes(typeof entry))

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'number' && Number.isFinite(entry))

const isLeaf = (value: unknown): value is Leaf =>
  isRecord(value) &&
  isNumbers(value['shape']) &&
  isNumbers(value['values']) &&
  value['values'].length === sizeOf(value['shape'])

const parsed = (text: string): E.Either<string, Readonly<Record<string, unknown>>> =>
  pipe(
    E.tryCatch(
      (): unknown => JSON.parse(text),
      () => 'is no JSON',
    ),
    E.filterOrElse(isRecord, () => 'is no JSON object'),
  )

/** The numbers in the nesting of a tree that they have to fit. */
const fitted = <T>(like: T, leaves: readonly Leaf[]): E.Either<string, T> => {
  const [wanted, structure]: readonly [ReturnType<typeof flatten>[0], Structure] = flatten(like)
  if (leaves.length !== wanted.length) return E.left(`has ${leaves.length} leaves; needs ${wanted.length}`)
  const other = leaves.findIndex(({ shape }, i) => !sameShape(shape, wanted[i]?.shape ?? []))
  if (other >= 0)
    return E.left(
      `has ${showShape(leaves[other]?.shape ?? [])} as leaf ${other}; needs ${showShape(wanted[other]?.shape ?? [])}`,
    )
  const tensors = leaves.map(({ shape, values }) => fromData(Float64Array.from(values), shape))
  return E.right(unflatten(structure, tensors) as T)
}

/**
 * Parameters from their text, in the nesting and the shapes of `like`; or a sentence that tells what is wrong. Nothing of
 * the text is used before its version, policy, form and checksum are found right.
 */
export const decodeWeights = <T>(policy: string, like: T, text: string): E.Either<string, Weights<T>> =>
  pipe(
    parsed(text),
    E.chain((file) => {
      const { about, leaves } = file
      if (file['secant-weights'] !== version) return E.left(`has no version ${version} of the format`)
      if (file['policy'] !== policy) return E.left(`is for ${JSON.stringify(file['policy'])}; needs "${policy}"`)
      if (!isAbout(about)) return E.left('says nothing about itself')
      if (!(Array.isArray(leaves) && leaves.every(isLeaf))) return E.left('has leaves that are no tensors')
      if (checksum(bodyOf(leaves)) !== file['crc32'])
        return E.left('is damaged: its checksum is not that of its numbers')
      return pipe(
        fitted(like, leaves),
        E.map((theta) => ({ theta, about })),
      )
    }),
  )
