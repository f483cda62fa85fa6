import * as E from 'fp-ts/lib/Either.js'
import { fromData, type Tensor, tensor } from '../src/index.ts'

/** Entries between −1 and 1 without a pattern, from a seed. */
export const scattered = (shape: readonly [number, number], seed: number): Tensor =>
  fromData(
    Float64Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.sin(12.9898 * (i + 1) ** 1.5 + 78.233 * seed)),
    shape,
  )

export const square = (rows: readonly (readonly number[])[]): Tensor => tensor(rows)

export const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`got ${JSON.stringify(either.left)}; needs a result`)
  return either.right
}

/** A family of square matrices that elimination does not find singular. */
export interface MatrixCase {
  readonly name: string
  readonly make: (n: number, seed: number) => Tensor
}

const entrywise =
  (f: (i: number, j: number, entry: number, n: number) => number) =>
  (n: number, seed: number): Tensor =>
    fromData(
      Float64Array.from(scattered([n, n], seed).data, (entry, at) => f(Math.floor(at / n), at % n, entry, n)),
      [n, n],
    )

const fraction = (i: number, n: number): number => i / Math.max(1, n - 1)

export const matrices: readonly MatrixCase[] = [
  { name: 'random matrices', make: entrywise((_i, _j, entry) => entry) },
  { name: 'rows from 1 down to 1e-12', make: entrywise((i, _j, entry, n) => entry * 10 ** (-12 * fraction(i, n))) },
  { name: 'columns from 1 up to 1e12', make: entrywise((_i, j, entry, n) => entry * 10 ** (12 * fraction(j, n))) },
  { name: 'Hilbert matrices', make: entrywise((i, j) => 1 / (i + j + 1)) },
  {
    name: 'a rank-one matrix and a little more',
    make: entrywise((i, j, entry) => Math.cos(i + 1) * Math.cos(2 * j + 1) + 1e-10 * entry),
  },
  {
    name: 'the worst growth of partial pivoting',
    make: entrywise((i, j, _entry, n) => (i === j || j === n - 1 ? 1 : j < i ? -1 : 0)),
  },
]
