import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { fromData, type Tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { decodeCsv, type Table } from '../csv.ts'
import { type DecodeError, malformed } from '../decode-error.ts'
import { decodeIdx } from '../idx.ts'

/** A file of the package that is not there: the image files are left out of the published one. */
export interface Missing {
  readonly kind: 'missing'
  readonly file: string
}

export type ReadError = Missing | DecodeError

const readData = (file: string): E.Either<ReadError, Uint8Array> => {
  const url = new URL(`../../data/${file}`, import.meta.url)
  return E.tryCatch(
    () => (file.endsWith('.gz') ? gunzipSync(readFileSync(url)) : readFileSync(url)),
    (): ReadError => ({ kind: 'missing', file }),
  )
}

/** One of the tables that travel with the package. */
export const readTable = (name: 'iris' | 'wine' | 'wdbc' | 'digits8x8'): E.Either<ReadError, Table> =>
  pipe(
    readData(name === 'digits8x8' ? 'free/digits8x8.csv.gz' : `free/${name}.csv`),
    E.chainW((bytes) => decodeCsv(new TextDecoder().decode(bytes))),
  )

/** The first digits of MNIST: pixels in [0, 1] `[count, 784]` and labels `[count]`; at most 2,000. */
export const readMnist = (count: number): E.Either<ReadError, { readonly images: Tensor; readonly labels: Tensor }> =>
  pipe(
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

/** What is known of a strongly convex loss on a table. */
export interface Reference {
  readonly data: string
  readonly loss: string
  readonly fmin: number
  readonly f0: number
  readonly g0Norm: number
}

const isReference = (entry: unknown): entry is Reference => {
  const { data, loss, fmin, f0, g0Norm } = entry as Readonly<Record<string, unknown>>
  return [data, loss].every((name) => typeof name === 'string') && [fmin, f0, g0Norm].every(Number.isFinite)
}

/** The exact minima that come with the tables. */
export const readReferences = (): E.Either<ReadError, readonly Reference[]> =>
  pipe(
    readData('free/reference-optima.json'),
    E.chainW((bytes) =>
      E.tryCatch(
        (): unknown => JSON.parse(new TextDecoder().decode(bytes)),
        () => malformed('reference-optima.json', 'text', 'JSON'),
      ),
    ),
    E.chainW((entries) =>
      Array.isArray(entries) && entries.every(isReference)
        ? E.right(entries)
        : E.left(malformed('reference-optima.json', 'other fields', 'a list of { data, loss, fmin, f0, g0Norm }')),
    ),
  )
