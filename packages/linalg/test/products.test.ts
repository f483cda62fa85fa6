import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type DType,
  dot,
  fromData,
  matmul,
  matrixMap,
  matvec,
  outer,
  type Tensor,
  tensor,
  toNested,
  unitRoundoff,
} from '../src/index.ts'

const filled = (shape: readonly number[], seed: number, dtype: DType = 'float64'): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  const entries = Float64Array.from(
    { length: size },
    (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed) * 2 ** ((i * 7) % 5),
  )
  return fromData(dtype === 'float32' ? Float32Array.from(entries) : entries, shape)
}

/** Entry (i, j) of op(a) · op(b) and of |op(a)| · |op(b)|, by the definition. */
const entry = (a: Tensor, b: Tensor, ta: boolean, tb: boolean, i: number, j: number): readonly [number, number] => {
  const k = ta ? (a.shape[0] as number) : (a.shape[1] as number)
  let [sum, size] = [0, 0]
  for (let l = 0; l < k; l++) {
    const p = a.data[ta ? l * (a.shape[1] as number) + i : i * k + l] as number
    const q = b.data[tb ? j * k + l : l * (b.shape[1] as number) + j] as number
    sum += p * q
    size += Math.abs(p * q)
  }
  return [sum, size]
}

const expectProduct = (m: number, k: number, n: number, ta: boolean, tb: boolean, dtype: DType): void => {
  const a = filled(ta ? [k, m] : [m, k], 1, dtype)
  const b = filled(tb ? [n, k] : [k, n], 2, dtype)
  const product = matmul(a, b, { transposeA: ta, transposeB: tb })
  expect(product.shape).toEqual([m, n])
  expect(product.dtype).toBe(dtype)
  // Both sums are within γ_k of the true one; float32 is rounded once more at the end.
  const gamma = (k * unitRoundoff('float64')) / (1 - k * unitRoundoff('float64'))
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      const [sum, size] = entry(a, b, ta, tb, i, j)
      const bound = 2 * gamma * size + (dtype === 'float32' ? unitRoundoff('float32') * Math.abs(sum) * 1.001 : 0)
      const found = product.data[i * n + j] as number
      if (!(Math.abs(found - sum) <= bound))
        expect.fail(`(${i}, ${j}) of ${m}×${k}×${n}: ${found} for ${sum}, bound ${bound}`)
    }
}

describe.each(['float64', 'float32'] as const)('matmul, %s', (dtype) => {
  const sides = [false, true]

  test('agrees with the definition around every block boundary, in all transpositions', () => {
    for (const [m, k, n] of [
      [1, 1, 1],
      [4, 4, 4],
      [5, 7, 3],
      [3, 300, 2],
      [4, 256, 5],
      [9, 257, 6],
      [33, 513, 18],
      [17, 255, 1],
      [1, 255, 17],
      [40, 1, 40],
      [64, 64, 64],
    ] as const)
      for (const ta of sides) for (const tb of sides) expectProduct(m, k, n, ta, tb, dtype)
  })

  test('agrees with the definition on any small size, empty ones among them', () => {
    const size = fc.integer({ min: 0, max: 24 })
    fc.assert(
      fc.property(size, size, size, fc.boolean(), fc.boolean(), (m, k, n, ta, tb) =>
        expectProduct(m, k, n, ta, tb, dtype),
      ),
      { numRuns: 200 },
    )
  })
})

describe('products', () => {
  test('leading axes are batches', () => {
    const [a, b] = [filled([3, 2, 5], 1), filled([3, 5, 4], 2)]
    const whole = matmul(a, b)
    for (let i = 0; i < 3; i++) {
      const part = matmul(
        fromData(a.data.slice(10 * i, 10 * i + 10), [2, 5]),
        fromData(b.data.slice(20 * i, 20 * i + 20), [5, 4]),
      )
      expect(whole.data.slice(8 * i, 8 * i + 8)).toEqual(part.data)
    }
  })

  test('NaN and infinities are not skipped', () => {
    const big = Array.from({ length: 20 }, (_, i) =>
      Array.from({ length: 20 }, (_, j) => (i === 3 && j === 5 ? Number.NaN : 0)),
    )
    expect(Array.from(matmul(tensor(big), filled([20, 20], 1)).data.slice(60, 80)).every(Number.isNaN)).toBe(true)
    expect(toNested(matmul(tensor([[0, 1]]), tensor([[Infinity], [1]])))).toEqual([[Number.NaN]])
  })

  test('what does not fit is refused before computing', () => {
    expect(() => matmul(filled([3, 2], 1), filled([3, 4], 1))).toThrow(
      'matmul: got float64 [3, 2] · float64 [3, 4]; needs [m, k] · [k, n]',
    )
    expect(() => matmul(filled([2, 2], 1), filled([2, 2], 1, 'float32'))).toThrow('one float dtype')
    expect(() => matmul(tensor([[1]], 'int32'), tensor([[1]], 'int32'))).toThrow('one float dtype')
  })

  test('outer and matvec are products', () => {
    expect(toNested(outer(tensor([1, 2]), tensor([3, 4])))).toEqual([
      [3, 4],
      [6, 8],
    ])
    expect(
      toNested(
        matvec(
          tensor([
            [1, 2],
            [3, 4],
          ]),
          tensor([1, -1]),
        ),
      ),
    ).toEqual([-1, -1])
  })

  test('a matrix and its adjoint belong together', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), fc.nat(99), (m, n, seed) => {
        const a = filled([m, n], seed)
        const [v, w] = [filled([n], seed + 1), filled([m], seed + 2)]
        const map = matrixMap(a)
        const [left, right] = [dot(map.apply(v), w), dot(v, map.adjoint(w))]
        const size = m * n * 16 * 16 * 16
        expect(Math.abs(left - right)).toBeLessThanOrEqual(4 * (m + n) * unitRoundoff('float64') * size)
      }),
    )
  })
})
