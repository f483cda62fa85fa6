import { ones, scalar, sizeOf, type TensorType, tensor, toNested } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  add,
  checkDerivatives,
  checkpoint,
  checkpointPrimitive,
  concrete,
  evaluate,
  evaluator,
  exp,
  grad,
  hvp,
  type Interpreter,
  interpretWith,
  item,
  jvp,
  linearize,
  mul,
  record,
  scan,
  scanInSegments,
  sin,
  square,
  sum,
  tanh,
  type Value,
  vmap,
} from '../src/index.ts'
import { tensorOf } from './generators.ts'

const numbers = (x: Value): unknown => toNested(concrete(x))
const sizes = (types: readonly TensorType[]): number => types.reduce((total, { shape }) => total + sizeOf(shape), 0)

/** The most numbers that the loops under way hold at one time: what has gone into them and what will come out. */
const peak = (body: () => unknown): number => {
  let [live, top] = [0, 0]
  const accountant: Interpreter = {
    name: 'account',
    bind: (primitive, args, params) => {
      const held = primitive.name === 'scan' ? sizes(args) + sizes(primitive.typeOf(args, params)) : 0
      live += held
      top = Math.max(top, live)
      const outs = evaluator.bind(primitive, args, params)
      live -= held
      return outs
    },
  }
  interpretWith(accountant, body)
  return top
}

/** How many operations are carried out, those within loops and checkpoints too. */
const operations = (body: () => unknown): number => {
  let count = 0
  const counter: Interpreter = {
    name: 'count',
    bind: (primitive, args, params) => {
      count++
      return evaluator.bind(primitive, args, params)
    },
  }
  interpretWith(counter, body)
  return count
}

/** How many numbers a tape may keep: all that is computed outside of running loops and checkpoints. */
const taped = (body: () => unknown): number => {
  let [depth, total] = [0, 0]
  const keeper: Interpreter = {
    name: 'keep',
    bind: (primitive, args, params) => {
      depth++
      const outs = evaluator.bind(primitive, args, params)
      depth--
      if (depth === 0) total += sizes(outs)
      return outs
    },
  }
  interpretWith(keeper, body)
  return total
}

describe('checkpoint', () => {
  const f = (x: Value): Value => sum(mul(sin(exp(mul(0.3, tanh(x)))), square(x)))
  const kept = checkpoint(f)

  test('changes neither value nor derivatives, bit for bit, recorded and batched too', () => {
    fc.assert(
      fc.property(tensorOf([3], -1, 1), tensorOf([3], -1, 1), (x, v) => {
        expect(item(kept(x))).toBe(item(f(x)))
        expect(numbers(grad(kept)(x))).toEqual(numbers(grad(f)(x)))
        expect(item(jvp(kept)(x, v)[1])).toBe(item(jvp(f)(x, v)[1]))
        expect(numbers(hvp(kept)(x, v))).toEqual(numbers(hvp(f)(x, v)))
        const { program } = record(grad(kept))(x)
        expect(numbers(evaluate(program)([v])[0] as Value)).toEqual(numbers(grad(f)(v)))
        const both = tensor([Array.from(x.data), Array.from(v.data)])
        expect(numbers(vmap(grad(kept))(both))).toEqual(numbers(vmap(grad(f))(both)))
        expect(numbers(grad((p: Value) => sum(vmap(kept)(p)))(both))).toEqual(
          numbers(grad((p: Value) => sum(vmap(f)(p)))(both)),
        )
      }),
      { numRuns: 20 },
    )
    expect(checkDerivatives(kept, tensor([0.1, 0.2, -0.4]) as Value, { order: 3, directions: 1 }).agrees).toBe(true)
  })

  test('takes several arguments and trees, and what it closes over', () => {
    const g = (theta: Value): Value => {
      const { y } = checkpoint(({ a }: { readonly a: Value }, b: Value) => ({ y: mul(theta, mul(a, b)) }))(
        { a: theta },
        scalar(2),
      )
      return y
    }
    expect([item(g(scalar(3))), item(grad(g)(scalar(3))), item(grad(grad(g))(scalar(3)))]).toEqual([18, 12, 4])
  })

  test('keeps its arguments only: 50 layers of 6 operations', () => {
    const layer = (x: Value): Value => tanh(add(mul(0.5, sin(exp(mul(0.1, x)))), x))
    const deep =
      (of: (x: Value) => Value) =>
      (x: Value): Value => {
        let y = x
        for (let k = 0; k < 50; k++) y = of(y)
        return sum(y)
      }
    const x = ones([10])
    const forward = (of: (x: Value) => Value): number => taped(() => linearize(deep(of))(x as Value))
    expect(forward(checkpoint(layer))).toBe(50 * 10 + 1)
    expect(forward(layer)).toBeGreaterThan(50 * 10 * 6)
    expect(numbers(grad(deep(checkpoint(layer)))(x))).toEqual(numbers(grad(deep(layer))(x)))
    // One more evaluation of each layer.
    const [plain, again, once] = [grad(deep(layer)), grad(deep(checkpoint(layer))), deep(layer)].map((h) =>
      operations(() => h(x)),
    )
    expect(again).toBeLessThanOrEqual((plain as number) + (once as number) + 100)
  })

  test('is one step of a program, and so is its derivative', () => {
    const { program } = record(grad(kept))(ones([3]))
    expect(program.steps.map(({ primitive }) => primitive)).toEqual([checkpointPrimitive, checkpointPrimitive])
  })
})

describe('scanInSegments', () => {
  const step = (c: Value, x: Value) => [tanh(add(mul(c, 1.5), x)), sin(c)] as const

  test.each([false, true])('is scan, for any length and segment (reverse: %s)', (reverse) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 11 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(100),
        (length, segment, seed) => {
          const xs = tensor(Array.from({ length }, (_, i) => Math.sin(seed + i * i)))
          const of =
            (loop: typeof scan) =>
            ([c, rows]: readonly [Value, Value]) =>
              loop(step, { reverse })(c, rows)
          const segmented = of((f) => scanInSegments(f, { segment, reverse }))
          const at = [scalar(0.3), xs] as readonly [Value, Value]
          const [[a, as], p] = linearize(segmented)(at)
          const [[b, bs], q] = linearize(of(scan))(at)
          expect([item(a), numbers(as)]).toEqual([item(b), numbers(bs)])
          expect(p.adjoint([scalar(1), xs]).map(numbers)).toEqual(q.adjoint([scalar(1), xs]).map(numbers))
          expect(p.apply(at).map(numbers)).toEqual(q.apply(at).map(numbers))
        },
      ),
      { numRuns: 40 },
    )
  })

  test('all orders, and trees with nothing in them', () => {
    const f = (x: Value): Value =>
      scanInSegments((c: Value, _: null) => [tanh(add(mul(c, x), 0.1)), null], { length: 7 })(x, null)[0]
    expect(checkDerivatives(f, scalar(0.7) as Value, { order: 3, directions: 1 }).agrees).toBe(true)
    expect(numbers(vmap(grad(f))(tensor([0.7, -0.3])))).toEqual([0.7, -0.3].map((x) => item(grad(f)(scalar(x)))))
  })

  test('holds 2√K carries and a few where scan holds K', () => {
    const n = 20
    const x = ones([n])
    const body = (c: Value, _: null) => [sin(mul(c, 1.01)), null] as const
    const carries = (loop: typeof scan, length: number): number =>
      peak(() => grad((p: Value) => sum(loop(body, { length })(p, null)[0]))(x)) / n
    const lengths = [100, 400, 1600]
    const [plain, segmented] = [scan, scanInSegments].map((loop) =>
      lengths.map((length) => carries(loop as typeof scan, length)),
    )
    expect(plain).toEqual([102, 402, 1602])
    expect(segmented).toEqual([24, 44, 84])
  })

  test('segments of segments: the third root', () => {
    const n = 20
    const x = ones([n])
    const body = (c: Value, _: null) => [sin(mul(c, 1.01)), null] as const
    const twice = (p: Value, side: number): Value =>
      scan((c: Value, _: null) => [scanInSegments(body, { length: side * side })(c, null)[0], null], { length: side })(
        p,
        null,
      )[0]
    const carries = (side: number): number => peak(() => grad((p: Value) => sum(twice(p, side)))(x)) / n
    expect(carries(12)).toBeLessThanOrEqual(3 * 12 + 12)
    const plain = scan(body, { length: 1728 })(x, null)[0]
    expect(numbers(twice(x, 12))).toEqual(numbers(plain))
  })

  test('costs one more evaluation of each step', () => {
    const f =
      (loop: typeof scan) =>
      (x: Value): Value =>
        loop((c: Value, _: null) => [sin(mul(c, 1.01)), null], { length: 400 })(x, null)[0]
    const [plain, segmented, once] = [grad(f(scan)), grad(f(scanInSegments)), f(scan)].map((h) =>
      operations(() => h(scalar(1))),
    ) as [number, number, number]
    expect(segmented).toBeLessThanOrEqual(plain + once + 400)
  })

  test('10,000 steps, with a reverse derivative', () => {
    const f = (x: Value): Value =>
      scanInSegments((c: Value, _: null) => [mul(c, x), null], { length: 10_000 })(scalar(1), null)[0]
    expect(peak(() => grad(f)(scalar(1)))).toBeLessThanOrEqual(220)
    expect(item(grad(f)(scalar(1)))).toBe(10_000)
  })
})
