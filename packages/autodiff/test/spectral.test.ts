import { conjugateGradients, eye, full, matrixMap, type Tensor, tensor, toNested, zeros } from '@secant/linalg'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  add,
  cast,
  checkDerivative,
  concrete,
  dot,
  evaluate,
  evaluator,
  exp,
  grad,
  hessian,
  type Interpreter,
  interpretWith,
  item,
  jvp,
  linearize,
  matmul,
  matrixExponential,
  max,
  mul,
  record,
  slice,
  solveSymmetric,
  solveSymmetricOrNaN,
  sqrt,
  square,
  sub,
  sum,
  svd,
  svdOrNaN,
  symmetricEigen,
  symmetricEigenOrNaN,
  transpose,
  type Value,
  vmap,
} from '../src/index.ts'
import { tensorOf } from './generators.ts'
import { eigenSummary, separatedEigen, separatedSvd, solveWith, spectralCases, svdSummary } from './spectral-cases.ts'

const entries = (x: Value): readonly number[] => Array.from(concrete(x).data)

const expectClose = (actual: Value, expected: Value, tolerance = 1e-12): void => {
  expect(actual.shape).toEqual(expected.shape)
  const [a, b] = [entries(actual), entries(expected)]
  const scale = Math.max(1, ...b.map(Math.abs))
  a.forEach((entry, i) => {
    expect(Math.abs(entry - (b[i] as number))).toBeLessThanOrEqual(tolerance * scale)
  })
}

describe.each(spectralCases)('$name', ({ f, inputs }) => {
  test('forward = reverse = differences on many inputs', () => {
    fc.assert(
      fc.property(inputs, (xs) => {
        expect(checkDerivative((list: readonly Value[]) => f(...list), xs as readonly Value[])).toMatchObject({
          agrees: true,
        })
      }),
      { numRuns: 250 },
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
      { numRuns: 10 },
    )
  })
})

describe('cost', () => {
  /** How often each operation is carried out. */
  const counts = (body: () => unknown): Readonly<Record<string, number>> => {
    const found: Record<string, number> = {}
    const counter: Interpreter = {
      name: 'count',
      bind: (primitive, args, params) => {
        found[primitive.name] = (found[primitive.name] ?? 0) + 1
        return evaluator.bind(primitive, args, params)
      },
    }
    interpretWith(counter, body)
    return found
  }

  test('a gradient factors once; an exponential and a solve need one more of their kind', () => {
    const a = tensor([
      [2, 1],
      [1, 5],
    ])
    const gradientOf = (f: (x: Value) => Value): Readonly<Record<string, number>> =>
      counts(() => grad((x: Value) => sum(f(x)))(a))
    expect(gradientOf(eigenSummary)).toMatchObject({ symmetricEigen: 1 })
    expect(gradientOf(svdSummary)).toMatchObject({ svd: 1 })
    expect(gradientOf(matrixExponential)).toMatchObject({ matrixExponential: 2 })
    expect(gradientOf((m) => solveWith(m, tensor([1, 2])))).toMatchObject({ solveSymmetric: 2 })
  })
})

describe('float32', () => {
  test('results and gradients stay float32, and near those of float64', () => {
    const a = tensor([
      [2, 1],
      [1, 5],
    ])
    for (const f of [
      eigenSummary,
      svdSummary,
      matrixExponential,
      (m: Value) => solveSymmetricOrNaN((v) => matmul(m, v), tensor([1, 2], m.dtype), { tolerance: 1e-6 }),
    ]) {
      const g = grad((x: Value) => sum(square(f(x))))
      const single = g(cast(a, 'float32'))
      expect(single.dtype).toBe('float32')
      expectClose(cast(single, 'float64'), g(a), 1e-4)
    }
  })
})

/** Orthogonal, from a tensor that is not. */
const turning = (x: Tensor): Value => svdOrNaN(add(x, mul(5, eye(x.shape[0] as number)))).u

const conjugated = (q: Value, values: readonly number[]): Value => matmul(mul(q, tensor(values)), transpose(q))

describe('eigenvalues that coincide', () => {
  const spectra = fc.constantFrom([1, 1], [1, 1, 1, 1], [2, 2, -1], [0, 0, 0], [3, 3, 5, 5], [1, 1 + 1e-15, 2])
  const turned = spectra.chain((values) =>
    tensorOf([values.length, values.length], -1, 1).map((x) => ({ values, q: turning(x) })),
  )

  test('the gradient of Σ φ(λ) is φ′(a)', () => {
    fc.assert(
      fc.property(turned, ({ values, q }) => {
        const a = conjugated(q, values)
        const gradient = grad((x: Value) => sum(exp(symmetricEigenOrNaN(x).values)))(a)
        expectClose(gradient, conjugated(q, values.map(Math.exp)), 1e-11)
      }),
    )
  })

  test('of the identity itself: Σ λ, Σ λ², the norm, the determinant', () => {
    const one = eye(3)
    const of = (phi: (values: Value) => Value): Value => grad((x: Value) => phi(symmetricEigenOrNaN(x).values))(one)
    expect(of(sum)).toEqual(one)
    expectClose(
      of((values) => sum(square(values))),
      mul(2, one),
    )
    expectClose(
      of((values) => sqrt(dot(values, values))),
      mul(1 / Math.sqrt(3), one),
    )
    const determinant = (values: Value): Value =>
      mul(mul(slice(values, [0], [1]), slice(values, [1], [2])), slice(values, [2], [3]))
    expectClose(
      of((values) => sum(determinant(values))),
      one,
    )
  })

  test('the projection onto a whole eigenspace has its derivative, by differences', () => {
    fc.assert(
      fc.property(tensorOf([3, 3], -1, 1), (x) => {
        const projection = (a: Value): Value => {
          const plane = slice(symmetricEigenOrNaN(a).vectors, [0, 1], [3, 3])
          return matmul(plane, transpose(plane))
        }
        expect(checkDerivative(projection, conjugated(turning(x), [-1, 2, 2]))).toMatchObject({ agrees: true })
      }),
    )
  })

  test('nothing becomes NaN or infinite, to the second order', () => {
    for (const a of [eye(3), zeros([3, 3]), full([3, 3], 1)]) {
      const summary = (x: Value): Value => sum(eigenSummary(x))
      expect([...entries(grad(summary)(a)), ...entries(hessian(summary)(a))].every(Number.isFinite)).toBe(true)
      const singular = (x: Value): Value => sum(svdSummary(x))
      expect([...entries(grad(singular)(a)), ...entries(hessian(singular)(a))].every(Number.isFinite)).toBe(true)
    }
  })

  test('only the symmetric part of a is decomposed', () => {
    fc.assert(
      fc.property(tensorOf([3, 3]), (x) => {
        const part = mul(0.5, add(x, transpose(x)))
        expect(symmetricEigenOrNaN(x)).toEqual(symmetricEigenOrNaN(part))
        const gradient = grad((a: Value) => max(symmetricEigenOrNaN(a).values))(x)
        expectClose(gradient, transpose(gradient))
      }),
    )
  })
})

describe('spectra that are apart', () => {
  test('V Λ Vᵀ is the identity map on symmetric matrices, with its derivatives', () => {
    const rebuilt = (a: Value): Value => {
      const { values, vectors } = symmetricEigenOrNaN(a)
      return matmul(mul(vectors, values), transpose(vectors))
    }
    fc.assert(
      fc.property(separatedEigen, fc.nat(99), ([a], seed) => {
        const n = (a as Tensor).shape[0] as number
        const v = conjugated(
          turning(full([n, n], Math.sin(seed))),
          Array.from({ length: n }, (_, i) => Math.cos(seed + i)),
        )
        expectClose(jvp(rebuilt)(a as Value, v)[1], v, 1e-11)
        const second = jvp((x: Value) => jvp(rebuilt)(x, v)[1])(a as Value, v)[1]
        expectClose(second, zeros([n, n]), 1e-10)
      }),
    )
  })

  test('U S Vᵀ is the identity map on matrices, with its derivatives', () => {
    const rebuilt = (a: Value): Value => {
      const { u, s, v } = svdOrNaN(a)
      return matmul(mul(u, s), transpose(v))
    }
    fc.assert(
      fc.property(separatedSvd, ([a]) => {
        const e = mul(0.3, exp(a as Value))
        const scale = Math.max(...entries(e).map(Math.abs))
        const v = mul(1 / scale, e)
        expectClose(jvp(rebuilt)(a as Value, v)[1], v, 1e-11)
        expectClose(jvp((x: Value) => jvp(rebuilt)(x, v)[1])(a as Value, v)[1], zeros(v.shape), 1e-10)
      }),
    )
  })

  test('singular values are the roots of the eigenvalues of aᵀ a, with gradients', () => {
    fc.assert(
      fc.property(separatedSvd, ([a]) => {
        const [m, n] = (a as Tensor).shape as readonly [number, number]
        const gram = (x: Value): Value => (m < n ? matmul(x, transpose(x)) : matmul(transpose(x), x))
        const byEigen = grad((x: Value) => sum(sqrt(symmetricEigenOrNaN(gram(x)).values)))(a as Value)
        expectClose(grad((x: Value) => sum(svdOrNaN(x).s))(a as Value), byEigen, 1e-10)
      }),
    )
  })
})

describe('singular values that coincide or vanish', () => {
  test.each([
    ['the identity', eye(3)],
    ['zero', zeros([2, 3])],
    ['of rank one', full([3, 2], 1)],
    [
      'of equal values',
      tensor([
        [0, 2],
        [2, 0],
        [0, 0],
      ]),
    ],
  ])('the gradient of Σ s² is 2 a: %s', (_, a) => {
    expectClose(grad((x: Value) => sum(square(svdOrNaN(x).s)))(a), mul(2, a))
  })

  test('the gradient of the Frobenius norm at the identity', () => {
    const frobenius = (x: Value): Value => sqrt(sum(square(svdOrNaN(x).s)))
    expectClose(grad(frobenius)(eye(2)), mul(Math.SQRT1_2, eye(2)))
  })
})

describe('where there is no answer', () => {
  const bad = tensor([
    [1, Number.NaN],
    [0, 1],
  ])

  test('the eager forms say why, their twins are NaN', () => {
    for (const decompose of [symmetricEigen, svd])
      expect(decompose(bad)).toEqual(E.left({ kind: 'not converged', reason: 'non-finite' }))
    for (const x of [...Object.values(symmetricEigenOrNaN(bad)), ...Object.values(svdOrNaN(bad))])
      expect(entries(x as Value).every(Number.isNaN)).toBe(true)
    expect(E.isRight(symmetricEigen(eye(2))) && E.isRight(svd(eye(2)))).toBe(true)
  })

  test('branching works inside a derivative; a recording has nothing to branch on', () => {
    const largest = (a: Value): Value => {
      const eigen = symmetricEigen(a)
      return E.isRight(eigen) ? max(eigen.right.values) : sum(a)
    }
    expect(
      toNested(
        concrete(
          grad(largest)(
            tensor([
              [2, 0],
              [0, 1],
            ]),
          ),
        ),
      ),
    ).toEqual([
      [1, 0],
      [0, 0],
    ])
    expect(() => record(largest)(eye(2))).toThrow('not known while recording')
  })

  test('mistakes are thrown, also while recording', () => {
    expect(() => symmetricEigenOrNaN(zeros([2, 3]))).toThrow('symmetricEigen: got float64 [2, 3]')
    expect(() => record((x: Value) => svdOrNaN(x).s)(zeros([2]))).toThrow('svd: got float64 [2]')
    expect(() => record(matrixExponential)(zeros([2, 3]))).toThrow('matrixExponential: got float64 [2, 3]')
    expect(() => solveSymmetricOrNaN((v) => slice(v, [0], [1]), zeros([2]))).toThrow('got a map to [1] for [2]')
  })

  test('a batch of none', () => {
    const { values, vectors } = vmap(symmetricEigenOrNaN)(zeros([0, 2, 2]))
    expect([values.shape, vectors.shape]).toEqual([
      [0, 2],
      [0, 2, 2],
    ])
  })
})

describe('the matrix exponential', () => {
  test('d/dt e^(t a) = a e^(t a), to the third order', () => {
    fc.assert(
      fc.property(tensorOf([3, 3], -1, 1), fc.double({ min: -1, max: 1, noNaN: true }), (a, t) => {
        const one: Value = tensor(1)
        let flow = (s: Value): Value => matrixExponential(mul(s, a))
        let expected = flow(tensor(t))
        for (let order = 1; order <= 3; order++) {
          const lower = flow
          flow = (s) => jvp(lower)(s, one)[1]
          expected = matmul(a, expected)
          expectClose(flow(tensor(t)), expected, 1e-11)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('the gradient of tr eᵃ is e^(aᵀ)', () => {
    fc.assert(
      fc.property(tensorOf([4, 4]), (a) => {
        const trace = (x: Value): Value => sum(mul(matrixExponential(x), eye(4)))
        expectClose(grad(trace)(a), matrixExponential(transpose(a)), 1e-11)
      }),
    )
  })

  test('the size of a direction scales its derivative and nothing else', () => {
    const a = tensor([
      [0.5, 1],
      [-1, 0.25],
    ])
    const v = tensor([
      [1, 2],
      [3, 4],
    ])
    const [, derivative] = linearize(matrixExponential)(a)
    for (const size of [1e-200, 1e200]) expectClose(mul(1 / size, derivative.apply(mul(size, v))), derivative.apply(v))
    expect(entries(derivative.apply(zeros([2, 2]))).every((entry) => entry === 0)).toBe(true)
  })
})

describe('solveSymmetric', () => {
  /** The derivative of x in b and m by hand: dx = A⁻¹ (db − (dmᵀ m + mᵀ dm) x). */
  test('its derivative by the formula, solved by the plain method', () => {
    const n = 3
    fc.assert(
      fc.property(tensorOf([n, n], -1, 1), tensorOf([n], 0.5, 2), tensorOf([n, n]), tensorOf([n]), (m, b, dm, db) => {
        const mt = concrete(transpose(m))
        const map = matrixMap(concrete(add(matmul(mt, m), eye(n))))
        const solve = (right: Value): Value => {
          const solution = conjugateGradients(map, concrete(right), { tolerance: 1e-14 })
          if (E.isLeft(solution)) throw new Error(solution.left.kind)
          return solution.right.x
        }
        const x = solve(b)
        const change = matmul(add(matmul(transpose(dm), m), matmul(mt, dm)), x)
        const [value, slope] = jvp(([p, q]: readonly [Value, Value]) => solveWith(p, q))([m, b], [dm, db])
        expectClose(value, x, 1e-12)
        expectClose(slope, solve(sub(db, change)), 1e-11)
      }),
    )
  })

  test('kinds of failure as values, NaN in the twin', () => {
    const b = tensor([1, 2])
    const negative = (v: Value): Value => mul(-1, v)
    expect(solveSymmetric(negative, b)).toEqual(E.left({ kind: 'not positive definite' }))
    expect(entries(solveSymmetricOrNaN(negative, b))).toEqual([Number.NaN, Number.NaN])
    const scaled = (v: Value): Value => mul(v, tensor([1, 10]))
    expect(solveSymmetric(scaled, b, { maxIterations: 1 })).toEqual(E.left({ kind: 'budget' }))
    expect(solveSymmetric(scaled, tensor([1, Number.NaN]))).toEqual(E.left({ kind: 'non-finite' }))
    const right = solveSymmetric(scaled, b)
    expectClose(E.isRight(right) ? right.right : b, tensor([1, 0.2]))
  })

  test('values of enclosing derivatives, batches and recordings pass through the map', () => {
    const f = (c: Value): Value => sum(solveSymmetricOrNaN((v) => mul(c, v), tensor([1, 2])))
    expect(item(grad(grad(f))(tensor(2)))).toBeCloseTo(6 / 8, 12)
    expect(entries(vmap(f)(tensor([1, 2, 3])))).toEqual([3, 1.5, 1])
    expectClose(vmap(grad(f))(tensor([1, 2])), tensor([-3, -0.75]))
    const { program } = record(grad(f))(tensor(1))
    expectClose(evaluate(program)([tensor(2)])[0] as Value, tensor(-0.75))
  })
})
