import { full, scalar, tensor, zeros } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  add,
  concatenate,
  concrete,
  div,
  dot,
  evaluator,
  exp,
  grad,
  type Interpreter,
  interpretWith,
  item,
  jvp,
  linearize,
  log,
  logSumExp,
  matmul,
  mean,
  mul,
  sigmoid,
  slice,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  type Value,
} from '../src/index.ts'
import { cases, programs } from './cases.ts'
import { tensorOf } from './generators.ts'
import { spectralCases } from './spectral-cases.ts'

/** How many operations a computation carries out. */
const operations = (body: () => unknown): number => {
  let count = 0
  const counter: Interpreter = {
    name: 'count',
    bind: (primitive, args, params) => {
      count++
      return evaluator.bind(primitive, args, params)
    },
  }
  interpretWith(counter, body)
  return count
}

const repeat =
  (times: number, f: (x: Value) => Value) =>
  (x: Value): Value => {
    let y = x
    for (let i = 0; i < times; i++) y = f(y)
    return y
  }

const vector = tensor([0.3, 0.8, 1.4])
const matrix = tensor([
  [1, 2, 3],
  [4, 5, 6],
])

const functions: readonly (readonly [string, (x: Value) => Value, Value])[] = [
  ['x + x, 1,000 deep', repeat(1000, (x) => add(x, x)), scalar(1)],
  ['x · x, 5 deep', repeat(5, (x) => mul(x, x)), scalar(1.1)],
  ['x / x', (x) => div(x, x), scalar(2)],
  ['a continued fraction', repeat(50, (x) => div(x, add(1, x))), scalar(1)],
  [
    'a chain of unary operations',
    repeat(20, (x) => tanh(sigmoid(softplus(exp(log(sqrt(add(square(x), 1)))))))),
    scalar(1),
  ],
  ['logistic loss', (w) => mean(softplus(matmul(matrix, w))), vector],
  ['softmax', (w) => sub(logSumExp(w), dot(w, vector)), vector],
  [
    'Rosenbrock',
    (x) => {
      const [a, b] = [slice(x, [0], [2]), slice(x, [1], [3])]
      return sum(add(mul(100, square(sub(b, square(a)))), square(sub(1, a))))
    },
    vector,
  ],
]

describe('cheap gradients', () => {
  test.each(functions)('%s: at most five times the operations', (_, f, x) => {
    const forward = operations(() => f(x))
    expect(operations(() => grad(f)(x))).toBeLessThanOrEqual(5 * forward)
  })

  test.each(functions)('%s: one direction costs at most four times', (_, f, x) => {
    const v = full(x.shape, 1)
    expect(operations(() => jvp(f)(x, v))).toBeLessThanOrEqual(4 * operations(() => f(x)) + 1)
  })
})

describe('cheap gradients, everywhere', () => {
  const expectCheap = (f: (xs: readonly Value[]) => Value, xs: readonly Value[]): void => {
    const forward = operations(() => f(xs))
    // The slope of a single operation may take several: that of the angle of a point takes 22.
    expect(operations(() => grad(f)(xs))).toBeLessThanOrEqual(5 * forward + 20)
  }

  // One factorization outweighs the products of its derivative: what counts there is counted with them.
  const light = cases.filter((operation) => !spectralCases.includes(operation))

  test.each(light)('$name: at most five times the operations, and a few', ({ f, inputs }) => {
    fc.assert(
      fc.property(inputs, (xs) => expectCheap((list) => sum(f(...list)), xs)),
      { numRuns: 20 },
    )
  })

  test('random programs: at most five times the operations, and a few', () => {
    fc.assert(
      fc.property(programs, tensorOf([3]), (f, x) => expectCheap(([v]) => sum(f(v as Value)), [x])),
      { numRuns: 300 },
    )
  })

  test('what is constant is not differentiated: 100 steps before the unknown comes in', () => {
    const f = ([x]: readonly Value[]): Value => mul(x as Value, repeat(100, tanh)(scalar(1)))
    expect(operations(() => f([scalar(2)]))).toBe(101)
    expect(operations(() => grad(f)([scalar(2)]))).toBe(102)
  })

  test('what is constant is not differentiated: one unknown among 100 parts', () => {
    const parts = Array.from({ length: 99 }, (_, i) => tensor([i]))
    expectCheap(([x]) => sum(concatenate([x as Value, ...parts])), [tensor([1])])
  })
})

describe('long and deep', () => {
  test('a chain 10,000 deep', () => {
    expect(item(grad(repeat(10_000, (x) => add(x, 0.5)))(scalar(0)))).toBe(1)
    expect(item(grad(grad(repeat(10_000, (x) => mul(x, 1))))(scalar(2)))).toBe(0)
  })

  test('a tape of 100,000 entries', () => {
    const [, derivative] = linearize(repeat(100_000, (x) => add(x, 1)))(scalar(0))
    expect(item(derivative.apply(scalar(3)))).toBe(3)
    expect(item(derivative.adjoint(scalar(3)))).toBe(3)
  })

  test('doubling 1,000 times gives 2¹⁰⁰⁰, not 2¹⁰⁰⁰ visits', () => {
    expect(item(grad(repeat(1000, (x) => add(x, x)))(scalar(1)))).toBe(2 ** 1000)
  })

  test('one value used 10,000 times', () => {
    const fan = (x: Value): Value => {
      let total: Value = zeros([])
      for (let i = 0; i < 10_000; i++) total = add(total, x)
      return total
    }
    expect(concrete(grad(fan)(scalar(1))).data[0]).toBe(10_000)
  })
})
