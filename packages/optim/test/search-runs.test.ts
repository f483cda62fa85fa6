import { add, dot, matmul, mul, softplus, square, sub, sum, type Value } from '@secant/autodiff'
import { dot as innerProduct, type Tensor, tensor } from '@secant/linalg'
import type * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  averageOfValues,
  bfgs,
  type Certificate,
  type Descent,
  type Direction,
  descend,
  descendRemembering,
  exactQuadratic,
  fromLastStep,
  gradientNorm,
  hagerZhang,
  type Iterate,
  iterates,
  lbfgs,
  type Method,
  maximumOfLast,
  moreThuente,
  objectiveOf,
  type Remembering,
  run,
  type Search,
  type Stopped,
  steepest,
  strongWolfe,
} from '../src/index.ts'

type Outcome = E.Either<Stopped, readonly Certificate[]>

/** A search as a way to run any direction, so that one law can be applied to all. */
type Runner = <M>(direction: Direction<M>, f: (x: Value) => Value, start: Tensor) => Outcome

const outcomeOf = <S>(method: Method<S>, f: (x: Value) => Value, start: Tensor): Outcome =>
  run(objectiveOf(f, start).objective, method, start, { until: [gradientNorm(1e-8)], maxIterations: 2000 }).outcome

const plain =
  (search: Search): Runner =>
  (direction, f, start) =>
    outcomeOf(descend(direction, search), f, start)

const remembering =
  <T>(search: Remembering<T>): Runner =>
  (direction, f, start) =>
    outcomeOf(descendRemembering(direction, search), f, start)

const runners: readonly (readonly [string, Runner])[] = [
  ['strong Wolfe', plain(strongWolfe())],
  ['Moré and Thuente', plain(moreThuente())],
  ['Hager and Zhang', plain(hagerZhang())],
  ['Hager and Zhang from the last step', remembering(fromLastStep((initial) => hagerZhang({ initial })))],
  ['below the maximum of the last values', remembering(maximumOfLast())],
  ['below the mean of the values', remembering(averageOfValues())],
]

const valley = (x: Value): Value => {
  const [a, b] = [dot(x, tensor([1, 0])), dot(x, tensor([0, 1]))]
  return add(mul(100, square(sub(b, square(a)))), square(sub(1, a)))
}

const [rows, columns] = [60, 5]
const features = tensor(
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => Math.sin(1 + 7 * i + 3.7 * i * j))),
)
const labels = tensor(Array.from({ length: rows }, (_, i) => Math.sign(Math.cos(2.3 * i) + 0.2)))

/** Mean logistic loss with a quarter of a thousandth of ridge: strictly convex, so that there is one minimum. */
const logistic = (x: Value): Value =>
  add(mul(1 / rows, sum(softplus(mul(-1, mul(labels, matmul(features, x)))))), mul(2.5e-4, dot(x, x)))

describe.each(runners)('%s', (_, runner) => {
  test.each([
    ['Rosenbrock', valley, tensor([-1.2, 1])],
    ['logistic regression', logistic, tensor(Array.from({ length: columns }, () => 0))],
  ] as const)('with BFGS and L-BFGS to a certificate: %s', (_, f, start) => {
    for (const outcome of [runner(bfgs(), f, start), runner(lbfgs({ memory: 5 }), f, start)])
      expect(outcome).toMatchObject({ _tag: 'Right' })
  })
})

const scales = tensor([1, 3, 10, 30, 100])
const quadratic = (x: Value): Value => mul(0.5, dot(mul(scales, sub(x, 1)), sub(x, 1)))
const origin = tensor([0, 0, 0, 0, 0])

test('exact steps take steepest descent and BFGS down a quadratic', () => {
  for (const outcome of [
    plain(exactQuadratic())(steepest(), quadratic, origin),
    plain(exactQuadratic())(bfgs(), quadratic, origin),
  ])
    expect(outcome).toMatchObject({ _tag: 'Right' })
})

describe('nonmonotone searches', () => {
  const { objective } = objectiveOf(valley, tensor([-1.2, 1]))
  const pathOf = <S>(method: Method<S>): readonly Iterate<S>[] => [
    ...iterates(objective, method, tensor([-1.2, 1]), { maxIterations: 30 }),
  ]
  /** The least room that a step left below its reference: `reference + c₁ α g'd − f(x₊)`. */
  const roomBelow = (path: readonly Iterate<Descent<unknown>>[], reference: (values: readonly number[]) => number) =>
    Math.min(
      ...path.slice(1).map(({ point, state }, k) => {
        const before = path.slice(0, k + 1).map((iterate) => iterate.point.value)
        const { direction, alpha } = state.last as NonNullable<Descent<unknown>['last']>
        const slope0 = innerProduct((path[k] as Iterate<unknown>).point.grad, direction)
        return reference(before) + 1e-4 * alpha * slope0 - point.value
      }),
    )
  const goesUp = (path: readonly Iterate<unknown>[]): boolean =>
    path.some(({ point }, k) => k > 0 && point.value > (path[k - 1] as Iterate<unknown>).point.value)

  test('the reference is the greatest of the last values, and steps go up below it', () => {
    for (const memory of [1, 3, 10]) {
      const path = pathOf(descendRemembering(bfgs(), maximumOfLast({ memory })))
      expect(roomBelow(path, (before) => Math.max(...before.slice(-memory)))).toBeGreaterThanOrEqual(0)
      expect(goesUp(path)).toBe(memory > 1)
    }
  })

  test('the reference is the mean with weights η^age, and steps go up below it', () => {
    for (const eta of [0, 0.85, 1]) {
      const path = pathOf(descendRemembering(bfgs(), averageOfValues({ eta })))
      const mean = (before: readonly number[]): number => {
        const weights = before.map((_, i) => eta ** (before.length - 1 - i))
        return (
          before.reduce((total, value, i) => total + value * (weights[i] as number), 0) /
          weights.reduce((total, weight) => total + weight, 0)
        )
      }
      // The recurrence and the sum differ by their roundings, of which there are a few for each value.
      const rounding = 8 * path.length * Number.EPSILON * (path[0] as Iterate<unknown>).point.value
      expect(roomBelow(path, mean)).toBeGreaterThanOrEqual(-rounding)
      path.forEach(({ state }, k) => {
        const expected = mean(path.slice(0, k + 1).map(({ point }) => point.value))
        expect(Math.abs(state.remembered.mean - expected)).toBeLessThanOrEqual(rounding)
      })
      expect(goesUp(path)).toBe(eta > 0)
    }
  })
})

test('a search from the last step begins where that ended, times its growth', () => {
  const begun: number[] = []
  const method = descendRemembering(
    steepest(),
    fromLastStep(
      (initial) => {
        begun.push(initial)
        return strongWolfe({ initial })
      },
      { first: 0.25, grow: 3 },
    ),
  )
  const path = [...iterates(objectiveOf(quadratic, origin).objective, method, origin, { maxIterations: 5, until: [] })]
  expect(begun).toEqual([0.25, ...path.slice(1, 5).map(({ state }) => 3 * (state.last?.alpha as number))])
})
