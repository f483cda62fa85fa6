import { matmul as dense, eye, fromData, type Tensor, tensor, transpose as turn } from '@secant/linalg'
import fc from 'fast-check'
import {
  add,
  concatenate,
  matmul,
  matrixExponential,
  mul,
  reshape,
  solveSymmetricOrNaN,
  square,
  svdOrNaN,
  symmetricEigenOrNaN,
  transpose,
  type Value,
} from '../src/index.ts'
import { type Case, tensorOf } from './generators.ts'

const flat = (x: Value): Value => reshape(x, [x.shape.reduce((size, length) => size * length, 1)])

/** Different factors for columns, none of them 0. */
const factors = ({ shape, dtype }: Value): Tensor =>
  tensor(
    Array.from({ length: shape[0] as number }, (_, i) => 1 + Math.sqrt(i)),
    dtype,
  )

/** All there is to know of the eigenvectors but their signs. */
export const eigenSummary = (a: Value): Value => {
  const { values, vectors } = symmetricEigenOrNaN(a)
  const weighted = matmul(mul(vectors, factors(values)), transpose(vectors))
  return concatenate([values, flat(square(vectors)), flat(weighted)])
}

/** All there is to know of the singular vectors but the signs of pairs. */
export const svdSummary = (a: Value): Value => {
  const { u, s, v } = svdOrNaN(a)
  const weighted = matmul(mul(u, factors(s)), transpose(v))
  return concatenate([s, flat(square(u)), flat(square(v)), flat(weighted)])
}

/** (mᵀ m + 1)⁻¹ b with products only; m is a value that the map closes over. */
export const solveWith = (m: Value, b: Value): Value =>
  solveSymmetricOrNaN((v) => add(matmul(transpose(m), matmul(m, v)), v), b, { tolerance: 1e-14 })

/** I − 2 w wᵀ / wᵀ w for vectors that are not short. */
const reflection = (n: number): fc.Arbitrary<Tensor> =>
  tensorOf([n], 0.25, 1).map((w) => {
    const squares = Array.from(w.data).reduce((total, entry) => total + entry * entry, 0)
    const at = (i: number): number => w.data[i] as number
    const q = eye(n)
    const data = Float64Array.from(q.data, (one, k) => one - (2 * at(Math.floor(k / n)) * at(k % n)) / squares)
    return fromData(data, [n, n])
  })

const orthogonal = (n: number): fc.Arbitrary<Tensor> =>
  fc.tuple(reflection(n), reflection(n), tensorOf([n], -1, 1)).map(([a, b, signs]) => {
    const product = dense(a, b)
    // With rows of either sign no pattern of the reflections stays.
    const data = Float64Array.from(product.data, (x, k) => ((signs.data[Math.floor(k / n)] as number) < 0 ? -x : x))
    return fromData(data, [n, n])
  })

/** Values at least 2 apart, in steps of 3. */
const apart = (count: number, from: number): fc.Arbitrary<readonly number[]> =>
  tensorOf([count], -0.5, 0.5).map(({ data }) => Array.from(data, (jitter, i) => from + 3 * i + jitter))

const assembled = (p: Tensor, values: readonly number[], q: Tensor): Tensor => {
  const [m, n] = [p.shape[0] as number, q.shape[0] as number]
  const middle = Float64Array.from({ length: m * n }, (_, k) => (k % (n + 1) === 0 ? (values[k / (n + 1)] ?? 0) : 0))
  return dense(dense(p, fromData(middle, [m, n])), turn(q, [1, 0]))
}

const size = fc.integer({ min: 1, max: 4 })

/** Q Λ Qᵀ */
export const separatedEigen: fc.Arbitrary<readonly Tensor[]> = size.chain((n) =>
  fc.tuple(orthogonal(n), apart(n, -4)).map(([q, values]) => [assembled(q, values, q)]),
)

/** P S Qᵀ, tall, square and wide. */
export const separatedSvd: fc.Arbitrary<readonly Tensor[]> = fc
  .tuple(size, size)
  .chain(([m, n]) =>
    fc.tuple(orthogonal(m), apart(Math.min(m, n), 3), orthogonal(n)).map(([p, values, q]) => [assembled(p, values, q)]),
  )

export const spectralCases: readonly Case[] = [
  { name: 'symmetricEigenOrNaN', f: (a) => eigenSummary(a as Value), inputs: separatedEigen },
  { name: 'svdOrNaN', f: (a) => svdSummary(a as Value), inputs: separatedSvd },
  {
    name: 'matrixExponential',
    f: (a) => matrixExponential(a as Value),
    inputs: fc.integer({ min: 0, max: 3 }).chain((n) => fc.tuple(tensorOf([n, n], -1, 1))),
  },
  {
    name: 'solveSymmetricOrNaN',
    f: (m, b) => solveWith(m as Value, b as Value),
    inputs: size.chain((n) => fc.tuple(tensorOf([n, n], -1, 1), tensorOf([n], 0.5, 2))),
  },
]
