import { add, evaluate, grad, isTracer, mul, recordValues, sin, sum, type Value, type Values } from '@secant/autodiff'
import { type Tensor, zeros } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Case, randomCases } from '../../../test/programs/random-programs.ts'
import { compileProgram } from '../src/index.ts'

/** What a run gives: results, or what it throws. */
const outcome = (run: () => Values | readonly Tensor[]): unknown => {
  try {
    return run()
  } catch (error) {
    return String(error)
  }
}

/** The gradient of one number made of all results. */
const derivative =
  (f: (xs: Values) => Values) =>
  (xs: Values): Values =>
    grad((ys: Values) =>
      f(ys).reduce<Value>((total, y) => add(total, sum(mul(y, sin(y)))), zeros([], xs[0]?.dtype ?? 'float64')),
    )(xs)

const agree = (f: (xs: Values) => Values, xs: readonly Tensor[], unrolled: number | undefined): void => {
  const { program } = recordValues(f, xs)
  const expected = outcome(() => evaluate(program)(xs))
  const { run, target } = compileProgram(program, { target: 'javascript', unrolled })
  expect(target).toBe('javascript')
  expect(outcome(() => run(xs))).toEqual(expected)
}

const orders: readonly (readonly [string, (f: Case['f']) => Case['f'], number])[] = [
  ['values', (f) => f, 180],
  ['first derivatives', derivative, 110],
  ['second derivatives', (f) => derivative(derivative(f)), 35],
]

describe.each(['float64', 'float32'] as const)('random programs in %s', (dtype) => {
  test.each(orders)('%s: compiled JavaScript = evaluator, bit for bit', (_, of, numRuns) => {
    fc.assert(
      fc.property(randomCases(dtype), fc.constantFrom(undefined, 0, 1, 4), ({ f, xs }, unrolled) => {
        expect(xs.some(isTracer)).toBe(false)
        agree(of(f), xs, unrolled)
      }),
      { numRuns },
    )
  })
})
