import { compileProgram } from '@secant/compile'
import { isFloat, type Tensor, zeros } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { add, evaluate, grad, mul, recordValues, sin, sum, type Value, type Values } from '../src/index.ts'
import { cases, programs } from './cases.ts'
import { tensorOf } from './generators.ts'

// What an operation tells a compiler has to mean what its `impl` does: code made of the one gives the bits of the other,
// whether values are variables, small loops or large ones.

type Functions = (xs: Values) => Values

/** The gradient of one number made of all results. */
const derivative =
  (f: Functions): Functions =>
  (xs) =>
    grad((ys: Values) =>
      f(ys).reduce<Value>((total, y) => (isFloat(y) ? add(total, sum(mul(y, sin(y)))) : total), zeros([])),
    )(xs)

/** What a run gives: results, or what it throws. */
const outcome = (run: () => Values): unknown => {
  try {
    return run()
  } catch (error) {
    return String(error)
  }
}

const unrolled = fc.constantFrom(undefined, 0, 1, 4)

const agree = (f: Functions, xs: readonly Tensor[], limit: number | undefined): void => {
  const { program } = recordValues(f, xs)
  const { run, target } = compileProgram(program, { target: 'javascript', unrolled: limit })
  expect(target).toBe('javascript')
  expect(outcome(() => run(xs))).toEqual(outcome(() => evaluate(program)(xs)))
}

describe('compiled = evaluated, bit for bit', () => {
  test.each(cases)('$name', ({ f, inputs }) => {
    const orders: readonly (readonly [Functions, number])[] = [
      [(xs) => [f(...xs)], 5],
      [derivative((xs) => [f(...xs)]), 4],
      [derivative(derivative((xs) => [f(...xs)])), 1],
    ]
    for (const [g, numRuns] of orders)
      fc.assert(
        fc.property(inputs, unrolled, (xs, limit) => agree(g, xs, limit)),
        { numRuns },
      )
  })

  test('small expressions and their derivatives', () => {
    fc.assert(
      fc.property(programs, tensorOf([3], -1, 1), unrolled, (f, x, limit) => {
        const g: Functions = ([v]) => [f(v as Value)]
        agree(g, [x], limit)
        agree(derivative(g), [x], limit)
        agree(derivative(derivative(g)), [x], limit)
      }),
      { numRuns: 40 },
    )
  })
})
