import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  cholesky,
  fromData,
  matmul,
  norm,
  solveCholesky,
  solveTriangular,
  sub,
  type Tensor,
  tensor,
  transpose,
  unitRoundoff,
} from '../src/index.ts'
import { right, scattered } from './matrices.ts'

const u = unitRoundoff('float64')

/** Positive definite matrices of a given grading: D (M Mᵀ + I) D. */
const positiveDefinite = (n: number, seed: number, grade: number): Tensor => {
  const m = scattered([n, n], seed)
  const a = matmul(m, m, { transposeB: true })
  const scale = (i: number): number => 10 ** ((-grade * i) / Math.max(1, n - 1))
  return fromData(
    Float64Array.from(a.data, (entry, at) => {
      const [i, j] = [Math.floor(at / n), at % n]
      return (entry + (i === j ? 1 : 0)) * scale(Math.min(i, j)) * scale(Math.max(i, j))
    }),
    [n, n],
  )
}

const cases = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.nat(999), fc.constantFrom(0, 3, 8))

describe('Cholesky', () => {
  test('L Lᵀ = a, within (n + 1) roundoffs of |L||Lᵀ|', () => {
    fc.assert(
      fc.property(cases, ([n, seed, grade]) => {
        const a = positiveDefinite(n, seed, grade)
        const l = right(cholesky(a))
        const back = matmul(l, l, { transposeB: true })
        const absolute = fromData(Float64Array.from(l.data, Math.abs), [n, n])
        const size = matmul(absolute, absolute, { transposeB: true })
        back.data.forEach((entry, i) => {
          // once for the factor and once for multiplying it out again
          expect(Math.abs(entry - (a.data[i] as number))).toBeLessThanOrEqual(
            2 * (n + 1) * u * (size.data[i] as number),
          )
        })
        for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) expect(l.data[i * n + j]).toBe(0)
      }),
    )
  })

  test('names the first pivot that fails', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(19), fc.constantFrom(-1, 0, Number.NaN), (n, place, bad) => {
        const pivot = place % n
        const diagonal = Float64Array.from({ length: n * n }, (_, at) =>
          at % (n + 1) === 0 ? (at / (n + 1) === pivot ? bad : 2) : 0,
        )
        expect(cholesky(fromData(diagonal, [n, n]))).toEqual(E.left({ kind: 'not positive definite', pivot }))
      }),
    )
  })

  test('reads the lower triangle only, and refuses what is not square', () => {
    expect(
      cholesky(
        tensor([
          [4, 99],
          [2, 5],
        ]),
      ),
    ).toEqual(
      E.right(
        tensor([
          [2, 0],
          [1, 2],
        ]),
      ),
    )
    expect(() => cholesky(tensor([[1, 2, 3]]))).toThrow('cholesky: got float64 [1, 3]; needs a float matrix [n, n]')
    expect(right(cholesky(tensor([[4]], 'float32'))).dtype).toBe('float32')
  })

  test('solves: backward error of the solution within c n roundoffs', () => {
    fc.assert(
      fc.property(cases, ([n, seed, grade]) => {
        const a = positiveDefinite(n, seed, grade)
        const b = scattered([n, 2], seed + 1)
        const x = right(solveCholesky(right(cholesky(a)), b))
        const residual = sub(matmul(a, x), b)
        expect(norm(residual)).toBeLessThanOrEqual(8 * n * n * u * norm(a) * norm(x))
      }),
    )
  })
})

describe('triangular solves', () => {
  test('each entry of the residual within γ_n |T||x|, in all four forms', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.nat(999),
        fc.boolean(),
        fc.boolean(),
        (n, seed, lower, turned) => {
          const full = scattered([n, n], seed)
          const t = fromData(
            Float64Array.from(full.data, (entry, at) => {
              const [i, j] = [Math.floor(at / n), at % n]
              return i === j ? 1 + Math.abs(entry) : lower === j < i ? entry : 0
            }),
            [n, n],
          )
          const b = scattered([n, 1], seed + 1)
          const x = right(solveTriangular(t, b, { lower, transpose: turned }))
          const used = turned ? transpose(t, [1, 0]) : t
          const absolute = (m: Tensor): Tensor => fromData(Float64Array.from(m.data, Math.abs), m.shape)
          const [residual, size] = [sub(matmul(used, x), b), matmul(absolute(used), absolute(x))]
          residual.data.forEach((entry, i) => {
            expect(Math.abs(entry)).toBeLessThanOrEqual(2 * (n + 1) * u * (size.data[i] as number))
          })
        },
      ),
    )
  })

  test('a zero or NaN on the diagonal is named; a unit diagonal is not read', () => {
    const t = tensor([
      [1, 0],
      [3, 0],
    ])
    expect(solveTriangular(t, tensor([1, 5]), { lower: true })).toEqual(E.left({ kind: 'singular', pivot: 1 }))
    expect(solveTriangular(t, tensor([1, 5]), { lower: true, unitDiagonal: true })).toEqual(E.right(tensor([1, 2])))
    expect(() => solveTriangular(t, tensor([1]), { lower: true })).toThrow('needs [m, n] and [m] or [m, k]')
  })
})
