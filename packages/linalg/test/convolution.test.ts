import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  cast,
  convolve,
  convolvedShape,
  convolveToImage,
  convolveToKernel,
  matmul,
  overlapAdd,
  type Pair,
  reshape,
  type Shape,
  sizeOf,
  type Window,
  windows,
  windowsShape,
} from '../src/index.ts'
import { at, inner, numbered, tabulate } from './entries.ts'

const pair = (min: number, max: number): fc.Arbitrary<Pair> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }))

const geometries: fc.Arbitrary<readonly [Shape, Window]> = fc
  .tuple(fc.nat(2), pair(0, 5), fc.nat(2), pair(1, 3), pair(1, 3), pair(1, 2), pair(0, 2), pair(0, 2))
  .map(([n, sides, c, size, strides, dilation, before, after]) => [
    [n, ...sides, c],
    { size, strides, dilation, before, after },
  ])

describe('windows', () => {
  test('entry by entry', () => {
    fc.assert(
      fc.property(geometries, ([image, window]) => {
        const x = numbered(image)
        const { strides, dilation, before } = window
        const shape = windowsShape('windows', image, window)
        const plain = tabulate(shape, ([n, i, j, p, q, c]) => {
          const y = (i as number) * strides[0] + (p as number) * dilation[0] - before[0]
          const z = (j as number) * strides[1] + (q as number) * dilation[1] - before[1]
          const inside = y >= 0 && y < (image[1] as number) && z >= 0 && z < (image[2] as number)
          return inside ? at(x, [n as number, y, z, c as number]) : 0
        })
        expect(windows(x, window)).toEqual(plain)
      }),
      { numRuns: 300 },
    )
  })

  test('take every place that fits, and no more', () => {
    fc.assert(
      fc.property(geometries, ([image, window]) => {
        const shape = windowsShape('windows', image, window)
        for (const axis of [0, 1] as const) {
          const padded = (image[axis + 1] as number) + window.before[axis] + window.after[axis]
          const fits = (place: number): boolean =>
            place * window.strides[axis] + (window.size[axis] - 1) * window.dilation[axis] < padded
          const places = shape[axis + 1] as number
          expect([places === 0 || fits(places - 1), fits(places)]).toEqual([true, false])
        }
      }),
    )
  })

  test('overlapAdd is their adjoint', () => {
    fc.assert(
      fc.property(geometries, ([image, window]) => {
        const x = numbered(image)
        const w = numbered(windowsShape('windows', image, window))
        expect(inner(windows(x, window), w)).toBe(inner(x, overlapAdd(w, window, image)))
      }),
    )
  })

  const one: Window = { size: [1, 1], strides: [1, 1], dilation: [1, 1], before: [0, 0], after: [0, 0] }
  test.each<readonly [string, () => unknown, string]>([
    ['rank', () => windows(numbered([2, 2]), one), 'windows: got [2, 2] under windows [1,1]'],
    ['strides', () => windows(numbered([1, 1, 1, 1]), { ...one, strides: [0, 1] }), 'by [0,1]'],
    ['padding', () => windows(numbered([1, 1, 1, 1]), { ...one, before: [0, -1] }), 'padded [0,-1]'],
    ['sizes', () => windows(numbered([1, 1, 1, 1]), { ...one, size: [1.5, 1] }), 'windows [1.5,1]'],
    [
      'parts',
      () => overlapAdd(numbered([1, 1]), one, [1, 1, 1, 1]),
      'overlapAdd: got [1, 1]; needs [1, 1, 1, 1, 1, 1]',
    ],
    [
      'channels',
      () => convolve(numbered([1, 2, 2, 3]), numbered([1, 1, 2, 1]), one),
      'convolve: got float64 [1, 2, 2, 3]',
    ],
    ['dtypes', () => convolve(numbered([1, 2, 2, 1]), numbered([1, 1, 1, 1], 'float32'), one), 'of one dtype'],
  ])('refuses other %s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})

describe('convolution', () => {
  const triples = fc.tuple(geometries, fc.integer({ min: 1, max: 3 })).map(([[image, window], o]) => {
    const [x, k] = [numbered(image), numbered([...window.size, image[3] as number, o])]
    return { window, image, x, k, y: numbered(convolvedShape(x, k, window)) }
  })

  test('is the product of rows under windows with the kernel', () => {
    fc.assert(
      fc.property(triples, ({ window, x, k, y }) => {
        const under = windows(x, window)
        const depth = sizeOf(k.shape.slice(0, 3))
        const rows = reshape(under, [sizeOf(under.shape.slice(0, 3)), depth])
        const product = matmul(rows, reshape(k, [depth, k.shape[3] as number]))
        expect(convolve(x, k, window)).toEqual(reshape(product, y.shape))
      }),
    )
  })

  test('⟨x ∗ k, y⟩ = ⟨x, image of (y, k)⟩ = ⟨k, kernel of (x, y)⟩', () => {
    fc.assert(
      fc.property(triples, ({ window, image, x, k, y }) => {
        const value = inner(convolve(x, k, window), y)
        expect(inner(x, convolveToImage(y, k, window, image))).toBe(value)
        expect(inner(k, convolveToKernel(x, y, window))).toBe(value)
      }),
    )
  })

  test('of more images than are laid out at a time is that of each', () => {
    const window: Window = { size: [3, 3], strides: [1, 1], dilation: [1, 1], before: [1, 1], after: [1, 1] }
    const digits = (shape: Shape) => tabulate(shape, (index) => index.reduce((sum, i) => (7 * sum + i) % 5, 0))
    const [x, k] = [digits([5, 40, 50, 2]), digits([3, 3, 2, 3])]
    const y = convolve(x, k, window)
    const each = x.data.length / 5
    for (let i = 0; i < 5; i++) {
      const alone = { ...x, shape: x.shape.with(0, 1), data: x.data.slice(i * each, (i + 1) * each) }
      const size = y.data.length / 5
      expect(y.data.slice(i * size, (i + 1) * size)).toEqual(convolve(alone, k, window).data)
    }
    expect(inner(x, convolveToImage(y, k, window, x.shape))).toBe(inner(y, y))
    expect(inner(k, convolveToKernel(x, y, window))).toBe(inner(y, y))
  })

  test('float32 is summed in double and rounded once', () => {
    const window: Window = { size: [1, 3], strides: [1, 1], dilation: [1, 1], before: [0, 0], after: [0, 0] }
    const x = tabulate([1, 1, 3, 1], ([, , i]) => [2 ** 24, 1, 1][i as number] as number, 'float32')
    const y = convolve(
      x,
      cast(
        tabulate([1, 3, 1, 1], () => 1),
        'float32',
      ),
      window,
    )
    expect([y.dtype, y.data[0]]).toEqual(['float32', 2 ** 24 + 2])
  })
})
