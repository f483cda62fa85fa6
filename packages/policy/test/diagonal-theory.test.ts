/** Diagonal steps p ⊙ Hg: when they descend, and what they do to errors and to H. */
import { concrete } from '@secant/autodiff'
import * as dense from '@secant/linalg'
import { cholesky, fromData, inverse, key, matvec, normal, symmetricEigen, type Tensor, uniform } from '@secant/linalg'
import { bfgsUpdate, descend, fixed } from '@secant/optim'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { frozen, givenSteps, randomSteps } from '../src/index.ts'
import { byMatrix, iteratesOf, quadratic, unit, withSpectrum } from './policies.ts'

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`got ${JSON.stringify(either.left)}; needs a result`)
  return either.right
}

/** n numbers from `least` to `most`, with both ends among them. */
const between = (seed: number, n: number, least: number, most: number): readonly number[] =>
  Array.from(uniform(key(seed), [n]).data, (u, i) => (i === 0 ? least : i === 1 ? most : least + u * (most - least)))

describe('the whole box descends if and only if p_min W₊ > p_max W₋', () => {
  test('as its corners tell', () => {
    const found = { descends: 0, fails: 0 }
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 2, max: 6 }), (seed, n) => {
        // Ends of the box up to a factor of 100 apart, evenly in the logarithm.
        const [least, ratio] = [...uniform(key(seed + 2), [2]).data].map((u) => 100 ** u) as [number, number]
        const most = least * ratio
        const h = withSpectrum(
          Array.from({ length: n }, (_, i) => 4 ** i),
          seed,
        )
        const g = normal(key(seed + 1), [n])
        const w = [...dense.mul(g, matvec(h, g)).data]
        const total = (part: (entry: number) => number): number => w.reduce((t, entry) => t + part(entry), 0)
        const [up, down] = [total((entry) => Math.max(entry, 0)), total((entry) => Math.max(-entry, 0))]
        const worst = Math.min(
          ...Array.from({ length: 2 ** n }, (_, corner) =>
            w.reduce((t, entry, i) => t + ((corner >> i) & 1 ? most : least) * entry, 0),
          ),
        )
        const slack = least * up - most * down
        expect(Math.abs(worst - slack)).toBeLessThanOrEqual(1e-12 * (least * up + most * down))
        if (Math.abs(slack) > 1e-9 * most * up) expect(worst > 0).toBe(slack > 0)
        // The same in terms of ε < ρ.
        const [epsilon, rho] = [(most - least) / (most + least), total((entry) => entry) / total(Math.abs)]
        if (Math.abs(epsilon - rho) > 1e-9) expect(epsilon < rho).toBe(slack > 0)
        // ρ ≥ cos∠(g, d) ≥ 2√κ/(κ + 1)
        const d = matvec(h, g)
        const cosine = dense.dot(g, d) / (dense.norm(g) * dense.norm(d))
        expect(rho).toBeGreaterThanOrEqual(cosine - 1e-12)
        const kappa = 4 ** (n - 1)
        expect(cosine).toBeGreaterThanOrEqual((2 * Math.sqrt(kappa)) / (kappa + 1) - 1e-12)
        found[slack > 0 ? 'descends' : 'fails']++
      }),
      { numRuns: 300 },
    )
    expect(Math.min(found.descends, found.fails)).toBeGreaterThan(50)
  })
})

/** m₁ and m₂ of Lemmas 1 and 2 from the extreme entries of p and eigenvalues of H. */
const constants = (pMin: number, pMax: number, hMin: number, hMax: number) => {
  const [epsilon, eta] = [(pMax - pMin) / (pMax + pMin), (hMax - hMin) / (hMax + hMin)]
  const rest = (1 - epsilon ** 2 - eta ** 2) / 2
  const middle = ((pMin + pMax) / 2) * ((hMin + hMax) / 2)
  return epsilon + eta <= 1
    ? { m1: pMin * hMin, m2: 1 / (pMax * hMax) }
    : { m1: middle * rest, m2: (middle / (pMin * pMax * hMin * hMax)) * rest }
}

describe("Lemmas 1 and 2: g'PHg ≥ m₁‖g‖² and ≥ m₂‖PHg‖²", () => {
  test('for any p, H and g', () => {
    const cases = { gentle: 0, steep: 0 }
    const ends = fc
      .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 30 }))
      .map(([a, b]) => [a, a + b] as const)
    fc.assert(
      fc.property(ends, ends, fc.nat(1e6), fc.integer({ min: 2, max: 5 }), ([pMin, pMax], [hMin, hMax], seed, n) => {
        const p = fromData(Float64Array.from(between(seed, n, pMin, pMax)))
        const h = withSpectrum(between(seed + 1, n, hMin, hMax), seed + 2)
        const { m1, m2 } = constants(pMin, pMax, hMin, hMax)
        const gentle = (pMax / pMin - 1) * (hMax / hMin - 1) <= 4
        cases[gentle ? 'gentle' : 'steep']++
        const size = pMax * hMax
        for (let trial = 0; trial < 8; trial++) {
          const g = normal(key(seed + 3 + trial), [n])
          const step = dense.mul(p, matvec(h, g))
          const descent = dense.dot(g, step)
          const slack = 1e-12 * size * dense.dot(g, g)
          expect(descent).toBeGreaterThanOrEqual(m1 * dense.dot(g, g) - slack)
          expect(descent).toBeGreaterThanOrEqual(m2 * dense.dot(step, step) - slack)
        }
      }),
      { numRuns: 150 },
    )
    expect(Math.min(cases.gentle, cases.steep)).toBeGreaterThan(25)
  })

  /** The least eigenvalue of ½(PH + HP) with P = diag(p) and H = diag(h) turned by an angle. */
  const least = ([p1, p2]: readonly [number, number], [h1, h2]: readonly [number, number], angle: number): number => {
    const [c, s] = [Math.cos(angle), Math.sin(angle)]
    const [a, b, d] = [c * c * h1 + s * s * h2, c * s * (h1 - h2), s * s * h1 + c * c * h2]
    const [x, y, z] = [p1 * a, ((p1 + p2) / 2) * b, p2 * d]
    return (x + z) / 2 - Math.hypot((x - z) / 2, y)
  }
  const scanned = (p: readonly [number, number], h: readonly [number, number]): number =>
    Math.min(...Array.from({ length: 20_001 }, (_, k) => least(p, h, (k * Math.PI) / 20_000)))

  test.each([
    [[1, 4], [1, 4], 0.875],
    [[1, 2], [1, 4], 1],
    [[1, 4], [1, 9], undefined],
    [[0.5, 2], [1, 10], undefined],
  ] as const)('no better constant: p in %j, eigenvalues %j', (p, h, expected) => {
    const { m1 } = constants(p[0], p[1], h[0], h[1])
    expect(scanned(p, h)).toBeCloseTo(m1, 6)
    if (expected !== undefined) expect(m1).toBeCloseTo(expected, 12)
  })

  test('the eigenvalue of the scan is that of the matrix', () => {
    const angle = 0.4
    const turn = fromData(Float64Array.of(Math.cos(angle), Math.sin(angle), -Math.sin(angle), Math.cos(angle)), [2, 2])
    const h = dense.matmul(dense.matmul(turn, fromData(Float64Array.of(2, 0, 0, 7), [2, 2])), turn, {
      transposeB: true,
    })
    const p = fromData(Float64Array.of(1, 0, 0, 3), [2, 2])
    const product = dense.matmul(p, h)
    const both = dense.mul(dense.scalar(0.5), dense.add(product, dense.transpose(product, [1, 0])))
    const values = [...right(symmetricEigen(both)).values.data]
    expect(Math.min(least([1, 3], [2, 7], angle), least([1, 3], [2, 7], -angle))).toBeLessThanOrEqual(
      Math.min(...values) + 1e-12,
    )
    expect(
      [least([1, 3], [2, 7], angle), least([1, 3], [2, 7], -angle)].some(
        (v) => Math.abs(v - Math.min(...values)) < 1e-12,
      ),
    ).toBe(true)
  })

  test('all p and H of two condition numbers descend if and only if (√κ_P − 1)(√κ_H − 1) < 2', () => {
    for (const kp of [1.5, 4, 9, 16])
      for (const kh of [1.5, 3, 9, 25]) {
        const isSafe = (Math.sqrt(kp) - 1) * (Math.sqrt(kh) - 1) < 2
        // On the border, (4, 9), the least eigenvalue is 0.
        if (kp === 4 && kh === 9) expect(scanned([1, kp], [1, kh])).toBeCloseTo(0, 6)
        else expect(scanned([1, kp], [1, kh]) > 1e-6).toBe(isSafe)
      }
  })
})

describe('contraction of errors (Proposition 4)', () => {
  test('‖e₊‖ ≤ (max|1 − pᵢ| + p_max ‖I − HG‖) ‖e‖', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 2, max: 5 }), (seed, n) => {
        const a = withSpectrum(between(seed, n, 1, 4), seed + 1)
        const h = dense.add(
          right(inverse(a)),
          dense.mul(dense.scalar(0.05), withSpectrum(between(seed + 2, n, -1, 1), seed + 3)),
        )
        const p = uniform(key(seed + 4), [n], { min: 0, max: 2 })
        const x = normal(key(seed + 5), [n])
        const f = quadratic(a)
        const run = iteratesOf(f, descend(frozen(givenSteps(byMatrix(h)), p), fixed(1)), x, 1)
        const residual = dense.sub(dense.eye(n), dense.matmul(h, a))
        const square = dense.matmul(residual, residual, { transposeA: true })
        const norm = Math.sqrt(Math.max(...right(symmetricEigen(square)).values.data))
        const factor = Math.max(...p.data.map((entry) => Math.abs(1 - entry))) + Math.max(...p.data) * norm
        expect(dense.norm(run[1]?.point.x as Tensor)).toBeLessThanOrEqual(factor * dense.norm(x) * (1 + 1e-12))
      }),
      { numRuns: 100 },
    )
  })

  test('with the exact Hessian each entry is multiplied by 1 − pᵢ: it shrinks if and only if 0 < pᵢ < 2', () => {
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        const a = withSpectrum([1, 3, 8, 20], seed)
        const p = uniform(key(seed + 1), [4], { min: -0.5, max: 2.5 })
        const x = normal(key(seed + 2), [4])
        const exact = byMatrix(right(inverse(a)))
        const direction = frozen(givenSteps(exact, { least: -1, most: 3 }), p)
        const after = iteratesOf(quadratic(a), descend(direction, fixed(1)), x, 1)[1]?.point.x as Tensor
        for (const [i, entry] of after.data.entries()) {
          const [step, error] = [p.data[i] as number, x.data[i] as number]
          expect(entry).toBeCloseTo((1 - step) * error, 10)
          if (Math.abs(error) > 1e-3 && Math.min(Math.abs(step), Math.abs(step - 2)) > 1e-3)
            expect(Math.abs(entry) < Math.abs(error)).toBe(0 < step && step < 2)
        }
      }),
    )
  })
})

test("whatever p in (0, 2): s'y ≥ μ‖s‖², ‖y‖² ≤ L s'y, H stays definite and H y = s", () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.integer({ min: 2, max: 6 }), (seed, n) => {
      const values = between(seed, n, 0.1, 1)
      const [mu, l] = [Math.min(...values), Math.max(...values)]
      const direction = randomSteps(unit, key(seed + 1), { least: 1e-3, most: 2 })
      const run = iteratesOf(
        quadratic(withSpectrum(values, seed + 2)),
        descend(direction, fixed(1)),
        normal(key(seed + 3), [n]),
        8,
      )
      for (const [k, { state, point }] of run.slice(1).entries()) {
        const before = run[k]?.point as typeof point
        const [s, y] = [dense.sub(point.x, before.x), dense.sub(point.grad, before.grad)]
        const [length, sy] = [dense.dot(s, s), dense.dot(s, y)]
        // Differences of gradients that nearly agree are rounding.
        if (length < 1e-12) break
        expect(sy).toBeGreaterThanOrEqual(mu * length * (1 - 1e-7))
        expect(dense.dot(y, y)).toBeLessThanOrEqual(l * sy * (1 + 1e-7))
        const h = concrete(state.memory.inner)
        expect(E.isRight(cholesky(h))).toBe(true)
        expect(dense.norm(dense.sub(matvec(h, y), s))).toBeLessThanOrEqual(1e-8 * dense.norm(s))
        expect(h).toEqual(concrete(bfgsUpdate(run[k]?.state.memory.inner as Tensor, s, y)))
      }
    }),
    { numRuns: 50 },
  )
})
