import { eye, fromData, type Tensor, tensor, toNested } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  concrete,
  exp,
  grad,
  greater,
  hessian,
  hvp,
  item,
  jacobian,
  jvp,
  matmul,
  mul,
  outer,
  record,
  stack,
  stopGradient,
  sum,
  tanh,
  transpose,
  type Value,
  vmap,
  where,
} from '../src/index.ts'
import { cases, programs } from './cases.ts'
import { tensorOf } from './generators.ts'

/** Equal to the rounding of sums in another order. */
const expectClose = (actual: Value, expected: Value): void => {
  expect(actual.shape).toEqual(expected.shape)
  expect(actual.dtype).toBe(expected.dtype)
  const [a, b] = [concrete(actual).data, concrete(expected).data]
  const scale = Array.from(b).reduce((top, entry) => Math.max(top, Math.abs(entry)), 1)
  for (const [i, entry] of a.entries()) expect(Math.abs(entry - (b[i] as number))).toBeLessThanOrEqual(1e-13 * scale)
}

/** Members near one example, so that they stay where the operation is smooth. */
const members = (x: Tensor, count: number): readonly Tensor[] =>
  Array.from({ length: count }, (_, i) =>
    fromData(
      Float64Array.from(x.data, (entry) => entry * (1 - i / 16)),
      x.shape,
    ),
  )

const count = 3

describe.each(cases)('$name', ({ f, inputs }) => {
  test('vmap = the loop over members, whichever arguments have them', () => {
    fc.assert(
      fc.property(inputs, fc.nat(254), (xs, choice) => {
        const shared = xs.map((_, k) => ((choice >> k) & 1) === 1 && choice !== (1 << xs.length) - 1)
        const batches = xs.map((x) => members(x, count))
        const varying = batches.filter((_, k) => !shared[k])
        if (varying.length === 0) return
        const whole = (parts: readonly Value[]): Value => {
          let next = 0
          return f(...xs.map((x, k) => (shared[k] ? x : (parts[next++] as Value))))
        }
        const batched = vmap(whole)(varying.map((list) => stack(list)))
        const looped = stack(Array.from({ length: count }, (_, i) => whole(varying.map((list) => list[i] as Tensor))))
        expectClose(batched, looped)
      }),
      { numRuns: 40 },
    )
  })
})

describe('with derivatives', () => {
  const batchOf = (list: readonly Tensor[]): Value => stack(list)
  const three = fc.tuple(tensorOf([3], -1, 1), tensorOf([3], -1, 1), tensorOf([3], -1, 1))

  test('vmap ∘ grad = the loop of gradients', () => {
    fc.assert(
      fc.property(programs, three, (program, xs) => {
        const gradient = grad((x: Value) => sum(tanh(program(x))))
        expectClose(vmap(gradient)(batchOf(xs)), stack(xs.map(gradient)))
      }),
      { numRuns: 100 },
    )
  })

  test('grad ∘ vmap = vmap ∘ grad', () => {
    fc.assert(
      fc.property(programs, three, (program, xs) => {
        const f = (x: Value): Value => sum(tanh(program(x)))
        expectClose(grad((batch: Value) => sum(vmap(f)(batch)))(batchOf(xs)), vmap(grad(f))(batchOf(xs)))
      }),
      { numRuns: 100 },
    )
  })

  const f = (x: Value): Value => sum(mul(x, exp(x)))
  const xs = tensor([
    [1, 2],
    [3, 4],
    [0, 1],
  ])
  const directions = tensor([
    [1, 0],
    [0, 1],
    [2, 1],
  ])

  test('slopes of members are their gradients times the directions', () => {
    const slopes = vmap((x: Value, v: Value) => jvp(f)(x, v)[1])(xs, directions)
    expectClose(slopes, vmap((x: Value, v: Value) => sum(mul(grad(f)(x), v)))(xs, directions))
  })

  test('second derivatives of members are their Hessians times the directions', () => {
    const bent = vmap((x: Value, v: Value) => hvp(f)(x, v))(xs, directions)
    expectClose(bent, vmap((x: Value, v: Value) => matmul(hessian(f)(x), v))(xs, directions))
  })

  test('a Jacobian, transposed, is the derivative mapped over a basis', () => {
    const g = (x: Value): Value => tanh(matmul(outer(x, x), x))
    const x = tensor([0.5, -1, 2])
    const columns = vmap((v: Value) => jvp(g)(x, v)[1])(eye(3))
    expectClose(columns, concrete(transpose(jacobian(g)(x))))
  })
})

describe('what vmap promises', () => {
  test('nests: every pair of two lists', () => {
    const table = vmap((a: Value) => vmap((b: Value) => mul(a, b))(tensor([1, 2, 3])))(tensor([10, 20]))
    expect(toNested(concrete(table))).toEqual([
      [10, 20, 30],
      [20, 40, 60],
    ])
  })

  test('maps trees, and repeats what no member takes part in', () => {
    const f = (p: { readonly a: Value; readonly b: readonly Value[] }) => ({ twice: mul(2, p.a), same: tensor([7]) })
    const { twice, same } = vmap(f)({ a: tensor([1, 2]), b: [tensor([0, 0])] })
    expect([toNested(concrete(twice)), toNested(concrete(same))]).toEqual([
      [2, 4],
      [[7], [7]],
    ])
  })

  test('carries out once what all members share', () => {
    const { program } = record((x: Value) => vmap((row: Value) => mul(row, exp(x)))(tensor([1, 2, 3])))(tensor(0))
    expect(program.steps.filter(({ primitive }) => primitive.name === 'exp')).toHaveLength(1)
    expect(program.steps.find(({ primitive }) => primitive.name === 'exp')?.outs[0]?.shape).toEqual([])
  })

  test('rows times one shared matrix are a single product', () => {
    const w = tensor([
      [1, 2],
      [3, 4],
    ])
    const { program } = record((xs: Value) => vmap((x: Value) => matmul(x, w))(xs))(tensor([[1, 1]]))
    const products = program.steps.filter(({ primitive }) => primitive.name === 'matmul')
    expect(products.map(({ outs }) => outs[0]?.shape)).toEqual([[1, 2]])
  })

  test('of no members is empty', () => {
    expect(vmap((x: Value) => sum(x))(tensor([]) as Value).shape).toEqual([0])
  })

  test('masks and constants are mapped too', () => {
    const relu = vmap((x: Value) => where(greater(x, 0), stopGradient(x), 0))
    expect(toNested(concrete(relu(tensor([-1, 2]))))).toEqual([0, 2])
  })

  test('refuses unequal lengths, scalars and reading a member', () => {
    expect(() => vmap(mul)(tensor([1, 2]), tensor([1]))).toThrow('vmap: got leaves of shapes [2], [1]')
    expect(() => vmap(mul)(tensor([1, 2]), 3)).toThrow('needs one leading length')
    expect(() => vmap((x: Value) => mul(x, item(x)))(tensor([1, 2]))).toThrow('not known')
  })
})
