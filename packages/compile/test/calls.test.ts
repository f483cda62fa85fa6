import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { add, bind, cast, concrete, mul, primitive, reshape, scan, sin, sub, sum, type Value } from '@secant/autodiff'
import { type Tensor, tensor } from '@secant/linalg'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { jit, type Target } from '../src/index.ts'

const targets: readonly Target[] = ['javascript', 'webassembly']
type Run = (...args: readonly unknown[]) => unknown

/** An operation that does something of its own with its argument and returns it as it is. */
const handing = (act: (x: Tensor) => void): ((x: Value) => Value) => {
  const hand = primitive<undefined>({
    name: 'hand',
    typeOf: ([x]) => x as Tensor,
    impl: ([x]) => {
      act(x as Tensor)
      return x as Tensor
    },
    partials: [undefined],
    batch: ([x]) => x as Value,
  })
  return (x) => bind(hand, [x], undefined)[0] as Value
}

const x = tensor([1, 2, 3])
const same = handing(() => undefined)
const long = Array.from({ length: 1200 }, (_, i) => (i % 3 === 0 ? i / 7 : tensor([i, 1 / (i + 1)])))

/** All that may stand in arguments and results. */
const trees: readonly (readonly [string, Run, readonly (readonly unknown[])[]])[] = [
  ['no arguments', (() => [3, null, x]) as Run, [[], []]],
  [
    'numbers',
    ((a: Value, v: Value) => ({ a: mul(a, v), b: [add(a, 1)] })) as Run,
    [
      [0.3, x],
      [-2, x],
    ],
  ],
  ['numbers beside float32', ((a: Value, v: Value) => mul(a, v)) as Run, [[0.1, tensor([3], 'float32')]]],
  ['numbers in another shape', ((a: Value) => [reshape(add(a, 0), [1, 1]), mul(1, a)]) as Run, [[0.3], [0.4]]],
  [
    'numbers in a loop',
    ((a: Value, v: Value) => scan((c: Value) => [mul(c, a), null], { length: 3 })(v, null)[0]) as Run,
    [
      [0.3, x],
      [2, x],
    ],
  ],
  ['numbers for an operation', ((a: Value) => [same(add(a, 0)), mul(2, same(mul(1, a)))]) as Run, [[0.3], [0.4]]],
  [
    'arguments that are results',
    ((v: Value, { k }: { k: Value }, s: string) => ({ v, k: [k, k], s, two: mul(k, v) })) as Run,
    [
      [x, { k: 3 }, 'text'],
      [x, { k: -0 }, 'text'],
    ],
  ],
  ['numbers that are results', ((v: Value) => [0, -0, Number.NaN, -1.5, 1 / 0, sum(v)]) as Run, [[x]]],
  [
    'an argument that is not used',
    ((_: Value, v: Value) => sin(v)) as Run,
    [
      [1, x],
      [x, x],
    ],
  ],
  [
    'more leaves than parameters',
    ((leaves: readonly Value[]) => ({
      all: leaves.slice(-9).map((leaf) => sum(mul(2, leaf))),
      first: leaves[0],
      next: leaves[1],
    })) as Run,
    [[long]],
  ],
]

/** What a compiled function gives where code may not be generated. */
const expected = (f: Run, args: readonly unknown[]): unknown => {
  vi.stubGlobal('Function', () => {
    throw new EvalError('Code generation from strings disallowed for this context')
  })
  const result = jit(f)(...args)
  vi.unstubAllGlobals()
  return result
}

afterEach(() => vi.unstubAllGlobals())

describe('generated code = the evaluator', () => {
  test.each(trees)('%s', (_, f, calls) => {
    for (const target of targets) {
      const compiled = jit(f, { target })
      const results = [...calls, ...calls].map((args) => compiled(...args))
      // Kept until all are there: none may lie in memory that later calls use.
      expect(results).toEqual([...calls, ...calls].map((args) => expected(f, args)))
    }
  })
})

test('numbers are those of the function itself', () => {
  const f = (a: Value, v: Value): readonly Value[] => [mul(a, v), sub(sum(v), a)]
  const numbers = (values: readonly Value[]): unknown => values.map((value) => concrete(value).data)
  for (const target of targets)
    expect(numbers(jit(f as Run, { target })(0.3, x) as Value[])).toEqual(numbers(f(cast(tensor(0.3), 'float64'), x)))
})

describe('called while it runs', () => {
  test.each([
    ['few arguments', 2],
    ['more than there are parameters', 1200],
  ])('a function of %s keeps numbers and results apart', (_, count) => {
    const results: unknown[] = []
    let depth = 0
    const others = Array.from({ length: count }, (_, i) => i)
    const again = handing(() => {
      if (depth++ === 0) results.push(compiled(7, tensor([5, 5, 5]), others))
    })
    const f = (a: Value, v: Value, rest: readonly unknown[]): unknown => ({
      y: add(again(mul(a, v)), a),
      v,
      rest: rest[0],
    })
    const compiled = jit(f as Run, { target: 'javascript' })
    results.push(compiled(2, x, others))
    expect(results).toEqual([
      { y: tensor([42, 42, 42]), v: tensor([5, 5, 5]), rest: 0 },
      { y: tensor([4, 6, 8]), v: x, rest: 0 },
    ])
  })

  test('after a call that failed the arena is used again', () => {
    let calls = 0
    const failing = handing(() => {
      if (calls++ === 1) throw new Error('once')
    })
    const source = jit(((a: Value, v: Value) => add(failing(mul(a, v)), a)) as Run, { target: 'javascript' })
    const first = source(2, x)
    expect(() => source(3, x)).toThrow('once')
    expect(source(2, x)).toEqual(first)
  })
})

describe('kinds of arguments', () => {
  test('are told apart by how many there are', () => {
    const f = jit(((...all: readonly Value[]) => all.length) as Run)
    expect([f(), f(x), f(x, x), f(x, undefined), f(x)]).toEqual([0, 1, 2, 2, 1])
    expect(f.statistics().programs).toBe(4)
  })

  test('the one that was met last is kept, whatever was met in between', () => {
    const f = jit(((v: Value) => sum(v)) as Run, { limit: 3 })
    const of = (n: number): unknown => f(tensor(Array.from({ length: n }, () => 1)))
    for (const n of [1, 2, 3, 1, 4, 1, 3, 4]) of(n)
    expect(f.statistics()).toMatchObject({ compilations: 4, programs: 3 })
    of(2)
    for (const n of [4, 3]) of(n)
    expect(f.statistics().compilations).toBe(5)
  })

  test('a kind that waits for its program is another than one that has it', () => {
    const f = jit(((v: Value) => mul(2, v)) as Run, { patience: 1e-9 })
    const results = [x, x, tensor([1]), x, tensor([1]), tensor([1])].map((v) => f(v))
    expect(results).toEqual([x, x, tensor([1]), x, tensor([1]), tensor([1])].map((v) => mul(2, v)))
    expect(f.statistics()).toMatchObject({ compilations: 2, programs: 2 })
  })
})

describe('memory', () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')

  test('nothing keeps the arguments or results of a call', async () => {
    for (const target of targets) {
      const f = jit(((a: Value, v: Value, t: { w: Value }) => ({ y: mul(a, v), w: t.w })) as Run, { target })
      const held: WeakRef<object>[] = []
      const call = (): void => {
        const args = [tensor([1, 2]), { w: tensor([3, 4]) }] as const
        held.push(
          ...[args[0], args[0].data, args[1], args[1].w, f(2, ...args) as object].map((each) => new WeakRef(each)),
        )
      }
      for (let i = 0; i < 3; i++) call()
      for (let i = 0; i < 3; i++) {
        await new Promise((resolve) => setTimeout(resolve))
        collect()
      }
      expect(held.filter((each) => each.deref() !== undefined)).toEqual([])
      expect(f.statistics().programs).toBe(1)
    }
  })

  /** Bytes that a call allocates at least, once it is machine code. */
  const bytesOf = async (call: () => unknown): Promise<number> => {
    let kept: unknown
    let least = Number.POSITIVE_INFINITY
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 2000; i++) kept = call()
      // The engine optimizes on another thread.
      await new Promise((resolve) => setTimeout(resolve, 2))
      collect()
      const before = process.memoryUsage().heapUsed
      for (let i = 0; i < 400; i++) kept = call()
      least = Math.min(least, (process.memoryUsage().heapUsed - before) / 400)
    }
    expect(kept).toBeDefined()
    return least
  }

  test('a call allocates its results and nothing else', async () => {
    const [dtype, shape] = ['float64', [3]]
    const made = await bytesOf(() => ({ y: { dtype, shape, data: new Float64Array(3) }, n: [x] }))
    for (const target of targets) {
      const f = jit((a: Value, t: { v: Value }) => ({ y: mul(a, t.v), n: [t.v] }), { target }) as Run
      const t = { v: x }
      const called = await bytesOf(() => f(2, t))
      // A list of the arguments would be 64.
      expect(Math.abs(called - made)).toBeLessThan(16)
    }
  })
})
