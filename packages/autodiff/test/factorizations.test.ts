import * as dense from '@secant/linalg'
import { eye, fromData, full, type Tensor, tensor, toNested, zeros } from '@secant/linalg'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  add,
  checkDerivative,
  cholesky,
  choleskyOrNaN,
  concrete,
  determinant,
  evaluate,
  grad,
  hessian,
  inverse,
  inverseOrNaN,
  item,
  jacobian,
  jvp,
  leastSquares,
  leastSquaresOrNaN,
  linearize,
  logDeterminant,
  matmul,
  mul,
  qr,
  record,
  reshape,
  solve,
  solveOrNaN,
  solveTriangular,
  square,
  stack,
  sub,
  sum,
  trace,
  transpose,
  type Value,
  vmap,
} from '../src/index.ts'
import { factorizationCases, positiveDefinite, wellConditioned } from './factorization-cases.ts'
import { tensorOf } from './generators.ts'

const entries = (x: Value): readonly number[] => Array.from(concrete(x).data)

const expectClose = (actual: Value, expected: Value, tolerance = 1e-12): void => {
  expect(actual.shape).toEqual(expected.shape)
  const [a, b] = [entries(actual), entries(expected)]
  const scale = Math.max(1, ...b.map(Math.abs))
  const worst = Math.max(0, ...a.map((entry, i) => Math.abs(entry - (b[i] as number))))
  expect(worst).toBeLessThanOrEqual(tolerance * scale)
}

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`got ${JSON.stringify(either.left)}; needs a result`)
  return either.right
}

const steps = (f: (xs: readonly Value[]) => Value, xs: readonly Tensor[]): readonly string[] =>
  record(f)(xs).program.steps.map(({ primitive }) => primitive.name)

describe.each(factorizationCases)('$name', ({ f, inputs }) => {
  test('forward = reverse = differences on many inputs', () => {
    fc.assert(
      fc.property(inputs, (xs) => {
        expect(checkDerivative((list: readonly Value[]) => f(...list), xs as readonly Value[])).toMatchObject({
          agrees: true,
        })
      }),
      { numRuns: 300 },
    )
  })

  test('recorded and run again: the same numbers, and the same gradient', () => {
    fc.assert(
      fc.property(inputs, (xs) => {
        const g = (list: readonly Value[]): Value => sum(square(f(...list)))
        for (const h of [g, (list: readonly Value[]) => grad(g)(list)[0] as Value]) {
          const { program } = record(h)(xs as readonly Value[])
          expect(entries(evaluate(program)(xs)[0] as Value)).toEqual(entries(h(xs)))
        }
      }),
      { numRuns: 20 },
    )
  })
})

const sizes = fc.integer({ min: 1, max: 6 })
const nonsingular = sizes.chain((n) => wellConditioned(n, n))
const systems = sizes.chain((n) => fc.tuple(wellConditioned(n, n), tensorOf([n, 2])))

describe('values', () => {
  test('are those of linalg', () => {
    fc.assert(
      fc.property(systems, ([a, b]) => {
        expect(solve(a, b)).toEqual(dense.solve(a, b))
        expect(inverse(a)).toEqual(dense.inverse(a))
        expect(leastSquares(a, b)).toEqual(dense.leastSquares(a, b))
        expect(qr(a)).toEqual(dense.qr(a))
        expect(item(determinant(a))).toBe(dense.determinant(a))
        const { sign, logAbs } = logDeterminant(a)
        expect({ sign: item(sign), logAbs: item(logAbs) }).toEqual(dense.logDeterminant(a))
      }),
    )
  })

  test('of float32 are float32, and so are their derivatives', () => {
    const a = tensor(
      [
        [4, 1],
        [1, 3],
      ],
      'float32',
    )
    const results = [
      choleskyOrNaN,
      inverseOrNaN,
      determinant,
      (x: Value) => logDeterminant(x).logAbs,
      (x: Value) => qr(x).q,
      (x: Value) => solveOrNaN(x, tensor([1, 2], 'float32')),
      (x: Value) => leastSquaresOrNaN(x, tensor([1, 2], 'float32')),
      (x: Value) => solveTriangular(x, tensor([1, 2], 'float32'), { lower: true }),
    ]
    for (const f of results) {
      expect(f(a).dtype).toBe('float32')
      expect(grad((x: Value) => sum(f(x)))(a).dtype).toBe('float32')
      expect(checkDerivative(f, a as Value, { step: 0.2 })).toMatchObject({ agrees: true })
    }
  })
})

describe('identities', () => {
  test('d log |det a| = tr a⁻¹ da, and d det a = det a · tr a⁻¹ da', () => {
    fc.assert(
      fc.property(nonsingular, fc.nat(99), (a, seed) => {
        const v = fromData(
          a.data.map((_, i) => Math.sin(i ** 1.5 + seed)),
          a.shape,
        )
        const expected = trace(right(solve(a, v)))
        expectClose(jvp((x: Value) => logDeterminant(x).logAbs)(a, v)[1], expected)
        expectClose(jvp(determinant)(a, v)[1], mul(determinant(a), expected))
      }),
    )
  })

  test('half of log det is the sum of logarithms on the diagonal of the Cholesky factor, to second order', () => {
    const points = sizes.chain(positiveDefinite)
    fc.assert(
      fc.property(points, (a) => {
        const symmetric = (x: Value): Value => mul(0.5, add(x, transpose(x)))
        const byFactor = (x: Value): Value => mul(2, logDeterminant(choleskyOrNaN(symmetric(x))).logAbs)
        const direct = (x: Value): Value => logDeterminant(symmetric(x)).logAbs
        expectClose(byFactor(a), direct(a))
        expectClose(grad(byFactor)(a), grad(direct)(a))
        expectClose(hessian(byFactor)(a), hessian(direct)(a))
      }),
      { numRuns: 30 },
    )
  })

  test('the derivative of solve, by the formula with the inverse', () => {
    fc.assert(
      fc.property(systems, fc.nat(99), ([a, b], seed) => {
        const v = fromData(
          a.data.map((_, i) => Math.sin(i ** 1.5 + seed)),
          a.shape,
        )
        const inverted = right(inverse(a))
        const [, slope] = jvp((x: Value) => solveOrNaN(x, b))(a, v)
        expectClose(slope, mul(-1, matmul(inverted, matmul(v, matmul(inverted, b)))))
        expectClose(jacobian((x: Value) => solveOrNaN(a, x))(tensorColumn(b)), inverted)
      }),
    )
  })

  test('d a⁻¹ = −a⁻¹ da a⁻¹', () => {
    fc.assert(
      fc.property(nonsingular, (a) => {
        const v = transpose(a)
        const inverted = right(inverse(a))
        expectClose(jvp(inverseOrNaN)(a, v)[1], mul(-1, matmul(inverted, matmul(v, inverted))))
      }),
    )
  })

  test('d(L Lᵀ) = da, and q stays orthonormal: qᵀ dq is antisymmetric, q dr + dq r = da', () => {
    fc.assert(
      fc.property(sizes.chain(positiveDefinite), (a) => {
        const v = mul(a, a)
        expectClose(
          jvp((x: Value) => {
            const l = choleskyOrNaN(x)
            return matmul(l, transpose(l))
          })(a, v)[1],
          v,
        )
        const [{ q, r }, { q: dq, r: dr }] = jvp(qr)(a, v)
        const turning = matmul(transpose(q), dq)
        expectClose(add(turning, transpose(turning)), zeros(a.shape))
        expectClose(add(matmul(q, dr), matmul(dq, r)), v)
      }),
    )
  })

  test('least squares has the derivative of the normal equations where these are good', () => {
    const inputs = sizes.chain((n) => fc.tuple(wellConditioned(n + 2, n), tensorOf([n + 2])))
    fc.assert(
      fc.property(inputs, ([a, b]) => {
        const normal = (x: Value): Value => {
          const turned = transpose(x)
          return sum(square(solveOrNaN(matmul(turned, x), matmul(turned, b))))
        }
        expectClose(grad((x: Value) => sum(square(leastSquaresOrNaN(x, b))))(a), grad(normal)(a), 1e-11)
      }),
    )
  })
})

/** The first column. */
const tensorColumn = (b: Tensor): Tensor =>
  fromData(
    b.data.filter((_, at) => at % (b.shape[1] as number) === 0),
    [b.shape[0] as number],
  )

describe('which entries are read', () => {
  const a = tensor([
    [4, 99],
    [2, 5],
  ])

  test('of a for Cholesky: the lower triangle, each entry for itself and its mirror image', () => {
    const f = (x: Value): Value => sum(square(choleskyOrNaN(x)))
    // Σ l² = tr a whatever lies beside the diagonal
    expectClose(grad(f)(a), eye(2))
    const logarithm = grad((x: Value) => mul(2, logDeterminant(choleskyOrNaN(x)).logAbs))(a)
    // a⁻¹ with both shares below the diagonal
    expectClose(
      logarithm,
      tensor([
        [5 / 16, 0],
        [-4 / 16, 4 / 16],
      ]),
    )
    const symmetrized = grad((x: Value) => logDeterminant(choleskyOrNaN(mul(0.5, add(x, transpose(x))))).logAbs)
    expectClose(
      mul(
        2,
        symmetrized(
          tensor([
            [4, 2],
            [2, 5],
          ]),
        ),
      ),
      right(
        inverse(
          tensor([
            [4, 2],
            [2, 5],
          ]),
        ),
      ),
    )
  })

  test('of t for a triangular solve: the triangle; a unit diagonal has derivative 0', () => {
    const t = tensor([
      [2, Number.NaN],
      [3, 4],
    ])
    const at = (unitDiagonal: boolean): Value =>
      grad((x: Value) => sum(solveTriangular(x, tensor([1, 1]), { lower: true, unitDiagonal })))(t)
    // x = (1/t₀₀, (1 − t₁₀/t₀₀)/t₁₁), or (1, 1 − t₁₀)
    expectClose(
      at(false),
      tensor([
        [-1 / 4 + 3 / 16, 0],
        [-1 / 8, 1 / 32],
      ]),
    )
    expectClose(
      at(true),
      tensor([
        [0, 0],
        [-1, 0],
      ]),
    )
  })
})

describe('the determinant of singular matrices', () => {
  test('has its cofactors as gradient, whatever the rank', () => {
    const factors = fc.tuple(fc.integer({ min: 2, max: 5 }), fc.nat(3)).chain(([n, missing]) => {
      const rank = Math.max(0, n - missing)
      return fc.tuple(tensorOf([n, rank], -1, 1), tensorOf([rank, n], -1, 1))
    })
    fc.assert(
      fc.property(factors, ([p, q]) => {
        const a = dense.matmul(p, q)
        // linear in each entry, so that a whole step is as good as a small one
        const stepped = a.data.map((_, at) => {
          const moved = fromData(a.data.with(at, (a.data[at] as number) + 1), a.shape)
          return dense.determinant(moved) - dense.determinant(a)
        })
        expectClose(grad(determinant)(a), fromData(stepped, a.shape))
      }),
      { numRuns: 300 },
    )
  })

  test('second derivatives are NaN or infinite there, not wrong numbers', () => {
    expect(
      entries(
        hessian(determinant)(
          tensor([
            [1, 2],
            [2, 4],
          ]),
        ),
      ).some(Number.isFinite),
    ).toBe(false)
    expect(
      entries(
        hessian(determinant)(
          tensor([
            [1, 2],
            [3, 4],
          ]),
        ),
      ),
    ).toEqual([0, 0, 0, 1, 0, 0, -1, 0, 0, -1, 0, 0, 1, 0, 0, 0].map((x) => expect.closeTo(x, 12)))
  })
})

describe('failures', () => {
  const indefinite = tensor([
    [1, 2],
    [2, 1],
  ])
  const singular = tensor([
    [1, 2],
    [2, 4],
  ])
  const b = tensor([1, 1])

  test('are told', () => {
    expect(cholesky(indefinite)).toEqual(E.left({ kind: 'not positive definite', pivot: 1 }))
    expect(solve(singular, b)).toEqual(E.left({ kind: 'singular', pivot: 1 }))
    expect(inverse(singular)).toEqual(E.left({ kind: 'singular', pivot: 1 }))
    expect(leastSquares(singular, b)).toEqual(E.left({ kind: 'rank deficient', rank: 1 }))
    expect(leastSquares(zeros([2, 3]), b)).toEqual(E.left({ kind: 'rank deficient', rank: 0 }))
  })

  test('are told inside a derivative too, where success has its derivative', () => {
    const f = (x: Value): Value =>
      E.getOrElse((): Value => mul(0, sum(x)))(E.either.map(solve(x, b), (solution) => sum(solution)))
    expectClose(grad(f)(singular), zeros([2, 2]))
    expectClose(grad(f)(eye(2)), grad((x: Value) => sum(solveOrNaN(x, b)))(eye(2)))
  })

  test('are NaN in programs, values and derivatives', () => {
    const nothing = (x: Value): void => expect(entries(x).every(Number.isNaN)).toBe(true)
    const total: readonly (readonly [(x: Value) => Value, Tensor])[] = [
      [choleskyOrNaN, indefinite],
      [inverseOrNaN, singular],
      [(x) => solveOrNaN(x, b), singular],
      [(x) => leastSquaresOrNaN(x, b), singular],
      // deficient to rounding, though its triangle could be divided by
      [
        (x) => leastSquaresOrNaN(x, b),
        tensor([
          [7, 1],
          [3, 3 / 7],
        ]),
      ],
      [
        (x) => solveTriangular(x, b, { lower: true }),
        tensor([
          [0, 0],
          [1, 1],
        ]),
      ],
    ]
    for (const [f, x] of total) {
      nothing(f(x))
      nothing(jvp(f)(x, eye(2))[1])
      expect(entries(grad((y: Value) => sum(f(y)))(x)).some(Number.isNaN)).toBe(true)
    }
    expect(entries(grad((x: Value) => logDeterminant(x).logAbs)(singular)).every(Number.isNaN)).toBe(true)
  })

  test('one member of a batch fails alone', () => {
    const factors = vmap(choleskyOrNaN)(stack([indefinite, mul(4, eye(2))]))
    expect(toNested(concrete(factors))).toEqual(toNested(stack([full([2, 2], Number.NaN), mul(2, eye(2))]) as Tensor))
  })

  test('cannot be read while recording, and say what can be done', () => {
    const readers: readonly (readonly [string, (a: Value) => unknown])[] = [
      ['cholesky', cholesky],
      ['solve', (a) => solve(a, b)],
      ['inverse', inverse],
      ['leastSquares', (a) => leastSquares(a, b)],
    ]
    for (const [name, f] of readers) {
      const needs = `needs ${name}OrNaN`
      expect(() => record(f)(singular)).toThrow(needs)
      expect(() => vmap(f)(stack([singular]))).toThrow(needs)
    }
  })

  test('of shapes and dtypes are thrown', () => {
    expect(() => cholesky(zeros([2, 3]))).toThrow('cholesky: got float64 [2, 3]; needs a float matrix [n, n]')
    expect(() => solve(eye(2), zeros([3]))).toThrow('solve: got float64 [2, 2] and float64 [3]; needs')
    expect(() => inverse(zeros([2]))).toThrow('inverse: got float64 [2]')
    expect(() => determinant(eye(2, 'int32'))).toThrow('determinant: got int32 [2, 2]')
    expect(() => qr(zeros([2, 2, 2]))).toThrow('qr: got float64 [2, 2, 2]; needs a float matrix [m, n]')
    expect(() => leastSquares(eye(2), zeros([2], 'float32'))).toThrow(
      'leastSquares: got float64 [2, 2] and float32 [2]',
    )
    expect(() => solveTriangular(eye(2), zeros([2, 2, 2]), { lower: true })).toThrow('solveTriangular: got')
  })
})

describe('cost', () => {
  const a = tensor([
    [4, 1],
    [1, 3],
  ])
  const b = tensor([1, 2])

  test('a matrix is eliminated once, whatever is differentiated', () => {
    const f = ([x, y]: readonly Value[]): Value => sum(square(solveOrNaN(x as Value, y as Value)))
    const count = (g: (xs: readonly Value[]) => Value, name: string): number =>
      steps(g, [a, b]).filter((step) => step === name).length
    const slope = (xs: readonly Value[]): Value => add(sum(grad(f)(xs)[0] as Value), sum(grad(f)(xs)[1] as Value))
    const gradient = (xs: readonly Value[]): Value => sum(grad(f)(xs)[0] as Value)
    const bent = (xs: readonly Value[]): Value => sum(square(grad(gradient)(xs)[0] as Value))
    expect([count(f, 'eliminate'), count(f, 'divide')]).toEqual([1, 1])
    expect([count(gradient, 'eliminate'), count(gradient, 'divide')]).toEqual([1, 2])
    expect(count(slope, 'eliminate')).toBe(2)
    expect(count(bent, 'eliminate')).toBe(1)
  })

  test('right-hand sides that share a matrix are solved side by side', () => {
    const many = ([m, list]: readonly Value[]): Value => vmap((y: Value) => solveOrNaN(m as Value, y))(list as Value)
    const { program } = record(many)([a, zeros([5, 2])])
    const solves = program.steps.filter(({ primitive }) => primitive.name === 'divide')
    expect(solves.map(({ outs }) => outs[0]?.shape)).toEqual([[2, 5]])
    const members = [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
      [
        [9, 10],
        [11, 12],
      ],
    ].map((rows) => tensor(rows))
    expectClose(many([a, stack(members)]), stack(members.map((y) => solveOrNaN(a, y))))
  })

  test('what is not differentiated costs nothing: no product for a constant matrix', () => {
    const names = steps(([y]) => grad((x: Value) => sum(solveOrNaN(a, x)))(y as Value), [b])
    expect(names).not.toContain('matmul')
  })
})

describe('directions', () => {
  test('q alone and r alone have derivatives', () => {
    const a = tensor([
      [3, 1],
      [4, 2],
      [0, 5],
    ])
    const [value, map] = linearize((x: Value) => qr(x).r)(a)
    expect(value.shape).toEqual([2, 2])
    expectClose(map.adjoint(zeros([2, 2])), zeros([3, 2]))
    for (const f of [(x: Value) => qr(x).q, (x: Value) => qr(x).r])
      expect(checkDerivative(f, a as Value)).toMatchObject({ agrees: true })
  })

  test('a and b of a solve apart', () => {
    const a = tensor([
      [4, 1],
      [1, 3],
    ])
    const b = tensor([[1], [2]])
    for (const f of [solveOrNaN, leastSquaresOrNaN, (x: Value, y: Value) => solveTriangular(x, y, { lower: true })]) {
      expect(checkDerivative((x: Value) => f(x, b), a as Value)).toMatchObject({ agrees: true })
      expect(checkDerivative((y: Value) => f(a, y), b as Value)).toMatchObject({ agrees: true })
      const both = (x: Value): Value => f(x, reshape(sub(sum(x, { axes: [0] }), 1), [2, 1]))
      expect(checkDerivative(both, a as Value)).toMatchObject({ agrees: true })
    }
  })
})
