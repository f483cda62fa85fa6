import { add, concrete, exp, grad, hessian, item, log, mul, pow, square, sub, sum, type Value } from '@secant/autodiff'
import * as dense from '@secant/linalg'
import { key, leastSquares, normal, split, symmetricEigen, type Tensor, tensor } from '@secant/linalg'
import { bfgs, descend, gradientNorm, minimize, strongWolfe } from '@secant/optim'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  bentFamily,
  type Family,
  instanceOf,
  leastSquaresFamily,
  logisticFamily,
  logSumExpFamily,
  minimumByNewton,
  quadraticFamily,
  rosenbrock,
} from '../src/index.ts'

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`got ${JSON.stringify(either.left)}; needs a result`)
  return either.right
}

/** Largest over least eigenvalue of the second derivatives. */
const conditionAt = (objective: (x: Value) => Value, x: Tensor): number => {
  const { values } = right(symmetricEigen(concrete(hessian(objective)(x))))
  return Math.max(...values.data) / Math.min(...values.data)
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number

// Condition numbers at the minimum as published for these generators, and how far a median of seven may lie off.
test.each([
  [leastSquaresFamily({ n: 50 }), 27, 1.3],
  [leastSquaresFamily({ n: 30, spread: 10 }), 300, 1.8],
  [logisticFamily({ n: 30 }), 56, 1.8],
  [logSumExpFamily({ n: 30 }), 12, 1.3],
  [quadraticFamily({ n: 12, condition: 500 }), 500, 1 + 1e-9],
] as readonly (readonly [Family<unknown>, number, number])[])(
  '$name: minima are found, and conditioned as they should',
  (family, expected, factor) => {
    const conditions = split(key(7), 7).map((from) => {
      const { objective, start } = instanceOf(family, from)
      const { outcome, best } = minimumByNewton(objective, start)
      expect(outcome._tag).toBe('Right')
      return conditionAt(objective, best.x)
    })
    expect(median(conditions)).toBeLessThan(expected * factor)
    expect(median(conditions)).toBeGreaterThan(expected / factor)
  },
)

describe('known minima', () => {
  const reached = <D extends { readonly minimizer: Value }>(family: Family<D>): void => {
    for (const from of split(key(13), 5)) {
      const { data, objective, start } = instanceOf(family, from)
      expect(item(objective(data.minimizer))).toBe(0)
      const { outcome, best } = minimumByNewton(objective, start)
      expect(outcome._tag).toBe('Right')
      expect(best.value).toBeLessThan(1e-20)
      expect(dense.norm(dense.sub(best.x, concrete(data.minimizer)))).toBeLessThan(1e-10)
      const method = descend(bfgs(), strongWolfe())
      const until = [gradientNorm(1e-9)]
      const solution = minimize<Value, ReturnType<typeof method.init>>(objective, start, { method, until })
      expect(solution.outcome._tag).toBe('Right')
      expect(dense.norm(dense.sub(concrete(solution.x), concrete(data.minimizer)))).toBeLessThan(1e-8)
    }
  }

  test('quadratics: 0 at the minimizer, where Newton and BFGS arrive too', () => {
    reached(quadraticFamily({ n: 6, condition: 1e4 }))
  })

  test('bent squares: the same', () => {
    reached(bentFamily({ n: 6 }))
  })

  test('that of least squares is the one of QR', () => {
    const { data, objective, start } = instanceOf(leastSquaresFamily({ n: 20, spread: 30 }), key(14))
    const exact = right(leastSquares(concrete(data.matrix), concrete(data.target)))
    const { best } = minimumByNewton(objective, start)
    expect(dense.norm(dense.sub(best.x, exact))).toBeLessThan(1e-10 * dense.norm(exact))
    expect(best.value).toBeCloseTo(item(objective(exact)), 15)
  })

  test('the spectrum of quadratics begins and ends where it should', () => {
    for (const n of [2, 3, 9]) {
      const { data } = instanceOf(quadraticFamily({ n, condition: 77 }), key(15))
      const values = [...right(symmetricEigen(concrete(data.matrix))).values.data]
      expect(Math.min(...values)).toBeCloseTo(1, 11)
      expect(Math.max(...values)).toBeCloseTo(77, 11)
    }
  })

  test('bent squares are not convex, but fulfil ‖g‖² ≥ 2 (1 − bend)² f everywhere', () => {
    const family = bentFamily({ n: 5, bend: 0.8 })
    let indefinite = 0
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        const { objective, start } = instanceOf(family, key(seed))
        const x = dense.mul(dense.scalar(3 ** ((seed % 5) - 2)), normal(key(seed + 1), [5]))
        const { values } = right(symmetricEigen(concrete(hessian(objective)(start))))
        if (Math.min(...values.data) < 0) indefinite++
        const [value, gradient] = [item(objective(x)), concrete(grad(objective)(x))]
        expect(dense.dot(gradient, gradient)).toBeGreaterThanOrEqual(2 * 0.2 ** 2 * value)
      }),
    )
    expect(indefinite).toBeGreaterThan(20)
  })
})

describe("Newton's method", () => {
  test('goes through indefinite places to a minimum', () => {
    const { objective, start } = rosenbrock(3)
    const { best, outcome } = minimumByNewton(objective, concrete(start))
    expect(outcome).toMatchObject({ right: [{ criterion: '‖g‖∞' }] })
    expect(best.value).toBeLessThan(1e-20)
    const saddle = (x: Value): Value => sum(sub(pow(x, 4), square(x)))
    const from = tensor([0.01, -0.02])
    expect(Math.min(...concrete(hessian(saddle)(from)).data)).toBeLessThan(0)
    expect(minimumByNewton(saddle, from).best.value).toBeCloseTo(-0.5, 15)
  })

  test('leaves indefinite places by shifted steps, where those along −g would be too short', () => {
    const valley = (x: Value): Value =>
      sum(sub(add(pow(x, 4), mul(tensor([0, 1e4]), square(x))), mul(tensor([1, 0]), square(x))))
    const { outcome, best } = minimumByNewton(valley, tensor([0.01, 0.1]))
    expect(outcome._tag).toBe('Right')
    expect(best.value).toBeCloseTo(-0.25, 14)
  })

  test('takes one step on a quadratic', () => {
    const { objective, start } = instanceOf(quadraticFamily({ n: 7, condition: 100 }), key(18))
    expect(minimumByNewton(objective, start).counts.iterations).toBe(1)
  })

  test('tells why it ended, with the best point', () => {
    const falling = (x: Value): Value => sum(exp(x))
    const { outcome, best } = minimumByNewton(falling, tensor([1]), { maxIterations: 5 })
    expect(outcome).toEqual(E.left({ kind: 'budget', of: 'iterations', limit: 5 }))
    expect(best.value).toBeCloseTo(Math.exp(-4), 14)
    // From the minimum itself the gradient is rounding, and cannot become 1e-14 times smaller.
    const { objective, start } = instanceOf(logSumExpFamily({ n: 10 }), key(19))
    const found = minimumByNewton(objective, start).best
    const again = minimumByNewton(objective, found.x)
    expect(again.outcome).toMatchObject({ left: { kind: 'roundoff-limited' } })
    expect(Math.abs(again.best.value - found.value)).toBeLessThanOrEqual(1e-15 * Math.abs(found.value))
  })

  test('a start that is not finite is told, not looped over', () => {
    const { outcome } = minimumByNewton((x) => sum(log(x)), tensor([-1]))
    expect(outcome).toMatchObject({ left: { kind: 'non-finite objective' } })
  })
})
