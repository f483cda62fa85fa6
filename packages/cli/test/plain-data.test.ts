import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { decodePlainData, encodePlainData } from '../src/plain-data.ts'

const number = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
)

const key = fc.oneof(fc.string(), fc.constantFrom('$', '$$', '$x', '__proto__', 'constructor', 'base64'))

const data: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    number,
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.array(number).map((list) => Float64Array.from(list)),
    fc.array(number).map((list) => Float32Array.from(list)),
    fc.array(fc.integer()).map((list) => Int32Array.from(list)),
    fc.uint8Array(),
    fc.array(tie('tree')),
    fc.array(fc.tuple(key, tie('tree'))).map((entries) => Object.fromEntries(entries)),
  ),
})).tree

const through = (value: unknown): unknown => decodePlainData(JSON.parse(JSON.stringify(encodePlainData(value))))

test('what was written is read, bit for bit', () => {
  fc.assert(
    fc.property(data, (value) => {
      expect(isDeepStrictEqual(through(value), E.right(value))).toBe(true) // tells 0 from -0
    }),
  )
})

test('a view brings only what it shows, and keeps the bits of a NaN', () => {
  const bits = new Float64Array(new BigUint64Array([0x7ff800000000beefn, 1n, 2n]).buffer)
  const back = through(bits.subarray(0, 1))
  if (!E.isRight(back as E.Either<string, unknown>)) throw new Error('not read')
  const { buffer } = (back as E.Right<Float64Array>).right
  expect(new BigUint64Array(buffer as ArrayBuffer)).toEqual(new BigUint64Array([0x7ff800000000beefn]))
})

describe('what is no data is refused with its place', () => {
  test.each([
    [{ a: [1, () => 1] }, 'state: got a function at .a[1]; needs'],
    [undefined, 'state: got undefined at the top'],
    [new Map(), 'state: got a Map at the top'],
    [{ a: new BigInt64Array(1) }, 'state: got a BigInt64Array at .a'],
  ])('%#', (value, message) => {
    expect(() => encodePlainData(value)).toThrow(message)
  })

  test.each([
    [{ $: 'nan' }, 'the top: needs a number or a typed array'],
    [[{ $: '-0', more: 1 }], '[0]: needs a number or a typed array'],
    [{ a: { $: 'Float64Array' } }, '.a: needs a number or a typed array'],
    [{ $: 'Float64Array', base64: 'AAAA' }, 'the top: needs whole entries of a Float64Array'],
    [{ $: 'Uint8Array', base64: '!AAA' }, 'the top: needs whole entries of a Uint8Array'],
    [{ $: 'BigInt64Array', base64: '' }, 'the top: needs a number or a typed array'],
    [{ $: 1 }, 'the top: needs a number or a typed array'],
  ])('%j', (json, message) => {
    const decoded = decodePlainData(json)
    expect(E.isLeft(decoded) && decoded.left).toContain(message)
  })
})
