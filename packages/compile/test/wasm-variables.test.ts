import {
  abs,
  add,
  ceil,
  cos,
  div,
  evaluate,
  exp,
  expm1,
  floor,
  greater,
  lessEqual,
  log,
  log1p,
  logicalAnd,
  logicalOr,
  maximum,
  minimum,
  mul,
  neg,
  record,
  sin,
  sqrt,
  sub,
  tanh,
  type Value,
  valueAndGrad,
  where,
} from '@secant/autodiff'
import { fromData, type Tensor } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import { compileProgram } from '../src/index.ts'

const compiled = (f: (x: Value) => readonly Value[], like: Tensor): ((x: Tensor) => readonly Tensor[]) => {
  const { run, target } = compileProgram(record(f)(like).program, { target: 'webassembly' })
  expect(target).toBe('webassembly')
  return (x) => run([x])
}

const [inf, nan, least] = [Number.POSITIVE_INFINITY, Number.NaN, 5e-324]
const special = [0, least, 1e-310, 2 ** -1022, 1e-17, 1e-8, 0.5, 0.9, 1, 3, 20.5, 700, 1e5, 2e6, 1e300, inf].flatMap(
  (x) => [x, -x],
)
const functions = { exp, expm1, log, log1p, tanh, sin, cos } as const
const names = Object.keys(functions) as readonly (keyof typeof functions)[]

describe.each(names)('%s of few entries', (name) => {
  const f = compiled((x) => [functions[name](x)], fromData(new Float64Array(3)))
  const at = (...x: readonly number[]): readonly number[] =>
    Array.from((f(fromData(Float64Array.from(x)))[0] as Tensor).data)

  test('at special values: exact where the value is, within units in the last place elsewhere', () => {
    for (const x of [...special, nan]) {
      const y = at(x, 1, 2)[0] as number
      const expected = Math[name](x)
      const exactly = expected === 0 || expected === x || !Number.isFinite(expected) || Math.abs(expected) === 1
      if (exactly) expect(y).toBe(expected)
      else expect(Math.abs(y - expected)).toBeLessThanOrEqual(Math.max(4 * Math.abs(expected) * 2 ** -53, least))
    }
  })

  test('an entry depends neither on its place nor on its neighbours', () => {
    const neighbours = [0.3, -0, nan, inf, 1e7, least]
    for (const x of [0.7, 2.5, 1e-9, 2e6])
      for (const y of neighbours)
        expect([at(x, y, 1)[0], at(y, x, 1)[1], at(y, 1, x)[2]]).toEqual(
          Array.from({ length: 3 }, () => at(x, 1, 1)[0]),
        )
  })
})

test('sine and cosine of one argument are those of each by itself', () => {
  const like = fromData(new Float64Array(2))
  const both = compiled((x) => [sin(x), cos(x), mul(sin(x), cos(x))], like)
  const [one, other] = [compiled((x) => [sin(x)], like), compiled((x) => [cos(x)], like)]
  for (const value of [...special, 0.1, 1.6, 2.4, 3.2, 4.8, 5.6, 7.1, nan]) {
    const x = fromData(Float64Array.of(value, 0.4 - value))
    const [s, c, product] = both(x) as [Tensor, Tensor, Tensor]
    expect([s, c]).toEqual([...one(x), ...other(x)])
    expect(product.data).toEqual(s.data.map((a, i) => a * (c.data[i] as number)))
  }
})

const arithmetic = (x: Value): readonly Value[] => {
  const reversed = sub(div(1, x), mul(x, x))
  const [positive, small] = [greater(x, 0), lessEqual(abs(x), 1)]
  return [
    add(sqrt(x), neg(x)),
    maximum(x, reversed),
    minimum(reversed, x),
    sub(floor(x), ceil(x)),
    where(logicalAnd(positive, small), x, reversed),
    where(logicalOr(positive, small), reversed, x),
    where(small, neg(x), x),
    positive,
  ]
}

test.each(['float64', 'float32'] as const)('arithmetic of %s is that of the evaluator, bit for bit', (dtype) => {
  const values = [...special, nan, 0.1, -2.7, 1e20, -1e-20]
  for (let i = 0; i + 4 <= values.length; i++) {
    const part = values.slice(i, i + 4)
    const x = fromData(dtype === 'float64' ? Float64Array.from(part) : Float32Array.from(part))
    const { program } = record(arithmetic)(x)
    const { run, target } = compileProgram(program, { target: 'webassembly' })
    expect(target).toBe('webassembly')
    expect(run([x])).toEqual(evaluate(program)([x]))
  }
})

describe('a chain of functions of one number, with its derivative', () => {
  const chain =
    (rounds: number) =>
    (x: Value): Value =>
      Array.from({ length: rounds }).reduce<Value>((y) => tanh(add(mul(sin(y), 1.1), 0.3)), x)
  const x = fromData(Float64Array.of(0.7), [])
  const targetOf = (f: (x: Value) => unknown, target: 'automatic' | 'javascript' = 'automatic'): string =>
    compileProgram(record(f)(x).program, { target }).target

  test('is in WebAssembly where it is long', () => {
    expect(targetOf(valueAndGrad(chain(33)))).toBe('webassembly')
    expect(targetOf(valueAndGrad(chain(33)), 'javascript')).toBe('javascript')
    expect(targetOf(valueAndGrad(chain(5)))).toBe('javascript')
  })

  test('exponentials alone are in JavaScript, which is no slower', () => {
    expect(targetOf((y) => Array.from({ length: 60 }).reduce<Value>((z) => exp(mul(-1, z)), y))).toBe('javascript')
  })

  test('and its value is the same to what rounding may do', () => {
    const { program } = record(valueAndGrad(chain(20)))(x)
    const exact = evaluate(program)([x]) as readonly Tensor[]
    const { run, target } = compileProgram(program, { target: 'webassembly' })
    expect(target).toBe('webassembly')
    const results = run([x])
    exact.forEach(({ data }, k) => {
      const [a, b] = [(results[k] as Tensor).data[0] as number, data[0] as number]
      expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-13 * Math.abs(b))
    })
  })
})
