import { concrete, matmul, mul, sub, type Value } from '@secant/autodiff'
import { cholesky, dot, fromData, matvec, type Tensor, tensor, toNested } from '@secant/linalg'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  bfgs,
  bfgsUpdate,
  type Descent,
  descend,
  gradientNorm,
  inverseHessian,
  iterates,
  lbfgs,
  type Method,
  objectiveOf,
  type Pairs,
  run,
  type Search,
} from '../src/index.ts'

type Matrix = readonly (readonly number[])[]

const rows = (t: Value): Matrix => toNested(concrete(t)) as Matrix

/** Evenly spread; `fc.double` would crowd around zero, where floating-point numbers are dense. */
const entries = (n: number, min = -1, max = 1): fc.Arbitrary<number[]> =>
  fc.array(
    fc.integer({ min: 0, max: 2 ** 30 }).map((k) => min + (k / 2 ** 30) * (max - min)),
    { minLength: n, maxLength: n },
  )

/** A symmetric positive definite matrix with eigenvalues from 1 to κ, turned by Householder reflections. */
const positiveDefinite = (n: number, condition: number): fc.Arbitrary<Tensor> =>
  fc.array(entries(n), { minLength: 2, maxLength: 2 }).map((normals) => {
    let a: number[][] = Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) => (i === j ? condition ** (i / Math.max(1, n - 1)) : 0)),
    )
    for (const raw of normals) {
      const v = raw.map((entry, i) => entry + (i === 0 ? 2 : 0))
      const square = v.reduce((total, entry) => total + entry * entry, 0)
      const reflect = (m: number[][]): number[][] =>
        m.map((row) => {
          const along = row.reduce((total, entry, j) => total + entry * (v[j] as number), 0)
          return row.map((entry, j) => entry - (2 * along * (v[j] as number)) / square)
        })
      const turn = (m: number[][]): number[][] => (m[0] ?? []).map((_, j) => m.map((row) => row[j] as number))
      a = reflect(turn(reflect(a)))
    }
    return tensor(a.map((row, i) => row.map((entry, j) => (entry + (a[j]?.[i] as number)) / 2)))
  })

/** (I − ρ s y') H (I − ρ y s') + ρ s s', as the book has it. */
const textbookUpdate = (h: Matrix, s: readonly number[], y: readonly number[]): Matrix => {
  const n = s.length
  const rho = 1 / s.reduce((total, entry, i) => total + entry * (y[i] as number), 0)
  const left = h.map((_, i) => h.map((_, j) => (i === j ? 1 : 0) - rho * (s[i] as number) * (y[j] as number)))
  const product = (p: Matrix, q: Matrix): Matrix =>
    p.map((row) =>
      Array.from({ length: n }, (_, j) => row.reduce((t, entry, k) => t + entry * (q[k]?.[j] as number), 0)),
    )
  const right = left.map((_, i) => left.map((row) => row[i] as number))
  return product(product(left, h), right).map((row, i) =>
    row.map((entry, j) => entry + rho * (s[i] as number) * (s[j] as number)),
  )
}

const expectClose = (a: Matrix, b: Matrix, relative: number): void => {
  const size = Math.max(...b.flat().map(Math.abs), 1e-300)
  a.flat().forEach((entry, i) => {
    expect(Math.abs(entry - (b.flat()[i] as number))).toBeLessThanOrEqual(relative * size)
  })
}

/** An inverse Hessian and a pair with curvature: y = A s for a positive definite A. */
const updates = fc.integer({ min: 1, max: 6 }).chain((n) =>
  fc.tuple(positiveDefinite(n, 20), positiveDefinite(n, 20), entries(n)).map(([h, a, raw]) => {
    const s = tensor(raw.map((entry) => entry + (entry < 0 ? -0.1 : 0.1)))
    return { h, s, y: matvec(a, s) }
  }),
)

describe('the BFGS update', () => {
  test('is that of the book', () => {
    fc.assert(
      fc.property(updates, ({ h, s, y }) => {
        expectClose(rows(bfgsUpdate(h, s, y)), textbookUpdate(rows(h), Array.from(s.data), Array.from(y.data)), 1e-11)
      }),
    )
  })

  test('keeps symmetry to the bit, the secant equation and positive definiteness', () => {
    fc.assert(
      fc.property(updates, ({ h, s, y }) => {
        const next = concrete(bfgsUpdate(h, s, y))
        expect(rows(next).every((row, i) => row.every((entry, j) => entry === rows(next)[j]?.[i]))).toBe(true)
        expectClose([toNested(matvec(next, y)) as readonly number[]], [Array.from(s.data)], 1e-10)
        expect(E.isRight(cholesky(next))).toBe(true)
      }),
    )
  })

  test('leaves the matrix as it is without curvature', () => {
    fc.assert(
      fc.property(updates, ({ h, s, y }) => {
        const backward = fromData(Float64Array.from(y.data, (entry) => -entry))
        expect(concrete(bfgsUpdate(h, s, backward)).data).toEqual(h.data)
        expect(concrete(bfgsUpdate(h, s, tensor(Array.from(s.data, () => 0)))).data).toEqual(h.data)
      }),
    )
  })
})

const manyPairs = fc.tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 4 })).chain(([n, m]) =>
  fc
    .tuple(positiveDefinite(n, 10), fc.array(entries(n), { minLength: m, maxLength: m }), entries(n))
    .map(([a, list, raw]) => {
      const s = list.map((step) => tensor(step.map((entry) => entry + (entry < 0 ? -0.2 : 0.2))))
      const y = s.map((step) => matvec(a, step))
      const pairs: Pairs = { s, y, rho: s.map((step, i) => tensor(1 / dot(step, y[i] as Tensor))), gamma: 0.7 }
      return { n, pairs, g: tensor(raw) }
    }),
)

describe('the two-loop recursion', () => {
  test('equals the dense matrix of the book, from γI over the kept pairs', () => {
    fc.assert(
      fc.property(manyPairs, ({ n, pairs, g }) => {
        let h: Matrix = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 0.7 : 0)))
        for (let i = pairs.s.length - 1; i >= 0; i--)
          h = textbookUpdate(
            h,
            Array.from(concrete(pairs.s[i] as Value).data),
            Array.from(concrete(pairs.y[i] as Value).data),
          )
        const dense = h.map((row) => row.reduce((t, entry, j) => t + entry * (g.data[j] as number), 0))
        expectClose([toNested(concrete(inverseHessian(pairs).apply(g))) as readonly number[]], [dense], 1e-9)
      }),
    )
  })

  test('fulfils the newest secant equation, is symmetric, and ignores rows with ρ = 0', () => {
    fc.assert(
      fc.property(manyPairs, ({ n, pairs, g }) => {
        const h = inverseHessian(pairs)
        const [s, y] = [concrete(pairs.s[0] as Value), concrete(pairs.y[0] as Value)]
        expectClose([toNested(concrete(h.apply(y))) as readonly number[]], [Array.from(s.data)], 1e-9)
        const [left, right] = [dot(concrete(h.apply(g)), s), dot(g, concrete(h.adjoint(s)))]
        expect(Math.abs(left - right)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(left)))
        const inert = tensor(Array.from({ length: n }, () => 1e3))
        const longer: Pairs = {
          ...pairs,
          s: [inert, ...pairs.s],
          y: [inert, ...pairs.y],
          rho: [tensor(0), ...pairs.rho],
        }
        expect(concrete(inverseHessian(longer).apply(g)).data).toEqual(concrete(h.apply(g)).data)
      }),
    )
  })
})

/** The minimizing step of a quadratic from two slopes; once more from there, since 1 may be far away. */
const exact: Search = function* (ray, start) {
  let trial = yield* ray.trial(1)
  for (let round = 0; round < 2; round++)
    trial = yield* ray.trial((trial.alpha * start.slope0) / (start.slope0 - trial.slope))
  return E.right(trial)
}

const quadratics = fc
  .tuple(fc.integer({ min: 1, max: 10 }), fc.constantFrom(2, 10, 100))
  .chain(([n, condition]) =>
    fc.tuple(positiveDefinite(n, condition), entries(n, -3, 3)).map(([a, b]) => ({ n, a, b: tensor(b) })),
  )

const quadratic =
  (a: Tensor, b: Tensor) =>
  (x: Value): Value =>
    sub(mul(0.5, matmul(x, matmul(a, x))), matmul(x, b))

describe('on quadratics with exact search', () => {
  test.each([
    ['BFGS', descend(bfgs({ initialScale: () => 1 }), exact)],
    ['L-BFGS of any memory', descend(lbfgs({ memory: 3 }), exact)],
  ] as readonly (readonly [string, Method<Descent<unknown>>])[])('%s ends within n steps', (_, method) => {
    fc.assert(
      fc.property(quadratics, ({ n, a, b }) => {
        const { objective, start } = objectiveOf(
          quadratic(a, b),
          tensor(Array.from({ length: n }, (_, i) => Math.cos(i))),
        )
        const first = objective.point(start)
        const bound = 1e-6 * Math.sqrt(dot(first.grad, first.grad)) + 1e-12
        const ended = run(objective, method, start, { until: [gradientNorm(bound)], maxIterations: n })
        expect(ended.outcome).toMatchObject({ _tag: 'Right' })
      }),
    )
  })

  test('after n steps BFGS holds the inverse of the matrix', () => {
    const a = tensor([
      [4, 1, 0],
      [1, 3, 1],
      [0, 1, 2],
    ])
    const { objective, start } = objectiveOf(quadratic(a, tensor([1, 2, 3])), tensor([1, -1, 2]))
    const states = [
      ...iterates(objective, descend(bfgs(), exact), start, { until: [gradientNorm(0)], maxIterations: 3 }),
    ]
    const h = states[3]?.state.memory as Value
    expectClose(
      rows(matmul(h, a)),
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      1e-9,
    )
  })

  test('enough memory and the same first matrix make L-BFGS equal to BFGS', () => {
    fc.assert(
      fc.property(quadratics, ({ n, a, b }) => {
        const { objective, start } = objectiveOf(quadratic(a, b), tensor(Array.from({ length: n }, () => 2)))
        // γ changes with every pair in L-BFGS; with exact steps on a quadratic it only scales the direction.
        const options = { until: [gradientNorm(1e-5)], maxIterations: n }
        const [full, limited] = [bfgs(), lbfgs({ memory: 12 })].map((direction) => {
          const points = iterates(objective, descend(direction as ReturnType<typeof bfgs>, exact), start, options)
          return [...points].map(({ point }) => point.value)
        }) as [number[], number[]]
        const scale = Math.max(...full.map(Math.abs), 1)
        full.slice(0, 4).forEach((value, k) => {
          if (limited[k] !== undefined) expect(Math.abs(value - limited[k])).toBeLessThanOrEqual(1e-6 * scale)
        })
      }),
    )
  })
})
