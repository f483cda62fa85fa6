import { evaluate, item, jvp, type Operand, record } from '@secant/autodiff'
import { scalar } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import {
  constant,
  cosineDecay,
  exponentialDecay,
  inverseTime,
  piecewise,
  polynomialDecay,
  type Schedule,
  thenAfter,
  warmup,
} from '../src/index.ts'

/** A schedule from a first value, beside its formula in plain numbers. */
const cases: readonly (readonly [name: string, at: (start: Operand) => Schedule, plain: (k: number) => number])[] = [
  ['constant', constant, () => 0.3],
  ['exponential decay', (start) => exponentialDecay({ start, factor: 0.8, every: 5 }), (k) => 0.3 * 0.8 ** (k / 5)],
  ['inverse time', (start) => inverseTime({ start, factor: 2, every: 5 }), (k) => 0.3 / (1 + (2 * k) / 5)],
  ['a straight line', (start) => polynomialDecay({ start, end: 0.1, steps: 20 }), (k) => 0.3 - 0.01 * Math.min(k, 20)],
  [
    'polynomial decay',
    (start) => polynomialDecay({ start, steps: 20, power: 2.5 }),
    (k) => 0.3 * (1 - Math.min(k, 20) / 20) ** 2.5,
  ],
  [
    'cosine decay',
    (start) => cosineDecay({ start, end: 0.1, steps: 20 }),
    (k) => 0.1 + 0.1 * (1 + Math.cos((Math.PI * Math.min(k, 20)) / 20)),
  ],
  ['warm-up', (to) => warmup({ from: 0.1, to, steps: 10 }), (k) => 0.1 + 0.02 * Math.min(k, 10)],
  ['piecewise', (first) => piecewise(first, [5, 0.2], [20, 0.1]), (k) => (k < 5 ? 0.3 : k < 20 ? 0.2 : 0.1)],
  [
    'one after another',
    (start) => thenAfter(warmup({ to: start, steps: 5 }), 5, inverseTime({ start })),
    (k) => (k < 5 ? (0.3 * k) / 5 : 0.3 / (1 + k - 5)),
  ],
]

describe.each(cases)('%s', (_, at, plain) => {
  const counts = Array.from({ length: 30 }, (__, k) => k)

  test('has the values of its formula', () => {
    for (const k of counts) expect(Math.abs(item(at(0.3)(k)) - plain(k))).toBeLessThanOrEqual(2e-15 * 0.3)
  })

  test('is recorded once and evaluated for every step', () => {
    const { program } = record((count: Operand) => at(0.3)(count))(scalar(0))
    for (const k of counts) expect(item(evaluate(program)([scalar(k)])[0] as Operand)).toBe(item(at(0.3)(scalar(k))))
  })

  test('is linear in its first value, and differentiates so', () => {
    for (const k of [0, 3, 5, 17, 25]) {
      const rateAt = (value: Operand): Operand => at(value)(k)
      const slope = item(jvp(rateAt)(scalar(0.3), scalar(1))[1])
      expect(slope).toBeCloseTo(item(rateAt(1.3)) - item(rateAt(0.3)), 12)
    }
  })
})

test('a cosine ends at its end, and never below', () => {
  const rate = cosineDecay({ start: 1, steps: 7 })
  for (let k = 0; k <= 20; k++) expect(item(rate(k))).toBeGreaterThanOrEqual(0)
  expect(item(rate(7))).toBeLessThanOrEqual(1e-30)
})

test('nonsense is refused', () => {
  expect(() => warmup({ to: 1, steps: 0 })).toThrow('warmup: got 0 steps; needs a number > 0')
  expect(() => cosineDecay({ start: 1, steps: Number.NaN })).toThrow('needs a number > 0')
  expect(() => exponentialDecay({ start: 1, factor: -1 })).toThrow('exponentialDecay: got factor -1')
  expect(() => piecewise(1, [5, 0.1], [5, 0.2])).toThrow('piecewise: got boundaries 5, 5; needs increasing ones > 0')
})
