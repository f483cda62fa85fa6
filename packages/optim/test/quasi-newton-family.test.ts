import { concrete, matmul, mul, sub, type Value } from '@secant/autodiff'
import * as dense from '@secant/linalg'
import {
  cholesky,
  fromData,
  inverse,
  key,
  matvec,
  normal,
  symmetricEigen,
  type Tensor,
  tensor,
  uniform,
} from '@secant/linalg'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  bfgs,
  bfgsUpdate,
  boxMinimum,
  type Direction,
  descend,
  dfp,
  dfpUpdate,
  fixed,
  type InverseUpdate,
  inverseHessian,
  iterates,
  lbfgs,
  objectiveOf,
  type Place,
  rescaledBfgs,
  sr1,
  sr1Update,
} from '../src/index.ts'

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`got ${JSON.stringify(either.left)}; needs a result`)
  return either.right
}

/** Symmetric positive definite with eigenvalues from 1 to the condition number. */
const definite = (seed: number, n: number, condition = 20): Tensor => {
  const { q } = dense.qr(normal(key(seed), [n, n]))
  const roots = Float64Array.from({ length: n }, (_, i) => Math.sqrt(condition) ** (n === 1 ? 0 : i / (n - 1)))
  const half = dense.mul(q, dense.broadcast(fromData(roots), [n, n], [0]))
  return dense.matmul(half, half, { transposeB: true })
}

const triples = fc.tuple(fc.nat(1e6), fc.integer({ min: 1, max: 6 })).map(([seed, n]) => {
  const s = normal(key(seed), [n])
  return { n, seed, h: definite(seed + 1, n), s, y: matvec(definite(seed + 2, n), s) }
})

const largest = (a: Tensor): number => Math.max(...a.data.map(Math.abs), 1e-300)
const expectNear = (a: Value, b: Value, relative = 1e-9): void => {
  expect(largest(dense.sub(concrete(a), concrete(b)))).toBeLessThanOrEqual(relative * largest(concrete(b)))
}

const updates: readonly (readonly [string, InverseUpdate])[] = [
  ['BFGS', bfgsUpdate],
  ['DFP', dfpUpdate],
  ['SR1', sr1Update],
]

describe.each(updates)('the %s update', (_, update) => {
  test('keeps the secant equation, symmetry and positive definiteness', () => {
    fc.assert(
      fc.property(triples, ({ h, s, y }) => {
        const next = concrete(update(h, s, y))
        expectNear(matvec(next, y), s, 1e-8)
        expectNear(next, dense.transpose(next, [1, 0]), 1e-13)
        expect(E.isRight(cholesky(next))).toBe(true)
      }),
    )
  })

  test('leaves H as it is without curvature', () => {
    fc.assert(
      fc.property(triples, ({ n, h, s, y }) => {
        expect(concrete(update(h, s, dense.neg(y)))).toEqual(h)
        expect(concrete(update(h, dense.zeros([n]), dense.zeros([n])))).toEqual(h)
      }),
    )
  })
})

test('DFP is the inverse of BFGS with the roles of s and y exchanged', () => {
  fc.assert(
    fc.property(triples, ({ h, s, y }) => {
      const dual = concrete(bfgsUpdate(right(inverse(h)), y, s))
      expectNear(dfpUpdate(h, s, y), right(inverse(dual)), 1e-8)
    }),
  )
})

test('SR1 corrects along s − Hy alone where that is safe, and is BFGS elsewhere', () => {
  let safe = 0
  fc.assert(
    fc.property(triples, ({ h, s, y }) => {
      const u = dense.sub(s, matvec(h, y))
      const isSafe = dense.dot(u, y) > 1e-8 * dense.norm(u) * dense.norm(y)
      if (isSafe) safe++
      const correction = dense.scale(dense.outer(u, u), dense.scalar(1 / dense.dot(u, y)))
      expectNear(sr1Update(h, s, y), isSafe ? dense.add(h, correction) : bfgsUpdate(h, s, y), 1e-9)
    }),
    { numRuns: 300 },
  )
  expect(safe).toBeGreaterThan(5)
})

const bowl =
  (a: Tensor) =>
  (x: Value): Value =>
    mul(0.5, matmul(x, matmul(a, x)))

/** States of a run with unit steps. */
const unitSteps = <M>(a: Tensor, direction: Direction<M>, start: Tensor, maxIterations: number) => [
  ...iterates(objectiveOf<Value>(bowl(a), start).objective, descend(direction, fixed(1)), start, {
    maxIterations,
    until: [],
  }),
]

test('SR1 recovers the inverse of a quadratic from n independent steps, whatever their lengths', () => {
  fc.assert(
    fc.property(fc.nat(1e6), (seed) => {
      const a = definite(seed, 4, 5)
      const steps = dense.qr(normal(key(seed + 1), [4, 4])).q
      // H₀ below the inverse: then u'y > 0, and every update is safe.
      let h: Value = dense.mul(dense.scalar(0.01), dense.eye(4))
      for (let k = 0; k < 4; k++) {
        const s = dense.mul(dense.scalar(10 ** (k - 2)), fromData(steps.data.slice(4 * k, 4 * k + 4)))
        h = sr1Update(h, s, matvec(a, s))
      }
      expectNear(h, right(inverse(a)), 1e-10)
    }),
  )
})

describe('a diagonal at first', () => {
  const a = definite(5, 4, 50)
  const start = normal(key(6), [4])
  const scales = tensor([0.5, 1, 2, 4])
  const at = { x: start, value: 0, grad: matvec(a, start) } satisfies Place

  test('BFGS begins with it', () => {
    const direction = bfgs({ initialScale: () => scales })
    const h = direction.init(at)
    expect(concrete(h)).toEqual(
      tensor([
        [0.5, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 2, 0],
        [0, 0, 0, 4],
      ]),
    )
    expect(concrete(direction.propose(h, at)[0])).toEqual(dense.neg(dense.mul(scales, at.grad)))
  })

  test('with the inverse of a diagonal Hessian the first step arrives', () => {
    const separable = tensor([[2, 0], [0, 50]]) // biome-ignore format: a matrix
    const scale = () => tensor([1 / 2, 1 / 50])
    const after = <M>(direction: Direction<M>): readonly number[] =>
      unitSteps(separable, direction, tensor([3, -1]), 1).map(({ point }) => largest(point.x))
    expect(after(bfgs({ initialScale: scale }))[1]).toBeLessThan(1e-15)
    expect(after(lbfgs({ initialScale: scale }))[1]).toBeLessThan(1e-15)
  })

  test('L-BFGS keeps it, times the factor that fits the newest pair', () => {
    const run = unitSteps(a, lbfgs({ initialScale: () => dense.mul(dense.scalar(0.01), scales), memory: 2 }), start, 3)
    for (const [k, { state, point }] of run.slice(1).entries()) {
      const before = run[k]?.point as typeof point
      const [s, y] = [dense.sub(point.x, before.x), dense.sub(point.grad, before.grad)]
      const factor = dense.dot(s, y) / dense.dot(y, dense.mul(scales, y))
      expectNear(state.memory.gamma as Value, dense.mul(dense.scalar(factor), scales), 1e-13)
      expectNear(inverseHessian(state.memory).apply(y), s, 1e-10)
    }
  })
})

describe('rescaled BFGS', () => {
  test("is BFGS from (s'y / y'y) I after the first pair, whatever the scale at first", () => {
    const a = definite(7, 4, 50)
    const start = normal(key(8), [4])
    const run = unitSteps(a, rescaledBfgs({ initialScale: () => 0.003 }), start, 6)
    let h: Value = dense.mul(dense.scalar(0.003), dense.eye(4))
    for (const [k, { state, point }] of run.slice(1).entries()) {
      const before = run[k]?.point as typeof point
      const [s, y] = [dense.sub(point.x, before.x), dense.sub(point.grad, before.grad)]
      if (k === 0) h = dense.mul(dense.scalar(dense.dot(s, y) / dense.dot(y, y)), dense.eye(4))
      h = bfgsUpdate(h, s, y)
      expectNear(state.memory.inverse, h, 1e-9)
    }
  })

  test('waits for the first pair with curvature', () => {
    const direction = rescaledBfgs({ initialScale: () => 1 })
    const place = (x: readonly number[], grad: readonly number[]): Place => ({
      x: tensor(x),
      value: 0,
      grad: tensor(grad),
    })
    const from = place([0, 0], [1, 1])
    const bent = direction.observe(direction.init(from), { from, to: place([1, 0], [0, 1]), alpha: 1 })
    expect(concrete(bent.inverse)).toEqual(dense.eye(2))
    expect(concrete(bent.isFirst).data[0]).toBe(1)
    const good = direction.observe(bent, { from, to: place([1, 0], [3, 1]), alpha: 1 })
    // s = (1, 0), y = (2, 0): first ½ I, which the update leaves as it is.
    expectNear(good.inverse, dense.mul(dense.scalar(0.5), dense.eye(2)), 1e-15)
    expect(concrete(good.isFirst).data[0]).toBe(0)
  })
})

test('on a quadratic with unit steps SR1 is faster than BFGS, and DFP slower', () => {
  const a = dense.mul(dense.scalar(2 / 300), definite(9, 8, 300))
  const start = normal(key(10), [8])
  const steps = (direction: Direction<Value>): number =>
    unitSteps(a, direction, start, 400).findIndex(({ point }) => point.value < 1e-12)
  const options = { initialScale: () => 1 }
  const counts = [sr1(options), bfgs(options), dfp(options)].map(steps)
  expect(counts[0]).toBeGreaterThan(0)
  expect(counts).toEqual([...counts].sort((a, b) => a - b))
  expect(new Set(counts).size).toBe(3)
})

describe('the minimum in a box', () => {
  const problems = fc.tuple(fc.nat(1e6), fc.integer({ min: 1, max: 5 })).map(([seed, n]) => {
    const sides = uniform(key(seed + 2), [2, n], { min: -1, max: 1 })
    const pair = (i: number): readonly number[] => [sides.data[i] as number, sides.data[n + i] as number]
    return {
      n,
      a: definite(seed, n, 100),
      b: dense.mul(dense.scalar(30), normal(key(seed + 1), [n])),
      low: fromData(Float64Array.from({ length: n }, (_, i) => Math.min(...pair(i)))),
      high: fromData(Float64Array.from({ length: n }, (_, i) => Math.max(...pair(i)))),
    }
  })

  test('has a gradient that points out of the box where a bound holds, and vanishes elsewhere', () => {
    fc.assert(
      fc.property(problems, ({ a, b, low, high }) => {
        const x = right(boxMinimum(a, b, low, high))
        const gradient = dense.add(matvec(a, x), b)
        for (const [i, entry] of x.data.entries()) {
          const [least, most, slope] = [low.data[i], high.data[i], gradient.data[i]] as [number, number, number]
          expect(least <= entry && entry <= most).toBe(true)
          if (entry > least) expect(slope).toBeLessThanOrEqual(1e-9)
          if (entry < most) expect(slope).toBeGreaterThanOrEqual(-1e-9)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('is −A⁻¹b where that lies inside, and a clipped entry where A is diagonal', () => {
    const [a, b] = [definite(11, 4), normal(key(12), [4])]
    const wide = dense.full([4], 1e3)
    expectNear(right(boxMinimum(a, b, dense.neg(wide), wide)), dense.neg(right(dense.solve(a, b))), 1e-10)
    const one = tensor([1, 1])
    expect(right(boxMinimum(dense.eye(2), tensor([-5, 0.3]), dense.neg(one), one))).toEqual(tensor([1, -0.3]))
  })

  test('entries without room stay, and matrices that are not definite are told', () => {
    const [a, zero, one] = [definite(13, 2), tensor([0, 0]), tensor([0, 1])]
    expect(right(boxMinimum(a, tensor([-9, 0]), zero, one)).data[0]).toBe(0)
    expect(boxMinimum(dense.neg(dense.eye(1)), tensor([1]), tensor([-1]), tensor([1]))).toMatchObject({ _tag: 'Left' })
    expect(() => boxMinimum(a, zero, one, zero)).toThrow('boxMinimum: got bounds 1 and 0')
  })
})

test('values of the mixture lie between: BFGS and DFP differ by a positive matrix', () => {
  fc.assert(
    fc.property(triples, ({ h, s, y }) => {
      const difference = concrete(sub(bfgsUpdate(h, s, y), dfpUpdate(h, s, y)))
      const { values } = right(symmetricEigen(difference))
      expect(Math.min(...values.data)).toBeGreaterThanOrEqual(-1e-9 * largest(concrete(dfpUpdate(h, s, y))))
    }),
  )
})
