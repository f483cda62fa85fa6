import { ones, scalar, type Tensor, zeros } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  add,
  concrete,
  cos,
  evaluate,
  exp,
  grad,
  jvp,
  linearize,
  mul,
  record,
  reshape,
  scan,
  sin,
  slice,
  square,
  stack,
  sum,
  tanh,
  type Value,
  vmap,
} from '../src/index.ts'
import { tensorOf } from './generators.ts'

type Step = (carry: readonly Value[], x: Value) => readonly [readonly Value[], Value]

const row = (xs: Value, i: number): Value => reshape(slice(xs, [i, 0], [i + 1, 2]), [2])

/** The plain loop that a scan stands for. */
const unrolled =
  (step: Step, { reverse = false } = {}) =>
  (init: readonly Value[], xs: Value): readonly [readonly Value[], Value] => {
    const length = xs.shape[0] as number
    const ys: Value[] = []
    let carry = init
    for (let k = 0; k < length; k++) {
      const i = reverse ? length - 1 - k : k
      const [next, y] = step(carry, row(xs, i))
      carry = next
      ys[i] = y
    }
    return [carry, stack(ys)]
  }

const steps: readonly (readonly [string, Step])[] = [
  ['one carry and a result', ([a], x) => [[tanh(add(mul(a as Value, 1.5), x))], sin(mul(a as Value, x))]],
  [
    'carries that mix',
    ([a, b], x) => [
      [add(mul(a as Value, cos(b as Value)), x), sin(add(a as Value, square(b as Value)))],
      mul(a as Value, b as Value),
    ],
  ],
  ['a carry that is left alone', ([a, b], x) => [[a as Value, mul(b as Value, add(x, a as Value))], exp(mul(0.1, x))]],
  ['a carry that is overwritten', ([a, b], x) => [[x, mul(tanh(a as Value), b as Value)], b as Value]],
  ['a linear step', ([a], x) => [[add(mul(a as Value, 0.5), x)], a as Value]],
  ['nothing that varies', ([a], _) => [[a as Value], ones([2])]],
  [
    'an inner scan',
    ([a], x) => {
      const [c, ys] = scan((c: Value, t: Value) => [tanh(add(mul(c, x), t)), mul(c, a as Value)] as const)(
        a as Value,
        stack([x, a as Value, x]),
      )
      return [[c], sum(ys, { axes: [0] })]
    },
  ],
]

const flat =
  (f: (init: readonly Value[], xs: Value) => readonly [readonly Value[], Value], count: number) =>
  (all: readonly Value[]): readonly Value[] => {
    const [carry, ys] = f(all.slice(0, count), all[count] as Value)
    return [...carry, ys]
  }

const expectClose = (actual: readonly Value[], expected: readonly Value[], rounding = 1e-12): void => {
  expect(actual).toHaveLength(expected.length)
  actual.forEach((value, k) => {
    const [a, b] = [concrete(value), concrete(expected[k] as Value)]
    expect(a.shape).toEqual(b.shape)
    expect(a.dtype).toBe(b.dtype)
    const size = Array.from(b.data).reduce((top, entry) => Math.max(top, Math.abs(entry)), 1)
    for (const [i, entry] of a.data.entries())
      expect(Math.abs(entry - (b.data[i] as number))).toBeLessThanOrEqual(rounding * size)
  })
}

const directionsLike = (xs: readonly Value[], seed: number): readonly Tensor[] =>
  xs.map((x, leaf) => {
    const { shape, data } = concrete(x)
    return {
      dtype: 'float64',
      shape,
      data: Float64Array.from(data, (_, i) => Math.sin(12.9 * (i + 1) ** 2 + leaf + seed)),
    }
  })

describe.each(steps)('%s', (_, step) => {
  const count = 2
  const inputs = fc.tuple(tensorOf([2], -1, 1), tensorOf([2], -1, 1), tensorOf([4, 2], -1, 1))
  const own = (init: readonly Value[]): readonly Value[] => init.slice(0, step(init, zeros([2]))[0].length)

  test.each([false, true])('value and derivatives of both modes are those of the loop, reverse: %s', (reverse) => {
    const f = flat((init, xs) => scan(step, { reverse })(own(init), xs), count)
    const g = flat((init, xs) => unrolled(step, { reverse })(own(init), xs), count)
    fc.assert(
      fc.property(inputs, (xs) => {
        const [y, derivative] = linearize(f)(xs as readonly Value[])
        const [z, plain] = linearize(g)(xs as readonly Value[])
        expectClose(y, z, 0)
        const [v, w] = [directionsLike(xs, 1), directionsLike(y, 2)]
        expectClose(derivative.apply(v), plain.apply(v))
        expectClose(derivative.adjoint(w), plain.adjoint(w))
      }),
      { numRuns: 10 },
    )
  })

  test('orders two and three in every nesting of modes', () => {
    const weighted = (f: (xs: readonly Value[]) => readonly Value[]) => (xs: readonly Value[]) =>
      f(xs).reduce<Value>((total, y, k) => add(total, sum(mul(sin(add(y, k)), y))), scalar(0))
    const f = weighted(flat((init, xs) => scan(step)(own(init), xs), count))
    const g = weighted(flat((init, xs) => unrolled(step)(own(init), xs), count))
    const forward =
      (h: (xs: readonly Value[]) => Value, v: readonly Value[]) =>
      (xs: readonly Value[]): Value =>
        jvp(h)(xs, v)[1]
    const reverse =
      (h: (xs: readonly Value[]) => Value, v: readonly Value[]) =>
      (xs: readonly Value[]): Value =>
        grad(h)(xs).reduce<Value>((total, p, k) => add(total, sum(mul(p, v[k] as Value))), scalar(0))
    const modes = [forward, reverse]
    fc.assert(
      fc.property(inputs, fc.nat(7), (xs, choice) => {
        const [first, second, third] = [0, 1, 2].map((k) => modes[(choice >> k) & 1]) as [
          typeof forward,
          typeof forward,
          typeof forward,
        ]
        const v = directionsLike(xs, 1)
        const twice = (h: (xs: readonly Value[]) => Value) => second(first(h, v), v)
        expectClose([twice(f)(xs)], [twice(g)(xs)], 1e-11)
        expectClose([third(twice(f), v)(xs)], [third(twice(g), v)(xs)], 1e-10)
      }),
      { numRuns: 5 },
    )
  })

  test('batched = one by one, whichever arguments have members; gradients too', () => {
    const f = flat((init, xs) => scan(step)(own(init), xs), count)
    const of = (xs: readonly Value[]): readonly Value[] => [
      ...f(xs),
      ...grad((p: readonly Value[]) => f(p).reduce<Value>((t, y) => add(t, sum(sin(y))), scalar(0)))(xs),
    ]
    fc.assert(
      fc.property(fc.tuple(inputs, inputs), fc.integer({ min: 1, max: 7 }), ([xs, zs], choice) => {
        const varies = [0, 1, 2].map((k) => ((choice >> k) & 1) === 1)
        const members = [xs, xs.map((x, k) => (varies[k] ? (zs[k] as Tensor) : x))]
        const batches = xs.map((_, k) => stack(members.map((m) => m[k] as Tensor)))
        const each = (own: readonly Value[]): readonly Value[] => {
          let next = 0
          return of(xs.map((x, k) => (varies[k] ? (own[next++] as Value) : x)))
        }
        const whole = vmap(each)(batches.filter((_, k) => varies[k]))
        const singly = members.map((m) => of(m))
        expectClose(
          whole,
          (singly[0] as readonly Value[]).map((_, k) => stack(singly.map((outs) => outs[k] as Value))),
        )
      }),
      { numRuns: 10 },
    )
  })

  test('evaluate ∘ record = identity, for the gradient too, bit for bit', () => {
    const f = flat((init, xs) => scan(step)(own(init), xs), count)
    const slope = (xs: readonly Value[]): readonly Value[] =>
      grad((p: readonly Value[]) => f(p).reduce<Value>((t, y) => add(t, sum(sin(y))), scalar(0)))(xs)
    fc.assert(
      fc.property(inputs, (xs) => {
        for (const h of [f, slope]) {
          const { program, captured } = record(h)(xs.map(({ shape }) => zeros(shape)))
          expect(captured).toEqual([])
          expectClose(evaluate(program)(xs), h(xs), 0)
        }
      }),
      { numRuns: 10 },
    )
  })
})
