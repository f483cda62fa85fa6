import { tensor, zeros } from '@secant/linalg'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  add,
  cast,
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
    fc.constant(null),
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

test('keys are sorted, whatever they are called', () => {
  const tree = { z: 1, 10: 2, 9: 3, A: 4, ['__proto__']: 5, constructor: 6 }
  const [leaves, structure] = flatten(tree)
  expect(leaves.map(item)).toEqual([2, 3, 4, 5, 6, 1])
  const again = unflatten(structure, leaves) as Readonly<Record<string, Operand>>
  expect(Object.keys(again).sort()).toEqual(['10', '9', 'A', '__proto__', 'constructor', 'z'])
  expect(Object.getPrototypeOf(again)).toBe(Object.prototype)
})

test('the gradient of the sum of squares is twice the tree', () => {
  fc.assert(
    fc.property(trees, (tree) => {
      const squares = (t: unknown): Value =>
        flatten(t)[0].reduce<Value>((total, x) => add(total, sum(mul(x, x))), zeros([]))
      const [doubled, nesting] = flatten(grad(squares)(tree))
      const [leaves, structure] = flatten(tree)
      expect(sameStructure(nesting, structure)).toBe(true)
      expect(doubled.map(concrete)).toEqual(leaves.map((x) => concrete(mul(2, x))))
    }),
    { numRuns: 100 },
  )
})

test('leaves keep their own kinds', () => {
  const point = { wide: tensor([1, 2]), narrow: [tensor([3], 'float32'), zeros([0, 2])] } as const
  const gradient = grad(({ wide, narrow }: { wide: Value; narrow: readonly [Value, Value] }) =>
    add(sum(wide), cast(add(sum(narrow[0]), sum(cast(narrow[1], 'float32'))), 'float64')),
  )(point)
  expect([gradient.wide, ...gradient.narrow].map(({ dtype, shape }) => [dtype, shape])).toEqual([
    ['float64', [2]],
    ['float32', [1]],
    ['float64', [0, 2]],
  ])
})

test('a place is told from the top, through arrays and objects', () => {
  expect(() => flatten([{ a: [0, { b: undefined }] }])).toThrow('tree: got undefined at [0].a[1].b')
  expect(() => flatten({ layers: [{ f: () => 1 }] })).toThrow('tree: got function at .layers[0].f')
  expect(() => flatten([new Map()])).toThrow('tree: got a Map at [0]')
  expect(() => grad((_: { n: Value }) => 'x' as unknown as Value)({ n: zeros([]) })).toThrow(
    'grad: got the string x; needs a number or a value',
  )
})
