/** C12: coordinate-wise steps, what single steps satisfy (items 3, 4, 6 and 7 of section 9 of the note on them). */
import { matmul, mul as multiply, neg, sum } from '@secant/autodiff'
import { axpy, dot, matvec, mul, norm, sub, type Tensor, tensor } from '@secant/linalg'
import { type Direction, fixed } from '@secant/optim'
import { frozen, givenSteps } from '@secant/policy'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  convexProblems,
  diagonals,
  factors,
  type KnownProblem,
  knownProblem,
  quadratics,
  spectra,
  starts,
  symmetric,
  turns,
  vector,
} from '../src/testing/index.ts'
import { type Bounds, broken, entry, iteratesOf, opaque, sweep, told } from './suite.ts'
import { constantsOf } from './suite-diagonals.ts'
import { power, times } from './suite-matrices.ts'

/** A matrix H, a diagonal p and a gradient, for the same variables. */
const triples = fc.tuple(spectra({ maxN: 5, maxCondition: 8 }), turns).chain(([spectrum, turn]) =>
  fc.record({
    spectrum: fc.constant(spectrum),
    h: fc.constant(symmetric({ spectrum, turn })),
    p: diagonals(spectrum.length, { least: 0.25, most: 2 }),
    g: starts(spectrum.length),
  }),
)

describe('C12.3: descent over a whole box', () => {
  /** Whether p in every corner gives descent. */
  const inAllCorners = (w: readonly number[], low: number, high: number): boolean =>
    Array.from({ length: 2 ** w.length }, (_, corner) =>
      w.reduce((c, part, i) => c + ((corner >> i) & 1 ? high : low) * part, 0),
    ).every((c) => c > 0)

  const parts = (w: readonly number[]): readonly [number, number] => [
    w.reduce((total, part) => total + Math.max(part, 0), 0),
    w.reduce((total, part) => total + Math.max(-part, 0), 0),
  ]

  test("is p_min W₊ > p_max W₋, which is ε < g'd / Σ|gᵢdᵢ|", () => {
    const seen = new Set<boolean>()
    fc.assert(
      fc.property(triples, fc.constantFrom([0.5, 2], [0.9, 1.1], [0.05, 2]), ({ h, g }, box) => {
        const [low, high] = box as [number, number]
        const d = matvec(h, g)
        const w = [...mul(g, d).data]
        const [up, down] = parts(w)
        const isSafe = low * up > high * down
        seen.add(isSafe)
        expect(inAllCorners(w, low, high)).toBe(isSafe)
        expect((high - low) / (high + low) < dot(g, d) / (up + down)).toBe(isSafe)
      }),
      { numRuns: 300 },
    )
    expect(seen.size).toBe(2)
  })
})

describe('C12.4: Lemmas 1 and 2', () => {
  const lemmas =
    (sharpen = 1) =>
    ({ spectrum, h, p, g }: { spectrum: readonly number[]; h: Tensor; p: Tensor; g: Tensor }): Bounds<'m₁' | 'm₂'> => {
      const { m1, m2 } = constantsOf([...p.data], spectrum)
      const step = mul(p, matvec(h, g))
      const [c, size] = [dot(g, step), dot(g, g)]
      return {
        'm₁': [{ measured: sharpen * m1 * size, bound: c, size }],
        'm₂': [{ measured: sharpen * m2 * dot(step, step), bound: c, size }],
      }
    }

  test('hold on random P, H and g', async ({ annotate }) => {
    const found = sweep(500, triples, lemmas())
    await annotate(told(found))
  })

  /** The least of g'PHg and of g'PHg/‖PHg‖² over angles of H's first axis and of g. */
  const scanned = (pRatio: number, hRatio: number): readonly [number, number] => {
    let [least, leastRatio] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    for (let turn = 0; turn < 720; turn++)
      for (let at = 0; at < 360; at++) {
        const [t, u] = [(turn * Math.PI) / 720, (at * Math.PI) / 360]
        const [x, y] = [Math.cos(u), Math.sin(u)]
        const [c, s] = [Math.cos(t), Math.sin(t)]
        const [along, across] = [c * x + s * y, -s * x + c * y]
        const step = [c * along - hRatio * s * across, pRatio * (s * along + hRatio * c * across)] as const
        const product = x * step[0] + y * step[1]
        least = Math.min(least, product)
        leastRatio = Math.min(leastRatio, product / (step[0] ** 2 + step[1] ** 2))
      }
    return [least, leastRatio]
  }

  test.each([
    [4, 4],
    [2, 2],
    [3, 3],
    [1.5, 6],
  ])('are attained for n = 2: κ_P = %d, κ_H = %d', (pRatio, hRatio) => {
    const { m1, m2 } = constantsOf([1, pRatio], [1, hRatio])
    const [least, ratio] = scanned(pRatio, hRatio)
    expect(least / m1).toBeGreaterThanOrEqual(1 - 1e-12)
    expect(ratio / m2).toBeGreaterThanOrEqual(1 - 1e-12)
    expect(least / m1).toBeLessThan(1.001)
    expect(ratio / m2).toBeLessThan(1.001)
    if (pRatio === 4) expect(m1).toBeCloseTo(0.875, 12)
  })

  test('(√κ_P − 1)(√κ_H − 1) < 2 is ε² + η² < 1; beyond it descent is lost', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 200 }), fc.integer({ min: 8, max: 200 }), (a, b) => {
        const [pRatio, hRatio] = [a / 8, b / 8]
        const product = (Math.sqrt(pRatio) - 1) * (Math.sqrt(hRatio) - 1)
        if (Math.abs(product - 2) > 1e-9) expect(constantsOf([1, pRatio], [1, hRatio]).isDescent).toBe(product < 2)
      }),
    )
    expect(scanned(9, 4)[0]).toBeCloseTo(0, 2)
    expect(scanned(9.5, 4.5)[0]).toBeLessThan(0)
  })

  test('can fail: with m₁ and m₂ a tenth larger', () => {
    expect(broken(500, triples, lemmas(1.1))).toEqual(['m₁', 'm₂'])
  })
})

test('C12.6: p in (0, 2) with a perfect Hessian, and f rises', () => {
  const a = tensor([[1, 0.99], [0.99, 1]]) // biome-ignore format: a matrix
  const problem = knownProblem({
    name: 'counterexample 5',
    objective: (x) => multiply(0.5, sum(multiply(x, matmul(a, x)))),
    start: vector([1, -0.9]),
    minimizer: vector([0, 0]),
    facts: { L: 1.99, mu: 0.01, convex: true, hessian: a },
  })
  const direction: Direction<null> = {
    name: 'Newton',
    init: () => null,
    propose: (memory, at) => [neg(matmul(power(a, -1), at.grad)), memory],
    observe: (memory) => memory,
  }
  const method = opaque(frozen(givenSteps(direction), tensor([0.2, 1])), fixed(1))
  const [from, to] = iteratesOf(problem, method, 1).map(({ point }) => point)
  if (from === undefined || to === undefined) throw new Error('no step')
  expect([norm(from.x), norm(to.x)].map((length) => length.toFixed(4))).toEqual(['1.3454', '0.8000'])
  expect([from.value, to.value].map((value) => value.toFixed(3))).toEqual(['0.014', '0.320'])
  expect(dot(from.grad, sub(from.x, to.x))).toBeCloseTo(-0.0592, 4)
})

describe('C12.7: contraction of the error (Proposition 4)', () => {
  const draws = quadratics({ maxN: 5 }).chain((problem) =>
    fc.record({
      problem: fc.constant(problem),
      p: diagonals(problem.n, { least: 0, most: 2 }),
      off: fc.constantFrom(0, 0.1, 0.5),
    }),
  )

  test('‖e₊‖ ≤ (max|1 − pᵢ| + p_max ‖I − HḠ‖) ‖e‖; entry by entry with H = Ḡ⁻¹', async ({ annotate }) => {
    const found = sweep(200, draws, ({ problem, p, off }) => {
      // H = (1 + off) A⁻¹, so that ‖I − HA‖ = off.
      const h = times(1 + off, power(problem.hessian, -1))
      const e = sub(problem.start, problem.minimizer)
      const after = sub(e, mul(p, matvec(h, matvec(problem.hessian, e))))
      const away = Math.max(...[...p.data].map((value) => Math.abs(1 - value)))
      if (off === 0)
        for (const [i, value] of after.data.entries())
          expect(Math.abs(value - (1 - entry(p, i)) * entry(e, i))).toBeLessThanOrEqual(1e-9 * norm(e))
      return { contraction: [{ measured: norm(after), bound: (away + Math.max(...p.data) * off) * norm(e) }] }
    })
    await annotate(told(found))
    expect(found.contraction.slack).toBeLessThan(1.1)
  })

  test('for scalar steps in (0, 2) and B ⪰ LI, ‖e₊‖_B ≤ ‖e‖_B; beyond 2 it grows', () => {
    interface Draw {
      readonly problem: KnownProblem
      readonly alpha: number
      readonly above: Tensor
    }
    const contraction =
      (alphaOf: (alpha: number) => number) =>
      ({ problem, alpha, above }: Draw): Bounds<'B-norm'> => {
        const b = times(problem.known.L, above)
        const { grad: g, x } = problem.measured.point(problem.start)
        const e = sub(x, problem.minimizer)
        const after = axpy(-alphaOf(alpha), matvec(power(b, -1), g), e)
        const squared = (v: Tensor): number => dot(v, matvec(b, v))
        return { 'B-norm': [{ measured: squared(after), bound: squared(e), size: squared(e) }] }
      }
    const scalars: fc.Arbitrary<Draw> = convexProblems({ leastLambda: 0 }).chain((problem) =>
      fc.record({
        problem: fc.constant(problem),
        alpha: fc.integer({ min: 1, max: 15 }).map((k) => k / 8),
        above: fc
          .tuple(fc.array(factors(8), { minLength: problem.n, maxLength: problem.n }), turns)
          .map(([spectrum, turn]) => symmetric({ spectrum, turn })),
      }),
    )
    sweep(
      200,
      scalars,
      contraction((alpha) => alpha),
    )
    expect(
      broken(
        200,
        scalars,
        contraction(() => 2.05),
      ),
    ).toEqual(['B-norm'])
  })
})
