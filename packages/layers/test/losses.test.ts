import { checkDerivative, concrete, grad, item, oneHot, type Value, valueAndGrad } from '@secant/autodiff'
import { foldIn, fromData, key, normal, tensor, uniform, zeros } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import { binaryCrossEntropy, crossEntropy, huber, meanSquaredError } from '../src/index.ts'
import { logistic, type Row, rowsOf } from './textbook.ts'

const seeds = (i: number) => foldIn(key(51), i)
const meanOf = (values: Row): number => values.reduce((a, b) => a + b) / values.length

const logits = normal(seeds(0), [4, 3])
const classes = [2, 0, 1, 1]
const labels = tensor(classes, 'int32')

describe('values are those of the formulas, entry by entry', () => {
  test('crossEntropy', () => {
    const expected = meanOf(
      rowsOf(logits).map((row, i) => {
        const total = row.reduce((sum, z) => sum + Math.exp(z), 0)
        return -Math.log(Math.exp(row[classes[i] as number] as number) / total)
      }),
    )
    expect(item(crossEntropy(logits, labels))).toBeCloseTo(expected, 14)
    expect(item(crossEntropy(logits, oneHot(labels, 3)))).toBeCloseTo(expected, 14)
  })

  test('crossEntropy of one row and of stacks of rows', () => {
    const first = item(crossEntropy(tensor(rowsOf(logits)[0] as number[]), tensor(2, 'int32')))
    expect(first).toBeCloseTo(item(crossEntropy(tensor([rowsOf(logits)[0] as number[]]), tensor([2], 'int32'))), 15)
    const stacked = crossEntropy(fromData(logits.data, [2, 2, 3]), fromData(labels.data, [2, 2]))
    expect(item(stacked)).toBeCloseTo(item(crossEntropy(logits, labels)), 15)
  })

  test('binaryCrossEntropy', () => {
    const targets = uniform(seeds(1), [12])
    const expected = meanOf(
      Array.from(logits.data, (z, i) => {
        const t = targets.data[i] as number
        return -t * Math.log(logistic(z)) - (1 - t) * Math.log(1 - logistic(z))
      }),
    )
    expect(item(binaryCrossEntropy(fromData(logits.data), targets))).toBeCloseTo(expected, 14)
  })

  test('meanSquaredError and huber, on both sides of the bend and at it', () => {
    const prediction = tensor([0, 0.5, 1, 3, -1, -4])
    const squares = [0, 0.25, 1, 9, 1, 16]
    expect(item(meanSquaredError(prediction, zeros([6])))).toBeCloseTo(meanOf(squares), 15)
    expect(item(huber(prediction, zeros([6])))).toBeCloseTo(meanOf([0, 0.125, 0.5, 2.5, 0.5, 3.5]), 15)
    expect(item(huber(prediction, zeros([6]), 2))).toBeCloseTo(meanOf([0, 0.125, 0.5, 4, 0.5, 6]), 15)
    expect(Array.from(concrete(grad((x: Value) => huber(x, zeros([6])))(prediction)).data)).toEqual(
      [0, 0.5, 1, 1, -1, -1].map((slope) => expect.closeTo(slope / 6, 15)),
    )
  })

  test('huber is the squared error, halved, for a wide bend: all its derivatives at 0 too', () => {
    const slope = (x: Value): Value => grad((v: Value) => huber(v, zeros([]), 10))(x)
    expect(item(grad(slope)(tensor(0)))).toBe(1)
  })
})

describe('at |logit| = 1000', () => {
  const far = tensor([
    [1000, -1000],
    [-1000, 1000],
    [1000, 1000],
  ])

  test('crossEntropy is exact, and so is its gradient', () => {
    const [value, slope] = valueAndGrad((z: Value) => crossEntropy(z, tensor([0, 0, 1], 'int32')))(far)
    expect(item(value)).toBeCloseTo((2000 + Math.LN2) / 3, 12)
    const expected = [0, 0, -1, 1, 0.5, -0.5]
    expect(Array.from(concrete(slope).data)).toEqual(expected.map((entry) => expect.closeTo(entry / 3, 15)))
  })

  test('binaryCrossEntropy is exact, and so is its gradient', () => {
    const [value, slope] = valueAndGrad((z: Value) => binaryCrossEntropy(z, tensor([1, 1, 0, 0])))(
      tensor([1000, -1000, 1000, -1000]),
    )
    expect(item(value)).toBe(500)
    expect(Array.from(concrete(slope).data)).toEqual([0, -0.25, 0.25, 0].map((entry) => expect.closeTo(entry, 15)))
  })

  test('a loss that is almost 0 keeps its digits', () => {
    expect(item(binaryCrossEntropy(tensor([40]), tensor([1]))) / Math.exp(-40)).toBeCloseTo(1, 14)
    expect(item(binaryCrossEntropy(tensor([-40]), tensor([0]))) / Math.exp(-40)).toBeCloseTo(1, 14)
  })

  test('a class that is ruled out has a logit of −∞, as index and as probability', () => {
    const ruledOut = tensor([[0, Number.NEGATIVE_INFINITY, 0]])
    for (const target of [tensor([2], 'int32'), tensor([[0, 0, 1]])]) {
      const [value, slope] = valueAndGrad((z: Value) => crossEntropy(z, target))(ruledOut)
      expect(item(value)).toBeCloseTo(Math.LN2, 15)
      expect(Array.from(concrete(slope).data)).toEqual([0.5, 0, -0.5])
    }
  })

  test('huber and meanSquaredError agree with differences', () => {
    for (const loss of [huber, meanSquaredError]) {
      const f = (z: Value): Value => loss(z, zeros([3, 2]))
      expect(checkDerivative(f, far)).toMatchObject({ agrees: true })
    }
  })
})

describe('what would stretch is refused', () => {
  test.each([
    [
      'a column beside a row',
      () => meanSquaredError(zeros([3, 1]), zeros([3])),
      'meanSquaredError: got [3, 1] and [3]',
    ],
    ['a single target', () => huber(zeros([3]), zeros([1])), 'huber: got [3] and [1]; needs equal shapes'],
    ['logits beside targets', () => binaryCrossEntropy(zeros([3, 1]), zeros([3])), 'binaryCrossEntropy: got [3, 1]'],
    ['classes for other rows', () => crossEntropy(zeros([3, 2]), zeros([2], 'int32')), 'crossEntropy: got labels [2]'],
    ['one row of probabilities', () => crossEntropy(zeros([3, 2]), zeros([2])), 'crossEntropy: got [3, 2] and [2]'],
    ['a class too many', () => crossEntropy(zeros([1, 2]), tensor([2], 'int32')), 'take'],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(message)
  })
})
