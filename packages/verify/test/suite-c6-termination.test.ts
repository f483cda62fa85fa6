/** C6: quasi-Newton methods with exact steps end after n steps on a quadratic. */
import { concrete, sub as minus, matmul as multiply, neg, type Value } from '@secant/autodiff'
import { add, axpy, dot, eye, matmul, matvec, norm, sub, type Tensor } from '@secant/linalg'
import {
  bfgs,
  type Descent,
  type Direction,
  descend,
  exactQuadratic,
  lbfgs,
  moreThuente,
  type Search,
} from '@secant/optim'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { type KnownQuadratic, logisticLosses, quadratics, symmetric, turns } from '../src/testing/index.ts'
import { iteratesOf } from './suite.ts'
import { bfgsOfH, dfpOfH, frobenius, times } from './suite-matrices.ts'

const quadraticsOf12 = quadratics({ maxN: 12, maxCondition: 1e3 })

/** Short recurrences lose conjugacy to rounding earlier than matrices do. */
const mildQuadratics = quadratics({ maxN: 8, maxCondition: 100 })

/** A direction −H g by any update of H. */
const byUpdate = (
  name: string,
  h0: Tensor,
  update: (h: Tensor, s: Tensor, y: Tensor) => Tensor,
): Direction<Tensor> => ({
  name,
  init: () => h0,
  propose: (h, at) => [neg(multiply(h, at.grad)), h],
  observe: (h, { from, to }) => update(h, concrete(minus(to.x, from.x)), concrete(minus(to.grad, from.grad))),
})

const bfgsFrom = (h0: Tensor): Direction<Value> => ({ ...bfgs(), init: () => h0 })

/** First matrices of condition up to 10, turned at random. */
const firstInverse = (n: number, turn: number): Tensor =>
  symmetric({ spectrum: Array.from({ length: n }, (_, i) => 10 ** (i / n - 0.5)), turn })

type Matrices = readonly Descent<Value>[]

const run = (problem: KnownQuadratic, h0: Tensor): Matrices =>
  iteratesOf(problem, descend(bfgsFrom(h0), exactQuadratic()), problem.n).map(({ state }) => state)

/** What is left of the first gradient at the end. */
const remaining = (states: Matrices): number =>
  norm(stateAt(states, states.length - 1).point.grad) / Math.max(norm(stateAt(states, 0).point.grad), 1e-300)

/** Conjugate gradients from the book (Nocedal and Wright, algorithm 5.2). */
const conjugateGradients = ({ hessian, minimizer, start }: KnownQuadratic, steps: number): readonly Tensor[] => {
  let x = start
  let r = matvec(hessian, sub(x, minimizer))
  let p = times(-1, r)
  const points = [x]
  for (let k = 0; k < steps; k++) {
    const ap = matvec(hessian, p)
    const alpha = dot(r, r) / dot(p, ap)
    const next = axpy(alpha, ap, r)
    x = axpy(alpha, p, x)
    p = axpy(dot(next, next) / dot(r, r), p, times(-1, next))
    r = next
    points.push(x)
  }
  return points
}

const stateAt = (states: Matrices, k: number): Descent<Value> => states[k] as Descent<Value>

/** How many steps began at gradients that rounding has not reached yet. */
const meaningful = (states: Matrices): number =>
  states.filter(({ point }) => norm(point.grad) > 1e-4 * norm(stateAt(states, 0).point.grad)).length

const sameFor = (points: readonly Tensor[], others: readonly Tensor[], count: number, tolerance: number): void => {
  const size = norm(points[0] as Tensor) + norm(points.at(-1) as Tensor)
  for (let k = 0; k < count; k++)
    expect(norm(sub(points[k] as Tensor, others[k] as Tensor))).toBeLessThanOrEqual(tolerance * size)
}

describe('C6: n-step termination', () => {
  test('from any first matrix: the solution, conjugate steps, all secant equations at once, the inverse', () => {
    let whole = 0
    fc.assert(
      fc.property(quadraticsOf12, turns, (problem, turn) => {
        const { n, hessian } = problem
        const states = run(problem, firstInverse(n, turn))
        expect(remaining(states)).toBeLessThanOrEqual(1e-6)
        const count = Math.min(meaningful(states), states.length - 1)
        const steps = Array.from({ length: count }, (_, k) =>
          sub(stateAt(states, k + 1).point.x, stateAt(states, k).point.x),
        )
        const h = concrete(stateAt(states, count).memory)
        const energy = (s: Tensor): number => Math.sqrt(dot(s, matvec(hessian, s)))
        for (const [i, s] of steps.entries()) {
          const as = matvec(hessian, s)
          expect(norm(sub(matvec(h, as), s))).toBeLessThanOrEqual(1e-5 * norm(s))
          for (const other of steps.slice(0, i))
            expect(Math.abs(dot(other, as))).toBeLessThanOrEqual(1e-5 * energy(other) * energy(s))
        }
        if (count < n) return
        whole++
        expect(frobenius(sub(matmul(h, hessian), eye(n)))).toBeLessThanOrEqual(1e-3)
      }),
      { numRuns: 100 },
    )
    expect(whole).toBeGreaterThan(20)
  })

  test('from the identity: the iterates of conjugate gradients, and no more steps than eigenvalues', () => {
    fc.assert(
      fc.property(mildQuadratics, (problem) => {
        const states = run(problem, eye(problem.n))
        const points = states.map(({ point }) => point.x)
        sameFor(points, conjugateGradients(problem, problem.n), Math.min(meaningful(states), points.length), 1e-6)
        const distinct = new Set(problem.spectrum).size
        expect(remaining(states.slice(0, distinct + 1))).toBeLessThanOrEqual(1e-6)
      }),
      { numRuns: 100 },
    )
  })

  test('L-BFGS with any memory and any scale gives conjugate gradients too', () => {
    fc.assert(
      fc.property(mildQuadratics, fc.integer({ min: 1, max: 3 }), (problem, memory) => {
        const states = iteratesOf(problem, descend(lbfgs({ memory }), exactQuadratic()), problem.n)
        const first = norm(states[0]?.point.grad as Tensor)
        const count = states.filter(({ point }) => norm(point.grad) > 1e-4 * first).length
        const points = states.map(({ point }) => point.x)
        sameFor(points, conjugateGradients(problem, problem.n), Math.min(count, points.length), 1e-6)
      }),
      { numRuns: 100 },
    )
  })

  test('all updates between BFGS and DFP give the same points (Dixon)', () => {
    const directions = (h0: Tensor): readonly Direction<Tensor>[] => [
      byUpdate('BFGS', h0, bfgsOfH),
      byUpdate('DFP', h0, dfpOfH),
      byUpdate('half', h0, (h, s, y) => times(0.5, add(bfgsOfH(h, s, y), dfpOfH(h, s, y)))),
    ]
    fc.assert(
      fc.property(quadratics({ maxN: 8, maxCondition: 1e3 }), turns, (problem, turn) => {
        const h0 = firstInverse(problem.n, turn)
        const [one, ...others] = directions(h0).map((direction) =>
          iteratesOf(problem, descend(direction, exactQuadratic()), problem.n).map(({ point }) => point),
        )
        const first = norm(one?.[0]?.grad as Tensor)
        const count = one?.filter(({ grad }) => norm(grad) > 1e-4 * first).length ?? 0
        for (const other of others)
          sameFor(
            one?.map(({ x }) => x) ?? [],
            other.map(({ x }) => x),
            Math.min(count, other.length),
            1e-6,
          )
      }),
      { numRuns: 100 },
    )
    // With exact steps on other functions as well, as far as steps can be exact.
    fc.assert(
      fc.property(logisticLosses({ maxN: 3 }), (problem) => {
        const search = moreThuente({ c1: 1e-12, c2: 1e-9 })
        const [one, ...others] = directions(eye(problem.n)).map((direction) =>
          iteratesOf(problem, descend(direction, search), 4).map(({ point }) => point),
        )
        const first = norm(one?.[0]?.grad as Tensor)
        const count = one?.filter(({ grad }) => norm(grad) > 1e-3 * first).length ?? 0
        for (const other of others)
          sameFor(
            one?.map(({ x }) => x) ?? [],
            other.map(({ x }) => x),
            Math.min(count, other.length),
            1e-5,
          )
      }),
      { numRuns: 100 },
    )
  })
})

describe('C6 can fail', () => {
  const problems = fc.sample(quadraticsOf12, 40).filter(({ n }) => n > 2)
  const ending = <M>(direction: (h0: Tensor) => Direction<M>, search: Search): number =>
    problems.filter((problem) => {
      const points = iteratesOf(problem, descend(direction(eye(problem.n)), search), problem.n)
      return norm(points.at(-1)?.point.grad as Tensor) <= 1e-6 * norm(points[0]?.point.grad as Tensor)
    }).length

  test('with steps that are a twentieth too long, or with a secant pair that is off', () => {
    const long: Search = function* (ray, start) {
      const exact = yield* exactQuadratic()(ray, start)
      return E.isRight(exact) ? E.right(yield* ray.trial(1.05 * exact.right.alpha)) : exact
    }
    const off = (h0: Tensor): Direction<Tensor> => byUpdate('off', h0, (h, s, y) => bfgsOfH(h, s, add(y, s)))
    expect(ending(bfgsFrom, exactQuadratic())).toBe(problems.length)
    expect(ending(bfgsFrom, long)).toBeLessThan(problems.length / 4)
    expect(ending(off, exactQuadratic())).toBeLessThan(problems.length / 4)
  })
})
