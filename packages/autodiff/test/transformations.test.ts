import { fromData, type Shape, scalar, sizeOf, type Tensor, tensor, zeros } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  add,
  concrete,
  div,
  dot,
  exp,
  grad,
  greater,
  hessian,
  hvp,
  item,
  jacobian,
  jvp,
  log,
  logSumExp,
  matmul,
  max,
  mul,
  reshape,
  safeDiv,
  sigmoid,
  slice,
  softplus,
  sqrt,
  square,
  stack,
  stopGradient,
  sub,
  sum,
  tanh,
  type Value,
  valueAndGrad,
  vjp,
  where,
} from '../src/index.ts'
import { programs } from './cases.ts'
import { tensorOf } from './generators.ts'

const entries = (x: Value): readonly number[] => Array.from(concrete(x).data)

/** Entries equal to rounding of sums of terms as large as the largest entry. */
const expectClose = (actual: Value, expected: Value): void => {
  expect(actual.shape).toEqual(expected.shape)
  const [a, b] = [entries(actual), entries(expected)]
  const scale = Math.max(1, ...b.map(Math.abs))
  a.forEach((entry, i) => {
    expect(Math.abs(entry - (b[i] as number))).toBeLessThanOrEqual(1e-12 * scale)
  })
}

const basis = (shape: Shape): readonly Tensor[] =>
  Array.from({ length: sizeOf(shape) }, (_, i) =>
    fromData(
      Float64Array.from({ length: sizeOf(shape) }, (_, j) => (i === j ? 1 : 0)),
      shape,
    ),
  )

const byColumns = (f: (x: Value) => Value, x: Tensor): readonly number[] => {
  const columns = basis(x.shape).map((v) => entries(jvp(f)(x, v)[1]))
  return (columns[0] ?? []).flatMap((_, row) => columns.map((column) => column[row] as number))
}

const byRows = (f: (x: Value) => Value, x: Tensor): readonly number[] =>
  basis(f(x).shape).flatMap((w) => entries(vjp(f)(x)[1](w)))

describe('jacobian', () => {
  const weights = tensor([
    [1, -2, 3],
    [0.5, 4, -1],
  ])
  /** More rows than columns, as many, fewer; matrices on either side. */
  const maps: readonly (readonly [string, (x: Value) => Value, Shape])[] = [
    ['[3] → [3]', (x) => tanh(mul(x, sum(x))), [3]],
    ['[3] → [2]', (x) => tanh(matmul(weights, x)), [3]],
    ['[2] → [3]', (x) => tanh(matmul(x, weights)), [2]],
    ['[2, 3] → [2]', (x) => sum(mul(x, tanh(x)), { axes: [1] }), [2, 3]],
    ['[2] → [2, 2]', (x) => mul(reshape(x, [2, 1]), exp(x)), [2]],
    ['[] → [3]', (x) => stack([x, square(x), exp(x)]), []],
    ['[3] → []', (x) => dot(x, tanh(x)), [3]],
    ['[] → []', (x) => tanh(x), []],
  ]

  test.each(maps)('%s: by rows = by columns', (_, f, shape) => {
    fc.assert(
      fc.property(tensorOf(shape, -1, 1), (x) => {
        const whole = jacobian(f)(x)
        expect(whole.shape).toEqual([...f(x).shape, ...shape])
        const flat = (data: readonly number[]): Tensor => fromData(Float64Array.from(data), whole.shape)
        expectClose(whole, flat(byRows(f, x)))
        expectClose(whole, flat(byColumns(f, x)))
      }),
      { numRuns: 30 },
    )
  })

  test('of a linear map is its matrix', () => {
    expect(entries(jacobian((x: Value) => matmul(weights, x))(zeros([3])))).toEqual(entries(weights))
    expect(entries(jacobian((x: Value) => matmul(x, weights))(zeros([2])))).toEqual([1, 0.5, -2, 4, 3, -1])
  })

  test('of nothing, or in nothing, is empty', () => {
    expect(jacobian((x: Value) => slice(x, [0], [0]))(zeros([2])).shape).toEqual([0, 2])
    expect(jacobian(sum)(zeros([0])).shape).toEqual([0])
    expect(hessian((x: Value) => sum(square(x)))(zeros([2, 0])).shape).toEqual([2, 0, 2, 0])
  })
})

describe('hessian', () => {
  test('is symmetric, its columns are hvp and its sums the derivatives of jvp', () => {
    fc.assert(
      fc.property(programs, tensorOf([3], -1, 1), tensorOf([3], -1, 1), (program, x, v) => {
        const f = (p: Value): Value => sum(tanh(program(p)))
        const h = hessian(f)(x)
        // Entries cancel from sums of derivatives inside the program: judged by the size of those, not of what is left.
        const scale = Math.max(1, ...entries(jacobian((p: Value) => jacobian(program)(p))(x)).map(Math.abs))
        const inner = Math.max(1, ...entries(jacobian(program)(x)).map(Math.abs))
        const tolerance = 1e-11 * (scale + inner * inner)
        const near = (a: Value, b: Value): void =>
          entries(sub(a, b)).forEach((gap) => {
            expect(Math.abs(gap)).toBeLessThanOrEqual(tolerance)
          })
        const columns = basis([3]).map((e) => hvp(f)(x, e))
        near(h, stack(columns))
        near(h, jacobian((p: Value) => stack(basis([3]).map((e) => jvp(f)(p, e)[1])))(x))
        near(matmul(h, v), hvp(f)(x, v))
        near(matmul(v, h), hvp(f)(x, v))
      }),
      { numRuns: 60 },
    )
  })

  test('of a quadratic form is A + Aᵀ', () => {
    const a = tensor([
      [1, 2],
      [5, 7],
    ])
    expect(entries(hessian((x: Value) => dot(x, matmul(a, x)))(tensor([0.3, 0.4])))).toEqual([2, 7, 7, 14])
  })
})

describe('vjp, jvp and valueAndGrad', () => {
  interface Point {
    readonly w: Value
    readonly b: readonly [Value]
  }
  const f = ({ w, b: [b] }: Point): { readonly y: Value; readonly parts: readonly Value[] } => ({
    y: mul(w, b),
    parts: [sum(w), square(b)],
  })
  const point: Point = { w: tensor([1, 2]), b: [scalar(3)] }

  test('a direction goes in nested as the point and comes out nested as the result', () => {
    const [value, slope] = jvp(f)(point, { w: tensor([1, 0]), b: [scalar(1)] })
    expect([entries(value.y), ...value.parts.map(item)]).toEqual([[3, 6], 3, 9])
    expect([entries(slope.y), ...slope.parts.map(item)]).toEqual([[4, 2], 1, 6])
  })

  test('a cotangent goes in nested as the result and comes out nested as the point', () => {
    const [, pull] = vjp(f)(point)
    const { w, b } = pull({ y: tensor([1, 0]), parts: [scalar(1), scalar(1)] })
    expect([entries(w), ...b.map(item)]).toEqual([[4, 1], 7])
  })

  test('a direction unlike its space is refused', () => {
    const [, pull] = vjp(f)(point)
    expect(() => pull({ y: tensor([1, 0]), parts: [scalar(1)] })).toThrow('needs the same tree')
    expect(() => pull({ y: tensor([1]), parts: [scalar(1), scalar(1)] })).toThrow('needs float64 [2]')
    expect(() => jvp(f)(point, { w: tensor([1, 0], 'float32'), b: [scalar(1)] })).toThrow('needs float64 [2]')
  })

  test('further arguments are constants', () => {
    const g = (x: Value, a: Value, b: number): Value => mul(mul(x, a), b)
    const [value, gradient] = valueAndGrad(g)(scalar(2), scalar(3), 5)
    expect([item(value), item(gradient)]).toEqual([30, 15])
    // They may be variables of an enclosing derivative.
    expect(item(grad((a: Value) => grad(g)(scalar(2), a, 5))(scalar(3)))).toBe(5)
  })

  test('a pull-back may be called again, under another derivative too', () => {
    const [, pull] = vjp((x: Value) => square(x))(scalar(3))
    expect([1, 10].map((w) => item(pull(scalar(w))))).toEqual([6, 60])
    expect(item(grad((w: Value) => square(pull(w)))(scalar(1)))).toBe(72)
  })
})

describe('where functions are not smooth', () => {
  test('entries that tie for the maximum share its derivative, at any order', () => {
    expect(entries(grad((x: Value) => max(x))(tensor([1, 3, 3, 3])))).toEqual([0, 1 / 3, 1 / 3, 1 / 3])
    expect(entries(hessian((x: Value) => square(max(x)))(tensor([3, 3])))).toEqual([0.5, 0.5, 0.5, 0.5])
    expect(
      entries(
        grad((x: Value) => sum(max(x, { axes: [0] })))(
          tensor([
            [1, 2],
            [1, 0],
          ]),
        ),
      ),
    ).toEqual([0.5, 1, 0.5, 0])
  })

  test('safeDiv has finite derivatives of any order next to a division by zero', () => {
    const f = (x: Value): Value => sum(safeDiv(1, x, greater(x, 0), 9))
    const x = tensor([0, 2, -1])
    expect(entries(safeDiv(1, x, greater(x, 0), 9))).toEqual([9, 0.5, 9])
    expect(entries(grad(f)(x)).map(Math.abs)).toEqual([0, 0.25, 0])
    expect(entries(hvp(f)(x, tensor([1, 1, 1]))).map(Math.abs)).toEqual([0, 0.25, 0])
  })

  test.each([1, 2, 3])('where hides an invalid branch in every mode, order %i', (order) => {
    const branches: readonly ((x: Value) => Value)[] = [
      (x) => where(greater(x, 0), sqrt(x), 0),
      (x) => where(greater(x, 0), div(1, x), mul(x, 0)),
      (x) => where(greater(x, 0), log(x), square(mul(x, 0))),
      (x) => where(greater(x, 0), tanh(mul(sqrt(x), Number.POSITIVE_INFINITY)), 0),
    ]
    for (const f of branches)
      for (const at of [-1, 0]) {
        for (const modes of [grad, (g: typeof f) => (x: Value) => jvp(g)(x, scalar(1))[1]]) {
          let g = f
          for (let k = 0; k < order; k++) g = modes(g)
          expect(Math.abs(item(g(scalar(at))))).toBe(0)
        }
      }
    expect(item(grad(branches[0] as (x: Value) => Value)(scalar(4)))).toBe(0.25)
  })

  test('stopGradient hides a value from forward mode, reverse mode and every order', () => {
    const f = (x: Value): Value => mul(stopGradient(square(x)), x)
    expect(item(jvp(f)(scalar(3), scalar(1))[1])).toBe(9)
    expect(item(grad(f)(scalar(3)))).toBe(9)
    expect(item(hessian(f)(scalar(3)))).toBe(0)
  })
})

describe('far out', () => {
  test('logSumExp and its gradient, the softmax, do not overflow', () => {
    const softmax = grad((x: Value) => logSumExp(x))
    for (const level of [-1000, 0, 1000]) {
      const x = tensor([level, level, level - 1])
      const weight = 2 + Math.exp(-1)
      expect(item(logSumExp(x)) - level).toBeCloseTo(Math.log(weight), 12)
      expectClose(softmax(x), tensor([1 / weight, 1 / weight, Math.exp(-1) / weight]))
    }
    expect(entries(softmax(tensor([-1000, 1000])))).toEqual([0, 1])
    expect(entries(softmax(tensor([-Infinity, 1000])))).toEqual([0, 1])
  })

  test('logSumExp over an axis where a row is −∞ throughout', () => {
    const x = tensor([
      [-Infinity, -Infinity],
      [1000, 1000],
    ])
    const [nothing, level] = entries(logSumExp(x, { axes: [1] }))
    expect(nothing).toBe(-Infinity)
    expect(level).toBeCloseTo(1000 + Math.LN2, 12)
    expect(item(logSumExp(tensor([Number.NaN, 0])))).toBeNaN()
  })

  test.each([
    ['sigmoid', sigmoid, [0, 0, 0]],
    ['softplus', softplus, [0, 0, 1]],
    ['tanh', tanh, [0, 0, 0]],
  ] as const)('%s is finite with derivatives to order 3 at ±750', (_, f, [, below, above]) => {
    for (const x of [scalar(-750), scalar(750)]) {
      let g: (x: Value) => Value = f
      for (let order = 0; order <= 3; order++) {
        expect(item(g(x))).not.toBeNaN()
        expect(Math.abs(item(g(x)))).toBeLessThanOrEqual(750)
        g = grad(g)
      }
    }
    expect(item(grad((x: Value) => f(x))(scalar(-750)))).toBeCloseTo(below, 300)
    expect(item(grad((x: Value) => f(x))(scalar(750)))).toBe(above)
  })

  test('a logistic loss keeps its slope where the probability has rounded to 0', () => {
    expect(item(grad((x: Value) => softplus(x))(scalar(-700)))).toBe(Math.exp(-700) / (1 + Math.exp(-700)))
    expect(item(grad((x: Value) => add(softplus(x), x))(scalar(-40))) - 1).toBeCloseTo(Math.exp(-40), 15)
  })
})
