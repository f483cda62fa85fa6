/** C11: what Adam's steps are bounded by, and what they are not. */
import { concrete } from '@secant/autodiff'
import { tensor } from '@secant/linalg'
import {
  type AdamOptions,
  adam,
  bfgs,
  fixed,
  following,
  type Method,
  steepest,
  strongWolfe,
  type Update,
} from '@secant/optim'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changed, factors, type KnownProblem, quadratics, rotation, signals } from '../src/testing/index.ts'
import { type Bounds, broken, entry, iteratesOf, opaque, sweep, told } from './suite.ts'

interface Constants {
  readonly beta1: number
  readonly beta2: number
}

const usual: Constants = { beta1: 0.9, beta2: 0.999 }

/** Steps of size 1 of Adam from the paper, with ε = 0. */
const textbook = (gradients: Iterable<number>, { beta1, beta2 }: Constants): readonly number[] => {
  let [m, v, t] = [0, 0, 0]
  return Array.from(gradients, (g) => {
    t++
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return m === 0 ? 0 : m / (1 - beta1 ** t) / Math.sqrt(v / (1 - beta2 ** t))
  })
}

/** The steps of an update on a sequence of gradients of one variable. */
const stepsOf = <S>(update: Update<S>, gradients: readonly number[]): readonly number[] => {
  let state = update.init(tensor([0]))
  return gradients.map((g) => {
    const [step, next] = update.apply(state, tensor([g]), tensor([0]))
    state = next
    return entry(concrete(step), 0)
  })
}

/** The valid bound at time t, for β₁² < β₂. */
const largest = ({ beta1, beta2 }: Constants, t: number): number => {
  const r = beta1 ** 2 / beta2
  const corrections = Math.sqrt(1 - beta2 ** t) / (1 - beta1 ** t)
  return corrections * ((1 - beta1) / Math.sqrt(1 - beta2)) * Math.sqrt((1 - r ** t) / (1 - r))
}

const printed = ({ beta1, beta2 }: Constants): number => Math.max(1, (1 - beta1) / Math.sqrt(1 - beta2))

const constants = fc.constantFrom(
  usual,
  { beta1: 0.8, beta2: 0.95 },
  { beta1: 0.5, beta2: 0.9 },
  { beta1: 0, beta2: 0.99 },
)

const sizes = (steps: readonly number[], boundAt: (t: number) => number): Bounds<'step'> => ({
  step: steps.map((step, i) => ({ measured: Math.abs(step), bound: boundAt(i + 1) })),
})

/** Gradients that grow by β₂/β₁ a step, after a stretch of others. */
const growing = ({ beta1, beta2 }: Constants, before: readonly number[], count: number): readonly number[] => [
  ...before,
  ...Array.from({ length: count }, (_, k) => (beta2 / beta1) ** (k + 1)),
]

describe('C11: Adam', () => {
  test('the first step is the rate times the sign', () => {
    fc.assert(
      fc.property(signals(1), factors(1e-3), constants, ([g = 1], rate, betas) => {
        const epsilon = 1e-8
        const [step] = stepsOf(adam({ rate, ...betas, epsilon }), [g])
        const expected = (rate * g) / (Math.abs(g) + epsilon)
        expect(Math.abs((step as number) - expected)).toBeLessThanOrEqual(1e-14 * Math.abs(expected))
      }),
    )
  })

  test('its steps are those of the paper, and within the valid bound', async ({ annotate }) => {
    const draws = fc.record({ gradients: signals(40), betas: constants })
    const found = sweep(200, draws, ({ gradients, betas }) => {
      const steps = stepsOf(adam({ rate: 1, ...betas, epsilon: 1e-13 }), gradients)
      for (const [i, expected] of textbook(gradients, betas).entries()) expect(steps[i]).toBeCloseTo(expected, 9)
      return sizes(steps, (t) => largest(betas, t))
    })
    await annotate(told(found))
    // The first step attains it.
    expect(found.step.slack).toBeCloseTo(1, 9)
  })

  test('gradients that grow by β₂/β₁ come close to the bound, and refute the printed one', () => {
    const top = (before: readonly number[], count: number): number =>
      Math.max(...textbook(growing(usual, before, count), usual).map(Math.abs))
    const bound = largest(usual, 1e6)
    expect(printed(usual)).toBeCloseTo(3.16, 2)
    expect(bound).toBeCloseTo(7.27, 2)
    const found = [top([], 300), top([], 1000), top(Array(2000).fill(1e-3), 60), top(Array(20000).fill(0), 60)]
    for (const size of found) {
      expect(size).toBeGreaterThan(printed(usual))
      expect(size).toBeLessThan(bound)
    }
    // After many zeros the bound is all but attained.
    expect(found[3]).toBeGreaterThan(0.9999 * bound)
    const gradients = fc.constant(growing(usual, [], 300))
    expect(broken(1, gradients, (sequence) => sizes(textbook(sequence, usual), () => printed(usual)))).toEqual(['step'])
    expect(broken(1, gradients, (sequence) => sizes(textbook(sequence, usual), (t) => largest(usual, t)))).toEqual([])
  })
})

describe('C11: a problem on which Adam does not converge (Reddi, Kale and Kumar 2018)', () => {
  const [C, alpha] = [3, 0.5]
  const slope = (t: number): number => (t % 3 === 1 ? C : -1)
  const beta2 = 1 / (1 + C ** 2)

  /** x_T on [−1, 1] with β₁ = 0 and steps α/√t; the largest v so far for AMSGrad. */
  const end = (T: number, keepsLargest: boolean): number => {
    let [x, v, top] = [1, 0, 0]
    for (let t = 1; t <= T; t++) {
      const g = slope(t)
      v = beta2 * v + (1 - beta2) * g * g
      top = keepsLargest ? Math.max(top, v) : v
      x = Math.min(1, Math.max(-1, x - ((alpha / Math.sqrt(t)) * g) / Math.sqrt(top)))
    }
    return x
  }

  test('Adam ends at 1 although −1 is best; AMSGrad at −1', () => {
    expect(end(2e5, false)).toBeGreaterThan(0.99)
    expect(end(2e5, true)).toBeLessThan(-0.99)
  })

  test('the update is that of the library', () => {
    const gradients = Array.from({ length: 60 }, (_, i) => slope(i + 1))
    let v = 0
    const expected = gradients.map((g, i) => {
      v = beta2 * v + (1 - beta2) * g * g
      return g / Math.sqrt(v / (1 - beta2 ** (i + 1)))
    })
    const options: AdamOptions = { rate: 1, beta1: 0, beta2, epsilon: 0 }
    for (const [i, step] of stepsOf(adam(options), gradients).entries())
      expect(step).toBeCloseTo(expected[i] as number, 12)
  })
})

describe('C11: rotations', () => {
  /** The largest relative difference of values after turning the axes. */
  const differenceOf = (method: (problem: KnownProblem) => Method<unknown>): number => {
    const draws = quadratics({ maxCondition: 10 }).chain((problem) =>
      rotation.changes(problem.n).map((change) => [problem, changed(problem, change)] as const),
    )
    return Math.max(
      ...fc.sample(draws, 50).map(([problem, turned]) => {
        const [plain, other] = [problem, turned].map((place) =>
          iteratesOf(place, method(place), 4).map(({ point }) => point.value),
        )
        const first = Math.max(plain?.[0] ?? 1, 1e-3)
        return Math.max(...(plain ?? []).map((value, k) => Math.abs(value - (other?.[k] ?? value)) / first))
      }),
    )
  }

  test('gradient descent and BFGS do not see them; Adam does', () => {
    expect(differenceOf(({ known }) => opaque(steepest(), fixed(1 / known.L)))).toBeLessThan(1e-9)
    expect(differenceOf(() => opaque(bfgs({ initialScale: () => 1 }), strongWolfe()))).toBeLessThan(1e-6)
    expect(differenceOf(() => opaque(following(adam({ rate: 0.1 })), fixed(1)))).toBeGreaterThan(1e-2)
  })
})
