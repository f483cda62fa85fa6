import { type Shape, sameShape, tensor, toNested } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concrete, contract, einsum, matmul, record, transpose, type Value } from '../src/index.ts'
import { at, digits, indicesOf, tabulate } from './entries.ts'

const lengths: Readonly<Record<string, number>> = { i: 2, j: 3, k: 1, l: 2, m: 3 }

const shapeOf = (letters: readonly string[]): Shape => letters.map((letter) => lengths[letter] as number)

/** By the definition: for each value of all letters, one product. */
const plain = (
  inputs: readonly (readonly string[])[],
  output: readonly string[],
  operands: readonly Value[],
): Value => {
  const letters = [...new Set(inputs.flat())]
  const sums = new Map<string, number>()
  for (const values of indicesOf(shapeOf(letters))) {
    const indexOf = (names: readonly string[]): readonly number[] =>
      names.map((name) => values[letters.indexOf(name)] as number)
    const term = inputs.reduce((product, names, n) => product * at(operands[n] as Value, indexOf(names)), 1)
    const place = indexOf(output).join()
    sums.set(place, (sums.get(place) ?? 0) + term)
  }
  return tabulate(shapeOf(output), (...index) => sums.get(index.join()) ?? 0)
}

/** One to four operands whose letters may stand anywhere, also twice, and some of them in the result. */
const expressions = fc
  .array(fc.array(fc.constantFrom(...Object.keys(lengths)), { maxLength: 3 }), { minLength: 1, maxLength: 4 })
  .chain((inputs) => fc.tuple(fc.constant(inputs), fc.shuffledSubarray([...new Set(inputs.flat())])))

describe('einsum', () => {
  test('is the sum over all letters', () => {
    fc.assert(
      fc.property(expressions, ([inputs, output]) => {
        const subscripts = `${inputs.map((names) => names.join('')).join(', ')} -> ${output.join('')}`
        const operands = inputs.map((names) => digits(shapeOf(names)))
        const [actual, expected] = [
          concrete(einsum(subscripts, ...operands)),
          concrete(plain(inputs, output, operands)),
        ]
        expect(actual.shape).toEqual(expected.shape)
        // + 0 makes −0 of products with 0 the 0 that it equals.
        expect(actual.data.map((entry) => entry + 0)).toEqual(expected.data.map((entry) => entry + 0))
      }),
      { numRuns: 500 },
    )
  })

  test('without an arrow keeps what stands once, in alphabetical order', () => {
    const [a, b] = [digits([2, 3]), digits([3, 4])]
    expect(concrete(einsum('ba,ac', a, b))).toEqual(concrete(matmul(a, b)))
    expect(concrete(einsum('ba', a))).toEqual(concrete(transpose(a)))
    expect(toNested(concrete(einsum('ii', digits([2, 2]))))).toBe(
      at(digits([2, 2]), [0, 0]) + at(digits([2, 2]), [1, 1]),
    )
  })

  test('an ellipsis stands for leading axes, which stretch', () => {
    const [a, b] = [digits([3, 1, 2, 3]), digits([5, 3, 2])]
    expect(concrete(einsum('...ij,...jk->...ik', a, b))).toEqual(concrete(matmul(a, b)))
    expect(concrete(einsum('...ij,...jk', a, b))).toEqual(concrete(matmul(a, b)))
    expect(einsum('...,...', digits([2, 1]), digits([3])).shape).toEqual([2, 3])
    expect(einsum('...,...', digits([3]), digits([2, 1])).shape).toEqual([2, 3])
    expect(einsum('...i->i...', digits([2, 3, 4])).shape).toEqual([4, 2, 3])
    expect(einsum('...i,...i->...', digits([1, 3]), digits([1, 3])).shape).toEqual([1])
  })

  test('multiplies the smallest first: a matrix times a matrix times a vector is two products with vectors', () => {
    const [a, b] = [digits([20, 20]), digits([20, 20])]
    const { program } = record((v: Value) => einsum('ij,jk,k->i', a, b, v))(digits([20]))
    expect(Math.max(...program.steps.map(({ outs }) => (outs[0]?.shape ?? []).reduce((m, n) => m * n, 1)))).toBe(20)
  })

  test('matrices that lie right are not moved', () => {
    const steps = (subscripts: string, x: Shape, y: Shape): readonly string[] =>
      record((pair: readonly [Value, Value]) => einsum(subscripts, ...pair))([digits(x), digits(y)]).program.steps.map(
        ({ primitive }) => primitive.name,
      )
    for (const subscripts of ['ij,jk->ik', 'ji,jk->ik', 'ij,kj->ik', 'bij,bkj->bik'])
      expect(
        steps(
          subscripts,
          subscripts.startsWith('b') ? [2, 2, 2] : [2, 2],
          subscripts.startsWith('b') ? [2, 2, 2] : [2, 2],
        ),
      ).toEqual(['matmul'])
  })

  const [x, y] = [digits([2, 3]), digits([2, 3])]
  test.each<readonly [string, readonly Value[], string]>([
    ['ij,jk', [x, y], "einsum: got lengths 3 and 2 for 'j'; needs one"],
    ['ij,ij', [x], "einsum: got 1 operands in 'ij,ij'; needs 2"],
    ['ijk', [x], "einsum: got [2, 3] for 'ijk' in 'ijk'; needs rank 3"],
    ['ij->k', [x], "einsum: got 'k' in the result in 'ij->k'; needs letters of the operands"],
    ['ij->ii', [x], "'i' twice in the result"],
    ['i1', [x], "einsum: got 'i1'"],
    ['i...j...', [x], "einsum: got 'i...j...'"],
    ['ij->i->j', [x], 'needs letters'],
    ['...j->j', [x], "'...' in the operands alone"],
    ['...i,...i', [digits([2, 3]), digits([4, 3])], 'got lengths'],
  ])('refuses %s', (subscripts, operands, message) => {
    expect(() => einsum(subscripts, ...operands)).toThrow(message)
  })
})

describe('contract', () => {
  test('puts batch axes first, then what is left of a, then of b', () => {
    const [a, b] = [digits([2, 3, 4, 5]), digits([5, 6, 2, 3])]
    const c = contract(a, b, {
      over: [
        [3, 0],
        [0, 2],
      ],
      batch: [[1], [-1]],
    })
    expect(concrete(c)).toEqual(concrete(einsum('abcd,deab->bce', a, b)))
  })

  test('over nothing is the outer product, of whole numbers too', () => {
    const c = concrete(contract(tensor([1, 2], 'int32'), tensor([3, 4], 'int32'), { over: [[], []] }))
    expect([c.dtype, toNested(c)]).toEqual([
      'int32',
      [
        [3, 4],
        [6, 8],
      ],
    ])
  })

  test('a number takes the dtype of the values', () => {
    expect(einsum('i,->i', tensor([1], 'float32'), 2).dtype).toBe('float32')
  })

  test('refuses lengths that differ and axes named twice', () => {
    const [a, b] = [digits([2, 3]), digits([3, 4])]
    expect(sameShape(contract(a, b, { over: [[1], [0]] }).shape, [2, 4])).toBe(true)
    expect(() => contract(a, b, { over: [[0], [0]] })).toThrow(
      'contract: got over axes of lengths [2] and [3]; needs equal ones',
    )
    expect(() => contract(a, b, { over: [[1], [0]], batch: [[1], [0]] })).toThrow('contract: got axes')
    expect(() => contract(a, b, { over: [[2], [0]] })).toThrow('contract: got axes [2]')
    expect(() => contract(a, b, { over: [[1], []] })).toThrow('contract: got')
  })
})
