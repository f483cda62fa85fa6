import {
  add,
  cast,
  concrete,
  div,
  dot,
  evaluate,
  flatten,
  item,
  jvp,
  matmul,
  mul,
  type Operand,
  outer,
  record,
  sub,
  sum,
  type Value,
} from '@secant/autodiff'
import { fromData, type Shape, scalar, sizeOf, type Tensor, tensor, zeros } from '@secant/linalg'
import fc from 'fast-check'
import { concatAll } from 'fp-ts/lib/Monoid.js'
import { describe, expect, test } from 'vitest'
import {
  adam,
  adamw,
  chain,
  clippedByNorm,
  clippedByValue,
  cosineDecay,
  flatState,
  identity,
  inverseRoot,
  lars,
  momentum,
  nesterov,
  scaled,
  sgd,
  shampoo,
  type Update,
  updateMonoid,
  weightDecay,
} from '../src/index.ts'
import { methods, ofEigenvalues } from './textbook.ts'

const shapes: readonly Shape[] = [[], [5], [3, 4], [2, 3, 2]]

/** A stream of numbers between −1 and 1, the same for the same seed. */
const noise = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  }
}
const noisy = (shape: Shape, next: () => number, size = 1): Tensor =>
  fromData(
    Float64Array.from({ length: sizeOf(shape) }, () => size * next()),
    shape,
  )

const maxAbs = (data: Iterable<number>): number => Math.max(...[...data].map(Math.abs))

const expectClose = (found: Value, expected: ArrayLike<number>, relative: number): void => {
  const bound = relative * maxAbs(Array.from(expected))
  concrete(found).data.forEach((entry, i) => {
    expect(Math.abs(entry - (expected[i] as number))).toBeLessThanOrEqual(bound)
  })
}

/** The steps of an update along given gradients, from an x that follows them. */
const stepsOf = <S>(update: Update<S>, x0: Value, gradients: readonly Value[]): readonly Value[] => {
  let [x, state] = [x0, update.init(x0)]
  return gradients.map((gradient) => {
    const [step, next] = update.apply(state, gradient, x)
    x = sub(x, step)
    state = next
    return step
  })
}

const numbersOf = (values: readonly Value[]): readonly Tensor[] => values.map(concrete)

/** Gradients of ½ Σ cᵢ (xᵢ − 1)² with curvatures from 1 to 4, and a walk along them. */
const curvatures = tensor([1, 1.5, 2, 2.5, 3, 4])
const slope = (x: Value): Value => mul(curvatures, sub(x, 1))
const walk = <S>(update: Update<S>, x0: Value, count: number): Value => {
  let [x, state] = [x0, update.init(x0)]
  for (let k = 0; k < count; k++) {
    const [step, next] = update.apply(state, slope(x), x)
    x = sub(x, step)
    state = next
  }
  return x
}
const far = tensor([3, -2, 0.5, 4, -1, 2])

describe.each(methods)('$name', ({ at, textbook, start }) => {
  test.each(shapes.map((shape) => [shape]))('equals the textbook on %j, step for step', (shape) => {
    const next = noise(1 + shape.length)
    const update = at((count) => div(0.3, add(count, 1)))
    const recurrence = textbook(shape)
    let x = noisy(shape, next)
    let state = update.init(x)
    for (let t = 1; t <= 60; t++) {
      const gradient = noisy(shape, next, t % 7 === 0 ? 20 : 1)
      const expected = recurrence(gradient.data as Float64Array, x.data as Float64Array, t, 0.3 / t)
      const [step, after] = update.apply(state, gradient, x)
      expect(step.shape).toEqual(shape)
      expectClose(step, expected, 1e-12)
      x = concrete(sub(x, step))
      state = after
    }
  })

  test('the recorded program gives the same bits', () => {
    const next = noise(7)
    const update = at((count) => div(0.3, add(count, 1)))
    const apply = ({ state, gradient, x }: { state: readonly Value[]; gradient: Value; x: Value }) =>
      update.apply(state, gradient, x)
    const start = { state: update.init(zeros([3, 2])), gradient: noisy([3, 2], next), x: noisy([3, 2], next) }
    const { program, captured } = record(apply)(start)
    expect(captured).toEqual([])
    let { state } = start
    for (let k = 0; k < 3; k++) {
      const input = { state, gradient: noisy([3, 2], next), x: noisy([3, 2], next) }
      const known = apply(input)
      expect(numbersOf(evaluate(program)(flatten(input)[0]))).toEqual(numbersOf(flatten(known)[0]))
      state = known[1]
    }
  })

  test('three steps differentiate with respect to the rate', () => {
    const loss = (rate: Operand): Value => sum(mul(curvatures, mul(sub(walk(at(rate), far, 3), 1), 0.5)))
    const [, derivative] = jvp(loss)(scalar(0.02), scalar(1))
    const h = 1e-5
    const difference = (item(loss(0.02 + h)) - item(loss(0.02 - h))) / (2 * h)
    expect(Math.abs(item(derivative))).toBeGreaterThan(0)
    expect(Math.abs(item(derivative) - difference)).toBeLessThanOrEqual(1e-6 * Math.abs(difference))
  })

  test('derivatives stay finite where a gradient is always zero', () => {
    const dead = tensor([1, 0, 1, 0, 1, 1])
    const loss = (rate: Operand): Value => {
      let [x, state]: readonly [Value, readonly Value[]] = [mul(far, dead), at(rate).init(far)]
      for (let k = 0; k < 3; k++) {
        const [step, next] = at(rate).apply(state, mul(dead, slope(x)), x)
        x = sub(x, step)
        state = next
      }
      return sum(x)
    }
    expect(Number.isFinite(item(jvp(loss)(scalar(0.02), scalar(1))[1]))).toBe(true)
  })

  test('float32 stays float32, and close to float64', () => {
    const next = noise(3)
    const gradients = Array.from({ length: 20 }, () => noisy([3, 2], next))
    const x0 = noisy([3, 2], next)
    const narrow = (x: Value): Value => cast(x, 'float32')
    const update = at((count) => div(0.3, add(count, 1)))
    const steps = stepsOf(update, narrow(x0), gradients.map(narrow))
    stepsOf(update, x0, gradients).forEach((step, k) => {
      expect(steps[k]?.dtype).toBe('float32')
      expectClose(steps[k] as Value, concrete(step).data, 1e-4)
    })
  })

  test('goes down to the minimum of a quadratic', () => {
    const end = walk(at(cosineDecay({ start, steps: 300 })), far, 300)
    expect(maxAbs(concrete(slope(end)).data)).toBeLessThanOrEqual(0.05 * maxAbs(concrete(slope(far)).data))
  })
})

describe('chains', () => {
  const pieces: readonly Update<readonly Value[]>[] = [
    flatState(identity),
    ...methods.map(({ at }) => at(0.1)),
    flatState(weightDecay(0.1)),
    flatState(clippedByNorm(0.5)),
  ]
  const piece = fc.constantFrom(...pieces)
  const seed = fc.nat(1e6)
  const sameSteps = (a: Update<readonly Value[]>, b: Update<readonly Value[]>, from: number): void => {
    const next = noise(from)
    const x0 = noisy([2, 3], next)
    const gradients = Array.from({ length: 4 }, () => noisy([2, 3], next))
    expect(numbersOf(stepsOf(a, x0, gradients))).toEqual(numbersOf(stepsOf(b, x0, gradients)))
  }

  test('are a monoid', () => {
    const { concat, empty } = updateMonoid
    fc.assert(
      fc.property(piece, piece, piece, seed, (a, b, c, from) => {
        sameSteps(concat(concat(a, b), c), concat(a, concat(b, c)), from)
        sameSteps(concat(empty, a), a, from)
        sameSteps(concat(a, empty), a, from)
      }),
      { numRuns: 60 },
    )
  })

  test('made as a whole or two by two do the same, and the order counts', () => {
    const [a, b, c] = [clippedByNorm(0.5), weightDecay(0.1), momentum({ rate: 0.1 })] as const
    sameSteps(flatState(chain(a, b, c)), concatAll(updateMonoid)([flatState(a), flatState(b), flatState(c)]), 5)
    sameSteps(flatState(chain()), flatState(identity), 5)
    const g = tensor([3, 4])
    const [first] = chain(clippedByNorm(1), scaled(10)).apply([[], scalar(0)], g, g)
    const [last] = chain(scaled(10), clippedByNorm(1)).apply([scalar(0), []], g, g)
    expect(concrete(first).data).not.toEqual(concrete(last).data)
  })

  test('infer the tuple of their states', () => {
    const update: Update<readonly [readonly [], readonly [Value, Value]]> = chain(clippedByNorm(1), momentum())
    expect(update.init(zeros([2])).length).toBe(2)
    expect(update.name).toBe('clipped by norm 1 → momentum(0.01)')
  })

  test('a state of another update is refused', () => {
    const update = flatState(adam())
    const x = zeros([2])
    expect(() => update.apply(flatState(sgd()).init(x), x, x)).toThrow('got the state of another update')
    expect(() => update.apply(update.init(zeros([3])), x, x)).toThrow('got the state of another update')
  })
})

describe('what the papers say in another form', () => {
  const rates = (t: number): number => 0.2 / t
  const schedule = (count: Operand): Operand => div(0.2, add(count, 1))

  test('heavy ball: x₊ = x − rate · g + β (x − x₋), also when the rate changes', () => {
    let [before, x] = [far, far]
    const found = walk(momentum({ rate: schedule, beta: 0.8 }), far, 30)
    for (let t = 1; t <= 30; t++) {
      const next = sub(add(x, mul(0.8, sub(x, before))), mul(rates(t), slope(x)))
      ;[before, x] = [x, concrete(next)]
    }
    expectClose(found, x.data, 1e-13)
  })

  test('Nesterov: x is the point looked ahead to from the θ of Sutskever et al.', () => {
    let [theta, v]: readonly [Value, Value] = [far, zeros([6])]
    for (let t = 1; t <= 30; t++) {
      v = sub(mul(0.8, v), mul(rates(t), slope(add(theta, mul(0.8, v)))))
      theta = add(theta, v)
    }
    expectClose(walk(nesterov({ rate: schedule, beta: 0.8 }), far, 30), concrete(add(theta, mul(0.8, v))).data, 1e-13)
  })

  test('weight decay in optax and PyTorch is a chain of parts', () => {
    const [theirs] = stepsOf(chain(adam({ rate: 1 }), weightDecay(0.1), scaled(0.01)), far, [slope(far)])
    const [ours] = stepsOf(adamw({ rate: 0.01, decay: 0.1 * 0.01 }), far, [slope(far)])
    expectClose(ours as Value, concrete(theirs as Value).data, 1e-14)
  })

  test('steps differentiate with respect to weight decay', () => {
    const end = (decay: Operand): Value => sum(walk(chain(adam({ rate: 0.1 }), weightDecay(decay)), far, 3))
    const difference = (item(end(0.1 + 1e-5)) - item(end(0.1 - 1e-5))) / 2e-5
    expect(item(jvp(end)(scalar(0.1), scalar(1))[1])).toBeCloseTo(difference, 6)
  })

  test("Adam's first step has the length of the rate, whatever the gradient", () => {
    const [step] = stepsOf(adam({ rate: 0.25 }), tensor([0, 0]), [tensor([1e5, -1e-3])])
    expect(concrete(step as Value).data[0]).toBeCloseTo(0.25, 6)
    expect(concrete(step as Value).data[1]).toBeCloseTo(-0.25, 4)
  })
})

describe('clipping', () => {
  const gradients = fc
    .array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e150, max: 1e150 }), { minLength: 1, maxLength: 6 })
    .map((entries) => fromData(Float64Array.from(entries)))
  const bounds = fc.constantFrom(1e-3, 1, 40)
  const clip = (update: Update<readonly []>, g: Tensor): Tensor => concrete(update.apply([], g, g)[0])
  const length = (g: Tensor): number => Math.sqrt(item(dot(g, g)))

  test('by norm: no longer than the bound, in the same direction, the same bits where short enough', () => {
    fc.assert(
      fc.property(gradients, bounds, (g, bound) => {
        const clipped = clip(clippedByNorm(bound), g)
        if (length(g) <= bound) expect(clipped).toEqual(g)
        else {
          expect(length(clipped)).toBeLessThanOrEqual(bound * (1 + 8 * Number.EPSILON))
          expect(length(clipped)).toBeGreaterThanOrEqual(bound * (1 - 8 * Number.EPSILON))
          expectClose(mul(clipped, length(g) / bound), g.data, 8 * Number.EPSILON)
        }
      }),
    )
  })

  test('by value: every entry in the bounds, the same bits where it was', () => {
    fc.assert(
      fc.property(gradients, bounds, (g, bound) => {
        clip(clippedByValue(bound), g).data.forEach((entry, i) => {
          const given = g.data[i] as number
          expect(entry).toBe(Math.abs(given) <= bound ? given : Math.sign(given) * bound)
        })
      }),
    )
  })

  test('zero passes, NaN is not hidden, and float32 may be as large as it can', () => {
    for (const update of [clippedByNorm(1), clippedByValue(1)]) {
      expect(clip(update, tensor([0, 0])).data).toEqual(Float64Array.of(0, 0))
      expect(clip(update, tensor([Number.NaN, 1])).data[0]).toBeNaN()
    }
    expect(length(concrete(cast(clip(clippedByNorm(1), tensor([3e38, 1e38], 'float32')), 'float64')))).toBeCloseTo(1, 6)
    expect(() => clippedByNorm(0)).toThrow('clippedByNorm: got bound 0; needs a number > 0')
    expect(() => clippedByValue(Number.NaN)).toThrow('needs a number > 0')
  })
})

describe('Shampoo', () => {
  test.each([
    [2, 1],
    [2, 1e9],
    [4, 1],
    [4, 1e9],
  ] as const)('inverse root %i of a matrix with condition number %d', (p, condition) => {
    const [cos, sin] = [Math.cos(0.7), Math.sin(0.7)]
    const power = (exponent: number): readonly (readonly number[])[] => {
      const [a, b, c] = [5 ** exponent, (5 / Math.sqrt(condition)) ** exponent, (5 / condition) ** exponent]
      return [
        [a * cos * cos + b * sin * sin, (a - b) * cos * sin, 0],
        [(a - b) * cos * sin, a * sin * sin + b * cos * cos, 0],
        [0, 0, c],
      ]
    }
    const bound = 4 * Number.EPSILON * Math.sqrt(condition)
    expectClose(inverseRoot(tensor(power(1)), p, 32), power(-1 / p).flat(), bound)
    expectClose(tensor(ofEigenvalues(power(1), (l) => l ** (-1 / p))), power(-1 / p).flat(), bound)
  })

  test('a turned gradient gives a turned step', () => {
    const [next, turn] = [
      noise(9),
      tensor([
        [0.36, 0.48, -0.8],
        [-0.8, 0.6, 0],
        [0.48, 0.64, 0.6],
      ]),
    ]
    const gradients = Array.from({ length: 5 }, () => noisy([3, 2], next))
    const turned = stepsOf(
      shampoo(),
      zeros([3, 2]),
      gradients.map((g) => matmul(turn, g)),
    )
    stepsOf(shampoo(), zeros([3, 2]), gradients).forEach((step, k) => {
      expectClose(turned[k] as Value, concrete(matmul(turn, step)).data, 1e-10)
    })
  })

  test('gradients of rank one and any size: rounding errors do not grow', () => {
    for (const size of [1e-8, 1, 1e8]) {
      const [u, v] = [noisy([16], noise(1), size), noisy([8], noise(2))]
      const g = outer(u, v)
      for (const step of stepsOf(shampoo({ epsilon: 1e-16 * size ** 2 }), zeros([16, 8]), [g, g, g, g, g]))
        expect(item(sum(mul(step, step)))).toBeLessThanOrEqual(1 + 1e-9)
    }
  })

  test('refuses to run without damping', () => {
    expect(() => shampoo({ epsilon: 0 })).toThrow('shampoo: got epsilon 0; needs a number > 0')
  })
})

describe('edges', () => {
  test('LARS moves layers that begin at zero, and rests where all is zero', () => {
    const [x, g] = [zeros([2]), tensor([3, 4])]
    const [step] = stepsOf(lars({ rate: 0.5 }), x, [g])
    expect(concrete(step as Value).data).toEqual(Float64Array.of(1.5, 2))
    expect(concrete(stepsOf(lars(), x, [x])[0] as Value).data).toEqual(Float64Array.of(0, 0))
  })

  test('a rate must be a scalar', () => {
    const x = zeros([2])
    expect(() => sgd({ rate: x }).apply(scalar(0), x, x)).toThrow('rate: got shape [2]; needs a scalar, []')
  })
})
