import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digamma, erf, erfc, lgamma, polygamma } from '../src/index.ts'

interface Fixture {
  readonly erf: readonly (readonly [number, number])[]
  readonly erfc: readonly (readonly [number, number])[]
  readonly lgamma: readonly (readonly [number, number])[]
  readonly polygamma: readonly (readonly [number, number, number])[]
}

const known: Fixture = JSON.parse(readFileSync(new URL('fixtures/special-functions.json', import.meta.url), 'utf8'))

/** Relative to the value, or to what its terms were before they cancelled. */
const expectNear = (found: number, value: number, tolerance: number, size = Math.abs(value)): void => {
  expect(Math.abs(found - value), `got ${found}, needs ${value}`).toBeLessThanOrEqual(tolerance * size)
}

describe('against values with 60 digits', () => {
  test.each(known.erf)('erf(%d)', (x, value) => expectNear(erf(x), value, 1e-15))
  test.each(known.erfc)('erfc(%d)', (x, value) => expectNear(erfc(x), value, 3e-15))
  // Between negative integers the terms are about |x| log |x|.
  test.each(known.lgamma)('lgamma(%d)', (x, value) =>
    expectNear(lgamma(x), value, 2e-15, x > 0 ? Math.abs(value) : Math.abs(value) + Math.abs(x) * 4),
  )
  // Near the zeros of digamma its terms are about 1; those of the reflection are powers of π beside the value.
  test.each(known.polygamma)('polygamma(%d, %d)', (order, x, value) =>
    expectNear(
      polygamma(order, x),
      value,
      5e-15,
      Math.abs(value) + (order === 0 ? 1 : 0) + (x < 0 ? Math.abs(polygamma(order, 1 - x)) : 0),
    ),
  )
})

const positive = fc.integer({ min: 1, max: 4000 }).map((k) => k / 200)

describe('laws', () => {
  test('erf + erfc = 1, and erf is odd', () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (x) => {
        expectNear(erf(x) + erfc(x), 1, 1e-15)
        expect(erf(-x)).toBe(-erf(x))
      }),
    )
  })

  test('Γ(x + 1) = x Γ(x), and its logarithmic derivatives', () => {
    fc.assert(
      fc.property(positive, (x) => {
        const [low, high] = [lgamma(x), lgamma(x + 1)]
        expectNear(high - low, Math.log(x), 1e-14, 1 + Math.abs(low) + Math.abs(high))
        expectNear(digamma(x + 1) - digamma(x), 1 / x, 1e-14, 1 + 1 / x + Math.abs(digamma(x)))
        for (const order of [1, 2, 3]) {
          const step = (order % 2 === 0 ? 1 : -1) * (order === 3 ? 6 : order) * x ** -(order + 1)
          const size = Math.abs(polygamma(order, x)) + Math.abs(step)
          expectNear(polygamma(order, x + 1) - polygamma(order, x), step, 1e-14, size)
        }
      }),
    )
  })

  test('the duplication formula, log Γ(2x) = log Γ(x) + log Γ(x + ½) + (2x − 1) log 2 − ½ log π', () => {
    fc.assert(
      fc.property(positive, (x) => {
        const parts = [lgamma(x), lgamma(x + 0.5), (2 * x - 1) * Math.LN2, -0.5 * Math.log(Math.PI)]
        const size = parts.reduce((total, part) => total + Math.abs(part), 0)
        expectNear(
          lgamma(2 * x),
          parts.reduce((total, part) => total + part, 0),
          1e-14,
          size,
        )
      }),
    )
  })
})

test('ends and poles', () => {
  expect([erf(Infinity), erf(-Infinity), erfc(Infinity), erfc(-Infinity)]).toEqual([1, -1, 0, 2])
  expect([erf(Number.NaN), erfc(Number.NaN), lgamma(Number.NaN), digamma(Number.NaN)]).toEqual(
    Array(4).fill(Number.NaN),
  )
  expect([0, -1, -20].map(lgamma)).toEqual([Infinity, Infinity, Infinity])
  expect([0, -1, -20].map(digamma)).toEqual([Number.NaN, Number.NaN, Number.NaN])
  expect([lgamma(Infinity), digamma(Infinity), polygamma(1, Infinity)]).toEqual([Infinity, Infinity, 0])
  expect([lgamma(1), lgamma(2)].map(Math.abs)).toEqual([0, 0])
  expect(Object.is(erf(-0), -0)).toBe(true)
})
