import { ones, scalar, type Tensor, tensor, toNested, zeros } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  add,
  boundedWhile,
  checkDerivatives,
  checkpoint,
  concrete,
  cond,
  cos,
  evaluate,
  evaluator,
  exp,
  grad,
  greater,
  type Interpreter,
  interpretWith,
  item,
  jvp,
  less,
  linearize,
  log,
  mul,
  neg,
  record,
  scan,
  sin,
  sqrt,
  square,
  sum,
  switchCase,
  tanh,
  type Value,
  vmap,
  where,
  whileLoop,
} from '../src/index.ts'
import { tensorOf } from './generators.ts'

const numbers = (x: Value): unknown => toNested(concrete(x))

/** Names of the operations that a computation carries out. */
const names = (body: () => unknown): readonly string[] => {
  const seen: string[] = []
  const listener: Interpreter = {
    name: 'listen',
    bind: (primitive, args, params) => {
      seen.push(primitive.name)
      return evaluator.bind(primitive, args, params)
    },
  }
  interpretWith(listener, body)
  return seen
}

describe('cond and switchCase', () => {
  const positive = (x: Value): Value => sum(mul(sin(x), x))
  const negative = (x: Value): Value => sum(exp(mul(0.5, x)))
  const f = (x: Value): Value => cond(greater(sum(x), 0), positive, negative)(x)
  const plain = (x: Value): Value => (item(sum(x)) > 0 ? positive(x) : negative(x))
  const pieces = [sin, cos, (x: Value) => square(x)]

  test('are the branch that is taken, in value and all derivatives', () => {
    fc.assert(
      fc.property(tensorOf([2]), tensorOf([2]), (x, v) => {
        expect(item(f(x))).toBe(item(plain(x)))
        expect(numbers(grad(f)(x))).toEqual(numbers(grad(plain)(x)))
        expect(item(jvp(f)(x, v)[1])).toBe(item(jvp(plain)(x, v)[1]))
        const second = (g: (p: Value) => Value): Value => jvp(grad(g))(x, v)[1]
        expect(numbers(second(f))).toEqual(numbers(second(plain)))
      }),
      { numRuns: 25 },
    )
  })

  test('only the branch taken is computed and differentiated', () => {
    expect(names(() => grad(f)(tensor([1, 2])))).not.toContain('exp')
    expect(names(() => grad(f)(tensor([-1, -2])))).not.toContain('sin')
    // Where it is known which one that is, the others may even lack a derivative.
    const lacking = (x: Value): Value => cond(greater(x, 0), sin, whileLoop((p: Value) => less(p, 0), (p) => add(p, 1)))(x) // biome-ignore format: one line
    expect(item(grad(lacking)(scalar(0.5)))).toBe(Math.cos(0.5))
    expect(() => record(grad(lacking))(scalar(1))).toThrow('needs forward mode')
    const { program } = record(grad(f))(tensor([0, 0]))
    expect(names(() => evaluate(program)([tensor([1, 2])]))).not.toContain('exp')
    expect(names(() => evaluate(program)([tensor([-1, -2])]))).not.toContain('sin')
  })

  test('recorded, they still choose; so do their derivatives of every mode and order', () => {
    const slopes: readonly ((x: Value) => Value)[] = [
      f,
      grad(f),
      (x) => jvp(f)(x, tensor([1, -2]))[1],
      (x) => jvp(grad(f))(x, tensor([1, -2]))[1],
      grad((x: Value) => sum(square(grad(f)(x)))),
    ]
    for (const h of slopes) {
      const { program } = record(h)(tensor([0, 0]))
      for (const x of [tensor([0.5, 1]), tensor([-1, 0.25])]) {
        const [actual, expected] = [evaluate(program)([x])[0] as Value, h(x)]
        expect(concrete(actual)).toEqual(concrete(expected))
      }
    }
    const { program } = record(f)(tensor([0, 0]))
    const again = (x: Value): Value => evaluate(program)([x])[0] as Value
    expect(checkDerivatives(again, tensor([0.5, 1]) as Value, { order: 3, directions: 1 }).agrees).toBe(true)
    expect(checkDerivatives(again, tensor([-0.5, -1]) as Value, { order: 3, directions: 1 }).agrees).toBe(true)
  })

  test('vmap with a predicate for each member, one for all, and the gradients through both', () => {
    const xs = tensor([[1, 2], [-3, 1], [0.5, 0.25]]) // biome-ignore format: one line
    const rows = (xs.data as Float64Array).length / 2
    const each = (h: (x: Value) => Value): unknown =>
      Array.from({ length: rows }, (_, i) => numbers(h(tensor(Array.from(xs.data.slice(2 * i, 2 * i + 2))))))
    for (const h of [f, grad(f), (x: Value) => jvp(grad(f))(x, ones([2]))[1]])
      expect(numbers(vmap(h)(xs))).toEqual(each(h))
    expect(numbers(grad((p: Value) => sum(vmap(f)(p)))(xs))).toEqual(each(grad(f)))
    for (const flag of [true, false]) {
      const shared = (x: Value): Value => cond(scalar(Number(flag), 'bool'), positive, (_: Value) => scalar(3))(x)
      expect(numbers(vmap(shared)(xs))).toEqual(each(shared))
      expect(numbers(vmap(grad(shared))(xs))).toEqual(each(grad(shared)))
    }
  })

  test('a branch not taken does no harm to a batch: its slopes may be infinite or NaN', () => {
    const safe = (x: Value): Value =>
      cond(
        greater(x, 0),
        (p: Value) => add(log(p), sqrt(p)),
        (p: Value) => mul(2, p),
      )(x)
    expect(numbers(vmap(grad(safe))(tensor([4, 0, -1])))).toEqual([0.5, 2, 2])
    expect(numbers(grad((p: Value) => sum(vmap(safe)(p)))(tensor([4, 0, -1])))).toEqual([0.5, 2, 2])
  })

  test('an index below the first means the first, above the last the last, in a batch too', () => {
    const chosen = [-7, 0, 1, 2, 9].map((k) => item(switchCase(k, pieces)(scalar(0.5))))
    expect(chosen).toEqual([Math.sin(0.5), Math.sin(0.5), Math.cos(0.5), 0.25, 0.25])
    const index = tensor([-7, 0, 1, 2, 9], 'int32')
    expect(numbers(vmap((k: Value) => switchCase(k, pieces)(scalar(0.5)))(index))).toEqual(chosen)
    expect(numbers(vmap((k: Value) => grad((x: Value) => switchCase(k, pieces)(x))(scalar(0.5)))(index))).toEqual([
      Math.cos(0.5),
      Math.cos(0.5),
      -Math.sin(0.5),
      1,
      1,
    ])
    const { program } = record((k: Value) => switchCase(k, pieces)(scalar(0.5)))(scalar(0, 'int32'))
    expect([-7, 2, 9].map((k) => item(evaluate(program)([scalar(k, 'int32')])[0] as Value))).toEqual([
      Math.sin(0.5),
      0.25,
      0.25,
    ])
  })

  test('branches close over values of their own, which are differentiated', () => {
    const g = ([a, b]: readonly [Value, Value]): Value =>
      scan((c: Value, k: Value) => [
        switchCase(k, [(x: Value) => mul(x, a), (x: Value) => add(x, square(b)), (x: Value) => x])(c),
        null,
      ])(scalar(1), tensor([0, 1, 2, 0, 1], 'int32'))[0]
    // (a + b²) a + b² = a² + a b² + b².
    expect(grad(g)([scalar(2), scalar(3)]).map(item)).toEqual([4 + 9, 12 + 6])
    expect(
      checkDerivatives(g, [scalar(0.5), scalar(-0.3)] as readonly [Value, Value], { order: 3, directions: 1 }).agrees,
    ).toBe(true)
  })

  test('trees go in and out; masks and integers with them', () => {
    const out = cond(
      scalar(1, 'bool'),
      ({ a, n }: { readonly a: Value; readonly n: Value }) => ({ y: neg(a), n, big: greater(a, 1) }),
      ({ a, n }) => ({ y: a, n, big: less(a, 1) }),
    )({ a: scalar(3), n: scalar(2, 'int32') })
    expect([item(out.y), item(out.n), item(out.big), out.n.dtype, out.big.dtype]).toEqual([-3, 2, 1, 'int32', 'bool'])
  })

  test('mistakes are told', () => {
    const x = scalar(1)
    expect(() => cond(x, sin, cos)(x)).toThrow('cond: got a predicate of float64 []; needs a scalar, bool')
    expect(() => cond(scalar(1, 'bool'), sin, (_: Value) => tensor([1]))(x)).toThrow(
      'cond: got float64 [] as leaf 0 of branch 1; needs float64 [1]',
    )
    expect(() => cond<Value, unknown>(scalar(1, 'bool'), sin, () => [x])(x)).toThrow('branch 1 of another nesting')
    expect(() => switchCase(0, [])(x)).toThrow('switchCase: got no branches')
    expect(() => switchCase(0.5, [sin])(x)).toThrow('switchCase: got index 0.5; needs a whole number')
    expect(() => switchCase(x, [sin])(x)).toThrow('switchCase: got an index of float64 []; needs a scalar, int32')
    expect(() => cond(scalar(1, 'bool'), (p) => mul(p, item(p)), cos)(x)).toThrow('not known while recording')
  })
})

describe('whileLoop and boundedWhile', () => {
  interface State {
    readonly x: Value
    readonly steps: Value
  }
  /** Halves until at most 1; how often is counted as a float beside it. */
  const goesOn = ({ x }: State): Value => greater(x, 1)
  const half = ({ x, steps }: State): State => ({ x: mul(x, add(0.5, mul(0.01, sin(x)))), steps: add(steps, 1) })
  const start = (x: Value): State => ({ x, steps: scalar(0) })
  const loop = (x: Value): Value => whileLoop(goesOn, half)(start(x)).x
  const bounded = (x: Value): Value => boundedWhile(goesOn, half, { most: 12 })(start(x)).x
  const plain = (x: Value): Value => {
    let state = start(x)
    while (item(goesOn(state)) !== 0) state = half(state)
    return state.x
  }
  const points = [20, 3, 0.5, 700]

  test('are the loop they stand for: values, forward derivatives, and reverse ones where steps are bounded', () => {
    for (const p of points) {
      const [x, v] = [scalar(p), scalar(1)]
      const second = (h: (x: Value) => Value): Value => jvp((t: Value) => jvp(h)(t, v)[1])(x, v)[1]
      for (const h of [loop, bounded]) {
        expect(item(h(x))).toBe(item(plain(x)))
        expect(item(jvp(h)(x, v)[1])).toBe(item(jvp(plain)(x, v)[1]))
        expect(item(second(h))).toBeCloseTo(item(second(plain)), 14)
      }
      expect(item(grad(bounded)(x))).toBeCloseTo(item(grad(plain)(x)), 14)
      expect(item(grad(grad(bounded))(x))).toBeCloseTo(item(grad(grad(plain))(x)), 14)
    }
  })

  test('under vmap all members run until they are done, and those that are keep their carry', () => {
    const xs = tensor(points)
    for (const h of [loop, bounded]) {
      expect(numbers(vmap(h)(xs))).toEqual(points.map((p) => item(plain(scalar(p)))))
      const slopes = vmap((x: Value) => jvp(h)(x, scalar(1))[1])(xs)
      const whole = jvp((p: Value) => vmap(h)(p))(xs, ones([4]))[1]
      for (const result of [slopes, whole])
        points.forEach((p, i) => {
          expect(concrete(result).data[i]).toBeCloseTo(item(jvp(plain)(scalar(p), scalar(1))[1]), 14)
        })
    }
    const byReverse = [vmap(grad(bounded))(xs), grad((p: Value) => sum(vmap(bounded)(p)))(xs)]
    for (const result of byReverse)
      points.forEach((p, i) => {
        expect(concrete(result).data[i]).toBeCloseTo(item(grad(plain)(scalar(p))), 14)
      })
  })

  test('a finished member is held, even where a further step would make it NaN', () => {
    const down = (x: Value): Value =>
      whileLoop(
        (p: Value) => greater(p, 0),
        (p) => sqrt(add(p, -1)),
      )(x)
    expect(numbers(vmap(down)(tensor([1, 26, 0])))).toEqual(
      [0, 1, 0].map((_, i) => item(down(scalar([1, 26, 0][i] as number)))),
    )
  })

  test('a batch whose condition is shared counts once: what varies is only carried along', () => {
    const grown = (y: Value): Value =>
      whileLoop(
        ([k]: readonly [Value, Value]) => less(k, 3),
        ([k, p]) => [add(k, 1), mul(p, y)] as const,
      )([scalar(0), y])[1]
    expect(numbers(vmap(grown)(tensor([1, 2, 3])))).toEqual([1, 16, 81])
    expect(numbers(vmap((y: Value) => jvp(grown)(y, scalar(1))[1])(tensor([1, 2, 3])))).toEqual([4, 32, 108])
  })

  test('the condition may close over members, and outer derivatives over both', () => {
    const until = (limit: Value, rate: Value): Value =>
      whileLoop(
        (p: Value) => less(p, limit),
        (p) => mul(p, rate),
      )(scalar(1))
    expect(numbers(vmap(until)(tensor([3, 30, 1]), tensor([2, 3, 4])))).toEqual([4, 81, 1])
    expect(numbers(vmap((l: Value) => until(l, scalar(2)))(tensor([3, 30, 1])))).toEqual([4, 32, 1])
    expect(item(jvp((r: Value) => until(scalar(30), r))(scalar(3), scalar(1))[1])).toBe(108)
  })

  test('recorded: evaluate gives the loop again, and its derivative', () => {
    for (const h of [loop, bounded, (x: Value) => jvp(loop)(x, scalar(1))[1], grad(bounded)]) {
      const { program } = record(h)(scalar(0))
      expect(program.steps.length).toBeLessThan(20)
      for (const p of points) expect(item(evaluate(program)([scalar(p)])[0] as Value)).toBe(item(h(scalar(p))))
    }
  })

  test('a reverse derivative of an unbounded loop is refused, and what to use instead is named', () => {
    expect(() => grad(loop)(scalar(20))).toThrow('needs forward mode, or boundedWhile or scan')
    expect(
      item(
        grad((x: Value) =>
          mul(
            x,
            whileLoop(
              (k: Value) => less(k, 5),
              (k) => add(k, 2),
            )(scalar(0)),
          ),
        )(scalar(1)),
      ),
    ).toBe(6)
  })

  test('a bound that is too small ends the loop, and the condition tells', () => {
    const end = boundedWhile(goesOn, half, { most: 2 })(start(scalar(20)))
    expect([item(end.steps), item(goesOn(end))]).toEqual([2, 1])
  })

  test('mistakes are told', () => {
    expect(() => whileLoop((x: Value) => x, sin)(scalar(1))).toThrow('whileLoop: got a condition of float64 []')
    expect(() =>
      whileLoop(
        (x: Value) => greater(x, 0),
        () => tensor([1]),
      )(scalar(1)),
    ).toThrow('whileLoop: got float64 [1] as leaf 0 of the carry after a step; needs float64 []')
  })
})

test('a batch without members', () => {
  const none = zeros([0])
  const f = (x: Value): Value =>
    scan((c: Value, _: null) => [cond(greater(c, 0), sin, cos)(c), null], { length: 2 })(x, null)[0]
  const g = (x: Value): Value => boundedWhile((c: Value) => less(c, 3), exp, { most: 2 })(x)
  const h = (x: Value): Value => jvp(whileLoop((c: Value) => less(c, 3), exp))(x, x)[1]
  for (const each of [f, grad(f), g, grad(g), h]) expect(vmap(each)(none).shape).toEqual([0])
})

test('a recorded program refuses values of other types', () => {
  const x = scalar(1)
  const programs: readonly (readonly [string, (p: Value) => Value])[] = [
    ['scan', (p) => scan((c: Value, _: null) => [sin(c), null], { length: 2 })(p, null)[0]],
    ['switch', (p) => cond(scalar(1, 'bool'), sin, cos)(p)],
    ['while', whileLoop((p: Value) => less(p, 1), sin)],
    ['checkpoint', checkpoint(sin)],
  ]
  for (const [name, f] of programs) {
    const { program } = record(f)(x)
    expect.soft(() => evaluate(program)([tensor([1, 2])])).toThrow(`${name}: got float64 [2]`)
  }
})

describe('random programs with control flow', () => {
  type Piece = (x: Value) => Value
  const pieces: fc.Arbitrary<Piece> = fc.letrec<{ piece: Piece }>((tie) => ({
    piece: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<Piece>(
        sin,
        tanh,
        (x) => mul(0.5, x),
        (x) => add(x, 1),
        (x) => mul(x, sum(x)),
      ),
      fc.tuple(tie('piece'), tie('piece')).map(
        ([f, g]): Piece =>
          (x) =>
            f(tanh(g(x))),
      ),
      fc.tuple(tie('piece'), fc.integer({ min: 0, max: 4 }), fc.boolean()).map(
        ([f, length, reverse]): Piece =>
          (x) =>
            scan((c: Value, _: null) => [tanh(add(f(c), mul(0.1, x))), sum(c)] as const, { length, reverse })(
              x,
              null,
            )[0],
      ),
      fc.tuple(tie('piece'), tie('piece')).map(
        ([f, g]): Piece =>
          (x) =>
            cond(greater(sum(x), 0.3), f, (y) => mul(g(y), x))(x),
      ),
      fc.tuple(tie('piece'), tie('piece'), tie('piece')).map(
        ([f, g, h]): Piece =>
          (x) =>
            switchCase(where(greater(sum(x), 1), scalar(2, 'int32'), scalar(1, 'int32')), [f, g, h])(x),
      ),
      tie('piece').map(
        (f): Piece =>
          (x) =>
            boundedWhile(
              (c: Value) => less(sum(c), 2),
              (c) => add(tanh(f(c)), add(c, 0.5)),
              { most: 3 },
            )(x),
      ),
    ),
  })).piece
  const laws: readonly (readonly [string, (f: Piece) => Piece])[] = [
    ['values', (f) => f],
    ['gradients', (f) => grad((x: Value) => sum(f(x)))],
    ['directional derivatives', (f) => (x) => jvp(f)(x, tensor([1, -2]))[1]],
    ['Hessian products', (f) => (x) => jvp(grad((y: Value) => sum(sin(f(y)))))(x, tensor([1, -2]))[1]],
  ]
  const close = (actual: Tensor, expected: Tensor): void =>
    expected.data.forEach((entry, i) => {
      expect(Math.abs((actual.data[i] as number) - entry)).toBeLessThanOrEqual(1e-10 * (1 + Math.abs(entry)))
    })

  test.each(laws)('%s: evaluate ∘ record = identity, to rounding', (_, of) => {
    fc.assert(
      fc.property(pieces, tensorOf([2], -1, 1), (f, x) => {
        const { program, captured } = record(of(f))(tensor([0, 0]))
        expect(captured).toEqual([])
        close(concrete(evaluate(program)([x])[0] as Value), concrete(of(f)(x)))
      }),
      { numRuns: 15 },
    )
  })

  test.each(laws)('%s: a batch = one by one', (_, of) => {
    fc.assert(
      fc.property(pieces, tensorOf([2], -1, 1), tensorOf([2], -1, 1), (f, x, y) => {
        const whole = concrete(vmap(of(f))(tensor([Array.from(x.data), Array.from(y.data)])))
        const singly = [x, y].flatMap((p) => Array.from(concrete(of(f)(p)).data))
        close(whole, tensor(singly))
      }),
      { numRuns: 15 },
    )
  })

  test('vmap ∘ grad = grad ∘ vmap', () => {
    fc.assert(
      fc.property(pieces, tensorOf([2, 2], -1, 1), (f, x) => {
        const slope = grad((p: Value) => sum(f(p)))
        close(concrete(grad((p: Value) => sum(vmap(f)(p)))(x)), concrete(vmap(slope)(x)))
      }),
      { numRuns: 15 },
    )
  })

  test('forward = reverse', () => {
    fc.assert(
      fc.property(pieces, tensorOf([2], -1, 1), (f, x) => {
        const [, derivative] = linearize((p: Value) => sum(f(p)))(x as Value)
        const forward = [tensor([1, 0]), tensor([0, 1])].map((v) => item(derivative.apply(v)))
        close(concrete(derivative.adjoint(scalar(1))), tensor(forward))
      }),
      { numRuns: 100 },
    )
  })
})
