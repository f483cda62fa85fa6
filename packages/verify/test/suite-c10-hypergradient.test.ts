/** C10: projected online gradient descent on diagonal steps, with null steps (Gao et al. 2025; Chu et al. 2025). */
import { dot, mul, sub } from '@secant/linalg'
import type { Point } from '@secant/optim'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { convexProblems, isResolved, type KnownProblem } from '../src/testing/index.ts'
import { type Bounds, broken, entry, sweep, told } from './suite.ts'

interface Draw {
  readonly problem: KnownProblem
  /** η in units of 1/L², the natural one: P is of size 1/L, its gradient of size 1 + LD. */
  readonly eta: number
}

const steps = 300

interface Run {
  readonly feedbacks: readonly number[]
  readonly squaredGradients: readonly number[]
  readonly points: readonly Point[]
}

/** P ↦ projected P − η ∇h with `h = (f(x − P g) − f(x))/‖g‖²`, `∇h = −g(x − P g) ⊙ g / ‖g‖²`, in the box [0, 2/L]; moves only if f falls. */
const run = ({ problem, eta }: Draw, sign = 1): Run => {
  const { L } = problem.known
  const [top, rate] = [2 / L, eta / L ** 2]
  let point = problem.measured.point(problem.start)
  let p = new Float64Array(problem.n).fill(0.5 / L)
  const [feedbacks, squaredGradients, points]: [number[], number[], Point[]] = [[], [], [point]]
  for (let k = 0; k < steps; k++) {
    // Below, the feedback is a quotient of roundings.
    if (!isResolved(point.value, problem.minimum)) break
    const squared = dot(point.grad, point.grad)
    const trial = problem.measured.point(sub(point.x, mul({ ...point.grad, data: p }, point.grad)))
    const slope = Array.from(trial.grad.data, (g, i) => (-g * entry(point.grad, i)) / squared)
    feedbacks.push((trial.value - point.value) / squared)
    squaredGradients.push(slope.reduce((total, value) => total + value * value, 0))
    p = p.map((value, i) => Math.min(top, Math.max(0, value - sign * rate * (slope[i] as number))))
    if (trial.value < point.value) point = trial
    points.push(point)
  }
  return { feedbacks, squaredGradients, points }
}

const sums = (values: readonly number[]): readonly number[] => {
  let total = 0
  return values.map((value) => {
    total += value
    return total
  })
}

const bounds =
  (runOf: (draw: Draw) => Run = run) =>
  (draw: Draw): Bounds<'regret' | 'gap' | 'gradient of the feedback'> => {
    const { L, mu = 0, minimum } = draw.problem.known
    const { feedbacks, squaredGradients, points } = runOf(draw)
    const eta = draw.eta / L ** 2
    // From P₁ = I/2L to P̂ = I/L.
    const away = draw.problem.n / (4 * L ** 2)
    const [regrets, squares] = [sums(feedbacks), sums(squaredGradients)]
    const falls = sums(feedbacks.map((h) => Math.min(h, 0)))
    const first = (points[0]?.value ?? 0) - minimum
    return {
      regret: regrets.map((total, k) => ({
        measured: total + (k + 1) / (2 * L),
        bound: away / (2 * eta) + (eta / 2) * (squares[k] ?? 0),
      })),
      gap: falls.map((total, k) => ({
        measured: (points[k + 1]?.value ?? 0) - minimum,
        bound: Math.max(0, 1 + ((2 * mu) / (k + 1)) * total) ** (k + 1) * first,
      })),
      'gradient of the feedback': squaredGradients.map((square) => ({ measured: Math.sqrt(square), bound: 1 + 2 })),
    }
  }

const draws: fc.Arbitrary<Draw> = fc.record({
  problem: convexProblems({ maxN: 6, maxCondition: 1e3, leastLambda: 1e-3 }),
  eta: fc.constantFrom(0.1, 1, 0.01),
})

describe('C10: hypergradient descent on diagonal steps', () => {
  test('regret, and the gap that it leaves', async ({ annotate }) => {
    const found = sweep(50, draws, bounds())
    await annotate(told(found))
  })
})

describe('C10 can fail', () => {
  test('with the wrong sign', () => {
    expect(
      broken(
        20,
        draws,
        bounds((draw) => run(draw, -1)),
      ),
    ).toContain('regret')
  })

  test('on a run that stays where it is', () => {
    const still = (draw: Draw): Run => {
      const told = run(draw)
      return { ...told, points: told.points.map(() => told.points[0] as Point) }
    }
    expect(broken(20, draws, bounds(still))).toContain('gap')
  })
})
