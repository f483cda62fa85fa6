import { scalar, tensor, toNested } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import {
  add,
  asValue,
  concrete,
  currentInterpreter,
  evaluator,
  exp,
  grad,
  greater,
  hessian,
  hvp,
  interpretWith,
  item,
  jacobian,
  jvp,
  linearize,
  logSumExp,
  mul,
  neg,
  record,
  safeDiv,
  sigmoid,
  softplus,
  square,
  stopGradient,
  sub,
  sum,
  tanh,
  type Value,
  vjp,
  where,
} from '../src/index.ts'

const one = scalar(1)

describe('perturbation confusion', () => {
  test('an inner derivative treats the outer variable as a constant', () => {
    // d/dx [x · d/dy (x + y)] = 1; confusing the two variables gives 2.
    expect(item(grad((x: Value) => mul(x, grad((y: Value) => add(x, y))(one)))(one))).toBe(1)
    expect(item(jvp((x: Value) => mul(x, jvp((y: Value) => add(x, y))(one, one)[1]))(one, one)[1])).toBe(1)
    expect(item(grad((x: Value) => mul(x, jvp((y: Value) => mul(x, y))(one, one)[1]))(scalar(3)))).toBe(6)
  })

  test('three levels, each closing over the ones outside', () => {
    // f(x, y, z) = x² y z³: ∂z∂y∂x at (2, 3, 1) = 2x · 3z² = 12.
    const byX = grad((x: Value) =>
      grad((y: Value) => grad((z: Value) => mul(square(x), mul(y, mul(z, mul(z, z)))))(one))(scalar(3)),
    )
    expect(item(byX(scalar(2)))).toBe(12)
  })

  test('reverse inside forward inside reverse, and the other way round', () => {
    const forward = (f: (t: Value) => Value) => (at: Value) => jvp(f)(at, one)[1]
    const modes = [grad, forward] as const
    for (const first of modes)
      for (const second of modes)
        for (const third of modes) {
          // ∂/∂z (x y z²) = 2 x y z; at z = y times y: 2 x y³; ∂/∂y: 6 x y²; at y = x: 6 x³; d/dx: 18 x².
          const inmost = (x: Value, y: Value): Value => first((z: Value) => mul(mul(x, y), square(z)))(y)
          const middle = (x: Value): Value => second((y: Value) => mul(y, inmost(x, y)))(x)
          expect(item(third(middle)(scalar(2)))).toBe(72)
        }
  })

  test('a derivative of a derivative: all orders of eˣ are eˣ', () => {
    let f: (x: Value) => Value = exp
    for (let order = 1; order <= 4; order++) {
      f =
        order % 2 === 0
          ? grad(f)
          : (
              (g) => (x: Value) =>
                jvp(g)(x, one)[1]
            )(f)
      expect(item(f(scalar(0.5)))).toBeCloseTo(Math.exp(0.5), 13)
    }
  })
})

describe('modes agree', () => {
  const f = (x: Value): Value => sum(mul(tanh(x), square(add(x, 1))))
  const x = tensor([0.3, -0.7, 1.1])
  const v = tensor([1, -2, 0.5])

  test('forward over reverse = reverse over forward = reverse over reverse', () => {
    const overReverse = toNested(concrete(hvp(f)(x, v))) as readonly number[]
    const overForward = toNested(concrete(grad((p: Value) => jvp(f)(p, v)[1])(x))) as readonly number[]
    const twice = toNested(concrete(vjp(grad(f))(x)[1](v))) as readonly number[]
    overReverse.forEach((entry, i) => {
      expect(overForward[i]).toBeCloseTo(entry, 12)
      expect(twice[i]).toBeCloseTo(entry, 12)
    })
  })

  test('the Hessian is symmetric and its product is hvp', () => {
    const h = toNested(concrete(hessian(f)(x))) as readonly (readonly number[])[]
    const hv = toNested(concrete(hvp(f)(x, v))) as readonly number[]
    h.forEach((row, i) => {
      row.forEach((entry, j) => {
        expect(entry).toBeCloseTo(h[j]?.[i] as number, 12)
      })
      expect(row.reduce((total, entry, j) => total + entry * (v.data[j] as number), 0)).toBeCloseTo(hv[i] as number, 12)
    })
  })

  test('a Jacobian is the same by rows as by columns', () => {
    const wide = jacobian((p: Value) => add(mul(2, p), sum(p)))(x)
    const tall = jacobian((p: Value) => mul(sum(p), tensor([1, 2, 3, 4])))(x)
    expect(toNested(concrete(wide))).toEqual([
      [3, 1, 1],
      [1, 3, 1],
      [1, 1, 3],
    ])
    expect(toNested(concrete(tall))).toEqual([1, 2, 3, 4].map((a) => [a, a, a]))
  })
})

describe('kinks and ends', () => {
  test('safeDiv keeps an invalid branch out of the derivative, and so does where alone', () => {
    const safe = (x: Value): Value => safeDiv(1, x, greater(x, 0))
    const bare = (x: Value): Value => where(greater(x, 0), mul(square(x), safeDiv(1, x, greater(2, 1))), 0)
    expect(item(grad(safe)(scalar(0)))).toBe(0)
    expect(item(grad(bare)(scalar(0)))).toBe(0)
  })

  test('nothing overflows', () => {
    expect([-750, 750].map((x) => item(sigmoid(x)))).toEqual([Math.exp(-750), 1])
    expect([-750, 750].map((x) => item(softplus(x)))).toEqual([Math.exp(-750), 750])
    expect([-750, 750].map((x) => item(grad(softplus)(scalar(x))))).toEqual([Math.exp(-750), 1])
    expect(item(logSumExp(tensor([-1000, -1000])))).toBeCloseTo(-1000 + Math.LN2, 12)
    expect(item(logSumExp(tensor([-Infinity, -Infinity])))).toBe(-Infinity)
    expect(item(logSumExp(tensor([Infinity, 0])))).toBe(Infinity)
  })

  test('stopGradient is a constant to every derivative', () => {
    expect(item(grad((x: Value) => mul(stopGradient(x), x))(scalar(3)))).toBe(3)
    expect(item(grad(grad((x: Value) => mul(stopGradient(x), square(x))))(scalar(3)))).toBe(6)
  })

  test('a function that ignores its argument has gradient zero', () => {
    expect(toNested(concrete(grad((_: Value) => 5)(tensor([1, 2]))))).toEqual([0, 0])
  })
})

describe('interpreters', () => {
  test('the evaluator is back after a body that throws', () => {
    expect(() =>
      grad((): Value => {
        throw new Error('on purpose')
      })(one),
    ).toThrow('on purpose')
    expect(currentInterpreter()).toBe(evaluator)
  })

  test('the enclosing interpreter is back after an inner body that throws, at every level', () => {
    const failing = (): Value => {
      throw new Error('on purpose')
    }
    const caught = (body: () => unknown): void => {
      const before = currentInterpreter()
      expect(body).toThrow('on purpose')
      expect(currentInterpreter()).toBe(before)
    }
    const derivative = grad((x: Value) => {
      expect(currentInterpreter()).not.toBe(evaluator)
      caught(() => grad(failing)(x))
      caught(() => jvp(failing)(x, one))
      caught(() => record(failing)(x))
      caught(() => record(grad(failing))(x))
      caught(() => interpretWith(evaluator, failing))
      return square(x)
    })
    expect(item(derivative(scalar(3)))).toBe(6)
    const { program } = record((x: Value) => {
      caught(() => grad(failing)(x))
      return square(x)
    })(one)
    expect(program.steps).toHaveLength(1)
  })

  test('numbers can be read inside derivatives, and not while recording', () => {
    const branching = (x: Value): Value => (item(x) > 0 ? square(x) : neg(x))
    expect(item(grad(branching)(scalar(3)))).toBe(6)
    expect(item(grad(grad(branching))(scalar(3)))).toBe(2)
    expect(() => record(branching)(one)).toThrow('not known while recording')
    expect(() => record(grad(branching))(one)).toThrow('not known while recording')
  })

  test('a value does not outlive its transformation', () => {
    let leaked: Value = one
    grad((x: Value) => {
      leaked = x
      return x
    })(one)
    expect(() => add(leaked, 1)).toThrow('finished linearize')
  })

  test('nor its recording, nor does it reach an outer derivative through one', () => {
    let leaked: Value = one
    record((x: Value) => {
      leaked = x
      return x
    })(one)
    expect(() => mul(leaked, 2)).toThrow('finished record')
    expect(() => grad((x: Value) => mul(x, leaked))(one)).toThrow('finished record')
  })

  test('mistakes are told at once', () => {
    expect(() => grad((x: Value) => (x as unknown as number) + 1)(one)).toThrow('needs the operations')
    expect(() => linearize(async (x: Value) => x)(one)).toThrow('tree: got a Promise')
    expect(() =>
      linearize(function* (x: Value) {
        yield x
      })(one),
    ).toThrow('tree: got')
    expect(() => grad((x: Value) => x)(tensor([1, 2]))).toThrow('needs a scalar')
    expect(() => grad((x: Value) => sum(x))(tensor([1], 'int32'))).toThrow('needs float64 or float32')
    expect(() => add(tensor([1]), tensor([1], 'float32'))).toThrow('needs one dtype')
    expect(() => mul(tensor([1, 2]), tensor([1, 2, 3]))).toThrow('mul: got [2] and [3]')
    expect(() => jvp((x: Value) => x)(one, tensor([1]))).toThrow('needs float64 []')
    expect(() => grad((x: { a: Value }) => x.a)({ a: new Date() as unknown as Value })).toThrow('a Date at .a')
  })

  test('float32 stays float32', () => {
    const x = tensor([0.5, 2], 'float32')
    const gradient = concrete(grad((p: Value) => sum(mul(2, square(sub(p, 1)))))(x))
    expect(gradient.dtype).toBe('float32')
    expect(toNested(gradient)).toEqual([-2, 4])
  })

  test('numbers beside float32 take its kind: seeds, directions, cotangents', () => {
    const x = tensor([0.5, 2], 'float32')
    const f = (p: Value): Value => sum(mul(p, square(p)))
    const kinds = [
      hvp(f)(x, tensor([1, 1], 'float32')),
      hessian(f)(x),
      jacobian((p: Value) => safeDiv(1, p, greater(p, 0)))(x),
      grad((_: Value) => 3)(x),
      jvp((p: Value) => square(p))(scalar(2, 'float32'), 1 as unknown as Value)[1],
      vjp((p: Value) => square(p))(scalar(2, 'float32'))[1](1 as unknown as Value),
    ]
    expect(kinds.map(({ dtype }) => dtype)).toEqual(kinds.map(() => 'float32'))
    expect(toNested(concrete(kinds[0] as Value))).toEqual([3, 12])
  })

  test('a number beside float32 is rounded to it', () => {
    const narrow = concrete(mul(scalar(1, 'float32'), 0.1))
    expect(narrow.data).toEqual(Float32Array.of(0.1))
    expect(concrete(asValue(0.1, narrow)).data).toEqual(Float32Array.of(0.1))
    expect(concrete(asValue(0.1)).data).toEqual(Float64Array.of(0.1))
  })

  test('another interpreter sees every operation', () => {
    const seen: string[] = []
    const listening = interpretWith(
      {
        name: 'listen',
        bind: (primitive, args, params) => {
          seen.push(primitive.name)
          return interpretWith(evaluator, () => evaluator.bind(primitive, args, params))
        },
      },
      () => item(grad((x: Value) => mul(x, x))(scalar(3))),
    )
    expect(listening).toBe(6)
    expect(seen).toEqual(['mul', 'scale', 'scale', 'add'])
  })
})
