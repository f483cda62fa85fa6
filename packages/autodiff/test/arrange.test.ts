import { type DType, eye, tensor, toNested } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import {
  concatenate,
  concrete,
  diag,
  diagonal,
  expandDims,
  flip,
  grad,
  matmul,
  mul,
  type Operand,
  record,
  repeat,
  roll,
  split,
  squeeze,
  stack,
  sum,
  tile,
  trace,
  transpose,
  triangle,
  type Value,
} from '../src/index.ts'
import { at, digits, tabulate } from './entries.ts'

const nested = (x: Value) => toNested(concrete(x))

describe('arranging, entry by entry', () => {
  const x = digits([3, 4])

  test.each([-5, -1, 0, 2, 4])('roll by %i', (shift) => {
    expect(concrete(roll(x, shift, 1))).toEqual(tabulate([3, 4], (i, j) => at(x, [i, (j - shift + 8) % 4])))
  })

  test('flip of both axes', () => {
    expect(concrete(flip(x))).toEqual(tabulate([3, 4], (i, j) => at(x, [2 - i, 3 - j])))
  })

  test('repeat', () => {
    expect(concrete(repeat(x, 2, -1))).toEqual(tabulate([3, 8], (i, j) => at(x, [i, Math.floor(j / 2)])))
    expect(repeat(x, 0).shape).toEqual([0, 4])
  })

  test('tile', () => {
    expect(concrete(tile(x, [2, 3]))).toEqual(tabulate([6, 12], (i, j) => at(x, [i % 3, j % 4])))
  })

  test('stack along each axis', () => {
    const parts = [x, mul(2, x)]
    expect(concrete(stack(parts))).toEqual(tabulate([2, 3, 4], (k, i, j) => (k + 1) * at(x, [i, j])))
    expect(concrete(stack(parts, 1))).toEqual(tabulate([3, 2, 4], (i, k, j) => (k + 1) * at(x, [i, j])))
    expect(concrete(stack(parts, -1))).toEqual(tabulate([3, 4, 2], (i, j, k) => (k + 1) * at(x, [i, j])))
  })

  test('diagonals of stacked matrices, of either form', () => {
    const wide = digits([2, 3, 4])
    expect(concrete(diagonal(wide))).toEqual(tabulate([2, 3], (k, i) => at(wide, [k, i, i])))
    const tall = transpose(wide, [0, 2, 1])
    expect(concrete(diagonal(tall))).toEqual(concrete(diagonal(wide)))
    expect(concrete(trace(wide))).toEqual(concrete(sum(diagonal(wide), { axes: [1] })))
  })

  test('diag is a scaled identity, undone by diagonal', () => {
    const v = tensor([2, 1, 0])
    expect(concrete(diag(v))).toEqual(concrete(mul(eye(3), v)))
    expect(concrete(diagonal(diag(digits([2, 3]))))).toEqual(digits([2, 3]))
  })

  test('triangles', () => {
    const part = (lower: boolean) => tabulate([3, 4], (i, j) => ((lower ? j <= i : j >= i) ? at(x, [i, j]) : 0))
    expect(concrete(triangle(x, { lower: true }))).toEqual(part(true))
    expect(concrete(triangle(x, { lower: false }))).toEqual(part(false))
  })

  test('a triangle hides NaN on its other side', () => {
    const partly = tensor([
      [1, Number.NaN],
      [2, 3],
    ])
    expect(nested(triangle(partly, { lower: true }))).toEqual([
      [1, 0],
      [2, 3],
    ])
  })
})

describe('what undoes what', () => {
  const x = digits([2, 6, 2])

  test.each([[3], [[1, 0, 5]], [1]])('concatenate undoes split into %j', (parts) => {
    expect(concrete(concatenate(split(x, parts, 1), 1))).toEqual(x)
  })

  test('flip and roll undo themselves', () => {
    expect(concrete(flip(flip(x, [0, 2]), [0, 2]))).toEqual(x)
    expect(concrete(roll(roll(x, 2, 1), -2, 1))).toEqual(x)
  })

  test('squeeze undoes expandDims', () => {
    expect(squeeze(expandDims(x, [0, 2, -1]), [0, 2, -1]).shape).toEqual(x.shape)
    expect(squeeze(expandDims(x, [0, 2, -1])).shape).toEqual(x.shape)
  })
})

describe('what they promise', () => {
  test('nothing is recorded where nothing is to be done', () => {
    const idle = (x: Value): Value => roll(flip(transpose(squeeze(split(x, 1)[0] as Value), [0, 1]), []), 4)
    expect(record(idle)(digits([2, 3])).program.steps).toEqual([])
  })

  test('a cut is pulled back by one concatenation', () => {
    const g = grad((x: Value) => split(x, 6).reduce<Value>((total, part) => mul(total, sum(part)), tensor(1)))
    const { program } = record(g)(tensor([1, 2, 3, 4, 5, 6]))
    const names = program.steps.map(({ primitive }) => primitive.name)
    expect(names.filter((name) => name === 'concatenate' || name === 'pad')).toEqual(['concatenate'])
  })

  test.each<DType>(['float32', 'int32', 'bool'])('%s stays', (dtype) => {
    const x = tensor([[1, 0, 1, 1]], dtype)
    const square = tile(x, [4, 1])
    const values: readonly Value[] = [
      flip(x),
      ...split(x, 2, 1),
      roll(x, 1, 1),
      squeeze(x),
      repeat(x, 2),
      stack([x, x]),
    ]
    const matrices = [diagonal(square), diag(x), triangle(square, { lower: true })]
    expect(new Set([...values, ...matrices].map((value) => value.dtype))).toEqual(new Set([dtype]))
  })

  const x: Operand = digits([2, 3])
  test.each<readonly [() => unknown, string]>([
    [() => split(x, 2, 1), 'split: got lengths [1.5,1.5] for axis 1 of [2, 3]'],
    [() => split(x, [1, 3], 1), 'needs lengths ≥ 0 that add up to it'],
    [() => split(x, [-1, 4], 1), 'split: got lengths [-1,4]'],
    [() => squeeze(x, [0]), 'squeeze: got axes [0] of [2, 3]; needs axes of length 1'],
    [() => repeat(x, -1), 'repeat: got counts [-1,1] for [2, 3]'],
    [() => tile(x, [2]), 'tile: got counts [2] for [2, 3]; needs one ≥ 0 for each axis'],
    [() => stack([x, x], 3), 'stack: got axis 3 of rank 3'],
    [() => stack([x, tensor([1])]), 'concatenate: got'],
    [() => stack([]), 'concatenate: got'],
    [() => diagonal(tensor([1])), 'diagonal: got [1]; needs […, m, n]'],
    [() => diag(1), 'diag: got []; needs […, n]'],
    [() => roll(x, 0.5), 'split: got lengths'],
    [() => expandDims(x, [4]), 'expandDims: got axes [4]'],
  ])('refuses, %#', (run, message) => {
    expect(run).toThrow(message)
  })

  test('the trace of a product does not depend on its order', () => {
    const [a, b] = [digits([2, 3]), transpose(digits([2, 3]))]
    expect(nested(trace(matmul(a, b)))).toBe(nested(trace(matmul(b, a))))
  })
})
