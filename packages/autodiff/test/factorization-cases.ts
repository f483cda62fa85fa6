import {
  matmul as dense,
  eye,
  fromData,
  add as plus,
  type Shape,
  scalar,
  type Tensor,
  mul as times,
} from '@secant/linalg'
import fc from 'fast-check'
import {
  choleskyOrNaN,
  concatenate,
  determinant,
  inverseOrNaN,
  leastSquaresOrNaN,
  logDeterminant,
  qr,
  reshape,
  solveOrNaN,
  solveTriangular,
  type Value,
} from '../src/index.ts'
import { type Case, tensorOf } from './generators.ts'

/** Mostly more than one row; none at all now and then. */
const size = fc.constantFrom(2, 3, 1, 3, 0)

/** m mᵀ + 2, whose eigenvalues are 2 or more. */
export const positiveDefinite = (n: number): fc.Arbitrary<Tensor> =>
  tensorOf([n, n], -1, 1).map((m) => plus(dense(m, m, { transposeB: true }), times(eye(n), scalar(2))))

/** Entries within 1 of those of 4 on the diagonal: singular values between 1 and 7 up to three rows or columns. */
export const wellConditioned = (m: number, n: number): fc.Arbitrary<Tensor> =>
  tensorOf([m, n], -1, 1).map(({ data }) =>
    fromData(
      Float64Array.from(data, (entry, at) => entry + (Math.floor(at / n) === at % n ? 4 : 0)),
      [m, n],
    ),
  )

const rightHandSides = (m: number): fc.Arbitrary<Tensor> =>
  fc.constantFrom<Shape>([m], [m, 1], [m, 2]).chain((shape) => tensorOf(shape))

const square: fc.Arbitrary<readonly Tensor[]> = size.chain((n) => fc.tuple(wellConditioned(n, n)))

const systems = (sides: fc.Arbitrary<readonly [m: number, n: number]>): fc.Arbitrary<readonly Tensor[]> =>
  sides.chain(([m, n]) => fc.tuple(wellConditioned(m, n), rightHandSides(m)))

const tall = fc.tuple(size, fc.nat(2)).map(([n, more]) => [n + more, n] as const)
const wide = fc.tuple(size, fc.nat(2)).map(([m, more]) => [m, m + more] as const)
const even = size.map((n) => [n, n] as const)

/** Not one row alone: its q is 1, whose derivatives are 0 but for rounding, and nothing to compare with. */
const rotating = (sides: readonly (readonly [m: number, n: number])[]): fc.Arbitrary<readonly Tensor[]> =>
  fc.constantFrom(...sides).chain(([m, n]) => fc.tuple(wellConditioned(m, n)))

const flat = (x: Value): Value => reshape(x, [x.shape.reduce((count, length) => count * length, 1)])

const bothFactors = (a: Value): Value => {
  const { q, r } = qr(a)
  return concatenate([flat(q), flat(r)])
}

const ofOne = (name: string, f: (a: Value) => Value, inputs: fc.Arbitrary<readonly Tensor[]>): Case => ({
  name,
  f: (a) => f(a as Value),
  inputs,
})

const ofTwo = (name: string, f: (a: Value, b: Value) => Value, inputs: fc.Arbitrary<readonly Tensor[]>): Case => ({
  name,
  f: (a, b) => f(a as Value, b as Value),
  inputs,
})

export const factorizationCases: readonly Case[] = [
  ofOne(
    'choleskyOrNaN',
    choleskyOrNaN,
    size.chain((n) => fc.tuple(positiveDefinite(n))),
  ),
  ofTwo('solveTriangular', (t, b) => solveTriangular(t, b, { lower: true }), systems(even)),
  ofTwo(
    'solveTriangular of an upper triangle, transposed',
    (t, b) => solveTriangular(t, b, { lower: false, transpose: true }),
    systems(even),
  ),
  ofTwo(
    'solveTriangular with ones on the diagonal',
    (t, b) => solveTriangular(t, b, { lower: false, unitDiagonal: true }),
    systems(even),
  ),
  ofTwo('solveOrNaN', solveOrNaN, systems(even)),
  ofOne('inverseOrNaN', inverseOrNaN, square),
  ofOne('determinant', determinant, square),
  ofOne('logDeterminant', (a) => logDeterminant(a).logAbs, square),
  ofOne(
    'qr',
    bothFactors,
    rotating([
      [2, 0],
      [2, 1],
      [2, 2],
      [3, 2],
      [3, 3],
      [5, 2],
    ]),
  ),
  ofOne(
    'qr of a wide matrix',
    bothFactors,
    rotating([
      [2, 3],
      [2, 5],
      [3, 4],
    ]),
  ),
  ofTwo('leastSquaresOrNaN', leastSquaresOrNaN, systems(tall)),
  ofTwo('leastSquaresOrNaN of a wide matrix', leastSquaresOrNaN, systems(wide)),
]
