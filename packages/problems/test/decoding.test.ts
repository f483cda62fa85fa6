import { gzipSync } from 'node:zlib'
import { tensor } from '@secant/linalg'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { decodeCsv, decodeIdx, oneHot, scaleBy, signs, standardise, withOnes } from '../src/index.ts'
import { decodeReferences, readData, unzip } from '../src/node/files.ts'

describe('csv', () => {
  test('what was written is read, whatever the numbers', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(
        fc
          .integer({ min: 2, max: 4 })
          .chain((width) =>
            fc.array(fc.array(number, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }),
          ),
        (rows) => {
          const names = (rows[0] as number[]).map((_, i) => `c${i}`)
          const text = [names.join(','), ...rows.map((row) => row.join(','))].join('\n')
          const table = decodeCsv(`${text}\n`)
          expect(table).toMatchObject({ _tag: 'Right', right: { columns: names } })
          if (E.isLeft(table)) return
          const again = rows.map((_, r) => [
            ...table.right.features.data.slice(r * (names.length - 1), (r + 1) * (names.length - 1)),
            table.right.target.data[r],
          ])
          expect(again).toEqual(rows.map((row) => row.map((a) => (a === 0 ? 0 : a))))
        },
      ),
    )
  })

  test.each([
    ['', 'line 1', '1 columns and 0 rows'],
    ['a,b\n', 'line 1', '2 columns and 0 rows'],
    ['a,\n1,2', 'line 1', '2 columns and 1 rows'],
    ['a,b\n1,2\n3', 'line 3', '1 cells'],
    ['a,b\n1,x', 'line 2, column b', '"x"'],
    ['a,b\n,2', 'line 2, column a', '""'],
    ['a,b\n1,Infinity', 'line 2, column b', '"Infinity"'],
    ['a,b\n1,1e999', 'line 2, column b', '"1e999"'],
    ['a,b\n0x10,1', 'line 2, column a', '"0x10"'],
  ])('%j is malformed at %s', (text, where, found) => {
    expect(decodeCsv(text)).toMatchObject({ _tag: 'Left', left: { kind: 'malformed', where, found } })
  })
})

describe('idx', () => {
  const file = (shape: readonly number[], body: Uint8Array): Uint8Array => {
    const header = new DataView(new ArrayBuffer(4 + 4 * shape.length))
    header.setUint8(2, 8)
    header.setUint8(3, shape.length)
    shape.forEach((length, axis) => {
      header.setUint32(4 + 4 * axis, length)
    })
    return Uint8Array.of(...new Uint8Array(header.buffer), ...body)
  }

  test('what was written is read', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }), fc.nat(255), (shape, seed) => {
        const body = Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i * 37 + seed) % 256)
        const decoded = decodeIdx(file(shape, body))
        expect(decoded).toMatchObject({ _tag: 'Right', right: { shape, data: Float64Array.from(body) } })
      }),
    )
  })

  test('a view into a larger buffer is read from its own start', () => {
    const bytes = file([2], Uint8Array.of(5, 6))
    const larger = Uint8Array.of(9, 9, ...bytes)
    expect(decodeIdx(larger.subarray(2))).toEqual(decodeIdx(bytes))
  })

  test.each([
    ['no magic', Uint8Array.of(1, 0, 8, 1, 0, 0, 0, 0), 'bytes 0 to 3'],
    ['another type', Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0), 'bytes 0 to 3'],
    ['nothing', Uint8Array.of(), 'bytes 0 to 3'],
    ['half a header', Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1), 'the header'],
    ['a body too short', file([3], Uint8Array.of(1, 2)), 'the body'],
    ['a body too long', file([1], Uint8Array.of(1, 2)), 'the body'],
    ['4 · 10⁹ entries promised', file([2 ** 32 - 1, 2 ** 20], Uint8Array.of()), 'the body'],
    ['a gzip file', new Uint8Array(gzipSync(file([1], Uint8Array.of(1)))), 'bytes 0 to 3'],
  ])('%s is malformed', (_, bytes, where) => {
    expect(decodeIdx(bytes)).toMatchObject({ _tag: 'Left', left: { kind: 'malformed', where } })
  })
})

describe('files', () => {
  test('a file that is not there is a missing one', () => {
    expect(readData('free/absent.csv')).toEqual(E.left({ kind: 'missing', file: 'free/absent.csv' }))
  })

  test('what was zipped is unzipped; a damaged file is malformed', () => {
    const zipped = gzipSync('a,b')
    expect(E.map((bytes: Uint8Array) => new TextDecoder().decode(bytes))(unzip('it.gz', zipped))).toEqual(
      E.right('a,b'),
    )
    expect(unzip('it.gz', zipped.subarray(0, zipped.length - 4))).toMatchObject({
      _tag: 'Left',
      left: { kind: 'malformed', where: 'it.gz' },
    })
  })

  test('references are read with all their fields', () => {
    const reference = { data: 'iris', loss: 'softmax', fmin: 0.1, f0: 1, g0Norm: 2 }
    expect(decodeReferences(JSON.stringify([reference]))).toEqual(E.right([reference]))
  })

  test.each([
    ['[', 'text'],
    ['{}', 'other fields'],
    ['[null]', 'other fields'],
    ['[{ "data": "iris", "loss": "softmax", "f0": 1, "g0Norm": 1 }]', 'other fields'],
    ['[{ "data": "iris", "loss": "softmax", "fmin": "0", "f0": 1, "g0Norm": 1 }]', 'other fields'],
  ])('references in %s are malformed', (text, found) => {
    expect(decodeReferences(text)).toMatchObject({ _tag: 'Left', left: { kind: 'malformed', found } })
  })
})

describe('preparation', () => {
  test('labels out of range are refused', () => {
    expect(() => oneHot(tensor([3]), 3)).toThrow('oneHot: got label 3; needs a whole number from 0 to 2')
    expect(signs(tensor([0, 1, 0]))).toEqual(tensor([-1, 1, -1]))
    expect(signs(tensor([0, 1, 0]))).toEqual(tensor([-1, 1, -1]))
    expect(() => signs(tensor([2]))).toThrow('signs: got label 2')
  })

  test('a constant column is only centred, to exact zeros', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), fc.integer({ min: 1, max: 30 }), (a, rows) => {
        const { data } = standardise(tensor(Array.from({ length: rows }, () => [a])))
        expect(data.every((entry) => entry === 0)).toBe(true)
      }),
    )
  })

  test('rows with a single one and multiples are what they say', () => {
    expect(scaleBy(tensor([[8, 4]]), 1 / 16)).toEqual(tensor([[0.5, 0.25]]))
    const rows = oneHot(tensor([2, 0]), 3)
    expect(rows).toEqual(
      tensor([
        [0, 0, 1],
        [1, 0, 0],
      ]),
    )
    expect(() => withOnes(tensor([1, 2]))).toThrow('withOnes: got [2]; needs [rows, columns]')
  })

  test('standardised columns have mean 0 and deviation 1; a column of ones is appended', () => {
    const x = standardise(
      tensor([
        [1, 7, 3],
        [2, 7, -1],
        [6, 7, 0],
      ]),
    )
    for (const column of [0, 2]) {
      const entries = [0, 1, 2].map((row) => x.data[3 * row + column] as number)
      expect(entries.reduce((a, b) => a + b)).toBeCloseTo(0, 14)
      expect(entries.reduce((total, a) => total + a * a, 0) / 3).toBeCloseTo(1, 14)
    }
    expect([1, 4, 7].map((i) => x.data[i])).toEqual([0, 0, 0])
    expect(withOnes(tensor([[1], [2]]))).toEqual(
      tensor([
        [1, 1],
        [2, 1],
      ]),
    )
  })
})
