import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  type CgSolution,
  conjugateGradients,
  dot,
  fromData,
  type LinearMap,
  map,
  matrixMap,
  norm,
  ones,
  selfAdjoint,
  sub,
  type Tensor,
  tensor,
  zeros,
} from '../src/index.ts'

const vector = (n: number, entry: (i: number) => number): Tensor =>
  fromData(Float64Array.from({ length: n }, (_, i) => entry(i)))

const scattered = (n: number, seed: number): Tensor => vector(n, (i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed))

/** H diag(values) H with the reflection H = I − 2 w wᵀ: symmetric, of the given spectrum, nowhere sparse. */
const withSpectrum = (values: Tensor): LinearMap<Tensor> => {
  const n = values.data.length
  const w = map(scattered(n, 1), (entry) => entry + 0.1)
  const scale = 2 / dot(w, w)
  const reflected = (v: Tensor): Tensor => {
    const along = scale * dot(w, v)
    return vector(n, (i) => (v.data[i] as number) - along * (w.data[i] as number))
  }
  return selfAdjoint((v) => {
    const inside = reflected(v)
    return reflected(vector(n, (i) => (values.data[i] as number) * (inside.data[i] as number)))
  })
}

const residualOf = (a: LinearMap<Tensor>, b: Tensor, x: Tensor): number => norm(sub(b, a.apply(x)))

const stateOf = (outcome: E.Either<CgSolution, CgSolution>): CgSolution =>
  E.isLeft(outcome) ? outcome.left : outcome.right

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`got ${JSON.stringify(either.left)}; needs a result`)
  return either.right
}

describe('conjugate gradients', () => {
  test('as many steps as different eigenvalues', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 6, max: 60 }),
        fc.nat(999),
        (different, n, seed) => {
          const a = withSpectrum(vector(n, (i) => 1 + (i % different)))
          const b = scattered(n, seed)
          const { iterations, residual, x } = right(conjugateGradients(a, b))
          expect(iterations).toBeLessThanOrEqual(different)
          expect(residual).toBe(residualOf(a, b, x))
        },
      ),
    )
  })

  test('every iterate keeps the bound 2 ((√κ − 1) / (√κ + 1))ᵏ in the energy norm', () => {
    fc.assert(
      fc.property(fc.constantFrom(2, 30, 1000), fc.nat(999), (kappa, seed) => {
        const n = 40
        const a = withSpectrum(vector(n, (i) => kappa ** (i / (n - 1))))
        const exact = scattered(n, seed)
        const b = a.apply(exact)
        const energyOf = (error: Tensor): number => Math.sqrt(dot(error, a.apply(error)))
        const rate = (Math.sqrt(kappa) - 1) / (Math.sqrt(kappa) + 1)
        let before = energyOf(exact)
        for (let k = 1; k <= n; k++) {
          const { x } = stateOf(conjugateGradients(a, b, { tolerance: 0, maxIterations: k }))
          const energy = energyOf(sub(x, exact))
          const rounding = 100 * n * 2 ** -53 * kappa * energyOf(exact)
          expect(energy).toBeLessThanOrEqual(2 * rate ** k * energyOf(exact) + rounding)
          expect(energy).toBeLessThanOrEqual(before + rounding)
          before = energy
        }
      }),
      { numRuns: 20 },
    )
  })

  test('what is accepted has the residual it claims, where the recurrence drifts too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.constantFrom(1e-4, 1e-8, 1e-12, 1e-15, 0),
        fc.nat(99),
        (n, tolerance, seed) => {
          const hilbert = matrixMap(
            fromData(
              Float64Array.from({ length: n * n }, (_, at) => 1 / (Math.floor(at / n) + (at % n) + 1)),
              [n, n],
            ),
          )
          const b = scattered(n, seed)
          const outcome = conjugateGradients(hilbert, b, { tolerance })
          const state = stateOf(outcome)
          expect(state.residual).toBe(residualOf(hilbert, b, state.x))
          if (E.isRight(outcome)) expect(state.residual).toBeLessThanOrEqual(tolerance * norm(b))
          expect(state.iterations).toBeLessThanOrEqual(10 * n)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a tolerance out of reach ends with the budget, near the solution, and not in a false refusal', () => {
    const a = withSpectrum(vector(20, (i) => 1 + i / 10))
    const b = scattered(20, 2)
    const outcome = conjugateGradients(a, b, { tolerance: 0, maxIterations: 2000 })
    expect(outcome).toMatchObject({ left: { kind: 'budget', iterations: 2000 } })
    expect(stateOf(outcome).residual).toBeLessThanOrEqual(20 * 2 ** -52 * norm(b))
  })

  test('an indefinite map is refused with a direction that shows it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.nat(29),
        fc.constantFrom(0, -1e-3, -5),
        fc.nat(99),
        (n, place, bad, seed) => {
          const a = withSpectrum(vector(n, (i) => (i === place % n ? bad : 1 + i)))
          const outcome = conjugateGradients(a, scattered(n, seed), { tolerance: 1e-14 })
          if (bad === 0) return
          if (E.isRight(outcome)) throw new Error('got a solution; needs a refusal')
          if (outcome.left.kind !== 'not positive definite') throw new Error(`got ${outcome.left.kind}`)
          const { direction, curvature, operator, x, residual } = outcome.left
          expect(operator).toBe('map')
          expect(curvature).toBeLessThanOrEqual(0)
          expect(dot(direction, a.apply(direction))).toBe(curvature)
          expect(residual).toBe(residualOf(a, scattered(n, seed), x))
        },
      ),
    )
    const zero = conjugateGradients(
      selfAdjoint((v: Tensor) => map(v, () => 0)),
      tensor([3, 4]),
    )
    expect(zero).toMatchObject({ left: { kind: 'not positive definite', curvature: 0, iterations: 0, residual: 5 } })
  })

  test('a budget that runs out, and what is not finite, come with the last x', () => {
    const a = withSpectrum(vector(20, (i) => 10 ** (i / 5)))
    const outcome = conjugateGradients(a, scattered(20, 1), { maxIterations: 3 })
    expect(outcome).toMatchObject({ left: { kind: 'budget', iterations: 3 } })
    expect(stateOf(outcome).residual).toBe(residualOf(a, scattered(20, 1), stateOf(outcome).x))
    const identity = selfAdjoint((v: Tensor) => v)
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(conjugateGradients(identity, tensor([1, bad]))).toMatchObject({
        left: { kind: 'non-finite', x: zeros([2]) },
      })
    const broken = selfAdjoint((v: Tensor) => map(v, (entry) => (entry === 0 ? 0 : Number.NaN)))
    expect(conjugateGradients(broken, tensor([1, 2]))).toMatchObject({ left: { kind: 'non-finite', x: zeros([2]) } })
  })

  test('a preconditioner: the inverse needs one step, an indefinite one is refused', () => {
    const n = 30
    const values = vector(n, (i) => 10 ** (i / 4))
    const scaling = (factors: Tensor): LinearMap<Tensor> =>
      selfAdjoint((v) => vector(n, (i) => (v.data[i] as number) * (factors.data[i] as number)))
    const inverse = map(values, (entry) => 1 / entry)
    const solve = (preconditioner: LinearMap<Tensor>): E.Either<CgSolution, CgSolution> =>
      conjugateGradients(scaling(values), ones([n]), { preconditioner })
    expect(right(solve(scaling(inverse))).iterations).toBe(1)
    expect(solve(scaling(map(inverse, (entry) => -entry)))).toMatchObject({
      left: { kind: 'not positive definite', operator: 'preconditioner' },
    })
  })

  test('the size of b does not matter; none is needed for 0; a start at the solution stays', () => {
    const a = withSpectrum(vector(10, (i) => 1 + i))
    const b = scattered(10, 4)
    const { iterations, x } = right(conjugateGradients(a, b))
    for (const size of [1e-250, 1e250]) {
      const scaled = right(
        conjugateGradients(
          a,
          map(b, (entry) => entry * size),
        ),
      )
      expect(scaled.iterations).toBe(iterations)
      expect(
        norm(
          sub(
            map(scaled.x, (entry) => entry / size),
            x,
          ),
        ),
      ).toBeLessThanOrEqual(1e-9 * norm(x))
    }
    expect(conjugateGradients(a, zeros([10]))).toEqual(E.right({ x: zeros([10]), residual: 0, iterations: 0 }))
    expect(right(conjugateGradients(a, b, { start: x })).iterations).toBe(0)
    expect(() => conjugateGradients(a, b, { start: zeros([3]) })).toThrow('needs floats [n] from [n]')
  })
})
