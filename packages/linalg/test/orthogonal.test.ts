import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  add,
  cast,
  dot,
  eye,
  fromData,
  leastSquares,
  matmul,
  maxAbs,
  mul,
  norm,
  qr,
  scalar,
  solve,
  sub,
  type Tensor,
  tensor,
  toNested,
  transpose,
  unitRoundoff,
  zeros,
} from '../src/index.ts'
import { matrices, right, scattered, square } from './matrices.ts'

const u = unitRoundoff('float64')

const entry = (a: Tensor, i: number, j: number): number => a.data[i * (a.shape[1] as number) + j] as number

const column = (a: Tensor, j: number): Tensor =>
  fromData(
    Float64Array.from({ length: a.shape[0] as number }, (_, i) => entry(a, i, j)),
    [a.shape[0] as number],
  )

const filled = (m: number, n: number, f: (i: number, j: number) => number): Tensor =>
  fromData(
    Float64Array.from({ length: m * n }, (_, at) => f(Math.floor(at / n), at % n)),
    [m, n],
  )

/** Rectangles: random ones, of low rank, graded, with zero columns, far out in the range of numbers. */
const rectangles: readonly { readonly name: string; readonly make: (m: number, n: number, seed: number) => Tensor }[] =
  [
    { name: 'random', make: (m, n, seed) => scattered([m, n], seed) },
    {
      name: 'of rank at most 3',
      make: (m, n, seed) => matmul(scattered([m, 3], seed), scattered([3, n], seed + 1)),
    },
    { name: 'with equal columns and zeros', make: (m, n) => filled(m, n, (i, j) => (j % 3 === 0 ? 0 : i % 5)) },
    {
      name: 'with columns from 1e-300 to 1e300',
      make: (m, n, seed) => {
        const a = scattered([m, n], seed)
        return filled(m, n, (i, j) => entry(a, i, j) * 10 ** (-300 + (600 * j) / Math.max(1, n - 1)))
      },
    },
    {
      name: 'with rows from 1 to 1e-30',
      make: (m, n, seed) => {
        const a = scattered([m, n], seed)
        return filled(m, n, (i, j) => entry(a, i, j) * 10 ** ((-30 * i) / Math.max(1, m - 1)))
      },
    },
    { name: 'at 1e300', make: (m, n, seed) => mul(scattered([m, n], seed), scalar(1e300)) },
    { name: 'at 1e-300', make: (m, n, seed) => mul(scattered([m, n], seed), scalar(1e-300)) },
    {
      name: 'triangular',
      make: (m, n, seed) =>
        mul(
          scattered([m, n], seed),
          filled(m, n, (i, j) => (j < i ? 0 : 1)),
        ),
    },
    { name: 'negative diagonal', make: (m, n) => filled(m, n, (i, j) => (i === j ? -1 - i : 0)) },
  ]

const sizes = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), fc.nat(9999))

describe.each(rectangles)('QR of rectangles $name', ({ make }) => {
  test('q orthonormal, q r = a column by column, r an upper triangle with diagonal ≥ 0', () => {
    fc.assert(
      fc.property(sizes, ([m, n, seed]) => {
        const a = make(m, n, seed)
        const { q, r } = qr(a)
        const k = Math.min(m, n)
        expect([q.shape, r.shape]).toEqual([
          [m, k],
          [k, n],
        ])
        expect(norm(sub(matmul(q, q, { transposeA: true }), eye(k)))).toBeLessThanOrEqual(10 * Math.max(m, k) * u)
        const back = matmul(q, r)
        for (let j = 0; j < n; j++) {
          const [was, is] = [column(a, j), column(back, j)]
          expect(norm(sub(is, was))).toBeLessThanOrEqual(10 * m * u * norm(was))
        }
        let lowest = Number.POSITIVE_INFINITY
        let below = 0
        for (let i = 0; i < k; i++) {
          lowest = Math.min(lowest, entry(r, i, i))
          for (let j = 0; j < i; j++) below = Math.max(below, Math.abs(entry(r, i, j)))
        }
        expect(lowest).toBeGreaterThanOrEqual(0)
        expect(below).toBe(0)
      }),
      { numRuns: 100 },
    )
  })
})

/** Gram–Schmidt as in the textbooks, each column twice. */
const gramSchmidt = (a: Tensor): Tensor => {
  const columns: Tensor[] = []
  for (let j = 0; j < (a.shape[1] as number); j++) {
    let v = column(a, j)
    for (let pass = 0; pass < 2; pass++)
      for (const q of columns) {
        const along = dot(q, v)
        v = sub(v, mul(q, scalar(along)))
      }
    columns.push(mul(v, scalar(1 / norm(v))))
  }
  return filled(a.shape[0] as number, columns.length, (i, j) => (columns[j] as Tensor).data[i] as number)
}

describe('QR', () => {
  test('q is orthonormal also where squares of what lies below the diagonal vanish', () => {
    for (let digits = 130; digits < 180; digits++) {
      const small = 10 ** -digits
      const { q } = qr(
        square([
          [1, 2],
          [small, 3 * small],
          [2 * small, small],
        ]),
      )
      expect(maxAbs(sub(matmul(q, q, { transposeA: true }), eye(2)))).toBeLessThanOrEqual(30 * u)
    }
  })

  test('is what Gram–Schmidt finds, where columns are independent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(8), fc.nat(999), (n, more, seed) => {
        const a = add(
          scattered([n + more, n], seed),
          filled(n + more, n, (i, j) => (i === j ? 2 + n / 2 : 0)),
        )
        expect(maxAbs(sub(qr(a).q, gramSchmidt(a)))).toBeLessThanOrEqual(100 * n * u)
      }),
    )
  })

  test('of float32 is rounded once', () => {
    const a = scattered([5, 3], 1)
    const single = cast(a, 'float32')
    const { q, r } = qr(single)
    const double = qr(cast(single, 'float64'))
    expect([q, r]).toEqual([cast(double.q, 'float32'), cast(double.r, 'float32')])
  })

  test('ends on NaN and infinities, takes nothing, refuses vectors', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { q, r } = qr(
        square([
          [1, bad],
          [2, 3],
        ]),
      )
      expect([...q.data, ...r.data].every(Number.isFinite)).toBe(false)
    }
    expect(qr(zeros([3, 0]))).toEqual({ q: zeros([3, 0]), r: zeros([0, 0]) })
    expect(qr(zeros([2, 2]))).toEqual({ q: eye(2), r: zeros([2, 2]) })
    expect(() => qr(zeros([3]))).toThrow('qr: got float64 [3]; needs a float matrix [m, n]')
  })
})

describe('least squares', () => {
  test('tall: a backward stable solution, and the residual orthogonal to the columns', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.nat(30),
        fc.nat(999),
        fc.constantFrom(0, 6),
        (n, more, seed, grade) => {
          const m = n + more
          const noise = scattered([m, n], seed)
          const a = filled(m, n, (i, j) => (entry(noise, i, j) + (i === j ? 3 : 0)) * 10 ** ((grade * j) / n))
          const b = scattered([m, 2], seed + 1)
          const x = right(leastSquares(a, b))
          const residual = sub(b, matmul(a, x))
          const gradient = matmul(a, residual, { transposeA: true })
          // ‖aᵀ r‖ ≤ c m n u ‖a‖ (‖a‖ ‖x‖ + ‖b‖) is backward stability to first order (Higham, section 20.3)
          expect(norm(gradient)).toBeLessThanOrEqual(10 * m * n * u * norm(a) * (norm(a) * norm(x) + norm(b)))
        },
      ),
      { numRuns: 200 },
    )
  })

  test('tall: agrees with the normal equations where these are good', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.nat(10), fc.nat(999), (n, more, seed) => {
        const a = add(
          scattered([n + more, n], seed),
          filled(n + more, n, (i, j) => (i === j ? 2 + n / 2 : 0)),
        )
        const b = scattered([n + more, 1], seed + 1)
        const gram = matmul(a, a, { transposeA: true })
        const plain = right(solve(gram, matmul(a, b, { transposeA: true })))
        expect(maxAbs(sub(right(leastSquares(a, b)), plain))).toBeLessThanOrEqual(1000 * n * u * (1 + norm(plain)))
      }),
    )
  })

  test('where the normal equations lose everything: residual small, x as good as the data', () => {
    const epsilon = 1e-9
    const a = square([
      [1, 1],
      [epsilon, 0],
      [0, epsilon],
    ])
    const b = tensor([2, epsilon, epsilon])
    expect(Array.from(right(leastSquares(a, b)).data)).toEqual([expect.closeTo(1, 6), expect.closeTo(1, 6)])
    expect(E.isLeft(solve(matmul(a, a, { transposeA: true }), tensor([1, 1])))).toBe(true)
  })

  test('wide: solves exactly and lies in the span of the rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.nat(999), (m, more, seed) => {
        const n = m + more
        const a = add(
          scattered([m, n], seed),
          filled(m, n, (i, j) => (i === j ? 3 : 0)),
        )
        const b = scattered([m, 2], seed + 1)
        const x = right(leastSquares(a, b))
        expect(norm(sub(matmul(a, x), b))).toBeLessThanOrEqual(10 * n * u * (norm(a) * norm(x) + norm(b)))
        const gram = matmul(a, a, { transposeB: true })
        const plain = matmul(a, right(solve(gram, b)), { transposeA: true })
        expect(maxAbs(sub(x, plain))).toBeLessThanOrEqual(1e5 * n * u * (1 + norm(plain)))
      }),
    )
  })

  test('a square system: the solution', () => {
    for (const { make } of matrices.slice(0, 3)) {
      const a = add(make(8, 3), eye(8))
      const b = scattered([8, 1], 4)
      const [x, y] = [right(leastSquares(a, b)), right(solve(a, b))]
      expect(norm(sub(matmul(a, x), b))).toBeLessThanOrEqual(100 * u * (norm(a) * norm(x) + norm(b)))
      expect(x.shape).toEqual(y.shape)
    }
  })

  test('a rank below min(m, n) is found and told', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        fc.nat(999),
        fc.nat(29),
        fc.constantFrom(1, 1e300, 1e-300),
        (m, n, seed, choice, size) => {
          const rank = choice % Math.min(m, n)
          const [p, q] = [scattered([m, rank], seed), scattered([rank, n], seed + 1)]
          const a = mul(
            matmul(
              add(
                p,
                filled(m, rank, (i, j) => (i === j ? 5 : 0)),
              ),
              add(
                q,
                filled(rank, n, (i, j) => (i === j ? 5 : 0)),
              ),
            ),
            scalar(size / 100),
          )
          expect(leastSquares(a, zeros([m]))).toEqual(E.left({ kind: 'rank deficient', rank }))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('far out in the range of numbers', () => {
    for (const size of [1e-300, 1e-150, 1e150, 1e300])
      for (const turned of [false, true]) {
        const plain = square([
          [3, 1],
          [4, 1],
          [0, 2],
        ])
        const shaped = turned ? transpose(plain, [1, 0]) : plain
        const b = turned ? tensor([1, 2]) : tensor([1, 2, 3])
        const x = right(leastSquares(shaped, b))
        const y = right(leastSquares(mul(shaped, scalar(size)), mul(b, scalar(size))))
        expect(maxAbs(sub(x, y))).toBeLessThanOrEqual(100 * u * maxAbs(x))
      }
  })

  test('float32 has its own tolerance; NaN ends; shapes are refused; nothing is allowed', () => {
    const nearly = square([
      [1, 1],
      [1, 1 + 1e-8],
    ])
    expect(E.isRight(leastSquares(nearly, tensor([1, 2])))).toBe(true)
    const single = tensor(
      [
        [1, 1],
        [1, 1 + 2 ** -23],
      ],
      'float32',
    )
    expect(leastSquares(single, tensor([1, 2], 'float32'))).toEqual(E.left({ kind: 'rank deficient', rank: 1 }))
    expect(E.isLeft(leastSquares(square([[Number.NaN]]), tensor([1])))).toBe(true)
    expect(() => leastSquares(zeros([3, 2]), zeros([2]))).toThrow('leastSquares: got float64 [3, 2] and float64 [2]')
    expect(toNested(right(leastSquares(zeros([2, 0]), zeros([2]))))).toEqual([])
    expect(toNested(right(leastSquares(zeros([0, 2]), zeros([0]))))).toEqual([0, 0])
  })
})
