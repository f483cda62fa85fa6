import {
  checkDerivative,
  concrete,
  exp,
  flatten,
  grad,
  hessian,
  item,
  log,
  pow,
  square,
  sub,
  sum,
  type Value,
  vmap,
} from '@secant/autodiff'
import * as dense from '@secant/linalg'
import {
  fromData,
  key,
  leastSquares,
  normal,
  split,
  symmetricEigen,
  type Tensor,
  tensor,
  uniform,
} from '@secant/linalg'
import { bfgs, descend, gradientNorm, minimize, strongWolfe } from '@secant/optim'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  batchOf,
  bentFamily,
  type Family,
  instanceOf,
  leastSquaresFamily,
  logisticFamily,
  logSumExpFamily,
  minimumByNewton,
  quadraticFamily,
  rosenbrock,
  tinyCnnFamily,
} from '../src/index.ts'
import { mnistTinyCnn } from '../src/node/index.ts'
import { plainNetwork } from './plain-network.ts'

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`got ${JSON.stringify(either.left)}; needs a result`)
  return either.right
}

/** Twelve images of noise, all digits among them. */
const noise = tinyCnnFamily({
  images: uniform(key(3), [12, 784]),
  labels: fromData(Float64Array.from({ length: 12 }, (_, i) => i % 10)),
  batch: 3,
})

const families: readonly Family<unknown>[] = [
  leastSquaresFamily({ n: 4, spread: 10 }),
  logisticFamily({ n: 4 }),
  logSumExpFamily({ n: 4 }),
  quadraticFamily({ n: 4, condition: 50 }),
  bentFamily({ n: 4 }),
  noise,
].map((family) => family as Family<unknown>)

const numbersOf = (data: unknown): readonly Tensor[] => flatten(data)[0].map(concrete)

describe.each(families.map((family) => [family.name, family] as const))('%s', (_, family) => {
  test('a key is one problem, another key another, of the same shapes', () => {
    const [once, again, other] = [key(1), key(1), key(2)].map((from) => instanceOf(family, from))
    expect(once?.start).toEqual(again?.start)
    expect(once?.data).toEqual(again?.data)
    expect(once?.start).not.toEqual(other?.start)
    expect(once?.data).not.toEqual(other?.data)
    const shapes = (data: unknown) => numbersOf(data).map(({ shape, dtype }) => [shape, dtype])
    expect(shapes(once?.data)).toEqual(shapes(other?.data))
    expect(once?.start.shape).toEqual([family.n])
  })

  test('data and start share no random numbers', () => {
    const { data, start } = instanceOf(family, key(4))
    const drawn = new Set(start.data)
    for (const { data: entries } of numbersOf(data)) for (const entry of entries) expect(drawn.has(entry)).toBe(false)
  })

  test('the gradient agrees with differences', () => {
    const { objective, start } = instanceOf(family, key(5))
    expect(checkDerivative(objective, start)).toMatchObject({ agrees: true })
  })

  test('a batch is its members one by one', () => {
    const keys = split(key(6), 3)
    const { data, starts } = batchOf(family, keys)
    expect(starts.shape).toEqual([3, family.n])
    const values = concrete(vmap(family.objective)(data, starts))
    for (const [i, from] of keys.entries()) {
      const { objective, start } = instanceOf(family, from)
      const value = item(objective(start))
      expect(Math.abs((values.data[i] as number) - value)).toBeLessThanOrEqual(1e-13 * Math.abs(value))
    }
  })
})

const entry = (x: Value, i: number): number => concrete(x).data[i] as number

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

describe('data are those of the formulas', () => {
  const count = 400

  test('columns of least squares are normal numbers times powers of the spread, targets 0.1 away from a product', () => {
    const n = 100
    const { data } = instanceOf(leastSquaresFamily({ n, spread: 10 }), key(8))
    const [matrix, target] = [concrete(data.matrix), concrete(data.target)]
    // Lengths of the columns over √(2n), in powers of 1/10: uniform in [0, 1), but for 0.05 of sampling.
    const powers = Array.from({ length: n }, (_, j) => {
      const squares = Array.from({ length: 2 * n }, (__, i) => (matrix.data[i * n + j] as number) ** 2)
      return -Math.log10(Math.sqrt(squares.reduce((a, b) => a + b) / (2 * n)))
    })
    expect(Math.min(...powers)).toBeGreaterThan(-0.1)
    expect(Math.max(...powers)).toBeLessThan(1.1)
    expect(Math.abs(median(powers) - 0.5)).toBeLessThan(0.2)
    // What no x can reach are n of 2n directions of the noise.
    const misfit = dense.sub(dense.matvec(matrix, right(leastSquares(matrix, target))), target)
    expect(dense.norm(misfit) / Math.sqrt(n)).toBeGreaterThan(0.08)
    expect(dense.norm(misfit) / Math.sqrt(n)).toBeLessThan(0.12)
  })

  test('labels are ±1, and mostly on the side of their margin', () => {
    const { data } = instanceOf(logisticFamily({ n: 20 }), key(9))
    const labels = [...concrete(data.labels).data]
    expect(new Set(labels)).toEqual(new Set([1, -1]))
    // σ(3t) with t normal is wrong with probability 0.17.
    const { best } = minimumByNewton(...minimizing(logisticFamily({ n: 20 }), key(9)))
    const margins = dense.matvec(concrete(data.rows), best.x)
    const wrong = labels.filter((label, i) => label * (margins.data[i] as number) < 0).length
    expect(wrong).toBeGreaterThan(0)
    expect(wrong).toBeLessThan(0.25 * labels.length)
  })

  test('rows of log-sum-exp sum to 0', () => {
    const { data } = instanceOf(logSumExpFamily({ n: 5 }), key(10))
    for (const total of dense.sum(concrete(data.rows), [0]).data) expect(total).toBeCloseTo(0, 13)
  })

  test('the values are those of plain loops', () => {
    const at = <D>(family: Family<D>) => {
      const { data, start, objective } = instanceOf(family, key(11))
      return { data, x: [...start.data], value: item(objective(start)) }
    }
    const product = (matrix: Value, x: readonly number[]): readonly number[] =>
      (dense.toNested(concrete(matrix)) as readonly (readonly number[])[]).map((row) =>
        row.reduce((total, a, j) => total + a * (x[j] as number), 0),
      )
    const squares = at(leastSquaresFamily({ n: 4, spread: 10 }))
    const misfits = product(squares.data.matrix, squares.x).map((a, i) => a - entry(squares.data.target, i))
    expect(squares.value).toBeCloseTo(misfits.reduce((t, r) => t + r * r, 0) / 16, 12)
    const logistic = at(logisticFamily({ n: 4, lambda: 0.1 }))
    const losses = product(logistic.data.rows, logistic.x).map((t, i) =>
      Math.log(1 + Math.exp(-entry(logistic.data.labels, i) * t)),
    )
    const penalty = 0.05 * logistic.x.reduce((t, a) => t + a * a, 0)
    expect(logistic.value).toBeCloseTo(losses.reduce((a, b) => a + b) / 16 + penalty, 12)
    const exponentials = at(logSumExpFamily({ n: 4 }))
    const terms = product(exponentials.data.rows, exponentials.x).map((t, i) =>
      Math.exp(t - entry(exponentials.data.offsets, i)),
    )
    expect(exponentials.value).toBeCloseTo(Math.log(terms.reduce((a, b) => a + b)), 12)
    const bent = at(bentFamily({ n: 4 }))
    const z = bent.x.map((a, i) => a - entry(bent.data.minimizer, i))
    const residuals = z.map((a, i) =>
      i === 0 ? a : a - (entry(bent.data.bends, i - 1) / 3) * Math.sin(3 * (z[i - 1] as number)),
    )
    const weighted = residuals.reduce((t, r, i) => t + 0.5 * entry(bent.data.weights, i) * r * r, 0)
    expect(bent.value).toBeCloseTo(weighted, 12)
  })

  const minimizing = <D>(family: Family<D>, from: dense.Key) => {
    const { objective, start } = instanceOf(family, from)
    return [objective, start] as const
  }

  test('starts are normal', () => {
    const { start } = instanceOf(leastSquaresFamily({ n: count }), key(12))
    const mean = item(dense.sum(start, [0])) / count
    const variance = dense.dot(start, start) / count
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(count))
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / count))
  })
})

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

describe('the tiny network', () => {
  test('has 1,557 weights, and learns the digits of a batch', () => {
    const family = right(mnistTinyCnn({ count: 100, batch: 20 }))
    expect(family.n).toBe(1557)
    const { data, objective, start } = instanceOf(family, key(16))
    expect(numbersOf(data).map(({ shape }) => shape)).toEqual([
      [20, 10],
      [20, 28, 28, 1],
    ])
    expect(Math.abs(item(objective(start)) - Math.log(10))).toBeLessThan(0.3)
    const { best } = minimize<Value>(objective, start, { maxIterations: 25, until: [] })
    expect(best.value).toBeLessThan(0.2)
  })

  test('its value is that of plain loops', () => {
    const { data, objective, start } = instanceOf(noise, key(17))
    expect(item(objective(start))).toBeCloseTo(plainNetwork(start, concrete(data.images), concrete(data.classes)), 12)
  })

  test('draws without replacement', () => {
    const all = tinyCnnFamily({ images: uniform(key(1), [7, 784]), labels: dense.zeros([7]), batch: 7 })
    const images = concrete(instanceOf(all, key(2)).data.images)
    const firsts = Array.from({ length: 7 }, (_, i) => images.data[784 * i])
    expect(new Set(firsts).size).toBe(7)
  })
})

test('options out of range are refused', () => {
  expect(() => leastSquaresFamily({ n: 0 })).toThrow('leastSquaresFamily: got n = 0')
  expect(() => leastSquaresFamily({ n: 2, spread: 0.5 })).toThrow('got spread = 0.5')
  expect(() => logisticFamily({ n: 2, lambda: -1 })).toThrow('got lambda = -1')
  expect(() => logSumExpFamily({ n: 1.5 })).toThrow('logSumExpFamily: got n = 1.5')
  expect(() => quadraticFamily({ n: 1, condition: 2 })).toThrow('got n = 1')
  expect(() => quadraticFamily({ n: 2, condition: Number.NaN })).toThrow('got condition = NaN')
  expect(() => bentFamily({ n: 2, bend: 1 })).toThrow('got bend = 1')
  expect(() => bentFamily({ n: 2, spread: 0 })).toThrow('got spread = 0')
  const given = { images: dense.zeros([2, 784]), labels: dense.zeros([2]) }
  expect(() => tinyCnnFamily({ ...given, batch: 3 })).toThrow('got batch = 3')
  expect(() => tinyCnnFamily({ images: dense.zeros([2, 5]), labels: dense.zeros([2]) })).toThrow(
    'got images of 5 pixels',
  )
  expect(() => batchOf(bentFamily({ n: 2 }), [])).toThrow('batchOf: got no keys')
})
