import { concrete } from '@secant/autodiff'
import { eye, foldIn, key, matmul, maxAbs, type Shape, split, sub, type Tensor, uniform, zeros } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import {
  convStart,
  denseStart,
  glorotNormal,
  glorotUniform,
  gruStart,
  heNormal,
  heUniform,
  type Initial,
  lstmStackStart,
  lstmStart,
  mlpStart,
  normalOf,
  orthogonal,
  recurrentUniform,
  uniformOf,
  zerosOf,
} from '../src/index.ts'

const seed = key(41)

const momentsOf = ({ data }: Tensor): { readonly mean: number; readonly variance: number } => {
  const mean = Array.from(data).reduce((total, a) => total + a, 0) / data.length
  return { mean, variance: Array.from(data).reduce((total, a) => total + (a - mean) ** 2, 0) / data.length }
}

/** Shapes of 60,000 numbers with what enters and leaves a place. */
const plain = { shape: [600, 100], fanIn: 600, fanOut: 100 }
const kernel = { shape: [3, 4, 50, 100], fanIn: 600, fanOut: 1200 }

const laws: readonly (readonly [
  name: string,
  draw: Initial,
  variance: (fanIn: number, fanOut: number) => number,
  even: boolean,
])[] = [
  ['uniformOf(0.3)', uniformOf(0.3), () => 0.3 ** 2 / 3, true],
  ['normalOf(0.3)', normalOf(0.3), () => 0.3 ** 2, false],
  ['glorotUniform', glorotUniform, (fanIn, fanOut) => 2 / (fanIn + fanOut), true],
  ['glorotNormal', glorotNormal, (fanIn, fanOut) => 2 / (fanIn + fanOut), false],
  ['heUniform', heUniform, (fanIn) => 2 / fanIn, true],
  ['heNormal', heNormal, (fanIn) => 2 / fanIn, false],
  ['recurrentUniform(7)', recurrentUniform(7), () => 1 / 21, true],
]

describe.each(laws)('%s', (_, draw, varianceOf, even) => {
  test.each([plain, kernel])('has mean 0 and its variance for $shape', ({ shape, fanIn, fanOut }) => {
    const [sample] = draw(shape)(seed)
    const variance = varianceOf(fanIn, fanOut)
    const found = momentsOf(sample)
    // Six deviations of the two estimates; the fourth moment is 9/5 of the squared variance, or 3 for normal numbers.
    expect(Math.abs(found.mean)).toBeLessThan(6 * Math.sqrt(variance / 60_000))
    expect(Math.abs(found.variance / variance - 1)).toBeLessThan(6 * Math.sqrt((even ? 0.8 : 2) / 60_000))
    if (even) {
      expect(maxAbs(sample)).toBeLessThanOrEqual(Math.sqrt(3 * variance))
      expect(maxAbs(sample)).toBeGreaterThan(0.99 * Math.sqrt(3 * variance))
    } else expect(maxAbs(sample)).toBeGreaterThan(2.5 * Math.sqrt(variance))
  })

  test('is the same for the same key, in either precision, and hands on a fresh key', () => {
    expect(draw([4, 5])(seed)).toEqual(draw([4, 5])(seed))
    const [sample, next] = draw([4, 5])(seed)
    expect(draw([4, 5])(next)[0]).not.toEqual(sample)
    expect(draw([4, 5], 'float32')(seed)[0].dtype).toBe('float32')
  })
})

describe('orthogonal', () => {
  const shapes: readonly Shape[] = [
    [5, 5],
    [7, 3],
    [3, 7],
    [2, 2, 3, 4],
  ]
  test.each(shapes)('columns or rows of %j, %j are orthonormal', (...shape) => {
    const [q] = orthogonal(shape)(seed)
    const columns = shape.at(-1) as number
    const matrix = { ...q, shape: [q.data.length / columns, columns] }
    const [transposeA, side] =
      (matrix.shape[0] as number) >= columns ? [true, columns] : [false, matrix.shape[0] as number]
    const gram = matmul(matrix, matrix, { transposeA, transposeB: !transposeA })
    expect(q.shape).toEqual(shape)
    expect(maxAbs(sub(gram, eye(side)))).toBeLessThan(1e-14)
  })

  test('no direction is preferred: the entries of many have mean 0 and variance 1/n', () => {
    // Without the choice of signs in linalg's QR the diagonal would have a mean that is not 0.
    const draws = split(seed, 2000).map((k) => orthogonal([3, 3])(k)[0].data)
    for (let entry = 0; entry < 9; entry++) {
      const values = draws.map((data) => data[entry] as number)
      const mean = values.reduce((a, b) => a + b) / 2000
      expect(Math.abs(mean)).toBeLessThan(6 * Math.sqrt(1 / 3 / 2000))
      // The squares have mean 1/n and second moment 3/(n(n + 2)): variance 4/45 for n = 3.
      const square = values.reduce((a, b) => a + b * b, 0) / 2000
      expect(Math.abs(square - 1 / 3)).toBeLessThan(6 * Math.sqrt(4 / 45 / 2000))
    }
  })
})

describe('draws of trees', () => {
  test('zeros leave the key as it is, so a bias does not change what is drawn behind it', () => {
    expect(zerosOf([2])(seed)).toEqual([zeros([2]), seed])
    const [next, child] = split(seed)
    const limit = Math.sqrt(6 / 7)
    expect(denseStart(3, 4)(seed)).toEqual([
      { weights: uniform(child, [3, 4], { min: -limit, max: limit }), bias: zeros([4]) },
      next,
    ])
  })

  test('layers are drawn one after the other', () => {
    const [first, next] = denseStart(3, 4)(seed)
    const [second, last] = denseStart(4, 2)(next)
    expect(mlpStart([3, 4, 2])(seed)).toEqual([[first, second], last])
    const [below, between] = lstmStart(3, 4)(seed)
    expect(lstmStackStart([3, 4, 2])(seed)[0]).toEqual([below, lstmStart(4, 2)(between)[0]])
  })

  test.each([
    ['four gates', lstmStart, 4],
    ['three gates', gruStart, 3],
  ])('a cell of %s: shapes, and all within ±1/√h', (_, start, gates) => {
    const [{ input, recurrent, inputBias, recurrentBias }] = start(3, 5)(seed)
    expect([input, recurrent, inputBias, recurrentBias].map(({ shape }) => shape)).toEqual([
      ...[
        [3, 5 * gates],
        [5, 5 * gates],
      ],
      ...[[5 * gates], [5 * gates]],
    ])
    for (const part of [input, recurrent, inputBias, recurrentBias]) {
      expect(maxAbs(concrete(part))).toBeLessThanOrEqual(1 / Math.sqrt(5))
      expect(maxAbs(concrete(part))).toBeGreaterThan(0.5 / Math.sqrt(5))
    }
    expect(inputBias).not.toEqual(recurrentBias)
  })

  test('weights and biases by other draws', () => {
    const [theta] = gruStart(3, 2, { weights: orthogonal, bias: zerosOf })(foldIn(seed, 1))
    expect(theta.inputBias).toEqual(zeros([6]))
    const rows = concrete(theta.recurrent)
    expect(maxAbs(sub(matmul(rows, rows, { transposeA: false, transposeB: true }), eye(2)))).toBeLessThan(1e-14)
    expect(convStart([2, 3], 4, 5)(seed)[0].kernel.shape).toEqual([2, 3, 4, 5])
  })

  test('a shape without fans, and a bound of 0, are refused', () => {
    expect(() => glorotUniform([3])).toThrow('glorotUniform: got shape [3]; needs […, in, out]')
    for (const draw of [glorotNormal, heUniform, heNormal, orthogonal]) expect(() => draw([])).toThrow('got shape []')
    expect(() => uniformOf(0)([2])(seed)).toThrow('uniform: got [0, 0)')
  })
})
