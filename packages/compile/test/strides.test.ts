import {
  add,
  concatenate,
  evaluate,
  flip,
  grad,
  max,
  mul,
  pad,
  recordValues,
  slice,
  square,
  stack,
  sub,
  sum,
  transpose,
  type Value,
  valueAndGrad,
} from '@secant/autodiff'
import { allocate, type Shape, sizeOf, type Tensor } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import { compileProgram } from '../src/index.ts'

const filled = (shape: Shape, seed: number, dtype: 'float64' | 'float32' = 'float64'): Tensor => {
  const data = allocate(dtype, sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(12.9898 * (i + 1) + 78.233 * seed)
  return { dtype, shape, data }
}

const every = (x: Value, first: number, step: number): Value => slice(x, [first], [x.shape[0] as number], [step])

/** Rosenbrock's function of pairs of neighbours. */
const extended = (x: Value): Value => {
  const [a, b] = [every(x, 0, 2), every(x, 1, 2)]
  return sum(add(mul(100, square(sub(b, square(a)))), square(sub(1, a))))
}

const thirds = (x: Value): Value =>
  sum(mul(every(x, 0, 3), add(mul(every(x, 1, 3), every(x, 2, 3)), square(every(x, 0, 3)))))

type F = (x: Value) => readonly Value[]

const cases: readonly (readonly [string, F, Shape])[] = [
  ['every second entry', (x) => [mul(2, every(x, 1, 2))], [301]],
  ['every third entry, and their sum', (x) => [sub(1, every(x, 2, 3)), sum(square(every(x, 2, 3)))], [300]],
  ['backwards', (x) => [add(x, flip(x, [0])), sum(mul(x, flip(x, [0])))], [101]],
  ['columns and rows in steps', (x) => [mul(3, slice(x, [1, 2], [20, 31], [3, 4]))], [20, 31]],
  ['sums of rows and columns in steps', (x) => [sum(slice(x, [0, 0], [20, 31], [2, 3]), { axes: [0] })], [20, 31]],
  ['largest of each column in steps', (x) => [max(slice(x, [0, 0], [20, 31], [2, 3]), { axes: [0] })], [20, 31]],
  ['a transpose beside its matrix', (x) => [sub(x, mul(2, transpose(x)))], [23, 23]],
  ['sums of a transpose', (x) => [sum(mul(x, transpose(x)), { axes: [1] }), sum(mul(x, transpose(x)))], [23, 23]],
  ['zeros in between', (x) => [add(1, pad(x, [1], [2], [1])), add(1, pad(x, [0], [0], [2]))], [100]],
  [
    'zeros in between of different steps',
    (x) => [sub(pad(x, [2], [1], [1]), pad(every(x, 0, 2), [0], [5], [3]))],
    [100],
  ],
  ['zeros in between, by twos and threes', (x) => [sub(pad(x, [0], [100], [1]), pad(x, [1], [0], [2]))], [100]],
  ['zeros between rows', (x) => [mul(2, pad(x, [1, 0], [0, 1], [1, 0]))], [9, 11]],
  ['zeros between rows and columns', (x) => [mul(2, pad(x, [1, 0], [0, 1], [1, 1]))], [9, 11]],
  ['sums along rows between zeros', (x) => [sum(square(pad(x, [1, 0], [0, 0], [1, 0])), { axes: [1] })], [9, 11]],
  ['sums across columns between zeros', (x) => [sum(square(pad(x, [0, 1], [0, 0], [0, 1])), { axes: [0] })], [9, 11]],
  [
    'largest across columns between zeros',
    (x) => [max(square(pad(x, [0, 1], [0, 2], [0, 2])), { axes: [0] })],
    [9, 12],
  ],
  ['three parts of each row', (x) => [concatenate([x, mul(2, x), sub(1, x)], 1)], [9, 11]],
  ['three columns from rows', (x) => [stack([x, mul(2, x), sub(1, x)], 1)], [60]],
  ['parts of rows beside others', (x) => [add(1, concatenate([x, mul(2, x)], 0))], [9, 11]],
  ['extended Rosenbrock, and its gradient', (x) => valueAndGrad(extended)(x), [200]],
  ['a gradient in three phases', (x) => [grad(thirds)(x)], [198]],
  ['an odd number of pairs', (x) => [grad(extended)(x)], [202]],
]

describe.each(['float64', 'float32'] as const)('entries of %s at any distance', (dtype) => {
  test.each(cases)('%s: in WebAssembly alone, with the bits of the evaluator', (_, f, shape) => {
    const x = filled(shape, 1, dtype)
    const { program } = recordValues(([given]) => f(given as Value), [x])
    const { run, emitted } = compileProgram(program, { target: 'webassembly' })
    expect(emitted.source).toContain('wasm.')
    expect(emitted.source).not.toContain('for (let')
    expect(run([x])).toEqual(evaluate(program)([x]))
  })
})

test('steps that meet nowhere else stay in JavaScript', () => {
  const x = filled([40], 1)
  const { program } = recordValues(
    ([given]) => [
      [5, 7].map((step) => pad(given as Value, [0], [39 * (12 - step)], [step - 1])).reduce((a, b) => add(a, b)),
    ],
    [x],
  )
  const { run, emitted } = compileProgram(program, { target: 'webassembly' })
  expect(emitted.source).toContain('for (let')
  expect(run([x])).toEqual(evaluate(program)([x]))
})
