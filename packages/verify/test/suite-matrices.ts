/** Updates and norms from the book, in dense matrices: what judges the quick ones. */
import {
  add,
  cholesky,
  dot,
  eye,
  matmul,
  matvec,
  mul,
  outer,
  scalar,
  sub,
  symmetricEigen,
  type Tensor,
} from '@secant/linalg'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { displacements, factors, symmetric, turns } from '../src/testing/index.ts'
import { entry } from './suite.ts'

export const times = (c: number, a: Tensor): Tensor => mul(scalar(c), a)

export const product = (...factors: readonly [Tensor, ...Tensor[]]): Tensor => factors.reduce((a, b) => matmul(a, b))

export const isPositiveDefinite = (a: Tensor): boolean => E.isRight(cholesky(a))

export const eigenvaluesOf = (a: Tensor): readonly number[] => {
  const found = symmetricEigen(a)
  if (E.isLeft(found)) throw new Error('no eigenvalues')
  return [...found.right.values.data]
}

/** A symmetric matrix to a power, by way of its eigenvalues. */
export const power = (a: Tensor, exponent: number): Tensor => {
  const found = symmetricEigen(a)
  if (E.isLeft(found)) throw new Error('no eigenvalues')
  const { values, vectors } = found.right
  const n = a.shape[0] as number
  let sum = times(0, eye(n))
  for (let k = 0; k < n; k++) {
    const v = matvec(vectors, { ...values, data: Float64Array.from({ length: n }, (_, i) => (i === k ? 1 : 0)) })
    sum = add(sum, times(entry(values, k) ** exponent, outer(v, v)))
  }
  return sum
}

export const trace = (a: Tensor): number => {
  const n = a.shape[0] as number
  return Array.from({ length: n }, (_, i) => entry(a, i * (n + 1))).reduce((total, value) => total + value, 0)
}

export const logDet = (a: Tensor): number => eigenvaluesOf(a).reduce((total, value) => total + Math.log(value), 0)

/** Frobenius norm. */
export const frobenius = (a: Tensor): number =>
  Math.sqrt([...a.data].reduce((total, value) => total + value * value, 0))

/** `B − Bss'B/s'Bs + yy'/s'y` (Nocedal and Wright, 6.19). */
export const bfgsOfB = (b: Tensor, s: Tensor, y: Tensor): Tensor => {
  const bs = matvec(b, s)
  return add(sub(b, times(1 / dot(s, bs), outer(bs, bs))), times(1 / dot(s, y), outer(y, y)))
}

/** `(I − ρsy')H(I − ρys') + ρss'` (6.17). */
export const bfgsOfH = (h: Tensor, s: Tensor, y: Tensor): Tensor => {
  const rho = 1 / dot(s, y)
  const left = sub(eye(s.data.length), times(rho, outer(s, y)))
  return add(matmul(matmul(left, h), left, { transposeB: true }), times(rho, outer(s, s)))
}

/** The update of Davidon, Fletcher and Powell is that of BFGS with the parts exchanged (6.13, 6.15). */
export const dfpOfB = (b: Tensor, s: Tensor, y: Tensor): Tensor => bfgsOfH(b, y, s)
export const dfpOfH = (h: Tensor, s: Tensor, y: Tensor): Tensor => bfgsOfB(h, y, s)

/** A Hessian, an inverse Hessian before the update and a step, all of the same size. */
export interface Update {
  readonly a: Tensor
  readonly h: Tensor
  readonly s: Tensor
}

const matrices = (n: number, condition: number): fc.Arbitrary<Tensor> =>
  fc
    .tuple(fc.array(factors(condition), { minLength: n, maxLength: n }), turns)
    .map(([spectrum, turn]) => symmetric({ spectrum, turn }))

export const updates = ({ maxN = 5, condition = 100 } = {}): fc.Arbitrary<Update> =>
  fc.integer({ min: 1, max: maxN }).chain((n) =>
    fc.record({
      a: matrices(n, condition),
      h: matrices(n, condition),
      s: displacements(n, 1).map(([s]) => s as Tensor),
    }),
  )
