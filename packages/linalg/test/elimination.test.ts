import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  cofactors,
  determinant,
  eye,
  fromData,
  inverse,
  type Lu,
  logDeterminant,
  lu,
  matmul,
  maxAbs,
  norm,
  solve,
  solveLu,
  sub,
  type Tensor,
  tensor,
  toNested,
  transpose,
  unitRoundoff,
  zeros,
} from '../src/index.ts'
import { type MatrixCase, matrices, right, scattered, square } from './matrices.ts'

const u = unitRoundoff('float64')
const runs = { numRuns: 200 }

const entry = (a: Tensor, i: number, j: number): number => a.data[i * (a.shape[1] as number) + j] as number

const build = (n: number, f: (i: number, j: number) => number): Tensor =>
  fromData(
    Float64Array.from({ length: n * n }, (_, at) => f(Math.floor(at / n), at % n)),
    [n, n],
  )

const absolute = (a: Tensor): Tensor => fromData(Float64Array.from(a.data, Math.abs), a.shape)

const lowerOf = ({ factors }: Lu): Tensor =>
  build(factors.shape[0] as number, (i, j) => (i === j ? 1 : j < i ? entry(factors, i, j) : 0))

const upperOf = ({ factors }: Lu): Tensor =>
  build(factors.shape[0] as number, (i, j) => (j < i ? 0 : entry(factors, i, j)))

const permuted = ({ permutation }: Lu, a: Tensor): Tensor =>
  build(a.shape[0] as number, (i, j) => entry(a, permutation.data[i] as number, j))

/** Textbook elimination on nested lists, with the rows taken in an order that is given. */
const plainElimination = (a: Tensor, order: readonly number[]): number[][] => {
  const rows = order.map((i) => Array.from(a.data.slice(i * order.length, (i + 1) * order.length)))
  rows.forEach((pivotRow, k) => {
    for (const row of rows.slice(k + 1)) {
      const factor = (row[k] as number) / (pivotRow[k] as number)
      pivotRow.forEach((value, j) => {
        if (j > k) row[j] = (row[j] as number) - factor * value
      })
      row[k] = factor
    }
  })
  return rows
}

/** Determinant of integers without a division that leaves a rest (Bareiss). */
const exactDeterminant = (a: Tensor): bigint => {
  const n = a.shape[0] as number
  const rows = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => BigInt(entry(a, i, j))))
  let [previous, sign] = [1n, 1n]
  for (let k = 0; k < n; k++) {
    const found = rows.findIndex((row, i) => i >= k && row[k] !== 0n)
    if (found < 0) return 0n
    if (found !== k) {
      ;[rows[k], rows[found]] = [rows[found] as bigint[], rows[k] as bigint[]]
      sign = -sign
    }
    const pivotRow = rows[k] as bigint[]
    for (const row of rows.slice(k + 1))
      for (let j = n - 1; j >= k; j--)
        row[j] =
          ((row[j] as bigint) * (pivotRow[k] as bigint) - (row[k] as bigint) * (pivotRow[j] as bigint)) / previous
    previous = pivotRow[k] as bigint
  }
  return sign * previous
}

const minor = (a: Tensor, i: number, j: number): Tensor =>
  build((a.shape[0] as number) - 1, (p, q) => entry(a, p < i ? p : p + 1, q < j ? q : q + 1))

describe.each(matrices)('elimination of $name', ({ make }: MatrixCase) => {
  test('|L U − P a| within 2 n roundoffs of |L||U|, no entry of L above 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(9999), (n, seed) => {
        const a = make(n, seed)
        const factors = right(lu(a))
        const [l, upper] = [lowerOf(factors), upperOf(factors)]
        expect(maxAbs(l)).toBeLessThanOrEqual(1)
        const size = matmul(absolute(l), absolute(upper))
        const error = absolute(sub(matmul(l, upper), permuted(factors, a)))
        // n roundoffs for the factors and n for multiplying them out again
        const excess = Array.from(error.data, (e, at) => e - 2 * n * u * (size.data[at] as number))
        expect(Math.max(...excess)).toBeLessThanOrEqual(0)
      }),
      runs,
    )
  })

  test('the same numbers as the textbook, in the order of the permutation', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(9999), (n, seed) => {
        const a = make(n, seed)
        const { factors, permutation } = right(lu(a))
        expect(toNested(factors)).toEqual(plainElimination(a, Array.from(permutation.data)))
      }),
      runs,
    )
  })

  test.each([false, true])('solves backward stably, transposed: %s', (turned) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(9999), fc.constantFrom(1, 3), (n, seed, k) => {
        const a = make(n, seed)
        const b = scattered([n, k], seed + 1)
        const factors = right(lu(a))
        const x = solveLu(factors, b, { transpose: turned })
        const used = turned ? transpose(a, [1, 0]) : a
        const growth = norm(matmul(absolute(lowerOf(factors)), absolute(upperOf(factors)))) / norm(a)
        const backward = norm(sub(matmul(used, x), b)) / (norm(a) * norm(x) + norm(b))
        // Higham, theorem 9.4: 3 n roundoffs of |L||U|; the residual itself costs n more
        expect(backward).toBeLessThanOrEqual(10 * n * u * Math.max(1, growth))
        if (!turned) expect(right(solve(a, b))).toEqual(x)
      }),
      runs,
    )
  })

  test('each column of the inverse solves its system', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(9999), (n, seed) => {
        const a = make(n, seed)
        const x = right(inverse(a))
        const error = norm(sub(matmul(a, x), eye(n)))
        expect(error).toBeLessThanOrEqual(10 * n * n * u * (norm(a) * norm(x)))
      }),
      runs,
    )
  })

  test('determinant = sign · exp(logAbs) = product of U', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(9999), (n, seed) => {
        const a = make(n, seed)
        const { sign, logAbs } = logDeterminant(a)
        const factors = right(lu(a))
        const product = Array.from({ length: n }, (_, i) => entry(factors.factors, i, i)).reduce((p, q) => p * q, 1)
        expect(determinant(a)).toBe(factors.sign * product)
        expect(Math.sign(determinant(a))).toBe(sign)
        expect(Math.abs(logAbs - Math.log(Math.abs(product)))).toBeLessThanOrEqual(4 * u * (1 + Math.abs(logAbs)))
      }),
      runs,
    )
  })
})

describe('determinants known beforehand', () => {
  test('of permutations: their sign, and the permutation is found', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.infiniteStream(fc.nat(999)), (n, stream) => {
        const keys = Array.from({ length: n }, () => stream.next().value as number)
        const order = keys.map((_, i) => i).sort((i, j) => (keys[i] as number) - (keys[j] as number))
        const inversions = order.flatMap((p, i) => order.slice(i + 1).filter((q) => q < p)).length
        const a = build(n, (i, j) => (order[i] === j ? 1 : 0))
        expect(determinant(a)).toBe(inversions % 2 === 0 ? 1 : -1)
        expect(logDeterminant(a)).toEqual({ sign: inversions % 2 === 0 ? 1 : -1, logAbs: 0 })
      }),
    )
  })

  test('of triangles: the product of the diagonal', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(999), fc.boolean(), (n, seed, lower) => {
        const m = scattered([n, n], seed)
        // below a diagonal that dominates its column, pivoting leaves the rows in place
        const a = build(n, (i, j) => (i === j ? 1 + Math.abs(entry(m, i, j)) : lower === j < i ? entry(m, i, j) : 0))
        const diagonal = Array.from({ length: n }, (_, i) => entry(a, i, i))
        expect(determinant(a)).toBe(diagonal.reduce((p, q) => p * q, 1))
      }),
    )
  })

  test('of integers: the integer, to rounding', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 6 })
          .chain((n) =>
            fc
              .array(fc.integer({ min: -9, max: 9 }), { minLength: n * n, maxLength: n * n })
              .map((list) => fromData(Float64Array.from(list), [n, n])),
          ),
        (a) => {
          expect(Math.round(determinant(a))).toBe(Number(exactDeterminant(a)) + 0)
        },
      ),
      { numRuns: 500 },
    )
    expect(
      determinant(
        tensor([
          [2, -3, 1],
          [2, 0, -1],
          [1, 4, 5],
        ]),
      ),
    ).toBeCloseTo(49, 13)
    expect(
      determinant(
        tensor([
          [1, 2],
          [2, 4],
        ]),
      ),
    ).toBe(0)
    expect(determinant(zeros([0, 0]))).toBe(1)
    // nothing to divide by before the last column
    expect(determinant(zeros([3, 3]))).toBe(0)
    expect(
      determinant(
        square([
          [0, 1],
          [0, 2],
        ]),
      ),
    ).toBe(0)
  })

  test('neither form overflows on the way', () => {
    const a = build(4, (i, j) => (i === j ? ([1e200, 1e200, 1e-250, 1e-150][i] as number) : 0))
    expect(determinant(a)).toBeCloseTo(1, 12)
    expect(logDeterminant(a).logAbs).toBeCloseTo(0, 10)
    const wide = build(40, (i, j) => (i === j ? -1e300 : 0))
    expect(determinant(wide)).toBe(Number.POSITIVE_INFINITY)
    expect(logDeterminant(wide)).toEqual({ sign: 1, logAbs: expect.closeTo(40 * 300 * Math.LN10, 8) })
    const tiny = build(2, (i, j) => (i === j ? ([2 ** -1074, 2 ** 1000][i] as number) : 0))
    expect(determinant(tiny)).toBe(2 ** -74)
    expect(determinant(build(2, (i, j) => (i === j ? 1e-200 : 0)))).toBe(0)
    expect(logDeterminant(build(2, (i, j) => (i === j ? 1e-200 : 0))).sign).toBe(1)
  })

  test('a singular matrix has sign 0 and logarithm −∞; NaN stays NaN', () => {
    expect(
      logDeterminant(
        square([
          [1, 2],
          [2, 4],
        ]),
      ),
    ).toEqual({ sign: 0, logAbs: Number.NEGATIVE_INFINITY })
    expect(
      determinant(
        square([
          [0, 0],
          [Number.NaN, 1],
        ]),
      ),
    ).toBeNaN()
    expect(logDeterminant(square([[Number.NaN]]))).toEqual({ sign: Number.NaN, logAbs: Number.NaN })
  })
})

describe('cofactors', () => {
  const within = (a: Tensor, expected: Tensor, allowed: number): void =>
    expect(maxAbs(sub(cofactors(a), expected))).toBeLessThanOrEqual(allowed)

  /** What errors of a few roundoffs in a can do: products of n − 1 lengths of rows. */
  const sizeOf = (a: Tensor): number => norm(a) ** ((a.shape[0] as number) - 1)

  test('are signed minors, for integers of every rank', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 5 }),
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 50, maxLength: 50 }),
        (n, rank, list) => {
          const inner = Math.min(rank, n)
          const left = fromData(Float64Array.from(list.slice(0, n * inner)), [n, inner])
          const rightFactor = fromData(Float64Array.from(list.slice(25, 25 + inner * n)), [inner, n])
          const a = matmul(left, rightFactor)
          const expected = build(
            n,
            (i, j) => (i + j === 2 * Math.floor((i + j) / 2) ? 1 : -1) * Number(exactDeterminant(minor(a, i, j))),
          )
          within(a, expected, 10 * n * n * u * Math.max(1, sizeOf(a)))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('a cofactorsᵀ = det a · 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(999), (n, seed) => {
        const a = scattered([n, n], seed)
        const c = cofactors(a)
        const product = matmul(a, c, { transposeB: true })
        const expected = build(n, (i, j) => (i === j ? determinant(a) : 0))
        expect(norm(sub(product, expected))).toBeLessThanOrEqual(20 * n * n * u * norm(a) * norm(c))
      }),
    )
  })

  test('of numbers far out are in range when the result is', () => {
    const a = build(3, (i, j) => (i === j ? ([1e200, 1e150, 1e-190][i] as number) : 0))
    expect(entry(cofactors(a), 0, 0)).toBeCloseTo(1e-40, 50)
    expect(entry(cofactors(a), 1, 1) / 1e10).toBeCloseTo(1, 12)
    expect(cofactors(square([[7]]))).toEqual(square([[1]]))
  })
})

describe('what cannot be divided by', () => {
  test('is named: zero, NaN and infinite pivots', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.nat(19),
        fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
        (n, place, bad) => {
          const pivot = place % n
          const a = build(n, (i, j) => (i !== j ? 0 : i === pivot ? bad : 2))
          expect(lu(a)).toEqual(E.left({ kind: 'singular', pivot }))
          expect(solve(a, zeros([n]))).toEqual(E.left({ kind: 'singular', pivot }))
          expect(inverse(a)).toEqual(E.left({ kind: 'singular', pivot }))
        },
      ),
    )
  })

  test('a column that depends on those before it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.nat(11), (n, place) => {
        const column = 1 + (place % (n - 1))
        // integers small enough that elimination is exact: a unit lower triangle, and one column again
        const a = build(n, (i, j) => (j === column ? (i >= column - 1 ? 1 : 0) : i >= j ? 1 : 0))
        expect(solve(a, zeros([n]))).toEqual(E.left({ kind: 'singular', pivot: column }))
      }),
    )
  })

  test('float32 is judged as it is stored, and solved in double', () => {
    // the second pivot is −2⁻²⁰⁰, too small for a float32
    const graded = tensor(
      [
        [1, 2 ** -100],
        [2 ** -100, 0],
      ],
      'float32',
    )
    expect(lu(graded)).toEqual(E.left({ kind: 'singular', pivot: 1 }))
    expect(solve(graded, tensor([0, 2 ** -100], 'float32'))).toEqual(E.right(tensor([1, -(2 ** 100)], 'float32')))
    const a = tensor(
      [
        [3, 1],
        [1, 3],
      ],
      'float32',
    )
    const x = right(solve(a, tensor([5, 7], 'float32')))
    expect(x).toEqual(tensor([1, 2], 'float32'))
  })

  test('shapes and dtypes are refused', () => {
    expect(() => lu(zeros([2, 3]))).toThrow('lu: got float64 [2, 3]; needs a float matrix [n, n]')
    expect(() => solve(eye(2), zeros([3]))).toThrow('solve: got float64 [2, 2] and float64 [3]; needs')
    expect(() => solve(eye(2), zeros([2], 'float32'))).toThrow('of one float dtype')
    expect(() => inverse(eye(2, 'int32'))).toThrow('inverse: got int32 [2, 2]; needs a float matrix [n, n]')
    expect(() => determinant(zeros([4]))).toThrow('determinant: got float64 [4]')
  })
})
