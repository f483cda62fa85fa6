import { type Tensor, tensor, zeros } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import {
  abs,
  acos,
  asin,
  atan,
  atan2,
  clip,
  concrete,
  cos,
  cosh,
  digamma,
  div,
  erf,
  erfc,
  exp,
  expm1,
  gelu,
  grad,
  hypot,
  item,
  jvp,
  lgamma,
  log,
  log1p,
  logAddExp,
  logSumExp,
  max,
  maximum,
  mean,
  min,
  minimum,
  mul,
  norm,
  pow,
  prod,
  reciprocal,
  relu,
  sigmoid,
  sign,
  silu,
  sin,
  sinh,
  softplus,
  sqrt,
  square,
  stack,
  sum,
  tan,
  tanh,
  type Value,
  variance,
} from '../src/index.ts'

type Scalar = (x: Value) => Value

const number = (a: number): Tensor => tensor(a)
const reverse = (f: Scalar): Scalar => grad(f)
const forward =
  (f: Scalar): Scalar =>
  (x) =>
    jvp(f)(x, number(1))[1]

/** Value, slope and bend at a point, the derivatives in one of the modes. */
const jet = (f: Scalar, at: number, mode: (f: Scalar) => Scalar): readonly number[] =>
  [f, mode(f), mode(mode(f))].map((g) => item(g(number(at))))

/**
 * Equal to a few roundings, or both infinite, or both below what numbers near 1e±300 leave of a derivative; `from` is
 * the size of what may have cancelled.
 */
const isClose = (a: number, b: number, from = 0): boolean =>
  Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-13 * Math.abs(b) + 1e-15 * from + 1e-300

const tiny = 5e-324
const big = 1e300
const [none, inf] = [Number.NaN, Number.POSITIVE_INFINITY]

/** What `docs/conventions.md` promises: value, slope and bend where a function has none, or where formulas overflow. */
const table: readonly (readonly [string, Scalar, number, readonly [number, number, number]])[] = [
  ['|x|', abs, 0, [0, 0, 0]],
  ['|x|', abs, -0, [0, 0, 0]],
  ['|x|', abs, -big, [big, -1, 0]],
  ['sign', sign, 0, [0, 0, 0]],
  ['relu', relu, 0, [0, 0, 0]],
  ['relu', relu, tiny, [tiny, 1, 0]],
  ['relu', relu, none, [none, 1, 0]],
  ['√x', sqrt, 0, [0, inf, -inf]],
  ['x²', square, big, [inf, 2 * big, 2]],
  ['1/x', reciprocal, big, [1 / big, 0, 0]],
  ['1/x', reciprocal, 0, [inf, -inf, inf]],
  ['x⁰', (x) => pow(x, 0), 0, [1, 0, 0]],
  ['x⁰', (x) => pow(x, 0), -big, [1, 0, 0]],
  ['x¹', (x) => pow(x, 1), 0, [0, 1, 0]],
  ['x²', (x) => pow(x, 2), 0, [0, 0, 2]],
  ['x³', (x) => pow(x, 3), -2, [-8, 12, -12]],
  ['x to the ½', (x) => pow(x, 0.5), 0, [0, inf, -inf]],
  ['0ˣ', (x) => pow(0, x), 2, [0, 0, 0]],
  ['1ˣ', (x) => pow(1, x), inf, [1, 0, 0]],
  ['maximum of x and 0', (x) => maximum(x, 0), 0, [0, 0.5, 0]],
  ['minimum of x and 0', (x) => minimum(x, 0), 0, [0, 0.5, 0]],
  ['max of two', (x) => max(stack([x, number(1)])), 1, [1, 0.5, 0]],
  ['min of two', (x) => min(stack([x, number(1)])), 1, [1, 0.5, 0]],
  ['clip at its low end', (x) => clip(x, 0, 1), 0, [0, 1, 0]],
  ['clip at its high end', (x) => clip(x, 0, 1), 1, [1, 1, 0]],
  ['clip beyond', (x) => clip(x, 0, 1), big, [1, 0, 0]],
  ['hypot at the origin', (x) => hypot(x, 0), 0, [0, 0, 0]],
  ['hypot', (x) => hypot(x, big), big, [Math.SQRT2 * big, Math.SQRT1_2, Math.SQRT1_2 / 2 / big]],
  ['atan2 at the origin', (x) => atan2(x, 0), 0, [0, 0, 0]],
  ['atan2', (x) => atan2(x, big), 0, [0, 1 / big, 0]],
  ['norm of zeros', (x) => norm(mul(x, tensor([3, 4]))), 0, [0, 0, 0]],
  ['norm', (x) => norm(mul(x, tensor([3, 4]))), big, [5 * big, 5, 0]],
  ['prod beside a zero', (x) => prod(stack([x, x, number(0)])), 2, [0, 0, 0]],
  ['prod at zero', (x) => prod(stack([x, x, number(3)])), 0, [0, 0, 6]],
  ['x/x', (x) => div(x, x), big, [1, 0, 0]],
  ['log', log, 0, [-inf, inf, -inf]],
  ['log', log, big, [Math.log(big), 1 / big, 0]],
  ['log1p', log1p, tiny, [tiny, 1, -1]],
  ['log1p', log1p, big, [Math.log(big), 1 / big, 0]],
  ['expm1', expm1, -big, [-1, 0, 0]],
  ['exp', exp, -big, [0, 0, 0]],
  ['exp', exp, big, [inf, inf, inf]],
  ['sigmoid', sigmoid, big, [1, 0, 0]],
  ['sigmoid', sigmoid, -big, [0, 0, 0]],
  ['softplus', softplus, big, [big, 1, 0]],
  ['softplus', softplus, -big, [0, 0, 0]],
  ['silu', silu, big, [big, 1, 0]],
  ['silu', silu, -big, [0, 0, 0]],
  ['gelu', gelu, big, [big, 1, 0]],
  ['gelu', gelu, -big, [0, 0, 0]],
  ['tanh', tanh, big, [1, 0, 0]],
  ['atan', atan, big, [Math.PI / 2, 0, 0]],
  ['asin', asin, 1, [Math.PI / 2, inf, inf]],
  ['acos', acos, 1, [0, -inf, -inf]],
  ['erf', erf, big, [1, 0, 0]],
  ['erfc', erfc, big, [0, 0, 0]],
  ['lgamma', lgamma, 0, [inf, none, none]],
  ['logAddExp', (x) => logAddExp(x, x), -inf, [-inf, 1, 0]],
  ['logAddExp', (x) => logAddExp(x, big), -big, [big, 0, 0]],
  ['logSumExp', (x) => logSumExp(stack([x, number(big)])), big, [big, 0.5, 0.25]],
  ['variance of one', (x) => variance(stack([x])), 7, [0, 0, 0]],
]

describe('conventions', () => {
  test.each(table)('%s at %3$s: %4$j', (_, f, at, expected) => {
    for (const mode of [forward, reverse]) {
      const found = jet(f, at, mode)
      expected.forEach((value, k) => {
        expect.soft(isClose(found[k] as number, value), `order ${k}: got ${found[k]}, needs ${value}`).toBe(true)
      })
    }
  })
})

test('√(x²) has slope 0 at its corner, in both modes', () => {
  for (const mode of [forward, reverse]) expect(item(mode((x) => sqrt(square(x)))(number(0)))).toBe(0)
})

describe('where a value is finite, its derivatives are no NaN', () => {
  const smooth: Readonly<Record<string, Scalar>> = {
    ...{ abs, atan, cos, cosh, erf, erfc, exp, expm1, gelu, relu, sigmoid, sign, silu, sin, sinh, softplus, square },
    ...{ sqrt, reciprocal, log, log1p, tan, tanh, asin, acos, digamma, lgamma },
    'x + x · x': (x) => mul(x, x),
    'x / 3': (x) => div(x, 3),
    '3 / x': (x) => div(3, x),
    'x to the 2.5': (x) => pow(x, 2.5),
    'hypot with 1': (x) => hypot(x, 1),
    'atan2 with 1': (x) => atan2(x, 1),
    'maximum with 0': (x) => maximum(x, 0),
    'logAddExp with 0': (x) => logAddExp(x, 0),
  }
  const points = [0, -0, tiny, -tiny, 1e-310, 1e-300, -1e-300, 0.5, 1, -1, 3, 700, -700, 1e154, -1e154, big, -big]

  test.each(Object.entries(smooth))('%s', (_, f) => {
    for (const at of points) {
      const value = item(f(number(at)))
      if (!Number.isFinite(value)) continue
      for (const mode of [forward, reverse]) {
        const [, slope, bend] = jet(f, at, mode)
        expect.soft([at, slope, bend]).not.toContain(Number.NaN)
      }
      const backward = jet(f, at, reverse)
      jet(f, at, forward).forEach((value, k) => {
        const other = backward[k] as number
        const cancelled = k === 2 ? Math.abs(backward[1] as number) : 0
        expect.soft(isClose(value, other, cancelled), `order ${k} at ${at}: ${value} and ${other}`).toBe(true)
      })
    }
  })
})

describe('nothing at all', () => {
  const empty = zeros([0, 3])
  test.each([
    ['sum', sum(empty), []],
    ['sum over rows', sum(empty, { axes: [1] }), [0]],
    ['prod over columns', prod(empty, { axes: [0] }), [3]],
    ['norm over columns', norm(empty, { axes: [0] }), [3]],
    ['mean', mean(empty), []],
  ] as const)('%s of an empty value has its shape', (_, value, shape) => {
    expect(value.shape).toEqual(shape)
  })

  test('gradients are empty too', () => {
    for (const f of [sum, prod, norm] as const) expect(grad((x: Value) => f(x))(empty).shape).toEqual([0, 3])
    expect(Array.from(concrete(prod(empty, { axes: [0] })).data)).toEqual([1, 1, 1])
  })

  test('extremes of nothing are refused', () => {
    expect(() => max(empty)).toThrow('max: got [0, 3]')
    expect(() => min(empty, { axes: [0] })).toThrow('min: got [0, 3]')
  })
})
