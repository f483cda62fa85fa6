import { type Pair, reshape, tensor, toNested } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  averagePool2d,
  concrete,
  conv1d,
  conv2d,
  depthwiseConv2d,
  grad,
  maxPool2d,
  mul,
  type Padding,
  type Sliding,
  sum,
  type Value,
  vmap,
} from '../src/index.ts'
import { at, digits, indicesOf, tabulate } from './entries.ts'

const { NEGATIVE_INFINITY: nothing, NaN: nan } = Number

/** Height or width: how many places there are, and the row of the image under a tap, in the image or not. */
interface Track {
  readonly places: number
  readonly row: (place: number, tap: number) => number
}

const trackOf = (length: number, size: number, axis: 0 | 1, sliding: Sliding): Track => {
  const { strides = [1, 1], padding = 'valid', dilation = [1, 1] } = sliding
  const [stride, apart] = [strides[axis], dilation[axis]]
  const reach = (size - 1) * apart + 1
  if (padding === 'same') {
    const places = Math.ceil(length / stride)
    const before = Math.floor(Math.max(0, (places - 1) * stride + reach - length) / 2)
    return { places, row: (place, tap) => place * stride + tap * apart - before }
  }
  const [before, after] = padding === 'valid' ? [0, 0] : padding[axis]
  let places = 0
  while (places * stride + reach <= length + before + after) places++
  return { places, row: (place, tap) => place * stride + tap * apart - before }
}

const entryOf = (x: Value, n: number, y: number, z: number, c: number): number | undefined => {
  const [, h, w] = x.shape as readonly [number, number, number, number]
  return y >= 0 && y < h && z >= 0 && z < w ? at(x, [n, y, z, c]) : undefined
}

const tracksOf = (x: Value, size: Pair, sliding: Sliding): readonly [Track, Track] => [
  trackOf(x.shape[1] as number, size[0], 0, sliding),
  trackOf(x.shape[2] as number, size[1], 1, sliding),
]

/** The seven loops of the textbook. */
const plainConvolution = (x: Value, kernel: Value, sliding: Sliding): Value => {
  const [kh, kw, channels, outs] = kernel.shape as readonly [number, number, number, number]
  const [rows, columns] = tracksOf(x, [kh, kw], sliding)
  return tabulate([x.shape[0] as number, rows.places, columns.places, outs], (...[n, i, j, o]) => {
    let total = 0
    for (let p = 0; p < kh; p++)
      for (let q = 0; q < kw; q++)
        for (let c = 0; c < channels; c++) {
          const entry = entryOf(x, n as number, rows.row(i as number, p), columns.row(j as number, q), c)
          total += (entry ?? 0) * at(kernel, [p, q, c, o as number])
        }
    return total
  })
}

/** What the image has under each place of a window, as a list. */
const plainPool = (x: Value, size: Pair, sliding: Sliding, pool: (entries: readonly number[]) => number): Value => {
  const [rows, columns] = tracksOf(x, size, { strides: size, ...sliding })
  return tabulate([x.shape[0] as number, rows.places, columns.places, x.shape[3] as number], (...[n, i, j, c]) =>
    pool(
      indicesOf(size).flatMap(([p, q]) => {
        const [y, z] = [rows.row(i as number, p as number), columns.row(j as number, q as number)]
        return entryOf(x, n as number, y, z, c as number) ?? []
      }),
    ),
  )
}

const pair = (min: number, max: number): fc.Arbitrary<Pair> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }))

const slidings: fc.Arbitrary<Sliding> = fc.record(
  {
    strides: pair(1, 3),
    padding: fc.oneof(fc.constantFrom<Padding>('valid', 'same'), fc.tuple(pair(0, 2), pair(0, 2))),
    dilation: pair(1, 2),
  },
  { requiredKeys: [] },
)

const images = fc
  .tuple(fc.nat(2), pair(0, 5), fc.integer({ min: 1, max: 2 }))
  .map(([n, sides, c]) => digits([n, ...sides, c]))

/** A padded window over nothing but padding has no mean: NaN, which equals itself here. */
const expectSame = (actual: Value, expected: Value): void => {
  expect(actual.shape).toEqual(expected.shape)
  expect(Array.from(concrete(actual).data, (entry) => entry + 0)).toEqual(
    Array.from(concrete(expected).data, (entry) => entry + 0),
  )
}

describe('against plain loops', () => {
  test('conv2d', () => {
    fc.assert(
      fc.property(images, pair(1, 3), slidings, (x, size, sliding) => {
        const kernel = digits([...size, x.shape[3] as number, 3])
        expectSame(conv2d(x, kernel, sliding), plainConvolution(x, kernel, sliding))
      }),
      { numRuns: 300 },
    )
  })

  test('depthwiseConv2d: a convolution whose kernel does not mix channels', () => {
    fc.assert(
      fc.property(images, pair(1, 3), fc.integer({ min: 1, max: 3 }), slidings, (x, size, m, sliding) => {
        const channels = x.shape[3] as number
        const kernel = digits([...size, channels, m])
        const unmixed = tabulate([...size, channels, channels * m], (...[p, q, c, o]) =>
          Math.floor((o as number) / m) === c ? at(kernel, [p as number, q as number, c, (o as number) % m]) : 0,
        )
        expectSame(depthwiseConv2d(x, kernel, sliding), plainConvolution(x, unmixed, sliding))
      }),
      { numRuns: 200 },
    )
  })

  test('maxPool2d', () => {
    fc.assert(
      fc.property(images, pair(1, 3), slidings, (x, size, sliding) => {
        expectSame(
          maxPool2d(x, size, sliding),
          plainPool(x, size, sliding, (entries) => Math.max(...entries)),
        )
      }),
    )
  })

  test('averagePool2d', () => {
    fc.assert(
      fc.property(images, pair(1, 3), slidings, (x, size, sliding) => {
        const mean = (entries: readonly number[]): number => entries.reduce((a, b) => a + b, 0) / entries.length
        expectSame(averagePool2d(x, size, sliding), plainPool(x, size, sliding, mean))
      }),
    )
  })

  test('conv1d: along the width of images one row high', () => {
    const [x, kernel] = [digits([2, 7, 3]), digits([3, 3, 2])]
    const [wide, flat] = [reshape(x, [2, 1, 7, 3]), reshape(kernel, [1, 3, 3, 2])]
    const expected = plainConvolution(wide, flat, {
      strides: [1, 2],
      padding: [
        [0, 0],
        [3, 1],
      ],
      dilation: [1, 2],
    })
    const actual = conv1d(x, kernel, { stride: 2, padding: [3, 1], dilation: 2 })
    expectSame(actual, { ...concrete(expected), shape: [2, expected.shape[2] as number, 2] })
    expectSame(conv1d(x, kernel, { padding: 'same' }), {
      ...concrete(plainConvolution(wide, flat, { padding: 'same' })),
      shape: [2, 7, 2],
    })
  })
})

describe('pooling', () => {
  const image = (rows: readonly (readonly number[])[]): Value => {
    const x = tensor(rows)
    return reshape(x, [1, ...x.shape, 1])
  }

  test('entries that tie share the derivative equally', () => {
    const g = grad((x: Value) => sum(maxPool2d(x, [2, 2])))(
      image([
        [3, 1],
        [3, 3],
      ]),
    )
    expect(Array.from(concrete(g).data)).toEqual([1 / 3, 0, 1 / 3, 1 / 3])
  })

  test('zeros around the image are no candidates, and get no derivative', () => {
    const x = image([[-1, -2]])
    const pooled = (v: Value): Value =>
      maxPool2d(v, [2, 2], {
        strides: [1, 1],
        padding: [
          [1, 0],
          [1, 1],
        ],
      })
    expect(toNested(concrete(pooled(x)))).toEqual([[[[-1], [-1], [-2]]]])
    expect(Array.from(concrete(grad((v: Value) => sum(pooled(v)))(x)).data)).toEqual([2, 1])
  })

  test('of padding alone: −∞ and NaN', () => {
    const sliding: Sliding = {
      padding: [
        [1, 0],
        [0, 0],
      ],
    }
    expect(toNested(concrete(maxPool2d(image([[5]]), [1, 1], sliding)))).toEqual([[[[nothing]], [[5]]]])
    expect(toNested(concrete(averagePool2d(image([[5]]), [1, 1], sliding)))).toEqual([[[[nan]], [[5]]]])
  })
})

describe('kinds and shapes', () => {
  test('float32 stays, in derivatives too', () => {
    const [x, kernel] = [digits([1, 3, 3, 1], 'float32'), digits([2, 2, 1, 2], 'float32')]
    const f = ([image, weights]: readonly [Value, Value]): Value => {
      const y = averagePool2d(maxPool2d(conv2d(image, weights), [1, 1], { padding: 'same' }), [2, 2], {
        padding: 'same',
      })
      return sum(mul(y, y))
    }
    const [gx, gk] = grad(f)([x, kernel])
    expect([conv2d(x, kernel).dtype, gx.dtype, gk.dtype]).toEqual(['float32', 'float32', 'float32'])
  })

  test('vmap over no kernels is empty', () => {
    const each = vmap((kernel: Value) => conv2d(digits([1, 3, 3, 1]), kernel))
    expect(each(digits([0, 2, 2, 1, 5])).shape).toEqual([0, 1, 2, 2, 5])
  })

  test('refuses other shapes and mixed kinds', () => {
    const [x, kernel] = [digits([1, 3, 3, 2]), digits([2, 2, 2, 1])]
    expect(() => conv2d(digits([3, 3, 2]), kernel)).toThrow('conv2d: got [3, 3, 2] with kernel [2, 2, 2, 1]')
    expect(() => conv2d(x, digits([2, 2, 3, 1]))).toThrow(
      'convolve: got float64 [1, 3, 3, 2] with float64 [2, 2, 3, 1]',
    )
    expect(() => conv2d(x, digits([2, 2, 2, 1], 'float32'))).toThrow('of one dtype')
    expect(() => conv2d(x, kernel, { strides: [0, 1] })).toThrow('lengths ≥ 1')
    expect(() => depthwiseConv2d(x, digits([2, 2, 3, 1]))).toThrow('contract: got')
    expect(() => maxPool2d(digits([3, 3]), [2, 2])).toThrow('windows: got [3, 3]; needs [n, h, w, c]')
  })
})
