import { fromData, key, normal, scalar, type Tensor, tensor, toNested, zeros } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import {
  add,
  cast,
  checkDerivatives,
  concrete,
  dot,
  evaluate,
  evaluator,
  exp,
  foriLoop,
  grad,
  greater,
  hvp,
  interpretWith,
  isStepOf,
  item,
  jvp,
  linearize,
  linearTranspose,
  matmul,
  mul,
  type Program,
  record,
  relu,
  scan,
  scanPrimitive,
  show,
  sigmoid,
  sin,
  slice,
  solveSymmetricOrNaN,
  square,
  stack,
  sub,
  sum,
  take,
  tanh,
  type Value,
  vmap,
  where,
} from '../src/index.ts'

const numbers = (x: Value): unknown => toNested(concrete(x))

/** All steps of a program and of the programs within. */
const stepCount = ({ steps }: Program): number =>
  steps.reduce((count, step) => count + 1 + (isStepOf(step, scanPrimitive) ? stepCount(step.params.body) : 0), 0)

describe('captured values', () => {
  /** x₊ = x θ + t from 1, with θ closed over. */
  const poly = (theta: Value, ts: Value): Value =>
    scan((c: Value, t: Value) => [add(mul(c, theta), t), null])(scalar(1), ts)[0]
  const ts = tensor([2, 3, 4])

  test('a derivative goes to what the body closes over', () => {
    // θ³ + 2θ² + 3θ + 4
    expect(item(poly(scalar(2), ts))).toBe(26)
    expect(item(grad((t: Value) => poly(t, ts))(scalar(2)))).toBe(23)
    expect(item(jvp((t: Value) => poly(t, ts))(scalar(2), scalar(1))[1])).toBe(23)
    expect(item(grad(grad((t: Value) => poly(t, ts)))(scalar(2)))).toBe(16)
    expect(item(grad(grad(grad((t: Value) => poly(t, ts))))(scalar(2)))).toBe(6)
  })

  test('captured from several transformations at once, each by its own', () => {
    const f = grad((a: Value) =>
      grad((b: Value) => scan((c: Value, _: null) => [mul(mul(c, a), b), null], { length: 3 })(scalar(1), null)[0])(
        scalar(2),
      ),
    )
    // (a b)³: ∂/∂a ∂/∂b = 9 a² b².
    expect(item(f(scalar(3)))).toBe(9 * 9 * 4)
    expect(numbers(vmap(f)(tensor([1, 3])))).toEqual([36, 324])
    expect(numbers(vmap((t: Value) => grad((u: Value) => poly(u, ts))(t))(tensor([2, 0])))).toEqual([23, 3])
    expect(item(grad((u: Value) => sum(vmap((t: Value) => poly(u, t))(tensor([[2, 3, 4], [0, 0, 0]]))))(scalar(2)))).toBe(23 + 12) // biome-ignore format: one line
  })

  test('an inner body closes over the carry and the row of the outer one', () => {
    const nested = (x: Value): Value =>
      scan((c: Value, t: Value) => [
        scan((d: Value, _: null) => [add(mul(d, c), t), null], { length: 2 })(x, null)[0],
        null,
      ])(x, tensor([1, 2]))[0]
    const plain = (x: Value): Value => {
      let c = x
      for (const t of [1, 2]) {
        let d = x
        for (let k = 0; k < 2; k++) d = add(mul(d, c), t)
        c = d
      }
      return c
    }
    for (const h of [(f: typeof plain) => f, grad<Value, []>, (f: typeof plain) => grad(grad(f))])
      expect(item((h(nested) as typeof plain)(scalar(0.5)))).toBeCloseTo(
        item((h(plain) as typeof plain)(scalar(0.5))),
        12,
      )
  })

  test('inside a recording they are constants of the scan', () => {
    const { program } = record((theta: Value) => poly(theta, ts))(scalar(0))
    expect(program.steps.map(({ primitive }) => primitive.name)).toEqual(['scan'])
    expect(item(evaluate(program)([scalar(2)])[0] as Value)).toBe(26)
  })
})

describe('operations that hold programs of their own', () => {
  test('a solve in the body closes over the carry', () => {
    const f = (x: Value): Value =>
      scan(
        (c: Value, b: Value) => [solveSymmetricOrNaN((v) => mul(add(2, square(c)), v), mul(b, x)), null],
        { length: 2 },
      )(x, tensor([[1, 2], [3, 4]]))[0] // biome-ignore format: one line
    expect(checkDerivatives(f, tensor([0.5, -0.4]) as Value).agrees).toBe(true)
    expect(show(record(f)(zeros([2])).program)).toContain('program: (a: ')
  })
})

describe('trees, kinds and lengths', () => {
  test('integers and masks travel beside floats, and have no derivative', () => {
    const f = (x: Value): Value => {
      const [{ value }, ys] = scan(
        ({ value, at, odd }: { readonly value: Value; readonly at: Value; readonly odd: Value }, t: Value) => [
          {
            value: mul(value, where(odd, t, x)),
            at: take(tensor([1, 2, 0], 'int32'), at),
            odd: greater(mul(value, t), 4),
          },
          { doubled: mul(2, value), at },
        ],
      )({ value: scalar(1), at: scalar(0, 'int32'), odd: scalar(0, 'bool') }, tensor([2, 3, 5, 7]))
      return add(value, dot(ys.doubled, cast(ys.at, 'float64')))
    }
    const x = scalar(1.5) as Value
    expect(checkDerivatives(f, x, { order: 3, directions: 1, step: 0.01 }).agrees).toBe(true)
    const { program } = record(grad(f))(scalar(0))
    expect(item(evaluate(program)([x])[0] as Value)).toBe(item(grad(f)(x)))
    expect(numbers(vmap(grad(f))(tensor([1.5, 0.5])))).toEqual([1.5, 0.5].map((p) => item(grad(f)(scalar(p)))))
  })

  test('several rows and results in one tree, reversed', () => {
    const f = ({ a, b }: { readonly a: Value; readonly b: Value }) =>
      scan(
        (c: Value, { a: p, b: q }: { readonly a: Value; readonly b: Value }) =>
          [add(mul(c, p), sum(q)), { c, pq: mul(p, q) }] as const,
        { reverse: true },
      )(scalar(1), { a, b })
    const at = { a: tensor([0.5, -1, 2]) as Value, b: tensor([[1, 2], [3, 4], [5, 6]]) as Value } // biome-ignore format: one line
    const [last, ys] = f(at)
    expect(item(last)).toBe(((1 * 2 + 11) * -1 + 7) * 0.5 + 3)
    expect(numbers(ys.c)).toEqual([-6, 13, 1])
    expect(ys.pq.shape).toEqual([3, 2])
    expect(checkDerivatives(f, at, { order: 3, directions: 1 }).agrees).toBe(true)
  })

  test('float32 stays float32', () => {
    const f = (x: Value): Value =>
      scan((c: Value, t: Value) => [tanh(add(mul(c, x), t)), null])(x, tensor([1, 2], 'float32'))[0]
    const x = scalar(0.5, 'float32')
    expect([f(x), grad(f)(x), jvp(f)(x, x)[1]].map(({ dtype }) => dtype)).toEqual(['float32', 'float32', 'float32'])
    expect(checkDerivatives(f, x as Value, { order: 1 }).agrees).toBe(true)
  })

  test.each([false, true])(
    'no steps at all: the carry as it came, empty rows, and their derivatives (reverse: %s)',
    (reverse) => {
      const f = ([a, xs]: readonly [Value, Value]) =>
        scan((c: Value, x: Value) => [mul(c, sum(x)), mul(x, c)] as const, { reverse })(a, xs)
      const at = [scalar(3), zeros([0, 2])] as readonly [Value, Value]
      const [[c, ys], derivative] = linearize(f)(at)
      expect([item(c), ys.shape]).toEqual([3, [0, 2]])
      const [dc, dys] = derivative.apply([scalar(5), zeros([0, 2])])
      expect([item(dc), dys.shape]).toEqual([5, [0, 2]])
      const [wa, wxs] = derivative.adjoint([scalar(7), zeros([0, 2])])
      expect([item(wa), wxs.shape]).toEqual([7, [0, 2]])
      expect(vmap((a: Value) => f([a, zeros([0, 2])])[1])(tensor([1, 2])).shape).toEqual([2, 0, 2])
    },
  )

  test('numbers in the carry, and a carry of nothing', () => {
    expect(item(scan<number | Value, Value, null>((c, x) => [add(c, x), null])(0, tensor([1, 2]))[0] as Value)).toBe(3)
    const [nothing, ys] = scan((c: readonly Value[], x: Value) => [c, square(x)] as const)([], tensor([1, 2]))
    expect([nothing, numbers(ys)]).toEqual([[], [1, 4]])
  })

  test('mistakes are told', () => {
    const xs = tensor([1, 2])
    const one = scalar(1)
    const mistakes: readonly (readonly [() => unknown, string])[] = [
      [
        () => scan((_: Value, x: Value) => [tensor([1, 2]), x])(one, xs),
        'scan: got float64 [2] as leaf 0 of the carry after a step; needs float64 []',
      ],
      [() => scan((c: Value, x: Value) => [greater(c, 0), x])(one, xs), 'scan: got bool [] as leaf 0'],
      [
        () => scan((c: readonly Value[], x: Value) => [[...c, x], x] as const)([one], xs),
        'scan: got the carry after a step of another nesting',
      ],
      [() => scan((c: Value, x: null) => [c, x])(one, null), 'scan: got no rows; needs a whole length ≥ 0'],
      [() => scan((c: Value, x: null) => [c, x], { length: 1.5 })(one, null), 'scan: got length 1.5'],
      [() => scan((c: Value, x: Value) => [c, x], { length: 3 })(one, xs), 'scan: got rows [2] for 3 steps'],
      [
        () => scan((c: Value, x: readonly Value[]) => [c, x])(one, [xs, tensor([1, 2, 3])]),
        'scan: got rows [3] for 2 steps',
      ],
      [() => scan((c: Value, x: Value) => [c, x])(one, one), 'scan: got no rows'],
      [() => scan(((c: Value) => c) as never)(one, xs), 'scan: got a step that returns no pair; needs [carry, result]'],
      [() => scan((c: Value, x: Value) => [mul(c, item(x)), x])(one, xs), 'not known while recording'],
      [() => foriLoop(0, 1.5, (_, c: Value) => c)(one), 'foriLoop: got bounds 0 and 1.5; needs whole numbers'],
    ]
    for (const [body, message] of mistakes) expect.soft(body).toThrow(message)
  })
})

describe('foriLoop', () => {
  test('counts from lower to upper, and derivatives of both modes come with it', () => {
    const weights = tensor([1, 2, 3, 4])
    const f = (x: Value): Value => foriLoop(1, 4, (i, c: Value) => add(mul(c, x), take(weights, i)))(x)
    // ((x · x + 2) x + 3) x + 4
    expect(item(f(scalar(2)))).toBe(2 ** 4 + 2 * 4 + 3 * 2 + 4)
    expect(item(grad(f)(scalar(2)))).toBe(4 * 8 + 4 * 2 + 3)
    expect(item(jvp(f)(scalar(2), scalar(1))[1])).toBe(43)
    expect(item(foriLoop(3, 1, (_, c: Value) => mul(c, 0))(scalar(7)))).toBe(7)
    expect(item(foriLoop(-2, 2, (i, c: Value) => add(c, cast(i, 'float64')))(scalar(0)))).toBe(-2)
  })
})

describe('size', () => {
  const f =
    (length: number) =>
    (x: Value): Value =>
      sum(scan((c: Value, _: null) => [tanh(mul(c, x)), square(c)] as const, { length })(x, null)[1])

  test('a program with a scan does not grow with its length, nor do its derivatives', () => {
    const counts = (length: number): readonly number[] => {
      const [x, one] = [scalar(0.5), scalar(1)]
      const maps = [
        f(length),
        grad(f(length)),
        (p: Value) => jvp(f(length))(p, one)[1],
        (p: Value) => hvp(f(length))(p, one),
        grad(grad(f(length))),
      ]
      return maps.map((h) => stepCount(record(h)(x).program))
    }
    expect(counts(1000)).toEqual(counts(3))
    expect(Math.max(...counts(3))).toBeLessThan(150)
  })

  test('what is not differentiated is not summed up', () => {
    const g = ([a, b]: readonly [Value, Value]): Value =>
      scan((c: Value, _: null) => [tanh(mul(mul(c, a), b)), null], { length: 5 })(scalar(1), null)[0]
    const carries = (h: (ab: readonly [Value, Value]) => unknown): readonly number[] =>
      record(h)([scalar(0.5), scalar(2)]).program.steps.flatMap((step) =>
        isStepOf(step, scanPrimitive) ? [step.params.carry] : [],
      )
    // Forwards the carry; backwards its cotangent and a total for each value that is differentiated.
    expect(carries(g)).toEqual([1])
    expect(carries(([a, b]) => grad((p: Value) => g([p, b]))(a))).toEqual([1, 2])
    expect(carries(grad(g))).toEqual([1, 3])
    const rows = record(
      grad(
        (a: Value) =>
          scan((c: Value, x: Value) => [mul(c, mul(a, x)), mul(x, 2)] as const)(scalar(1), tensor([1, 2]))[0],
      ),
    )(scalar(0.5))
    const [, backward] = rows.program.steps.flatMap((step) => (isStepOf(step, scanPrimitive) ? [step.params.body] : []))
    // The cotangent of the carry and the total; none for rows that are constants, none for results nobody asked for.
    expect(backward?.outputs).toHaveLength(2)
  })

  test('what is carried along unchanged is a constant of the loop: its derivative keeps it once', () => {
    const h = (w: Value): Value =>
      scan(([a, c]: readonly [Value, Value], _: null) => [[a, tanh(mul(a, c))] as const, null], { length: 4 })(
        [w, scalar(2)],
        null,
      )[0].reduce((p, q) => add(p, q))
    const { program } = record(grad(h))(scalar(0.5))
    const scans = program.steps.flatMap((step) => (isStepOf(step, scanPrimitive) ? [step.params] : []))
    expect(scans.map(({ consts, carry }) => [consts, carry])).toEqual([[1, 1], [1, 2]]) // biome-ignore format: one line
    expect(checkDerivatives(h, scalar(0.5) as Value, { order: 3, directions: 1 }).agrees).toBe(true)
  })

  test('cheap gradients: a few times the operations of the loop', () => {
    const operations = (body: () => unknown): number => {
      let count = 0
      interpretWith({ name: 'count', bind: (p, args, params) => { count++; return evaluator.bind(p, args, params) } }, body) // biome-ignore format: one line
      return count
    }
    const g = ([x, w]: readonly [Value, Value]): Value =>
      sum(scan((c: Value, t: Value) => [tanh(add(mul(c, w), mul(t, x))), sin(mul(c, x))] as const)(x, zeros([50]))[1])
    const at = [scalar(0.5), scalar(0.3)] as readonly [Value, Value]
    const forward = operations(() => g(at))
    expect(forward).toBeGreaterThan(300)
    expect(operations(() => grad(g)(at))).toBeLessThanOrEqual(5 * forward)
    expect(operations(() => jvp(g)(at, at))).toBeLessThanOrEqual(4 * forward)
  })

  test('10,000 steps, with a reverse derivative', () => {
    expect(
      item(
        grad((x: Value) => scan((c: Value, _: null) => [mul(c, x), null], { length: 10_000 })(scalar(1), null)[0])(
          scalar(1),
        ),
      ),
    ).toBe(10_000)
  })
})

describe('printed', () => {
  test('the body of a scan stands indented beneath it', () => {
    const { program } = record(
      (x: Value) => scan((c: Value, t: Value) => [add(c, mul(x, t)), c] as const)(x, tensor([1, 2]))[1],
    )(scalar(0))
    expect(show(program).split('\n')).toEqual([
      '(a: f64[]) =>',
      '  b: f64[], c: f64[2] = scan[consts=1 carry=1 length=2 reverse=false] a a <f64[2]>',
      '    body: (a: f64[], b: f64[], c: f64[]) =>',
      '      d: f64[] = mul a c',
      '      e: f64[] = add b d',
      '      return e, b',
      '  return c',
    ])
  })
})

describe('an LSTM cell over 100 steps', () => {
  interface Cell {
    readonly w: Value
    readonly u: Value
    readonly b: Value
  }
  interface State {
    readonly h: Value
    readonly c: Value
  }
  const size = 3
  const random = (shape: readonly number[], seed: number): Tensor => normal(key(seed), shape)
  const cell: Cell = {
    w: mul(0.3, random([4 * size, 2], 1)),
    u: mul(0.3, random([4 * size, size], 2)),
    b: mul(0.1, random([4 * size], 3)),
  }
  const inputs = random([100, 2], 4)
  const step =
    ({ w, u, b }: Cell) =>
    ({ h, c }: State, x: Value): readonly [State, Value] => {
      const z = add(add(matmul(w, x), matmul(u, h)), b)
      const gate = (k: number): Value => slice(z, [k * size], [(k + 1) * size])
      const next = add(mul(sigmoid(gate(0)), c), mul(sigmoid(gate(1)), tanh(gate(2))))
      const out = mul(sigmoid(gate(3)), tanh(next))
      return [{ h: out, c: next }, sum(square(out))]
    }
  const start: State = { h: zeros([size]), c: zeros([size]) }
  const loss = (theta: Cell): Value => sum(scan(step(theta))(start, inputs)[1])
  const plain = (theta: Cell): Value => {
    let [state, total]: [State, Value] = [start, scalar(0)]
    for (let t = 0; t < 100; t++) {
      const [next, y] = step(theta)(state, fromData(inputs.data.slice(2 * t, 2 * t + 2), [2]))
      state = next
      total = add(total, y)
    }
    return total
  }

  test('its gradient agrees with differences and with the plain loop', () => {
    expect(checkDerivatives(loss, cell, { order: 1, directions: 2 }).agrees).toBe(true)
    const [a, b] = [grad(loss)(cell), grad(plain)(cell)]
    for (const name of ['w', 'u', 'b'] as const) {
      const [p, q] = [concrete(a[name]), concrete(b[name])]
      p.data.forEach((entry, i) => {
        expect(Math.abs(entry - (q.data[i] as number))).toBeLessThanOrEqual(1e-11)
      })
    }
  })

  test('one gradient for each of a batch of cells', () => {
    const more: Cell = { w: mul(0.5, cell.w), u: cell.u, b: cell.b }
    const bias = vmap((w: Value) => grad((b: Value) => loss({ ...cell, w, b }))(cell.b))(stack([cell.w, more.w]))
    const singly = [cell, more].map((c) => grad((b: Value) => loss({ ...c, b }))(cell.b))
    singly.forEach((g, i) => {
      concrete(g).data.forEach((entry, k) => {
        expect(concrete(bias).data[i * 4 * size + k]).toBeCloseTo(entry, 12)
      })
    })
  })
})

describe('linearTranspose', () => {
  const a = tensor([[1, 2, 3], [4, 5, 6]]) // biome-ignore format: one line

  test('is the adjoint: of products, of trees, of loops', () => {
    const product = linearTranspose((x: Value) => matmul(a, x), zeros([3]))
    expect(numbers(product(tensor([1, 10])))).toEqual([41, 52, 63])
    const tree = linearTranspose(({ p, q }: { readonly p: Value; readonly q: Value }) => [sub(mul(2, p), q), sum(q)], {
      p: zeros([2]) as Value,
      q: zeros([2]) as Value,
    })
    const { p, q } = tree([tensor([1, 2]), scalar(10)])
    expect([numbers(p), numbers(q)]).toEqual([[2, 4], [9, 8]]) // biome-ignore format: one line
    const running = linearTranspose(
      (xs: Value) => scan((c: Value, x: Value) => [add(mul(c, 0.5), x), c] as const)(scalar(0), xs)[0],
      zeros([3]),
    )
    expect(numbers(running(scalar(4)))).toEqual([1, 2, 4])
  })

  test('is differentiable in what the function closes over', () => {
    const f = (k: Value): Value => sum(square(linearTranspose((x: Value) => mul(x, k), zeros([2]))(tensor([1, 2]))))
    expect(item(grad(f)(scalar(3)))).toBe(30)
  })

  test('what is not linear is refused', () => {
    const needs = 'needs a linear one'
    for (const f of [square, exp, relu, sin, (x: Value) => mul(x, sum(x)), (x: Value) => add(x, 1)])
      expect(() => linearTranspose(f, tensor([1, 2]))).toThrow(needs)
    expect(() => linearTranspose((x: Value) => x, zeros([2]))(scalar(1))).toThrow(
      'linearTranspose: got float64 []; needs float64 [2]',
    )
  })
})
