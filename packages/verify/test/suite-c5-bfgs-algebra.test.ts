/** C5: algebra of the BFGS update, whatever led to the pair. */
import { concrete } from '@secant/autodiff'
import {
  add,
  dot,
  eye,
  inverse,
  matmul,
  matvec,
  norm,
  outer,
  sub,
  type Tensor,
  tensor,
  transpose,
} from '@secant/linalg'
import { bfgsUpdate, fixed, type Method, steepest } from '@secant/optim'
import { frozen, givenSteps } from '@secant/policy'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { changed, isClose, quadratic, rotation } from '../src/testing/index.ts'
import { iteratesOf, opaque } from './suite.ts'
import {
  bfgsOfB,
  bfgsOfH,
  dfpOfB,
  eigenvaluesOf,
  frobenius,
  isPositiveDefinite,
  logDet,
  power,
  product,
  times,
  trace,
  type Update,
  updates,
} from './suite-matrices.ts'

const inverseOf = (a: Tensor): Tensor => {
  const found = inverse(a)
  if (E.isLeft(found)) throw new Error('singular')
  return found.right
}

const off = (a: Tensor, b: Tensor): number => frobenius(sub(a, b)) / (frobenius(a) + frobenius(b))

const updated = ({ a, h, s }: Update): Tensor => concrete(bfgsUpdate(h, s, matvec(a, s)))

/** What holds of every update; what it finds wrong is named. */
const faults = ({ a, h, s }: Update, next: Tensor): readonly string[] => {
  const y = matvec(a, s)
  const [b, n] = [inverseOf(h), s.data.length]
  const nextB = bfgsOfB(b, s, y)
  const bs = matvec(b, s)
  const [sbs, sy, ss, yy] = [dot(s, bs), dot(s, y), dot(s, s), dot(y, y)]
  const [cos2, m, M, q] = [sbs ** 2 / (ss * dot(bs, bs)), sy / ss, yy / sy, sbs / ss]
  const psi = (matrix: Tensor): number => trace(matrix) - logDet(matrix)
  const claims: Readonly<Record<string, boolean>> = {
    secant: norm(sub(matvec(next, y), s)) <= 1e-9 * frobenius(next) * norm(y),
    symmetric: next.data.every((value, i) => value === transpose(next, [1, 0]).data[i]),
    'positive definite': isPositiveDefinite(next),
    'as the book has it': off(next, bfgsOfH(h, s, y)) <= 1e-12 * (1 + frobenius(h) / frobenius(next)),
    'inverse of B⁺': off(matmul(next, nextB), eye(n)) <= 1e-8,
    trace: isClose(trace(nextB), trace(b) - dot(bs, bs) / sbs + yy / sy, 1e-9),
    determinant: isClose(logDet(nextB), logDet(b) + Math.log(sy / sbs), 1e-9, 1e-9),
    potential: isClose(
      psi(nextB),
      psi(b) + (M - Math.log(m) - 1) + (1 - q / cos2 + Math.log(q / cos2)) + Math.log(cos2),
      1e-9,
      1e-9,
    ),
    'potential falls as angles open': Math.log(cos2 / m) >= psi(nextB) - psi(b) + 1 - M - 1e-9 * (1 + M + psi(b)),
  }
  return Object.keys(claims).filter((name) => !claims[name])
}

describe('C5: the BFGS update', () => {
  test('secant equation, definiteness, trace, determinant, potential', () => {
    fc.assert(
      fc.property(updates(), (update) => {
        expect(faults(update, updated(update))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('interlacing on quadratics: BFGS, DFP and what lies between', () => {
    fc.assert(
      fc.property(updates(), fc.constantFrom(0, 0.3, 0.7, 1), ({ a, h, s }, phi) => {
        const [b, y, root] = [inverseOf(h), matvec(a, s), power(a, -0.5)]
        const mixed = add(times(1 - phi, bfgsOfB(b, s, y)), times(phi, dfpOfB(b, s, y)))
        const relative = (matrix: Tensor): readonly number[] => eigenvaluesOf(product(root, matrix, root))
        const [before, after] = [relative(b), relative(mixed)]
        const [low, high] = [Math.min(1, ...before), Math.max(1, ...before)]
        for (const value of after) {
          expect(value).toBeGreaterThanOrEqual(low * (1 - 1e-6))
          expect(value).toBeLessThanOrEqual(high * (1 + 1e-6))
        }
      }),
      { numRuns: 500 },
    )
  })

  test('least change among symmetric matrices with the secant equation, in the norm of any W with W s = y', () => {
    fc.assert(
      fc.property(updates({ maxN: 4 }), fc.constantFrom(1, -0.1, 1e-3), ({ a, h, s }, size) => {
        const [y, root] = [matvec(a, s), power(a, 0.5)]
        const next = updated({ a, h, s })
        // Other solutions: H⁺ + Z with Z y = 0.
        const away = sub(eye(s.data.length), times(1 / dot(y, y), outer(y, y)))
        const other = add(next, times(size, product(away, h, away)))
        const change = (to: Tensor): number => frobenius(product(root, sub(to, h), root))
        expect(change(next)).toBeLessThanOrEqual(change(other) * (1 + 1e-9) + 1e-12)
      }),
      { numRuns: 200 },
    )
  })

  test("affine covariance: H̃ = T H T' stays so", () => {
    fc.assert(
      fc.property(updates(), updates(), ({ a, h, s }, { a: other }) => {
        const n = s.data.length
        if (other.shape[0] !== n) return
        const [y, t] = [matvec(a, s), other]
        const mapped = concrete(bfgsUpdate(product(t, h, t), matvec(t, s), matvec(inverseOf(t), y)))
        expect(off(mapped, product(t, updated({ a, h, s }), t))).toBeLessThanOrEqual(1e-8)
      }),
      { numRuns: 200 },
    )
  })

  test('diagonal steps break it: turned by a rotation, they are other steps', () => {
    const problem = quadratic({ spectrum: [1, 4] })
    const following = (method: Method<unknown>): number =>
      fc.sample(rotation.changes(2), 20).filter((change) => {
        const [x, turned] = [problem, changed(problem, change)].map((place) => iteratesOf(place, method, 1)[1]?.point.x)
        return x !== undefined && turned !== undefined && norm(sub(concrete(change.to(x)), turned)) <= 1e-12
      }).length
    expect(following(opaque(steepest(), fixed(0.2)))).toBe(20)
    expect(following(opaque(frozen(givenSteps(steepest()), tensor([0.5, 1])), fixed(0.2)))).toBe(0)
  })
})

describe('C5 can fail', () => {
  const some = (spoil: (update: Update) => Tensor): ReadonlySet<string> =>
    new Set(fc.sample(updates(), 50).flatMap((update) => faults(update, spoil(update))))

  test('with the wrong sign of the last term', () => {
    const wrong = ({ a, h, s }: Update): Tensor =>
      sub(updated({ a, h, s }), times(2 / dot(s, matvec(a, s)), outer(s, s)))
    expect([...some(wrong)]).toEqual(expect.arrayContaining(['secant', 'positive definite', 'as the book has it']))
  })

  test('with s and y exchanged', () => {
    expect([...some(({ a, h, s }) => bfgsOfB(h, s, matvec(a, s)))]).toContain('secant')
  })

  test('without its safeguard, a pair of negative curvature breaks definiteness; with it, H stays', () => {
    fc.assert(
      fc.property(updates(), ({ a, h, s }) => {
        const y = matvec(times(-1, a), s)
        expect(isPositiveDefinite(concrete(bfgsUpdate(h, s, y, Number.NEGATIVE_INFINITY)))).toBe(false)
        expect(concrete(bfgsUpdate(h, s, y)).data).toEqual(h.data)
      }),
    )
  })
})
