/** C3: how short backtracking can get, and what it always accepts. */
import { dot, matvec, neg, norm, sub, type Tensor } from '@secant/linalg'
import { armijo, backtracking, drive, holds, rayFrom, type Search } from '@secant/optim'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  backtrackingSearches,
  type KnownProblem,
  quadratic,
  smoothProblems,
  symmetric,
  vector,
} from '../src/testing/index.ts'
import { type Bounds, broken, sweep, tightened, told } from './suite.ts'

interface Draw {
  readonly problem: KnownProblem
  readonly direction: Tensor
  readonly search: Search
  readonly initial: number
  readonly shrink: number
  readonly c1: number
  /** Of the longest step that is surely accepted. */
  readonly share: number
}

/** A start, and a descent direction there: −H g with H of condition up to 9. */
const draws: fc.Arbitrary<Draw> = fc
  .record({
    problem: smoothProblems(),
    promised: backtrackingSearches(),
    turn: fc.nat(100),
    share: fc.constantFrom(1, 0.5, 0.1),
  })
  .map(({ problem, promised, turn, share }) => {
    const { grad } = problem.measured.point(problem.start)
    const h = symmetric({ spectrum: Array.from({ length: problem.n }, (_, i) => 9 ** (i / problem.n)), turn })
    return { problem, direction: neg(matvec(h, grad)), ...promised, share }
  })

/** The longest step that the descent lemma allows, `2 (1 − c₁) (−g'd) / (L‖d‖²)`. */
const longest = (L: number, c1: number, slope: number, direction: Tensor): number =>
  (2 * (1 - c1) * -slope) / (L * dot(direction, direction))

const bounds = ({
  problem,
  direction,
  search,
  initial,
  shrink,
  c1,
  share,
}: Draw): Bounds<'length' | 'acceptance' | 'decrease'> => {
  const { L } = problem.known
  const from = problem.measured.point(problem.start)
  const [ray, start] = rayFrom(from, direction)
  if (!(start.slope0 < 0)) return { length: [], acceptance: [], decrease: [] }
  const found = drive(problem.measured, search(ray, start))
  if (E.isLeft(found)) throw new Error(found.left.kind)
  const limit = longest(L, c1, start.slope0, direction)
  const inside = drive(problem.measured, ray.trial(share * limit))
  const size = 1 + Math.abs(from.value) + norm(from.grad) * norm(sub(inside.to.x, from.x))
  return {
    length: [{ measured: Math.min(initial, shrink * limit), bound: found.right.alpha }],
    acceptance: [{ measured: -armijo(c1).slack(inside), bound: 0, size }],
    decrease: [
      {
        measured: c1 * Math.min(initial, shrink * limit) * -start.slope0,
        bound: from.value - found.right.to.value,
        size,
      },
    ],
  }
}

test('C3: the length that backtracking is sure to find', async ({ annotate }) => {
  const found = sweep(200, draws, bounds)
  await annotate(told(found))
  expect(found.length.slack).toBeLessThan(1.05)
  expect(found.decrease.slack).toBeLessThan(1.5)
  // Bounds that are tighter than what was seen break.
  expect(broken(200, draws, tightened(1.01, found, bounds))).toEqual(['decrease', 'length'])
})

describe('C3 can fail', () => {
  test('where the search shortens twice at a time', () => {
    const hasty = draws.map((draw) => {
      const search = backtracking({ initial: draw.initial, c1: draw.c1, shrink: draw.shrink ** 2 })
      return { ...draw, search }
    })
    expect(broken(200, hasty, bounds)).toContain('length')
  })

  test('where L is too small', () => {
    const wrong = draws.map((draw) => {
      const { problem } = draw
      return { ...draw, problem: { ...problem, known: { ...problem.known, L: problem.known.L / 1.5 } } }
    })
    expect(broken(200, wrong, bounds)).toEqual(expect.arrayContaining(['acceptance', 'length']))
  })

  test('on a parabola the limit is exact', () => {
    const problem = quadratic({ spectrum: [4] })
    const from = problem.measured.point(vector([1]))
    const [ray, start] = rayFrom(from, neg(from.grad))
    const limit = longest(4, 0.3, start.slope0, from.grad)
    const isAccepted = (alpha: number): boolean => holds(armijo(0.3), drive(problem.measured, ray.trial(alpha)))
    expect([isAccepted(limit * (1 - 1e-6)), isAccepted(limit * (1 + 1e-6))]).toEqual([true, false])
    // Begun just beyond the limit, the first length that is accepted is the bound.
    const search = backtracking({ initial: limit * (1 + 1e-7), c1: 0.3, shrink: 0.8 })
    const found = drive(problem.measured, search(ray, start))
    expect(E.isRight(found) && found.right.alpha / (0.8 * limit)).toBeCloseTo(1, 6)
  })
})
