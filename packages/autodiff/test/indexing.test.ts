import { tensor, toNested } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import {
  argsort,
  concrete,
  cumulativeProduct,
  evaluate,
  grad,
  hessian,
  jacobian,
  mul,
  oneHot,
  record,
  scatterAdd,
  sort,
  stack,
  sum,
  take,
  takeAlong,
  topK,
  type Value,
  vmap,
} from '../src/index.ts'
import { at, digits, tabulate } from './entries.ts'

const nested = (x: Value) => toNested(concrete(x))
const integers = (values: Parameters<typeof tensor>[0]) => tensor(values, 'int32')

describe('indices', () => {
  const table = digits([4, 2])

  test('rows of a table: their shape takes the place of the axis', () => {
    const rows = integers([
      [0, 3, -1],
      [2, 2, -4],
    ])
    const plain = tabulate([2, 3, 2], (i, j, k) => at(table, [(at(rows, [i, j]) + 4) % 4, k]))
    expect(concrete(take(table, rows))).toEqual(plain)
  })

  test('each member of a batch has its own row, of its own table or of one for all', () => {
    const [tables, rows] = [digits([3, 4, 2]), integers([1, -1, 0])]
    const own = tabulate([3, 2], (i, k) => at(tables, [i, [1, 3, 0][i] as number, k]))
    expect(concrete(vmap((t: Value, i: Value) => take(t, i))(tables, rows))).toEqual(own)
    const shared = tabulate([3, 2], (i, k) => at(table, [[1, 3, 0][i] as number, k]))
    expect(concrete(vmap((i: Value) => take(table, i))(rows))).toEqual(shared)
    const columns = vmap((i: Value) => take(table, i, 1))(integers([1, -1, 0]))
    expect(concrete(columns)).toEqual(tabulate([3, 4], (i, k) => at(table, [k, [1, 1, 0][i] as number])))
  })

  test('batches of batches of indices', () => {
    const rows = integers([
      [0, 1],
      [3, 2],
    ])
    const twice = vmap((own: Value) => vmap((i: Value) => take(table, i))(own))(rows)
    expect(concrete(twice)).toEqual(concrete(take(table, rows)))
    const tables = digits([2, 4, 2])
    const inTables = vmap((t: Value, own: Value) => vmap((i: Value) => take(t, i))(own))(tables, rows)
    const memberwise = [0, 1].map((m) => take(take(tables, integers(m)), take(rows, integers(m))))
    expect(concrete(inTables)).toEqual(concrete(stack(memberwise)))
  })

  test('scatterAdd with indices of each member', () => {
    const added = vmap((i: Value, u: Value) => scatterAdd(tensor([0, 0, 0]), i, u))(
      integers([
        [0, 0],
        [2, -2],
      ]),
      tensor([
        [1, 2],
        [3, 4],
      ]),
    )
    expect(nested(added)).toEqual([
      [3, 0, 0],
      [0, 4, 3],
    ])
  })

  test('gradients of rows taken twice add up, also for each member', () => {
    const f = (t: Value, i: Value): Value => sum(take(t, i))
    expect(nested(grad((t: Value) => f(t, integers([1, 1, 0])))(tensor([5, 6, 7])))).toEqual([1, 2, 0])
    const each = vmap((i: Value) => grad((t: Value) => f(t, i))(tensor([5, 6, 7])))(
      integers([
        [1, 1],
        [0, 2],
      ]),
    )
    expect(nested(each)).toEqual([
      [0, 2, 0],
      [1, 0, 1],
    ])
  })

  test('float32 in, float32 out', () => {
    const x = tensor([1, 2, 3], 'float32')
    const g = grad((v: Value) => sum(mul(take(v, integers([2, 2])), take(sort(v), integers([0, 1])))))(x)
    expect([concrete(g).dtype, nested(g)]).toEqual(['float32', [3, 3, 3]])
  })

  test('one-hot rows', () => {
    expect(nested(oneHot(integers([[1], [-1]]), 3))).toEqual([[[0, 1, 0]], [[0, 0, 1]]])
    expect(nested(vmap((i: Value) => oneHot(i, 2))(integers([1, 0])))).toEqual([
      [0, 1],
      [1, 0],
    ])
  })

  test('an index out of range is thrown at once, and when a recorded program meets it', () => {
    expect(() => take(table, integers(4))).toThrow('take: got index 4 for length 4; needs one from -4 to 3')
    expect(() => oneHot(integers([3]), 3)).toThrow('got index 3 for length 3')
    const { program } = record((i: Value) => take(table, i))(integers(0))
    expect(nested(evaluate(program)([integers(-4)])[0] as Value)).toEqual(nested(take(table, integers(0))))
    expect(() => evaluate(program)([integers(-5)])).toThrow('got index -5')
  })

  test('refuses other kinds and shapes, also while recording', () => {
    expect(() => take(table, tensor([0]))).toThrow('take: got indices of dtype float64; needs int32')
    expect(() => record((i: Value) => take(table, i))(tensor([0]))).toThrow('needs int32')
    expect(() => take(table, integers(0), 2)).toThrow('take: got axis 2 of rank 2')
    expect(() => scatterAdd(table, integers([0]), digits([2]))).toThrow('scatterAdd: got updates [2]; needs [1, 2]')
    expect(() => takeAlong(table, integers([0]))).toThrow('takeAlong: got [4, 2] with indices [1]')
  })
})

describe('sorting', () => {
  const { NaN: nan, POSITIVE_INFINITY: infinity } = Number

  test('NaN last in either order, equal entries as they were', () => {
    const x = tensor([2, nan, 1, 2, -infinity, nan])
    expect(nested(argsort(x))).toEqual([4, 2, 0, 3, 1, 5])
    expect(nested(argsort(x, 0, { descending: true }))).toEqual([0, 3, 2, 4, 1, 5])
    expect(nested(sort(x))).toEqual([-infinity, 1, 2, 2, nan, nan])
  })

  test('the derivative moves with the entries', () => {
    const weighted = (x: Value): Value => sum(mul(sort(x), tensor([1, 10, 100])))
    expect(nested(grad(weighted)(tensor([3, 1, 2])))).toEqual([100, 1, 10])
    expect(nested(grad(weighted)(tensor([2, 2, 1])))).toEqual([10, 100, 1])
  })

  test('the largest, of whole numbers too', () => {
    const { values, indices } = topK(
      integers([
        [1, 5, 5],
        [9, 7, 8],
      ]),
      2,
    )
    expect([values.dtype, nested(values), nested(indices)]).toEqual([
      'int32',
      [
        [5, 5],
        [9, 8],
      ],
      [
        [1, 2],
        [0, 2],
      ],
    ])
    expect(() => topK(tensor([1, 2]), 3)).toThrow('slice: got')
  })
})

describe('cumulativeProduct', () => {
  test('has the derivatives of the polynomial at zeros', () => {
    const x = tensor([2, 0, 3])
    expect(nested(jacobian((v: Value) => cumulativeProduct(v))(x))).toEqual([
      [1, 0, 0],
      [0, 2, 0],
      [0, 6, 0],
    ])
    // x₀ x₁ x₂ with two factors 0: the first derivatives vanish, a second one does not.
    expect(nested(hessian((v: Value) => take(cumulativeProduct(v), integers(-1)))(tensor([0, 4, 0])))).toEqual([
      [0, 0, 4],
      [0, 0, 0],
      [4, 0, 0],
    ])
  })

  test('stays 0 behind a 0, whatever follows', () => {
    expect(nested(cumulativeProduct(tensor([0, 1e200, 1e200])))).toEqual([0, 0, 0])
    expect(nested(cumulativeProduct(tensor([Number.POSITIVE_INFINITY, 2])))).toEqual([
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ])
  })
})
