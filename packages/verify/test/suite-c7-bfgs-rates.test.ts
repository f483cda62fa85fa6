/** C7: the explicit linear rates of BFGS, from three first matrices, with Wolfe and with exact steps. */
import { bfgs, fixed, type Method, moreThuente, type Search, strongWolfe } from '@secant/optim'
import { describe, expect, test } from 'vitest'
import { convexProblems, isResolved, type KnownProblem } from '../src/testing/index.ts'
import { type Bounds, broken, iteratesOf, opaque, sweep, told } from './suite.ts'

const [c1, c2] = [0.1, 0.7]
const steps = 60

/** B₀ = b I. */
const firstMatrices: readonly (readonly [name: string, b: (L: number, mu: number) => number])[] = [
  ['B₀ = L I', (L) => L],
  ['B₀ = μ I', (_, mu) => mu],
  ['B₀ = I', () => 1],
]

/** The share of the gap that a step takes where the angle is best, times κ. */
const kinds: readonly (readonly [name: string, search: Search, share: (kappa: number) => number])[] = [
  ['Wolfe', strongWolfe({ c1, c2 }), () => 2 * c1 * (1 - c2)],
  // As exact as values allow: slopes that are gone.
  ['exact', moreThuente({ c1: 1e-12, c2: 1e-9 }), (kappa) => 2 / (1 + Math.sqrt(kappa))],
]

const cases = firstMatrices.flatMap(([first, b]) =>
  kinds.map(([kind, search, share]) => [`${first}, ${kind}`, { b, search, share }] as const),
)

type Case = (typeof cases)[number][1]

/** `(f_k − f*)/(f₀ − f*) ≤ (1 − (share/κ) e^{−Ψ(B₀/L)/k})ᵏ` with `Ψ(bI/L) = n (b/L − 1 − ln(b/L))`. */
const rate =
  (
    { b, share, search }: Case,
    method = (h0: number): Method<unknown> => opaque(bfgs({ initialScale: () => h0 }), search),
  ) =>
  (problem: KnownProblem): Bounds<'rate'> => {
    const { L, mu = 0, minimum } = problem.known
    const [kappa, b0] = [L / mu, b(L, mu)]
    const psi = problem.n * (b0 / L - 1 - Math.log(b0 / L))
    const gaps = iteratesOf(problem, method(1 / b0), steps).map(({ point }) => point.value - minimum)
    const resolved = gaps.filter((gap) => isResolved(minimum + gap, minimum))
    return {
      rate: resolved.slice(1).map((gap, i) => ({
        measured: gap,
        bound: (1 - (share(kappa) / kappa) * Math.exp(-psi / (i + 1))) ** (i + 1) * (resolved[0] ?? 0),
      })),
    }
  }

const problems = convexProblems({ maxN: 8, maxRows: 12, maxCondition: 1e3, leastLambda: 0.003 })

describe('C7: linear rates of BFGS', () => {
  test.for(cases)('%s', async ([, one], { annotate }) => {
    const found = sweep(80, problems, rate(one))
    await annotate(told(found))
    expect(found.rate.slack).toBeGreaterThanOrEqual(1 - 1e-9)
  })
})

describe('C7 can fail', () => {
  test.each(cases)('%s: on runs that hardly move', (_, one) => {
    const still = (h0: number): Method<unknown> => opaque(bfgs({ initialScale: () => h0 }), fixed(1e-12))
    expect(broken(3, problems, rate(one, still))).toEqual(['rate'])
  })
})
