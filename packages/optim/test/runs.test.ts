import { add, concrete, dot, exp, grad, item, mul, type Operand, square, sub, sum, type Value } from '@secant/autodiff'
import { type Tensor, tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  type AsyncObjective,
  adam,
  averageOfValues,
  backtracking,
  bfgs,
  type Descent,
  descend,
  descendRemembering,
  drive,
  driveAsync,
  explain,
  fixed,
  following,
  fromGradient,
  gradientNorm,
  hagerZhang,
  type Iterate,
  iterates,
  lbfgs,
  type Method,
  maximumOfLast,
  minimize,
  moreThuente,
  type Objective,
  objectiveOf,
  type Run,
  resume,
  run,
  steepest,
  strongWolfe,
} from '../src/index.ts'

const valley = (x: Value): Value => {
  const [a, b] = [dot(x, tensor([1, 0])), dot(x, tensor([0, 1]))]
  return add(mul(100, square(sub(b, square(a)))), square(sub(1, a)))
}
const start = tensor([-1.2, 1])
const { objective } = objectiveOf(valley, start)

/** The same objective, answering later. */
const laterObjective: AsyncObjective<never> = {
  value: (x) => async () => E.right(objective.value(x)),
  point: (x) => async () => E.right(objective.point(x)),
}

/** A method with its memory forgotten by the type, so that one law can be applied to all. */
const anyMethod = <M, S extends Descent<M>>(method: Method<S>) => ({
  name: method.name,
  all: (limit: number): readonly Iterate<S>[] => [...iterates(objective, method, start, { maxIterations: limit })],
  resumedAt: (k: number, limit: number): readonly Tensor[] => {
    const saved = structuredClone([...iterates(objective, method, start, { maxIterations: k })][k]?.state as S)
    return [...resume(objective, method, saved, { maxIterations: limit - k })].map(({ point }) => point.x)
  },
  ended: (options: Parameters<typeof run>[3]): Run<unknown> => run(objective, method, start, options),
  stepLater: async (): Promise<readonly [Tensor, Tensor]> => {
    const state = method.init(objective.point(start))
    const now = drive(objective, method.step(state))
    const later = await driveAsync(laterObjective, method.step(state))()
    if (E.isLeft(now) || E.isLeft(later) || E.isLeft(later.right)) throw new Error('no step')
    return [now.right.point.x, later.right.right.point.x]
  },
})

const methods = [
  anyMethod(descend(steepest(), backtracking())),
  anyMethod(descend(bfgs(), strongWolfe())),
  anyMethod(descend(lbfgs({ memory: 3 }), strongWolfe())),
  anyMethod(descend(bfgs(), hagerZhang())),
  anyMethod(descend(bfgs(), moreThuente())),
  anyMethod(descendRemembering(bfgs(), maximumOfLast({ memory: 3 }))),
  anyMethod(descendRemembering(lbfgs({ memory: 3 }), averageOfValues())),
  anyMethod(descend(following(adam({ rate: 0.01 })), fixed(1))),
]

describe.each(methods)('$name', ({ all, resumedAt, ended, stepLater }) => {
  test('a run resumed from a saved state gives the same bits', () => {
    const whole = all(12).map(({ point }) => point.x)
    for (const k of [0, 1, 5, 11]) expect(resumedAt(k, 12)).toEqual(whole.slice(k))
  })

  test('the same measurements later give the same step', async () => {
    const [now, later] = await stepLater()
    expect(later).toEqual(now)
  })

  test('no point visited is better than the best', () => {
    const { best } = ended({ maxIterations: 20 })
    for (const { point } of all(20)) expect(best.value).toBeLessThanOrEqual(point.value)
  })
})

describe('every ending is reached', () => {
  const newton = descend(bfgs(), strongWolfe())

  test('a certificate, measured at the returned point', () => {
    const { outcome, best } = run(objective, newton, start, { until: [gradientNorm(1e-8), gradientNorm(0)] })
    const largest = Math.max(...concrete(grad(valley)(best.x)).data.map(Math.abs))
    expect(outcome).toEqual(E.right([{ criterion: '‖g‖∞', measured: largest, bound: 1e-8 }]))
  })

  test('no step is taken from the minimizer', () => {
    expect(run(objective, newton, tensor([1, 1])).counts).toEqual({ iterations: 0, evaluations: 1, gradients: 1 })
  })

  test('iterations or evaluations used up', () => {
    expect(run(objective, newton, start, { maxIterations: 3 })).toMatchObject({
      outcome: { left: { kind: 'budget', of: 'iterations', limit: 3 } },
      counts: { iterations: 3 },
    })
    expect(run(objective, newton, start, { maxEvaluations: 5 }).outcome).toMatchObject({
      left: { kind: 'budget', of: 'evaluations', limit: 5 },
    })
  })

  test('stopped on request', () => {
    expect(run(objective, newton, start, { stop: () => true }).outcome).toEqual(E.left({ kind: 'aborted' }))
  })

  test('not finite at the start, or on the way with a fixed step', () => {
    const root = (x: Value): Value => exp(mul(1000, sum(square(x))))
    const far = minimize(root, tensor([9]))
    expect(far.outcome).toMatchObject({ left: { kind: 'non-finite objective' } })
    const thrown = minimize(valley, start, { method: descend(steepest(), fixed(1e200)) })
    expect(thrown.outcome).toMatchObject({ left: { kind: 'non-finite objective', alpha: 1e200 } })
    expect(thrown.best.x).toEqual(start)
  })

  test('uphill, with the slope', () => {
    const uphill = {
      ...steepest(),
      propose: (memory: null, at: { readonly grad: Value }) => [at.grad, memory] as const,
    }
    expect(minimize(valley, start, { method: descend(uphill, backtracking()) }).outcome).toMatchObject({
      left: { kind: 'not a descent direction' },
    })
  })

  test('limited by roundoff, with the best point', () => {
    const noisy = fromGradient((x) => ({
      value: x[0] === 0 ? 1 : 1 + Number.EPSILON,
      gradient: Float64Array.of(1e-10),
    }))
    for (const search of [backtracking(), strongWolfe()]) {
      const ended = minimize(noisy, tensor([0]), { until: [gradientNorm(0)], method: descend(steepest(), search) })
      expect(ended.outcome).toMatchObject({ left: { kind: 'roundoff-limited' } })
      expect(ended.best.value).toBe(1)
    }
  })

  test('search exhausted: a gradient that points the wrong way', () => {
    const liar = fromGradient((x) => ({ value: x[0] as number, gradient: Float64Array.of(-1) }))
    const ended = minimize(liar, tensor([0]), { method: descend(steepest(), backtracking()) })
    expect(ended.outcome).toMatchObject({ left: { kind: 'search exhausted', violated: 'Armijo(0.0001)' } })
    expect(E.isLeft(ended.outcome) && explain(ended.outcome.left)).toBe('search exhausted: Armijo(0.0001) not met')
  })
})

describe('what is counted and returned', () => {
  test('counts are the calls that an objective saw', () => {
    let [values, points] = [0, 0]
    const counting: Objective = {
      value: (x) => {
        values++
        return objective.value(x)
      },
      point: (x) => {
        points++
        return objective.point(x)
      },
    }
    const { counts } = run(counting, descend(steepest(), backtracking()), start, { maxIterations: 10 })
    expect(counts).toEqual({ iterations: 10, evaluations: values + points, gradients: points })
  })

  test('parameters come back nested and typed as they were given', () => {
    const bowl = ({ a, list }: { readonly a: Operand; readonly list: readonly [Value, Operand] }): Value =>
      add(square(sub(a, 1)), add(sum(square(sub(list[0], 2))), square(sub(list[1], 3))))
    const { x } = minimize(bowl, { a: 0, list: [tensor([[0, 0]]), 0] as const }, { until: [gradientNorm(1e-9)] })
    expect(x.a).toBeCloseTo(1, 8)
    expect(x.list[0].shape).toEqual([1, 2])
    expect(item(sum(x.list[0]))).toBeCloseTo(4, 8)
    expect(x.list[1]).toBeCloseTo(3, 8)
  })

  test('a gradient by hand is checked for its length, and cannot change the point', () => {
    const short = fromGradient(() => ({ value: 0, gradient: new Float64Array(1) }))
    expect(() => minimize(short, tensor([1, 2]))).toThrow(
      'got a gradient of length 1; needs a number and a Float64Array of length 2',
    )
    const scribbling = fromGradient((x) => {
      const gradient = x.slice()
      const value = x.reduce((total, entry) => total + (entry * entry) / 2, 0)
      x.fill(99)
      return { value, gradient }
    })
    for (const entry of minimize(scribbling, tensor([1, 2])).x.data) expect(entry).toBeCloseTo(0, 12)
  })

  test('a run inside a transformation is refused', () => {
    const nested = (x: Value): Value => mul(sum(x), minimize(valley, start, { maxIterations: 1 }).best.value)
    expect(() => grad(nested)(tensor([1]))).toThrow('needs to run outside of transformations')
  })
})

describe('known minima', () => {
  const beale = (x: Value): Value => {
    const [a, b] = [dot(x, tensor([1, 0])), dot(x, tensor([0, 1]))]
    const powers = [b, square(b), mul(b, square(b))]
    return [1.5, 2.25, 2.625].reduce<Value>(
      (total, y, i) => add(total, square(sub(y, mul(a, sub(1, powers[i] as Value))))),
      tensor(0),
    )
  }
  const ill = (x: Value): Value =>
    sum(mul(tensor(Array.from({ length: 50 }, (_, i) => 10 ** ((4 * i) / 49))), square(sub(x, 1))))

  test.each([
    ['Rosenbrock', valley, start, [1, 1]],
    ['Beale', beale, tensor([1, 1]), [3, 0.5]],
    ['a quadratic with κ = 10⁴', ill, tensor(Array.from({ length: 50 }, () => 0)), Array.from({ length: 50 }, () => 1)],
  ] as readonly (readonly [string, (x: Value) => Value, Tensor, readonly number[]])[])(
    '%s',
    (_, f, from, minimizer) => {
      for (const method of [
        descend(lbfgs(), strongWolfe()) as Method<Descent<unknown>>,
        descend(bfgs(), strongWolfe()) as Method<Descent<unknown>>,
      ]) {
        const { x, outcome } = minimize(f, from, { method, until: [gradientNorm(1e-9)] })
        expect(E.isRight(outcome)).toBe(true)
        x.data.forEach((entry, i) => {
          expect(entry).toBeCloseTo(minimizer[i] as number, 7)
        })
      }
    },
  )
})
