import { scalar, tensor, toNested } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  add,
  concatenate,
  concrete,
  dot,
  evaluate,
  finite,
  grad,
  greater,
  item,
  jvp,
  linearize,
  matmul,
  mean,
  mul,
  neg,
  type Program,
  pad,
  record,
  reshape,
  show,
  sigmoid,
  slice,
  softplus,
  sub,
  sum,
  tanh,
  transpose,
  type Value,
  where,
} from '../src/index.ts'
import { programs } from './cases.ts'
import { tensorOf } from './generators.ts'

const features = tensor([
  [1, 2],
  [-3, 4],
  [5, -6],
])

const functions: readonly (readonly [string, (x: Value) => Value])[] = [
  ['logistic loss', (w) => add(mean(softplus(neg(matmul(features, w)))), mul(0.5, dot(w, w)))],
  ['its gradient', grad((w: Value) => mean(softplus(neg(matmul(features, w)))))],
  ['a network', (w) => sum(tanh(matmul(sigmoid(matmul(features, w)), features)))],
  [
    'the derivative of a gradient',
    (w) => linearize(grad((v: Value) => sum(mul(v, tanh(v)))))(w)[1].apply(tensor([1, 2])),
  ],
  ['a constant', () => scalar(3)],
  ['its own argument', (x) => x],
]

describe('evaluate ∘ record = identity', () => {
  test.each(functions)('%s, bit for bit', (_, f) => {
    fc.assert(
      fc.property(tensorOf([2]), tensorOf([2]), (example, x) => {
        const { program, captured } = record(f)(example)
        expect(captured).toEqual([])
        expect(concrete(evaluate(program)([x])[0] as Value)).toEqual(concrete(f(x)))
      }),
      { numRuns: 50 },
    )
  })

  test.each(functions.slice(0, 3))('%s: a recorded function has the same gradient', (_, f) => {
    const scalarOf = (x: Value): Value => sum(f(x))
    const { program } = record(scalarOf)(tensor([0, 0]))
    const x = tensor([0.3, -0.2])
    const again = grad((v: Value) => evaluate(program)([v])[0] as Value)(x)
    expect(toNested(concrete(again))).toEqual(toNested(concrete(grad(scalarOf)(x))))
  })
})

describe('random programs', () => {
  /** A function with its gradient: both have to survive being written down. */
  const laws: readonly (readonly [string, (f: (x: Value) => Value) => (x: Value) => Value])[] = [
    ['values', (f) => f],
    ['gradients', (f) => grad((x: Value) => sum(f(x)))],
    ['directional derivatives', (f) => (x) => jvp(f)(x, tensor([1, -2, 0.5]))[1]],
  ]

  test.each(laws)('%s: evaluate ∘ record = identity, bit for bit', (_, of) => {
    fc.assert(
      fc.property(programs, tensorOf([3], -1, 1), tensorOf([3], -1, 1), (f, example, x) => {
        const { program, captured } = record(of(f))(example)
        expect(captured).toEqual([])
        expect(concrete(evaluate(program)([x])[0] as Value)).toEqual(concrete(of(f)(x)))
      }),
      { numRuns: 100 },
    )
  })

  test.each(laws)('%s of an evaluated program are those of the function, bit for bit', (_, of) => {
    fc.assert(
      fc.property(programs, tensorOf([3], -1, 1), tensorOf([3], -1, 1), (f, example, x) => {
        const { program } = record(f)(example)
        const again = (v: Value): Value => evaluate(program)([v])[0] as Value
        expect(concrete(of(again)(x))).toEqual(concrete(of(f)(x)))
      }),
      { numRuns: 100 },
    )
  })
})

describe('what is recorded', () => {
  test('several captured values keep their order, and inner derivatives see through them', () => {
    const outer = grad(([a, b]: readonly [Value, Value]) => {
      const { program, captured } = record(grad((x: Value) => mul(mul(a, mul(x, a)), mul(x, b))))(scalar(0))
      expect(captured).toHaveLength(2)
      return evaluate(program)([...captured, scalar(5)])[0] as Value
    })
    // d/dx (a² b x²) = 2 a² b x at x = 5; its gradient in (a, b) = (2, 3) is (20 a b, 10 a²).
    expect(outer([scalar(2), scalar(3)]).map(item)).toEqual([120, 40])
  })

  test('a program recorded inside a derivative keeps no value of it', () => {
    const { program, captured } = record((x: Value) => grad((y: Value) => mul(mul(y, y), x))(x))(scalar(0))
    expect(captured).toEqual([])
    expect(item(evaluate(program)([scalar(3)])[0] as Value)).toBe(18)
  })

  test('mistakes are told while recording, not when the program runs', () => {
    const x = tensor([[1, 2, 3]])
    const mistakes: readonly (readonly [(x: Value) => Value, string])[] = [
      [(v) => mul(v, tensor([1, 2])), 'mul: got [1, 3] and [2]'],
      [(v) => matmul(v, tensor([[1, 2]])), 'matmul: got'],
      [(v) => reshape(v, [4]), 'reshape: got [1, 3] for [4]'],
      [(v) => transpose(v, [0]), 'transpose: got axes [0] for [1, 3]'],
      [(v) => transpose(v, [-1, 0]), 'transpose: got axes [-1, 0]'],
      [(v) => slice(v, [0, 0], [1, 4]), 'slice: got'],
      [(v) => pad(v, [0], [0]), 'pad: got'],
      [(v) => concatenate([v, tensor([1])]), 'concatenate: got'],
      [(v) => sum(v, { axes: [2] }), 'sum: got axes [2]'],
      [(v) => dot(v, v), 'dot: got'],
      [(v) => where(v, 1, 2), 'where: got a mask of dtype float64'],
      [(v) => finite(greater(v, 0)), 'finite: got bool'],
      [(v) => reshape(v, [-1, -3]), 'reshape: got [1, 3] for [-1, -3]'],
    ]
    for (const [f, message] of mistakes) expect.soft(() => record(f)(x)).toThrow(message)
  })

  test('values of an enclosing transformation are handed out, first among the inputs', () => {
    const outer = grad((theta: Value) => {
      const { program, captured } = record((x: Value) => mul(mul(x, x), theta))(scalar(0))
      expect(captured).toHaveLength(1)
      return evaluate(program)([...captured, scalar(5)])[0] as Value
    })
    expect(item(outer(scalar(2)))).toBe(25)
  })

  test('what does not depend on the inputs is computed at once', () => {
    const { program } = record((x: Value) => mul(x, sum(tanh(tensor([1, 2])))))(scalar(0))
    expect(program.steps.map(({ primitive }) => primitive.name)).toEqual(['mul'])
  })

  test('a wrong number of inputs is refused', () => {
    const { program } = record((x: Value) => x)(scalar(0))
    expect(() => evaluate(program)([])).toThrow('evaluate: got 0 inputs; needs 1')
  })
})

describe('printed programs', () => {
  const printed = (f: (x: Value) => Value, x: Value): readonly string[] => {
    const { program }: { readonly program: Program } = record(f)(x)
    return show(program).split('\n')
  }

  test('the gradient of a product is two products and a sum', () => {
    expect(
      printed(
        grad((x: Value) => dot(x, x)),
        tensor([1, 2]),
      ),
    ).toEqual([
      '(a: f64[2]) =>',
      '  b: f64[] = dot a a',
      '  c: f64[2] = mul 1 a',
      '  d: f64[2] = mul 1 a',
      '  e: f64[2] = add c d',
      '  return e',
    ])
  })

  test('the gradient of a logistic loss', () => {
    expect(
      printed(
        grad((w: Value) => mean(softplus(matmul(features, w)))),
        tensor([0, 0]),
      ),
    ).toEqual([
      '(a: f64[2]) =>',
      '  b: f64[2,1] = reshape[shape=[2,1]] a',
      '  c: f64[3,1] = matmul[transposeA=false transposeB=false] <f64[3,2]> b',
      '  d: f64[3] = reshape[shape=[3]] c',
      '  e: f64[3] = softplus d',
      '  f: f64[3] = sigmoid d',
      '  g: f64[] = sum[axes=[0]] e',
      '  h: f64[] = div g 3',
      '  i: f64[3] = scale <f64[3]> f',
      '  j: f64[3,1] = reshape[shape=[3,1]] i',
      '  k: f64[2,1] = matmul[transposeA=true transposeB=false] <f64[3,2]> j',
      '  l: f64[2] = reshape[shape=[2]] k',
      '  return l',
    ])
  })

  test('names go on after z', () => {
    const { program } = record((x: Value) => Array.from({ length: 30 }).reduce<Value>((y) => sub(y, 1), x))(scalar(0))
    expect(show(program)).toContain('ae: f64[] = sub ad 1')
  })
})
