import { add, concrete, div, grad, item, log, matmul, mul, sum, type Value, vmap } from '@secant/autodiff'
import * as dense from '@secant/linalg'
import { fromData, key, normal, scalar, type Tensor, tensor } from '@secant/linalg'
import { backtracking, descend, fixed, lbfgs, steepest } from '@secant/optim'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aroundOne,
  coordinatewise,
  every,
  frozen,
  innerProducts,
  logarithmic,
  type Network,
  normalised,
  pooled,
  raw,
  type Surroundings,
  stepScaled,
} from '../src/index.ts'
import { iteratesOf, linear, pointAt, quadratic, silent, unit, withSpectrum } from './policies.ts'

describe('one step for all variables', () => {
  test('a network that answers 0 leaves BFGS as it is, bit for bit', () => {
    const f = quadratic(withSpectrum([1, 3, 10, 40], 1))
    const start = normal(key(2), [4])
    const plain = iteratesOf(f, descend(unit, backtracking()), start, 15)
    const scaled = iteratesOf(f, descend(frozen(stepScaled(unit, silent), null), backtracking()), start, 15)
    expect(scaled.map(({ point }) => point)).toEqual(plain.map(({ point }) => point))
  })

  test('the step is the same in all variables, and lies in its range', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: -1e4, max: 1e4 }), (seed, size) => {
        const theta = { weights: mul(size, normal(key(seed), [3])), memory: scalar(0) }
        for (const [range, least, most] of [
          [aroundOne(), 0.05, 2],
          [aroundOne({ least: 0.5, most: 1.5 }), 0.5, 1.5],
          [logarithmic(), Math.exp(-3), 1],
        ] as const) {
          const direction = frozen(stepScaled(steepest(), linear, { features: pooled(raw), range }), theta)
          const at = { x: normal(key(seed + 1), [4]), value: 0, grad: normal(key(seed + 2), [4]) }
          const { data } = concrete(direction.propose(direction.init(at), at)[1].steps)
          expect(new Set(data).size).toBe(1)
          expect(data[0]).toBeGreaterThanOrEqual(least * (1 - 1e-15))
          expect(data[0]).toBeLessThanOrEqual(most)
        }
      }),
    )
  })

  test('the derivative in θ of the objective after the step is that of differences, 0 where the step is cut', () => {
    const f = quadratic(withSpectrum([1, 5, 20], 3))
    const at = pointAt(f, normal(key(4), [3]))
    const after =
      (range: ReturnType<typeof aroundOne>) =>
      (weights: Value): Value => {
        const direction = frozen(stepScaled(unit, linear, { range }), { weights, memory: scalar(0.3) })
        return f(add(at.x, direction.propose(direction.init(at), at)[0]))
      }
    const weights = normal(key(5), [3])
    const h = 1e-6
    for (const range of [aroundOne(), logarithmic({ least: 0.5, most: 2 })])
      for (const [i, exact] of concrete(grad(after(range))(weights)).data.entries()) {
        const moved = (by: number): Tensor => fromData(weights.data.map((w, j) => (i === j ? w + by : w)))
        const slope = (item(after(range)(moved(h))) - item(after(range)(moved(-h)))) / (2 * h)
        expect(slope).toBeCloseTo(exact, 5)
      }
    const cut = grad(after(logarithmic({ least: 0.9, most: 0.91 })))(dense.mul(scalar(1e3), weights))
    expect(concrete(cut)).toEqual(dense.zeros([3]))
  })

  test('pooled features are means over the variables', () => {
    const [x, gradient, along] = [normal(key(6), [5]), normal(key(7), [5]), normal(key(8), [5])]
    const rows = concrete(normalised(x, gradient, dense.neg(along)))
    const found = concrete(pooled()({ x, gradient, along, step: x, change: x }))
    expect(found.shape).toEqual([1, 3])
    for (const [j, mean] of found.data.entries()) {
      const column = Array.from({ length: 5 }, (_, i) => rows.data[3 * i + j] as number)
      expect(mean).toBeCloseTo(column.reduce((a, b) => a + b) / 5, 14)
    }
  })
})

/**
 * The network of L-BFGS-π: the clipped minimizer of ‖u₂τ − u₁‖² over τ, with u₁ and u₂ affine in sixteen logarithms
 * (Egidio, Hansson and Wahlberg 2021, section 3).
 */
const projection: Network<Readonly<Record<'w1' | 'b1' | 'w2' | 'b2', Value>>, null> = {
  name: 'π',
  start: (from) => {
    const [w1, b1, w2, b2] = [[16, 6], [6], [16, 6], [6]].map((shape, i) =>
      dense.mul(scalar(0.25), normal(dense.foldIn(from, i), shape)),
    ) as [Tensor, Tensor, Tensor, Tensor]
    return [{ w1, b1, w2, b2 }, from]
  },
  init: () => null,
  apply: ({ w1, b1, w2, b2 }, state, features) => {
    const [u1, u2] = [add(matmul(features, w1 as Value), b1 as Value), add(matmul(features, w2 as Value), b2 as Value)]
    const over = (a: Value, b: Value): Value => sum(mul(a, b), { axes: [1] })
    return [div(over(u1, u2), add(over(u2, u2), 1e-12)), state]
  },
}

const surroundings = (seed: number, n: number): Surroundings => {
  const [x, gradient, along, step, change] = [0, 1, 2, 3, 4].map((i) => normal(dense.foldIn(key(seed), i), [n])) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ]
  return { x, gradient, along, step, change }
}

describe('L-BFGS-π', () => {
  test('features are the logarithms of signed inner products', () => {
    const seen = surroundings(9, 7)
    const vectors = [seen.along, seen.gradient, seen.step, seen.change].map(concrete)
    const found = concrete(innerProducts()(seen))
    expect(found.shape).toEqual([1, 16])
    vectors.forEach((a, i) => {
      vectors.forEach((b, j) => {
        const signed = (i < j ? -1 : 1) * dense.dot(a, b)
        expect(found.data[4 * i + j]).toBeCloseTo(Math.log(Math.max(signed, 1e-8)), 12)
      })
    })
  })

  test('features do not change with a rotation of all vectors, of which permutations are some', () => {
    const seen = surroundings(10, 6)
    const { q } = dense.qr(normal(key(11), [6, 6]))
    const turned = (v: Value): Value => matmul(q, v)
    const rotated = Object.fromEntries(
      Object.entries(seen).map(([name, v]) => [name, turned(v)]),
    ) as unknown as Surroundings
    const [once, again] = [seen, rotated].map((all) => concrete(innerProducts()(all)).data) as [
      Float64Array,
      Float64Array,
    ]
    for (const [i, entry] of once.entries()) expect(again[i]).toBeCloseTo(entry, 10)
  })

  test('weights that make the step the cosine of direction and −g do so', () => {
    // u₂ = 1 and u₁ = log(−d·g) − ½ log d·d − ½ log g·g, in one of the six places each.
    const place = (row: number, value: number): readonly [number, number] => [row * 6, value]
    const w1 = dense.zeros([16, 6])
    for (const [i, value] of [place(1, 1), place(0, -0.5), place(5, -0.5)]) w1.data[i] = value
    const theta = { w1, b1: dense.zeros([6]), w2: dense.zeros([16, 6]), b2: tensor([1, 0, 0, 0, 0, 0]) }
    const f = quadratic(withSpectrum([1, 3, 7], 12))
    const options = { features: innerProducts(), range: logarithmic() }
    const direction = frozen(stepScaled(lbfgs({ memory: 5 }), projection, options), theta)
    for (const { state, point } of iteratesOf(f, descend(direction, fixed(1)), normal(key(13), [3]), 6)) {
      const [, { steps, along }] = direction.propose(state.memory, point)
      const d = concrete(along)
      const cosine = -dense.dot(d, point.grad) / (dense.norm(d) * dense.norm(point.grad))
      expect(concrete(steps).data[0]).toBeCloseTo(Math.max(Math.exp(-3), cosine), 8)
    }
  })

  test('steps are those of a plain loop over the same formulas', () => {
    const f = quadratic(dense.mul(scalar(0.1), withSpectrum([1, 3, 7, 10], 14)))
    const [theta] = projection.start(key(15))
    const options = { features: innerProducts(), range: logarithmic() }
    const policy = stepScaled(lbfgs({ memory: 5 }), projection, options)
    const run = iteratesOf(f, descend(frozen(policy, theta), fixed(1)), normal(key(16), [4]), 8)
    const none = dense.zeros([4])
    for (const [k, { state, point }] of run.slice(1).entries()) {
      const [from, before] = [run[k], run[k - 1]]
      const [x, g] = [from?.point.x as Tensor, from?.point.grad as Tensor]
      const [s, y] = before ? [dense.sub(x, before.point.x), dense.sub(g, before.point.grad)] : [none, none]
      const vectors = [concrete(state.memory.along), g, s, y]
      const u0 = vectors.flatMap((a, i) =>
        vectors.map((b, j) => Math.log(Math.max((i < j ? -1 : 1) * dense.dot(a, b), 1e-8))),
      )
      const affine = (w: Value, b: Value): readonly number[] =>
        Array.from({ length: 6 }, (_, j) =>
          u0.reduce(
            (t, entry, i) => t + entry * (concrete(w).data[6 * i + j] as number),
            concrete(b).data[j] as number,
          ),
        )
      const [u1, u2] = [affine(theta.w1, theta.b1), affine(theta.w2, theta.b2)]
      const over =
        u1.reduce((t, entry, i) => t + entry * (u2[i] as number), 0) / u2.reduce((t, entry) => t + entry * entry, 0)
      const t = Math.exp(Math.min(0, Math.max(-3, over)))
      const moved = dense.add(x, dense.mul(scalar(t), concrete(state.memory.along)))
      for (const [i, entry] of moved.data.entries()) expect(point.x.data[i]).toBeCloseTo(entry, 10)
    }
  })
})

/** Counts, in its state, how often it was asked, and answers with that number times its weight. */
const counting: Network<Value, Value> = {
  name: 'counting',
  start: (from) => [scalar(0.1), from],
  init: () => scalar(0),
  apply: (theta, state, features) => {
    const asked = add(state, 1)
    return [mul(mul(theta, asked), dense.ones([features.shape[0] as number])), asked]
  },
}

describe('every', () => {
  test.each([1, 5, 20])('asks at steps 0, k, 2k, …, for k = %i, and holds steps between', (count) => {
    const f = quadratic(withSpectrum([1, 2, 4], 17))
    const direction = frozen(coordinatewise(unit, every(count, counting)), scalar(0.1))
    const run = iteratesOf(f, descend(direction, backtracking()), normal(key(18), [3]), 12)
    for (const [k, { state }] of run.slice(1).entries()) {
      const asked = Math.floor(k / count) + 1
      expect(item(state.memory.hidden.inner)).toBe(asked)
      for (const p of concrete(state.memory.steps).data) expect(p).toBeCloseTo(2 / (1 + Math.exp(-0.1 * asked)), 14)
    }
  })

  test('a batch of members in different phases is each by itself', () => {
    const network = every(3, counting)
    const features = normal(key(19), [4, 2, 3])
    const states = {
      inner: tensor([0, 2, 4, 7]),
      left: tensor([0, 1, 2, 0]),
      last: normal(key(20), [4, 2]),
    }
    const apply = (state: typeof states, row: Value) => network.apply(scalar(0.1), state, row) as [Value, typeof states]
    const [outputs, after] = vmap(apply)(states, features)
    const member = (x: Value, i: number): Tensor => {
      const { data, shape } = concrete(x)
      const size = data.length / 4
      return fromData(data.slice(i * size, (i + 1) * size), shape.slice(1))
    }
    for (let i = 0; i < 4; i++) {
      const own = { inner: member(states.inner, i), left: member(states.left, i), last: member(states.last, i) }
      const [output, next] = network.apply(scalar(0.1), own, member(features, i))
      expect(member(outputs, i)).toEqual(concrete(output))
      for (const part of ['inner', 'left', 'last'] as const)
        expect(member(after[part], i)).toEqual(concrete(next[part]))
    }
  })

  test('1 is the network itself, and less is refused', () => {
    const [theta] = linear.start(key(21))
    const f = quadratic(withSpectrum([1, 5], 22))
    const [plain, held] = [linear, every(1, linear)].map((network) => {
      const direction = frozen(coordinatewise(unit, network as typeof linear), theta)
      return iteratesOf(f, descend(direction, backtracking()), tensor([1, 2]), 8).map(({ point }) => point)
    })
    expect(held).toEqual(plain)
    expect(() => every(0, linear)).toThrow('every: got count = 0')
  })
})

test('ranges give 1 for 0', () => {
  for (const range of [aroundOne(), logarithmic()]) expect(item(range(scalar(0)))).toBe(1)
  expect(item(log(logarithmic()(scalar(-1))))).toBeCloseTo(-1, 15)
})
