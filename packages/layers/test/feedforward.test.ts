import { concrete, flatten, relu, tanh } from '@secant/autodiff'
import { key, normal, split, tensor, zeros } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import { type Conv, conv, convStart, dense, denseStart, mlp, mlpStart, normalOf } from '../src/index.ts'
import { affine, expectClose, rowOf, rowsOf } from './textbook.ts'

const [forTheta, forX] = split(key(31))
const starting = { bias: normalOf(1) }

describe('dense', () => {
  const [theta] = denseStart(3, 2, starting)(forTheta)

  test('is x W + b, sum by sum', () => {
    const x = normal(forX, [4, 3])
    const expected = rowsOf(x).map((row) => affine(row, rowsOf(theta.weights), rowOf(theta.bias)))
    expectClose(dense(theta, x), tensor(expected))
    expectClose(dense(theta, tensor(rowsOf(x)[0] as number[])), tensor(expected[0] as number[]))
  })

  test.each([
    ['a bias of one', [1], [4, 3], 'dense: got bias [1] for results [4, 2]; needs [2]'],
    ['a bias for each row', [4, 2], [4, 3], 'dense: got bias [4, 2]'],
    ['other inputs', [2], [4, 5], 'matmul: got float64 [4, 5] · float64 [3, 2]'],
  ])('refuses %s', (_, bias, x, message) => {
    expect(() => dense({ ...theta, bias: zeros(bias) }, zeros(x))).toThrow(message)
  })
})

describe('mlp', () => {
  const [theta] = mlpStart([3, 5, 4, 2], starting)(forTheta)
  const x = normal(forX, [6, 3])

  test.each([
    ['tanh', tanh, Math.tanh],
    ['relu', relu, (a: number) => Math.max(a, 0)],
  ])('is the textbook network, %s inside and nothing at the end', (_, activation, plain) => {
    const expected = rowsOf(x).map((row) => {
      let inputs = row
      theta.forEach(({ weights, bias }, layer) => {
        const sums = affine(inputs, rowsOf(weights), rowOf(bias))
        inputs = layer === theta.length - 1 ? sums : sums.map(plain)
      })
      return inputs
    })
    expectClose(mlp(activation)(theta, x), tensor(expected))
  })

  test('of one layer is dense, of none the identity', () => {
    const [one] = mlpStart([3, 2])(forTheta)
    expect(mlp(tanh)(one, x)).toEqual(dense(one[0] as (typeof one)[number], x))
    expect(mlp(tanh)([], x)).toBe(x)
  })
})

describe('conv', () => {
  const [theta] = convStart([2, 3], 2, 4, starting)(forTheta)
  const x = normal(forX, [2, 4, 5, 2])

  /** One number of a result, by the definition: where the kernel lies over zeros it adds nothing. */
  const sumAt = ({ kernel, bias }: Conv, n: number, top: number, left: number, o: number): number => {
    let total = concrete(bias).data[o] as number
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 3; j++)
        for (let c = 0; c < 2; c++) {
          const [row, column] = [top + i, left + j]
          if (row < 0 || row >= 4 || column < 0 || column >= 5) continue
          const [entry, weight] = [((n * 4 + row) * 5 + column) * 2 + c, ((i * 3 + j) * 2 + c) * 4 + o]
          total += (x.data[entry] as number) * (concrete(kernel).data[weight] as number)
        }
    return total
  }

  const everywhere = (rows: number, columns: number, at: (n: number, r: number, c: number, o: number) => number) =>
    tensor(
      [0, 1].map((n) =>
        Array.from({ length: rows }, (_, r) =>
          Array.from({ length: columns }, (_, c) => [0, 1, 2, 3].map((o) => at(n, r, c, o))),
        ),
      ),
    )

  test('is the sum over taps and channels, and the bias of the channel, at each place', () => {
    expectClose(
      conv()(theta, x),
      everywhere(3, 3, (n, r, c, o) => sumAt(theta, n, r, c, o)),
    )
  })

  test('with strides, over zeros around the image', () => {
    const sliding = {
      strides: [2, 2],
      padding: [
        [1, 1],
        [1, 1],
      ],
    } as const
    expectClose(
      conv(sliding)(theta, x),
      everywhere(3, 3, (n, r, c, o) => sumAt(theta, n, 2 * r - 1, 2 * c - 1, o)),
    )
  })

  test('refuses a bias of another number of channels', () => {
    expect(() => conv()({ ...theta, bias: zeros([2]) }, x)).toThrow('conv: got bias [2] for results [2, 3, 3, 4]')
  })
})

describe('float32', () => {
  test('parameters and inputs give float32', () => {
    const [theta] = mlpStart([2, 3, 1], { dtype: 'float32' })(forTheta)
    expect(flatten(theta)[0].map(({ dtype }) => dtype)).toEqual(Array(4).fill('float32'))
    expect(mlp(tanh)(theta, zeros([2, 2], 'float32')).dtype).toBe('float32')
    const [kernel] = convStart([2, 2], 1, 1, { dtype: 'float32' })(forTheta)
    expect(conv()(kernel, zeros([1, 3, 3, 1], 'float32')).dtype).toBe('float32')
  })
})
