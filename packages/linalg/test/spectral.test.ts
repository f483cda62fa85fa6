import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  add,
  cast,
  eye,
  fromData,
  map,
  matmul,
  matrixExponential,
  norm,
  ones,
  pseudoInverse,
  sub,
  svd,
  symmetricEigen,
  type Tensor,
  tensor,
  toNested,
  transpose,
  unitRoundoff,
  zeros,
} from '../src/index.ts'

/** Machine epsilon, two roundoffs. */
const epsilon = 2 * unitRoundoff('float64')

const matrixOf = (m: number, n: number, entry: (i: number, j: number) => number): Tensor =>
  fromData(
    Float64Array.from({ length: m * n }, (_, at) => entry(Math.floor(at / n), at % n)),
    [m, n],
  )

const scattered = (m: number, n: number, seed: number): Tensor =>
  matrixOf(m, n, (i, j) => Math.sin(12.9898 * (i * n + j + 1) ** 2 + 78.233 * seed))

const diagonal = (values: readonly number[]): Tensor =>
  matrixOf(values.length, values.length, (i, j) => (i === j ? (values[i] as number) : 0))

const turned = (a: Tensor): Tensor => transpose(a, [1, 0])
const symmetrized = (a: Tensor): Tensor => map(add(a, turned(a)), (entry) => entry / 2)
const scaledBy = (a: Tensor, factor: number): Tensor => map(a, (entry) => entry * factor)

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`got ${JSON.stringify(either.left)}; needs a result`)
  return either.right
}

/** The book's classical method: every off-diagonal entry in turn is rotated away, on nested arrays, until all are gone. */
const cyclicJacobi = (a: Tensor): readonly number[] => {
  const m = toNested(a) as number[][]
  const n = m.length
  const at = (i: number, j: number): number => (m[i] as number[])[j] as number
  const put = (i: number, j: number, value: number): void => {
    ;(m[i] as number[])[j] = value
  }
  for (let sweep = 0; sweep < 30; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (at(p, q) === 0) continue
        const theta = (at(q, q) - at(p, p)) / (2 * at(p, q))
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const c = 1 / Math.sqrt(t * t + 1)
        const s = t * c
        for (let k = 0; k < n; k++) {
          const [x, y] = [at(k, p), at(k, q)]
          put(k, p, c * x - s * y)
          put(k, q, s * x + c * y)
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [at(p, k), at(q, k)]
          put(p, k, c * x - s * y)
          put(q, k, s * x + c * y)
        }
      }
  return m.map((row, i) => row[i] as number).sort((a, b) => a - b)
}

/** Orthonormal columns: Gram and Schmidt twice over. */
const orthogonal = (n: number, seed: number): Tensor => {
  const columns: number[][] = []
  const source = toNested(add(scattered(n, n, seed), eye(n))) as number[][]
  for (const vector of source) {
    let v = vector
    for (const q of [...columns, ...columns]) {
      const along = v.reduce((total, entry, i) => total + entry * (q[i] as number), 0)
      v = v.map((entry, i) => entry - along * (q[i] as number))
    }
    const length = Math.hypot(...v)
    columns.push(v.map((entry) => entry / length))
  }
  return turned(tensor(columns))
}

/** Q diag(values) Qᵀ */
const withSpectrum = (values: readonly number[], seed: number): Tensor => {
  const q = orthogonal(values.length, seed)
  return symmetrized(matmul(matmul(q, diagonal(values)), q, { transposeB: true }))
}

const sequence = (n: number, value: (i: number) => number): readonly number[] =>
  Array.from({ length: n }, (_, i) => value(i))

const families: Readonly<Record<string, (n: number, seed: number) => Tensor>> = {
  random: (n, seed) => symmetrized(scattered(n, n, seed)),
  graded: (n, seed) => matrixOf(n, n, (i, j) => Math.sin(seed + i * j) * 10 ** (-(12 * (i + j)) / n)),
  'graded upwards': (n, seed) => matrixOf(n, n, (i, j) => Math.sin(seed + i * j) * 10 ** ((12 * (i + j)) / n)),
  Hilbert: (n) => matrixOf(n, n, (i, j) => 1 / (i + j + 1)),
  'of three eigenvalues': (n, seed) =>
    withSpectrum(
      sequence(n, (i) => (i % 3) - 1),
      seed,
    ),
  'of clustered eigenvalues': (n, seed) =>
    withSpectrum(
      sequence(n, (i) => 1 + i * 1e-14),
      seed,
    ),
  'near singular': (n, seed) =>
    withSpectrum(
      sequence(n, (i) => (i === 0 ? 1e-15 : i)),
      seed,
    ),
  'of rank one': (n) => ones([n, n]),
  zero: (n) => zeros([n, n]),
  diagonal: (n, seed) => diagonal(sequence(n, (i) => Math.cos(seed + i))),
  'second differences': (n) => matrixOf(n, n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)),
  exchange: (n) => matrixOf(n, n, (i, j) => (i + j === n - 1 ? 1 : 0)),
  huge: (n, seed) => scaledBy(symmetrized(scattered(n, n, seed)), 1e300),
  tiny: (n, seed) => scaledBy(symmetrized(scattered(n, n, seed)), 1e-300),
}

const sizes = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(999))

/** All columns have length 1 and are orthogonal: ‖VᵀV − I‖ ≤ 10 n ε. */
const expectOrthonormal = (v: Tensor): void => {
  const [n, k] = v.shape as readonly [number, number]
  expect(norm(sub(matmul(v, v, { transposeA: true }), eye(k)))).toBeLessThanOrEqual(10 * n * epsilon)
}

/** Where no entry is larger, the first one is positive. */
const expectSigned = (v: Tensor): void => {
  const columns = toNested(turned(v)) as readonly (readonly number[])[]
  for (const column of columns) {
    const sizes = column.map(Math.abs)
    expect(column[sizes.indexOf(Math.max(...sizes))]).toBeGreaterThan(0)
  }
}

/** a = u diag(s) vᵀ within 10 n ε ‖a‖, in units of the largest entry so that norms neither overflow nor vanish. */
const expectProduct = (a: Tensor, u: Tensor, s: Tensor, v: Tensor): void => {
  const unit = Math.max(...Array.from(a.data, Math.abs)) || 1
  const k = s.data.length
  const scaled = fromData(
    Float64Array.from(u.data, (entry, at) => entry * ((s.data[at % k] as number) / unit)),
    u.shape,
  )
  const target = map(a, (entry) => entry / unit)
  const misfit = norm(sub(matmul(scaled, v, { transposeB: true }), target))
  expect(misfit).toBeLessThanOrEqual(10 * Math.max(...a.shape) * epsilon * norm(target))
}

describe.each(Object.entries(families))('a symmetric matrix, %s', (_, family) => {
  test('a = V Λ Vᵀ with orthonormal V and ascending Λ', () => {
    fc.assert(
      fc.property(sizes, ([n, seed]) => {
        const a = family(n, seed)
        const { values, vectors } = right(symmetricEigen(a))
        expectProduct(a, vectors, values, vectors)
        expectOrthonormal(vectors)
        expectSigned(vectors)
        expect([...values.data]).toEqual([...values.data].sort((p, q) => p - q))
      }),
      { numRuns: 12 },
    )
  })

  test('a = U S Vᵀ with orthonormal U and V and descending S ≥ 0', () => {
    fc.assert(
      fc.property(sizes, ([n, seed]) => {
        const a = family(n, seed)
        const { u, s, v } = right(svd(a))
        expectProduct(a, u, s, v)
        expectOrthonormal(u)
        expectOrthonormal(v)
        expectSigned(u)
        expect(Math.min(...s.data)).toBeGreaterThanOrEqual(0)
        expect([...s.data]).toEqual([...s.data].sort((p, q) => q - p))
      }),
      { numRuns: 12 },
    )
  })

  test('eigenvalues of cyclic Jacobi; singular values are their sizes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 }), fc.nat(999), (n, seed) => {
        const a = family(n, seed)
        const unit = Math.max(...Array.from(a.data, Math.abs)) || 1
        const expected = cyclicJacobi(map(a, (entry) => entry / unit))
        const tolerance = 10 * n * epsilon * norm(map(a, (entry) => entry / unit))
        const expectNear = (actual: Tensor, list: readonly number[]): void =>
          list.forEach((value, i) => {
            expect(Math.abs((actual.data[i] as number) / unit - value)).toBeLessThanOrEqual(tolerance)
          })
        expectNear(right(symmetricEigen(a)).values, expected)
        expectNear(
          right(svd(a)).s,
          expected.map(Math.abs).sort((p, q) => q - p),
        )
      }),
      { numRuns: 12 },
    )
  })
})

describe('eigenvalues', () => {
  test('of second differences: 4 sin²(kπ / (2n + 2))', () => {
    for (const n of [1, 2, 7, 60, 120]) {
      const { values } = right(
        symmetricEigen((families['second differences'] as (n: number, seed: number) => Tensor)(n, 0)),
      )
      values.data.forEach((value, i) => {
        const exact = 4 * Math.sin(((i + 1) * Math.PI) / (2 * n + 2)) ** 2
        expect(Math.abs(value - exact)).toBeLessThanOrEqual(10 * n * epsilon * 4)
      })
    }
  })

  test('only the lower triangle is read', () => {
    const a = scattered(7, 7, 3)
    const lower = matrixOf(7, 7, (i, j) => a.data[Math.max(i, j) * 7 + Math.min(i, j)] as number)
    expect(symmetricEigen(a)).toEqual(symmetricEigen(lower))
  })

  test('of nothing; of float32', () => {
    expect(right(symmetricEigen(zeros([0, 0]))).values.shape).toEqual([0])
    const a = symmetrized(scattered(9, 9, 1))
    const { values, vectors } = right(symmetricEigen(cast(a, 'float32')))
    const rounded = right(symmetricEigen(cast(cast(a, 'float32'), 'float64')))
    expect([values, vectors]).toEqual([cast(rounded.values, 'float32'), cast(rounded.vectors, 'float32')])
  })

  test('infinite and NaN entries are told, other shapes and kinds thrown', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
      for (const decompose of [symmetricEigen, svd, pseudoInverse])
        expect(
          decompose(
            tensor([
              [1, 0],
              [bad, 1],
            ]),
          ),
        ).toEqual(E.left({ kind: 'not converged', reason: 'non-finite' }))
    expect(() => symmetricEigen(tensor([[1, 2]]))).toThrow(
      'symmetricEigen: got float64 [1, 2]; needs a float matrix [n, n]',
    )
    expect(() => svd(tensor([1, 2]))).toThrow('svd: got float64 [2]; needs a float matrix [m, n]')
    expect(() => svd(tensor([[1]], 'int32'))).toThrow('got int32')
  })
})

describe('singular values', () => {
  test('of rectangular matrices of any rank', () => {
    const lengths = fc.integer({ min: 0, max: 30 })
    fc.assert(
      fc.property(lengths, lengths, fc.integer({ min: 0, max: 5 }), fc.nat(999), (m, n, rank, seed) => {
        const thin = rank < 5 ? matmul(scattered(m, rank, seed), scattered(rank, n, seed + 1)) : scattered(m, n, seed)
        const { u, s, v } = right(svd(thin))
        const k = Math.min(m, n)
        expect([u.shape, s.shape, v.shape]).toEqual([[m, k], [k], [n, k]])
        if (k === 0) return
        expectProduct(thin, u, s, v)
        expectOrthonormal(u)
        expectOrthonormal(v)
        const small = 10 * Math.max(m, n) * epsilon * norm(thin)
        if (rank < k && rank < 5) expect(s.data[rank]).toBeLessThanOrEqual(small)
      }),
      { numRuns: 300 },
    )
  })

  /** The book's one-sided method on the columns themselves. */
  const oneSided = (a: Tensor): readonly number[] => {
    const columns = toNested(turned(a)) as number[][]
    const inner = (x: readonly number[], y: readonly number[]): number =>
      x.reduce((total, entry, i) => total + entry * (y[i] as number), 0)
    for (let sweep = 0; sweep < 30; sweep++)
      for (let i = 0; i < columns.length; i++)
        for (let j = i + 1; j < columns.length; j++) {
          const [x, y] = [columns[i] as number[], columns[j] as number[]]
          const r = inner(x, y)
          if (r === 0) continue
          const zeta = (inner(y, y) - inner(x, x)) / (2 * r)
          const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta))
          const c = 1 / Math.sqrt(1 + t * t)
          columns[i] = x.map((entry, k) => c * (entry - t * (y[k] as number)))
          columns[j] = y.map((entry, k) => c * (entry + t * (x[k] as number)))
        }
    return columns.map((x) => Math.sqrt(inner(x, x))).sort((p, q) => q - p)
  }

  test('of columns that differ in scale: small ones to small relative error, tall or wide', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 16 }), fc.nat(4), fc.nat(999), fc.boolean(), (n, more, seed, wide) => {
        // Well conditioned columns, 1 ≤ κ ≤ 3, in scales from 1 down to 1e-60 in a mixed order.
        const even = add(
          scaledBy(scattered(n + more, n, seed), 0.5 / (n + more)),
          matrixOf(n + more, n, (i, j) => +(i === j)),
        )
        const a = matrixOf(n + more, n, (i, j) => (even.data[i * n + j] as number) * 10 ** ((-60 * ((7 * j) % n)) / n))
        const { s } = right(svd(wide && more > 0 ? turned(a) : a))
        oneSided(a).forEach((value, i) => {
          expect(Math.abs((s.data[i] as number) - value)).toBeLessThanOrEqual(10 * 3 * (n + more) * epsilon * value)
        })
      }),
      { numRuns: 60 },
    )
  })

  test('the pseudo-inverse satisfies the four equations of Penrose', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.nat(999), (m, n, seed) => {
        const rank = 1 + (seed % Math.min(m, n))
        const [p, q] = [orthogonal(m, seed), orthogonal(n, seed + 1)]
        const a = matmul(
          matmul(
            p,
            matrixOf(m, n, (i, j) => (i === j && i < rank ? 1 + i : 0)),
          ),
          q,
          { transposeB: true },
        )
        const x = right(pseudoInverse(a))
        const [ax, xa] = [matmul(a, x), matmul(x, a)]
        const near = (s: Tensor, t: Tensor): void =>
          expect(norm(sub(s, t))).toBeLessThanOrEqual(100 * (m + n) * epsilon * 12 * 12)
        near(matmul(ax, a), a)
        near(matmul(xa, x), x)
        near(ax, turned(ax))
        near(xa, turned(xa))
      }),
    )
  })
})

describe('the matrix exponential', () => {
  const oneNorm = (a: Tensor): number =>
    Math.max(0, ...(toNested(turned(a)) as number[][]).map((column) => column.reduce((t, x) => t + Math.abs(x), 0)))

  /** The stated error for normal matrices, its multiple being 4. */
  const expectNear = (actual: Tensor, expected: Tensor, a: Tensor): void => {
    const n = a.shape[0] as number
    expect(norm(sub(actual, expected))).toBeLessThanOrEqual(
      4 * n * Math.max(1, oneNorm(a)) * unitRoundoff('float64') * norm(expected),
    )
  }

  test('of a diagonal matrix: exponentials of the entries, also where they are far below 1', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -300, max: 300, noNaN: true }), { minLength: 1, maxLength: 6 }),
        (values) => {
          const e = matrixExponential(diagonal(values))
          values.forEach((value, i) => {
            const actual = e.data[i * (values.length + 1)] as number
            const size = Math.max(1, ...values.map(Math.abs))
            expect(Math.abs(actual / Math.exp(value) - 1)).toBeLessThanOrEqual(8 * size * epsilon)
          })
        },
      ),
    )
  })

  test('of a symmetric matrix: V exp(Λ) Vᵀ', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(999), fc.constantFrom(0.01, 1, 30), (n, seed, size) => {
        const values = sequence(n, (i) => size * Math.sin(seed + 3 * i))
        expectNear(
          matrixExponential(withSpectrum(values, seed)),
          withSpectrum(values.map(Math.exp), seed),
          withSpectrum(values, seed),
        )
      }),
    )
  })

  test('of a skew matrix: a rotation, by any angle', () => {
    fc.assert(
      fc.property(fc.double({ min: -2000, max: 2000, noNaN: true }), (angle) => {
        const [c, s] = [Math.cos(angle), Math.sin(angle)]
        const a = tensor([
          [0, -angle],
          [angle, 0],
        ])
        expectNear(
          matrixExponential(a),
          tensor([
            [c, -s],
            [s, c],
          ]),
          a,
        )
      }),
    )
  })

  test('of a nilpotent matrix: the finite sum Σ aᵏ / k!', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(999), (n, seed) => {
        const full = scattered(n, n, seed)
        const a = matrixOf(n, n, (i, j) => (j > i ? (full.data[i * n + j] as number) : 0))
        let [term, sum] = [eye(n), eye(n)]
        for (let k = 1; k < n; k++) {
          term = scaledBy(matmul(term, a), 1 / k)
          sum = add(sum, term)
        }
        expectNear(matrixExponential(a), sum, a)
      }),
    )
  })

  test('exp(a) exp(−a) = 1, and exp(a + b) = exp(a) exp(b) where a and b commute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(999), fc.constantFrom(0.1, 2), (n, seed, size) => {
        const a = scaledBy(scattered(n, n, seed), size / n)
        const b = matmul(a, a)
        const [ea, eb] = [matrixExponential(a), matrixExponential(b)]
        const inverse = matrixExponential(scaledBy(a, -1))
        const tolerance = 40 * n * epsilon * norm(ea)
        expect(norm(sub(matmul(ea, inverse), eye(n)))).toBeLessThanOrEqual(tolerance * norm(inverse))
        expect(norm(sub(matmul(ea, eb), matrixExponential(add(a, b))))).toBeLessThanOrEqual(tolerance * norm(eb))
      }),
    )
  })

  test('at the edges', () => {
    expect(matrixExponential(zeros([3, 3]))).toEqual(eye(3))
    expect(matrixExponential(zeros([0, 0])).shape).toEqual([0, 0])
    expect(toNested(matrixExponential(tensor([[1000]])))).toEqual([[Number.POSITIVE_INFINITY]])
    expect(toNested(matrixExponential(tensor([[-1e308]])))).toEqual([[0]])
    expect(toNested(matrixExponential(tensor([[Number.NaN]])))).toEqual([[Number.NaN]])
    expect(toNested(matrixExponential(tensor([[Number.NEGATIVE_INFINITY]])))).toEqual([[Number.NaN]])
    expect(
      toNested(
        matrixExponential(
          tensor([
            [0, 2 ** 40],
            [0, 0],
          ]),
        ),
      ),
    ).toEqual([
      [1, 2 ** 40],
      [0, 1],
    ])
    expect(matrixExponential(tensor([[1]], 'float32'))).toEqual(tensor([[Math.E]], 'float32'))
    expect(() => matrixExponential(tensor([[1, 2]]))).toThrow(
      'matrixExponential: got float64 [1, 2]; needs a float matrix [n, n]',
    )
  })
})
