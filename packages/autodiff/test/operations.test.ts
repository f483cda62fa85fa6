import { type Shape, sizeOf, type Tensor } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  add,
  broadcastTo,
  checkDerivative,
  concatenate,
  concrete,
  div,
  dot,
  exp,
  grad,
  greater,
  item,
  jvp,
  linearize,
  log,
  logSumExp,
  matmul,
  max,
  mean,
  mul,
  neg,
  outer,
  pad,
  reshape,
  safeDiv,
  sigmoid,
  slice,
  softplus,
  sqrt,
  square,
  stack,
  sub,
  sum,
  tanh,
  transpose,
  type Value,
  where,
} from '../src/index.ts'
import { broadcastable, shapes, tensorOf } from './generators.ts'

/** An operation and inputs at which it is smooth. */
interface Case {
  readonly name: string
  readonly f: (...xs: readonly Value[]) => Value
  readonly inputs: fc.Arbitrary<readonly Tensor[]>
}

const anyOne = (min = -2, max = 2): fc.Arbitrary<readonly Tensor[]> =>
  shapes.chain((shape) => fc.tuple(tensorOf(shape, min, max)))

const pairs = (low: number, high: number): fc.Arbitrary<readonly Tensor[]> =>
  broadcastable.chain(([a, b]) => fc.tuple(tensorOf(a), tensorOf(b, low, high)))

const ofShape = (...list: readonly Shape[]): fc.Arbitrary<readonly Tensor[]> =>
  fc.tuple(...list.map((shape) => tensorOf(shape)))

const length = fc.integer({ min: 0, max: 4 })

const unary = (name: string, f: (x: Value) => Value, min?: number, max?: number): Case => ({
  name,
  f: (x) => f(x as Value),
  inputs: anyOne(min, max),
})

const binary = (name: string, f: (a: Value, b: Value) => Value, low = -2, high = 2): Case => ({
  name,
  f: (a, b) => f(a as Value, b as Value),
  inputs: pairs(low, high),
})

/** Entries far enough apart that a small step does not change which is largest. */
const spaced: fc.Arbitrary<readonly Tensor[]> = fc
  .shuffledSubarray([-3, -2, -1, 0, 1, 2], { minLength: 6 })
  .map((entries) => [{ dtype: 'float64', shape: [2, 3], data: Float64Array.from(entries) } as const])

const cases: readonly Case[] = [
  unary('neg', neg),
  unary('exp', exp),
  unary('log', log, 0.5, 4),
  unary('sqrt', sqrt, 0.5, 4),
  unary('square', square),
  unary('tanh', tanh),
  unary('sigmoid', sigmoid),
  unary('softplus', softplus),
  binary('add', add),
  binary('sub', sub),
  binary('mul', mul),
  binary('div', div, 0.5, 3),
  binary('safeDiv', (a, b) => safeDiv(a, b, greater(b, 1)), 1.5, 3),
  {
    name: 'where',
    f: (a, b) =>
      where(greater({ dtype: 'float64', shape: [3], data: Float64Array.of(1, -1, 1) }, 0), a as Value, b as Value),
    inputs: fc.oneof(ofShape([3], [3]), ofShape([], [3]), ofShape([3], []), ofShape([2, 3], [1, 3])),
  },
  unary('sum', sum),
  { name: 'sum of an axis, kept', f: (x) => sum(x as Value, { axes: [1], keep: true }), inputs: ofShape([2, 3, 2]) },
  { name: 'mean', f: (x) => mean(x as Value, { axes: [0, 2] }), inputs: ofShape([2, 3, 2]) },
  { name: 'max', f: (x) => max(x as Value, { axes: [1] }), inputs: spaced },
  {
    name: 'logSumExp',
    f: (x) => logSumExp(x as Value, { axes: [-1] }),
    inputs: fc.oneof(ofShape([2, 3]), ofShape([3])),
  },
  {
    name: 'reshape',
    f: (x) => reshape(x as Value, [sizeOf((x as Value).shape)]),
    inputs: anyOne(),
  },
  unary('transpose', (x) => transpose(x)),
  { name: 'transpose by a cycle', f: (x) => transpose(x as Value, [1, 2, 0]), inputs: ofShape([2, 3, 1]) },
  {
    name: 'broadcastTo',
    f: (x) => broadcastTo(x as Value, [2, 3, 4]),
    inputs: fc.oneof(ofShape([3, 1]), ofShape([]), ofShape([4])),
  },
  { name: 'slice', f: (x) => slice(x as Value, [1, 0], [2, 5], [1, 2]), inputs: ofShape([3, 5]) },
  { name: 'slice to nothing', f: (x) => slice(x as Value, [1], [1]), inputs: ofShape([3]) },
  {
    name: 'pad',
    f: (x) => pad(x as Value, [1, 0], [0, 2], [2, 1]),
    inputs: fc.oneof(ofShape([2, 3]), ofShape([0, 2])),
  },
  {
    name: 'concatenate',
    f: (a, b, c) => concatenate([a as Value, b as Value, c as Value], 1),
    inputs: ofShape([2, 1], [2, 0], [2, 3]),
  },
  { name: 'stack', f: (a, b) => stack([a as Value, b as Value]), inputs: ofShape([2], [2]) },
  { name: 'dot', f: (a, b) => dot(a as Value, b as Value), inputs: length.chain((n) => ofShape([n], [n])) },
  {
    name: 'matmul',
    f: (a, b) => matmul(a as Value, b as Value),
    inputs: fc.tuple(length, length, length).chain(([m, k, n]) => ofShape([m, k], [k, n])),
  },
  { name: 'matmul by a vector', f: (a, b) => matmul(a as Value, b as Value), inputs: ofShape([2, 3], [3]) },
  { name: 'matmul of a vector', f: (a, b) => matmul(a as Value, b as Value), inputs: ofShape([2], [2, 3]) },
  { name: 'outer', f: (a, b) => outer(a as Value, b as Value), inputs: ofShape([2], [3]) },
]

const inner = (a: readonly Value[], b: readonly Value[]): number =>
  a.reduce((total, v, leaf) => {
    const [p, q] = [concrete(v).data, concrete(b[leaf] as Value).data]
    return total + Array.from(p).reduce((part, entry, i) => part + entry * (q[i] as number), 0)
  }, 0)

const absolute = (v: Value): Tensor => {
  const { shape, data } = concrete(v)
  return { dtype: 'float64', shape, data: Float64Array.from(data, Math.abs) }
}

/** Entries between −1 and 1 that differ from call to call of one run, from a seed. */
const scattered = (like: readonly Value[], seed: number): readonly Tensor[] =>
  like.map(({ shape }, leaf) => ({
    dtype: 'float64',
    shape,
    data: Float64Array.from({ length: sizeOf(shape) }, (_, i) =>
      Math.sin(12.9898 * (i + 1) + 78.233 * (leaf + 1) + seed),
    ),
  }))

/**
 * ⟨J v, w⟩ = ⟨v, Jᵀ w⟩, to rounding relative to the sizes of the two sums. A composition may cancel on the way (x − x
 * has J = 0 in one mode and rounding in the other): there `cancelled` is the size of what may have gone.
 */
const expectAdjoint = (
  f: (xs: readonly Value[]) => Value,
  xs: readonly Tensor[],
  seed: number,
  cancelled = 1e-290,
): void => {
  const [y, derivative] = linearize(f)(xs as readonly Value[])
  const v = scattered(xs, seed)
  const [w] = scattered([y], seed + 1) as [Tensor]
  const image = derivative.apply(v)
  const pulled = derivative.adjoint(w)
  const size = inner([absolute(image)], [absolute(w)]) + inner(v.map(absolute), pulled.map(absolute))
  expect(Math.abs(inner([image], [w]) - inner(v, pulled))).toBeLessThanOrEqual(1e-12 * (size + cancelled))
}

/** The function along a line, weighted to one number: t ↦ ⟨f(x + t v), w⟩. */
const along = ({ f }: Case, xs: readonly Tensor[], seed: number): ((t: Value) => Value) => {
  const v = scattered(xs, seed)
  return (t) => {
    const y = f(...xs.map((x, i) => add(x, mul(t, v[i] as Tensor))))
    return sum(mul(y, scattered([y], seed + 1)[0] as Tensor))
  }
}

const one: Tensor = { dtype: 'float64', shape: [], data: Float64Array.of(1) }
const zero: Tensor = { dtype: 'float64', shape: [], data: Float64Array.of(0) }

const forward =
  (g: (t: Value) => Value) =>
  (t: Value): Value =>
    jvp(g)(t, one)[1]

describe.each(cases)('$name', (operation) => {
  test('apply and adjoint belong together', () => {
    fc.assert(
      fc.property(operation.inputs, fc.nat(1000), (xs, seed) =>
        expectAdjoint((list) => operation.f(...list), xs, seed),
      ),
      { numRuns: 60 },
    )
  })

  test.each([1, 2, 3])('forward = reverse = differences, order %i', (order) => {
    fc.assert(
      fc.property(operation.inputs, fc.nat(1000), (xs, seed) => {
        let lower = along(operation, xs, seed)
        // The derivatives below the last are taken by turns in either mode, so that the modes meet.
        for (let k = 1; k < order; k++) lower = k % 2 === 1 ? grad(lower) : forward(lower)
        const [byForward, byReverse] = [item(forward(lower)(zero)), item(grad(lower)(zero))]
        const check = checkDerivative(lower, zero as Value, { step: 0.1 })
        expect(Math.abs(byForward - byReverse)).toBeLessThanOrEqual(1e-10 * (1 + Math.abs(byForward)))
        expect(check).toMatchObject({ agrees: true })
      }),
      { numRuns: 25 },
    )
  })
})

describe('random compositions', () => {
  /** Small expressions of one vector, built from operations that stay smooth and bounded. */
  const expressions: fc.Arbitrary<(x: Value) => Value> = fc.letrec<{ e: (x: Value) => Value }>((tie) => ({
    e: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant((x: Value) => x),
      fc.tuple(fc.constantFrom(tanh, sigmoid, softplus, neg), tie('e')).map(
        ([f, e]) =>
          (x: Value) =>
            f(e(x)),
      ),
      fc.tuple(fc.constantFrom(add, sub, mul), tie('e'), tie('e')).map(
        ([f, a, b]) =>
          (x: Value) =>
            f(a(x), b(x)),
      ),
      fc.tuple(tie('e'), tie('e')).map(
        ([a, b]) =>
          (x: Value) =>
            mul(dot(tanh(a(x)), tanh(b(x))), a(x)),
      ),
      tie('e').map((e) => (x: Value) => matmul(outer(tanh(e(x)), tanh(x)), e(x))),
      tie('e').map((e) => (x: Value) => concatenate([slice(e(x), [1], [3]), slice(e(x), [0], [1])])),
    ),
  })).e

  test('apply and adjoint belong together', () => {
    fc.assert(
      fc.property(expressions, tensorOf([3], -1, 1), fc.nat(1000), (f, x, seed) =>
        expectAdjoint(([v]) => f(v as Value), [x], seed, 1),
      ),
      { numRuns: 300 },
    )
  })
})
