import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { fromData, type Tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { decodeCsv, type Table } from '../csv.ts'
import { type DecodeError, malformed } from '../decode-error.ts'
import { decodeIdx } from '../idx.ts'
import { decodeRegressions, type Regression } from '../known/nist.ts'

/** A file of the package that is not there: the image files are left out of the published one. */
export interface Missing {
  readonly kind: 'missing'
  readonly file: string
}

export type ReadError = Missing | DecodeError

/** The bytes of a gzip file, unzipped. */
export const unzip = (file: string, bytes: Uint8Array): E.Either<DecodeError, Uint8Array> =>
  E.tryCatch(
    () => gunzipSync(bytes),
    () => malformed(file, `${bytes.length} bytes that do not unzip`, 'gzip'),
  )

/** The bytes of a file under the package's data folder, unzipped where its name ends in `.gz`. */
export const readData = (file: string): E.Either<ReadError, Uint8Array> =>
  pipe(
    E.tryCatch(
      (): Uint8Array => readFileSync(new URL(`../../data/${file}`, import.meta.url)),
      (): ReadError => ({ kind: 'missing', file }),
    ),
    E.chain((bytes) => (file.endsWith('.gz') ? unzip(file, bytes) : E.right(bytes))),
  )

/** One of the tables that travel with the package. */
export const readTable = (name: 'iris' | 'wine' | 'wdbc' | 'digits8x8'): E.Either<ReadError, Table> =>
  pipe(
    readData(name === 'digits8x8' ? 'free/digits8x8.csv.gz' : `free/${name}.csv`),
    E.chainW((bytes) => decodeCsv(new TextDecoder().decode(bytes))),
  )

/** The first digits of MNIST: pixels in [0, 1] `[count, 784]` and labels `[count]`; from 1 to 2,000 of them. */
export const readMnist = (count: number): E.Either<ReadError, { readonly images: Tensor; readonly labels: Tensor }> => {
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`readMnist: got count = ${count}; needs a whole number ≥ 1`)
  return pipe(
    E.Do,
    E.bind('pixels', () => pipe(readData('mnist-small/train-images-idx3-ubyte.gz'), E.chainW(decodeIdx))),
    E.bind('digits', () => pipe(readData('mnist-small/train-labels-idx1-ubyte.gz'), E.chainW(decodeIdx))),
    E.chainW(({ pixels, digits }) => {
      const rows = pixels.shape[0] as number
      if (pixels.shape.length !== 3 || rows !== digits.data.length || count > rows)
        return E.left(malformed('mnist-small', `${rows} images and ${digits.data.length} labels`, `${count} of each`))
      const size = pixels.data.length / rows
      const images = Float64Array.from(pixels.data.subarray(0, count * size), (ink) => ink / 255)
      return E.right({ images: fromData(images, [count, size]), labels: fromData(digits.data.slice(0, count)) })
    }),
  )
}

/** What is known of a strongly convex loss on a table. */
export interface Reference {
  readonly data: string
  readonly loss: string
  readonly fmin: number
  readonly f0: number
  readonly g0Norm: number
}

const isReference = (entry: unknown): entry is Reference => {
  if (typeof entry !== 'object' || entry === null) return false
  const { data, loss, fmin, f0, g0Norm } = entry as Readonly<Record<string, unknown>>
  return [data, loss].every((name) => typeof name === 'string') && [fmin, f0, g0Norm].every(Number.isFinite)
}

/** References from JSON text; other fields are left out of account. */
export const decodeReferences = (text: string): E.Either<DecodeError, readonly Reference[]> =>
  pipe(
    E.tryCatch(
      (): unknown => JSON.parse(text),
      () => malformed('reference-optima.json', 'text', 'JSON'),
    ),
    E.chain((entries) =>
      Array.isArray(entries) && entries.every(isReference)
        ? E.right(entries)
        : E.left(malformed('reference-optima.json', 'other fields', 'a list of { data, loss, fmin, f0, g0Norm }')),
    ),
  )

/** The exact minima that come with the tables. */
export const readReferences = (): E.Either<ReadError, readonly Reference[]> =>
  pipe(
    readData('free/reference-optima.json'),
    E.chainW((bytes) => decodeReferences(new TextDecoder().decode(bytes))),
  )

/** The nonlinear regressions of NIST that travel with the package. */
export const readRegressions = (): E.Either<ReadError, readonly Regression[]> =>
  pipe(
    readData('free/nist-strd.json'),
    E.chainW((bytes) => decodeRegressions(new TextDecoder().decode(bytes))),
  )
