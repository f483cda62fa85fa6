import { tensor, zeros } from '@secant/linalg'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  concrete,
  flatten,
  grad,
  item,
  mul,
  type Operand,
  sameStructure,
  sum,
  unflatten,
  type Value,
} from '../src/index.ts'

const trees: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.constant(zeros([])),
    fc.constant(tensor([1, 2])),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 3 }), tie('tree'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).tree

test('unflatten undoes flatten', () => {
  fc.assert(
    fc.property(trees, (tree) => {
      const [leaves, structure] = flatten(tree)
      const again = unflatten(structure, leaves)
      expect(again).toEqual(tree)
      expect(sameStructure(flatten(again)[1], structure)).toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('the order of keys does not matter', () => {
  const order = (tree: unknown): readonly number[] => flatten(tree)[0].map(item)
  expect(order({ b: 1, a: [2, 3] })).toEqual(order({ a: [2, 3], b: 1 }))
  expect(sameStructure(flatten({ a: 1 })[1], flatten({ b: 1 })[1])).toBe(false)
  expect(sameStructure(flatten([1])[1], flatten({ 0: 1 })[1])).toBe(false)
})

test('a gradient is nested as its point, and typed as it', () => {
  interface Layer {
    readonly weights: Value
    readonly biases: readonly [Operand, Operand]
  }
  const loss = ({ weights, biases: [a, b] }: Layer): Value => mul(sum(weights), mul(a, b))
  const gradient: Layer = grad(loss)({ weights: tensor([1, 2]), biases: [3, 4] })
  expect(concrete(gradient.weights).data).toEqual(Float64Array.of(12, 12))
  expect(gradient.biases.map(item)).toEqual([12, 9])
})

test('what is not a tree is named with its place', () => {
  expect(() => flatten({ a: [1, 'x'] })).toThrow('tree: got string at .a[1]')
  expect(() => flatten(new Float64Array(2))).toThrow('Float64Array (wrap it in fromData) at the top')
  expect(() => flatten(undefined)).toThrow('tree: got undefined at the top')
})
