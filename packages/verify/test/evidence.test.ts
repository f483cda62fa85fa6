/** What is no theorem: believed bounds that are refuted, and controls that learn nothing. */
import { dot, fromData, key, maxAbs, mul, type Tensor, tensor, uniform, zip } from '@secant/linalg'
import { adam, armijo, backtracking, bfgs, descend, fixed, following, holds, steepest } from '@secant/optim'
import { describe, expect, test } from 'vitest'
import {
  adamTheorems,
  gradientDescentLoss,
  guardTheorems,
  heavyBallLoss,
  largestAdamStep,
  learnedDeviation,
  learningNoise,
  newtonLoss,
  superlinearTheorems,
  verify,
  viewOf,
} from '../src/index.ts'
import { adamOn, growing, reddi } from './counterexamples.ts'
import { bowl, diagonal, spectrum } from './problems.ts'
import {
  adamConstants,
  hessian,
  L,
  mu,
  ofQuadratic,
  quadratic,
  type Reference,
  run,
  start,
  traced,
} from './reference-runs.ts'

const largestStep = ({ trace: { iterates } }: Reference): number =>
  iterates
    .slice(1)
    .reduce((top, { x }, k) => Math.max(top, Math.abs((x[0] as number) - (iterates[k]?.x[0] as number))), 0)

describe('Adam', () => {
  test('the printed bound of its steps is refuted, the valid one is reached', () => {
    const refuted = adamOn(growing(400), adamConstants)
    const row = adamTheorems.printedStepBound.check(viewOf(refuted.trace, refuted.known))
    expect(row.verdict).toBe('contradicted')
    expect(largestStep(refuted) / adamConstants.rate).toBeCloseTo(4.175, 2)
    expect(row.comparisons[0]?.bound).toBeCloseTo(3.16 * adamConstants.rate, 3)
    const afterZeros = adamOn([...Array.from({ length: 3000 }, () => 1e-150), ...growing(150)], adamConstants)
    expect(largestStep(afterZeros) / adamConstants.rate).toBeGreaterThan(7)
    for (const { trace, known } of [refuted, afterZeros])
      expect(adamTheorems.stepBound.check(viewOf(trace, known)).verdict).toBe('holds')
    expect(largestAdamStep({ ...adamConstants, rate: 1 }, 1e5)).toBeCloseTo(7.27, 2)
  })

  test('goes to the wrong end on Reddi’s problem, where AMSGrad does not', () => {
    const end = ({ trace: { iterates } }: Reference): number => iterates[iterates.length - 1]?.x[0] as number
    expect(end(reddi('Adam'))).toBeGreaterThan(0.99)
    expect(end(reddi('AMSGrad'))).toBeLessThan(-0.98)
    const verdicts = (['Adam', 'AMSGrad'] as const).map((kind) => {
      const { trace, known } = reddi(kind)
      return adamTheorems.adamConverges.check(viewOf(trace, known)).verdict
    })
    expect(verdicts).toEqual(['contradicted', 'supported'])
  })

  test('depends on the axes, gradient descent and BFGS from I do not', () => {
    const values = spectrum(5, mu, L)
    const options = { maxIterations: 15, until: [] }
    // The reference quadratic is the one along the axes, reflected at the plane with normal (1, …, 5).
    const reflected = (x: Tensor): Tensor => {
      const along =
        x.data.length === 5 ? Array.from(x.data).reduce((total, entry, i) => total + entry * (i + 1), 0) / 55 : 0
      return zip(x, tensor([1, 2, 3, 4, 5]), (entry, v) => entry - 2 * along * v)
    }
    const from = tensor([1, 1, 1, 1, 1])
    const zero = tensor([0, 0, 0, 0, 0])
    const difference = (method: Parameters<typeof run>[1]): number => {
      const straight = run(bowl(diagonal(values), zero), method, from, {}, options).trace.iterates
      const turned = run(bowl(hessian, zero), method, reflected(from), {}, options).trace.iterates
      return maxAbs(tensor(straight.map(({ f }, k) => f - (turned[k]?.f ?? Number.NaN))))
    }
    const invariant = [descend(steepest(), fixed(0.1)), descend(bfgs({ initialScale: () => 1 }), backtracking())]
    for (const method of invariant) expect(difference(method as never)).toBeLessThan(1e-11)
    expect(difference(descend(following(adam({ rate: 0.1 })), fixed(1)) as never)).toBeGreaterThan(1e-2)
  })
})

describe('random controls', () => {
  const n = 5
  /** BFGS with steps drawn from (0.8, 2), one for all coordinates or one for each, halved until Armijo's condition holds. */
  const control = (kind: 'scalar' | 'diagonal', least: number, delta?: number): Reference => {
    const direction = bfgs({ initialScale: () => 1 / L })
    const draws = uniform(key(3), [60, n])
    let memory = direction.init(quadratic.point(start))
    const trace = traced(`random ${kind}`, quadratic, start, 60, (at, k) => {
      const [d, proposing] = direction.propose(memory, at)
      const row = draws.data.subarray(k * n, (k + 1) * n)
      const drawn = Float64Array.from(row, (u) => least + (2 - least) * ((kind === 'scalar' ? row[0] : u) as number))
      const tried = (tau: number) => {
        const p = drawn.map((size) => tau * size)
        const s = mul(fromData(p), d as Tensor)
        const to = quadratic.point(zip(at.x, s, (from, by) => from + by))
        const slope0 =
          s.data.reduce === undefined
            ? 0
            : Array.from(s.data).reduce((t, e, i) => t + e * (at.grad.data[i] as number), 0)
        return { p, to, slope0 }
      }
      let tau = 1
      let now = tried(tau)
      const gg = dot(at.grad, at.grad)
      if (delta !== undefined && !(now.to.value <= at.value - delta * gg)) {
        const to = quadratic.point(zip(at.x, at.grad, (x, g) => x - g / L))
        memory = direction.observe(proposing, { from: at, to, alpha: 1 })
        return { x: to.x }
      }
      for (; delta === undefined && tau > 1e-6; tau /= 2) {
        now = tried(tau)
        const trial = { from: at, to: now.to, alpha: 1, slope0: now.slope0, slope: 0 }
        if (now.slope0 < 0 && holds(armijo(1e-4), trial)) break
      }
      memory = direction.observe(proposing, { from: at, to: now.to, alpha: 1 })
      return { x: now.to.x, said: { d: Array.from((d as Tensor).data), p: Array.from(now.p) } }
    })
    return { trace, known: ofQuadratic }
  }

  test.each(['scalar', 'diagonal'] as const)(
    'a random %s step converges, and learns nothing: it is only linear',
    (kind) => {
      const { trace, known } = control(kind, 0.8)
      const { rows } = verify(trace, known)
      expect(rows.filter(({ verdict }) => verdict === 'violated').map(({ theorem }) => theorem)).toEqual([])
      expect(trace.iterates[59]?.f).toBeLessThan(1e-6 * (trace.iterates[0]?.f ?? 0))
      const [first, last] = [trace.iterates[10]?.f ?? 0, trace.iterates[20]?.f ?? 0]
      expect(last / first).toBeGreaterThan(1e-12)
      expect(superlinearTheorems.superlinear.check(viewOf(trace, known)).verdict).not.toBe('supported')
    },
  )

  test('whatever the steps, drawn from (0, 2), the guard keeps f falling at its rate', () => {
    const { trace, known } = control('diagonal', 0, 1 / (4 * L))
    const values = trace.iterates.map(({ f }) => f)
    expect(values.every((value, k) => k === 0 || value <= (values[k - 1] as number))).toBe(true)
    const row = guardTheorems.guardWithL.check(viewOf(trace, { ...known, delta: 1 / (4 * L) }))
    expect([row.verdict, row.reasons]).toEqual(['holds', []])
  })
})

describe('the noisy bowl', () => {
  const values = spectrum(100, 1e-3, 1)
  test('stationary losses in closed form', () => {
    expect(newtonLoss(values, 1)).toBeCloseTo(7.411847253913, 10)
    const losses = [0.5, 1, 1.5, 1.75].map((alpha) => gradientDescentLoss(values, 1, alpha))
    for (const [i, expected] of [52.144384, 27.609672, 20.237828, 19.086787].entries())
      expect(losses[i]).toBeCloseTo(expected, 5)
    expect(heavyBallLoss(values, 1, 1.94292, 0.40384)).toBeCloseTo(15.341881, 5)
    // An average of gradients is a heavy ball of another rate.
    expect(heavyBallLoss(values, 1, 3.259 * (1 - 0.40384), 0.40384)).toBeCloseTo(15.341881, 4)
    for (const alpha of [0.5, 1.5])
      expect(heavyBallLoss(values, 1, alpha, 0)).toBeCloseTo(gradientDescentLoss(values, 1, alpha), 9)
  })

  test('the rate of learning, and what it leaves', () => {
    const deviations = [200, 400, 800].map((t) =>
      [
        [0.7, 0.3],
        [0.5, 0.5],
        [0.2, 0.8],
      ].map(([a, eigenvalue]) =>
        learnedDeviation(a as number, { eta: 0.03, variance: 1, eigenvalue: eigenvalue as number }, t),
      ),
    )
    const measured = [
      [0.537, 0.211, 0.01],
      [Math.LOG10E, 0.096, 0],
      [0.297, 0.022, 0],
    ]
    for (const [i, row] of deviations.entries())
      for (const [j, value] of row.entries()) expect(Math.abs(value - (measured[i]?.[j] ?? 0))).toBeLessThan(0.02)
    const left = learningNoise([0.3, 0.5, 0.8, 1], { eta: 0.03, variance: 1 })
    expect([left.excessLoss.toFixed(4), left.squaredError.toFixed(4)]).toEqual(['0.0294', '0.0772'])
  })
})
