import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { decodeTrace, encodeHeader, encodeIterate, type Trace } from '../src/index.ts'

const traces: fc.Arbitrary<Trace> = fc.integer({ min: 0, max: 3 }).chain((n) => {
  const number = fc.double()
  const vector = fc.array(number, { minLength: n, maxLength: n })
  const header = fc.record(
    {
      method: fc.string(),
      n: fc.constant(n),
      options: fc.constant({ rate: 1 }),
      constants: fc.record({ L: number, minimum: number }),
    },
    { requiredKeys: ['method', 'n', 'options'] },
  )
  const iterate = fc.record(
    {
      k: fc.nat(),
      x: vector,
      f: number,
      g: vector,
      evaluations: fc.nat(),
      seconds: number,
      d: vector,
      alpha: number,
      p: vector,
    },
    { requiredKeys: ['k', 'x', 'f', 'g', 'evaluations', 'seconds'] },
  )
  return fc.record({ header, iterates: fc.array(iterate, { maxLength: 3 }) }) as fc.Arbitrary<Trace>
})

/** JSON does not keep the sign of zero. */
const withoutNegativeZero = (value: unknown): unknown => {
  if (typeof value === 'number') return value === 0 ? 0 : value
  if (Array.isArray(value)) return value.map(withoutNegativeZero)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, withoutNegativeZero(child)]))
  return value
}

test('what was written is read, infinities and NaN included', () => {
  fc.assert(
    fc.property(traces, ({ header, iterates }) => {
      const text = encodeHeader(header) + iterates.map(encodeIterate).join('')
      expect(decodeTrace(text)).toEqual(E.right(withoutNegativeZero({ header, iterates })))
    }),
  )
})

describe('what is wrong is named with its line', () => {
  const head = encodeHeader({ method: 'm', n: 1, options: {} })
  const line = { k: 0, x: [1], f: 1, g: [1], evaluations: 1, seconds: 0 }
  test.each([
    ['', 1, 'needs a JSON object'],
    ['{"method":"m"}', 1, '"secant-trace" needs to be 1'],
    ['{"secant-trace":1,"n":1,"options":{}}', 1, '"method" needs a string'],
    ['{"secant-trace":1,"method":"m","n":-1,"options":{}}', 1, '"n" needs a whole number'],
    ['{"secant-trace":1,"method":"m","n":1}', 1, '"options" needs an object'],
    ['{"secant-trace":1,"method":"m","n":1,"options":{},"constants":{"L":"x"}}', 1, '"constants.L" needs a number'],
    [`${head}[]`, 2, 'needs a JSON object'],
    [`${head}${JSON.stringify({ ...line, x: [1, 2] })}`, 2, '"x" needs 1 numbers'],
    [`${head}${JSON.stringify({ ...line, k: 0.5 })}`, 2, '"k" needs a whole number'],
    [`${head}${JSON.stringify({ ...line, evaluations: 'NaN' })}`, 2, '"evaluations" needs a whole number'],
    [`${head}${JSON.stringify({ ...line, f: 'one' })}`, 2, '"f" needs a number'],
    [`${head}${JSON.stringify(line)}\n${JSON.stringify({ ...line, alpha: [] })}`, 3, '"alpha" needs a number'],
  ])('%j', (text, line, message) => {
    expect(decodeTrace(text)).toEqual(E.left({ kind: 'bad trace', line, message }))
  })
})
