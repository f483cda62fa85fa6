import {
  add,
  bind,
  concrete,
  grad,
  matmul,
  mul,
  primitive,
  reshape,
  scan,
  sin,
  sub,
  sum,
  transpose,
  type Value,
} from '@secant/autodiff'
import { allocate, fromData, type Tensor, tensor } from '@secant/linalg'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { randomCases } from '../../../test/programs/random-programs.ts'
import { jit } from '../src/index.ts'

const filled = (shape: readonly number[], seed = 1): Tensor => {
  const data = allocate(
    'float64',
    shape.reduce((a, b) => a * b, 1),
  )
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(12.9898 * (i + 1) + 78.233 * seed)
  return { dtype: 'float64', shape, data }
}

const copied = (x: Tensor): Tensor => ({ ...x, data: x.data.slice() }) as Tensor

const outcome = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return (error as Error).message
  }
}

const targets = ['javascript', 'webassembly'] as const

/** Every array that was moved while something ran. */
const movedBy = (run: () => void): readonly ArrayBuffer[] => {
  const original = structuredClone
  const found: ArrayBuffer[] = []
  vi.stubGlobal('structuredClone', (buffer: ArrayBuffer, options: { readonly transfer: ArrayBuffer[] }) => {
    const own = original(buffer, options)
    found.push(own)
    return own
  })
  run()
  vi.unstubAllGlobals()
  return found
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe.each(targets)('in %s', (target) => {
  test.each(['float64', 'float32'] as const)('random programs of %s have the same results, bit for bit', (dtype) => {
    fc.assert(
      fc.property(
        randomCases(dtype),
        fc.constantFrom(undefined, 0, 1),
        fc.infiniteStream(fc.boolean()),
        ({ f, xs }, unrolled, coins) => {
          const donate = xs.flatMap((_, i) => (coins.next().value ? [i] : []))
          const before = xs.map(copied)
          const given = xs.map(copied)
          const call = (...args: readonly Value[]) => f(args)
          const plain = outcome(() => jit(call, { target, unrolled })(...before))
          const compiled = jit(call, { target, unrolled, donate })
          expect(outcome(() => compiled(...given))).toEqual(plain)
          given.forEach(({ data }, i) => {
            if (donate.includes(i) && typeof plain !== 'string') expect(data).toHaveLength(0)
            else if (!donate.includes(i)) expect(data).toEqual(before[i]?.data)
          })
          // What was made of results that a later call took is not seen by it.
          expect(outcome(() => compiled(...before.map(copied)))).toEqual(plain)
        },
      ),
      { numRuns: 60 },
    )
  })

  const programs: readonly (readonly [string, (x: Value, y: Value) => Value])[] = [
    ['entry by entry', (x, y) => mul(add(x, y), 0.5)],
    ['in another order', (x, y) => add(transpose(x), y)],
    ['needed after it was written', (x, y) => add(matmul(x, sin(x)), y)],
    ['of a sum over all', (x, y) => mul(sub(x, sum(x)), y)],
    ['from a loop', (x, y) => scan((c: Value) => [mul(sin(add(c, x)), y), null], { length: 3 })(y, null)[0]],
    ['of a product', (x, y) => matmul(y, x)],
  ]
  test.each(programs)('a result lies in the memory of the argument: %s', (_, f) => {
    const [x, y] = [filled([30, 30], 1), filled([30, 30], 2)]
    const expected = jit(f, { target })(x, y)
    const compiled = jit(f, { target, donate: [0] })
    for (const round of [1, 2]) {
      const given = copied(x)
      let result: Value = given
      const buffers = movedBy(() => {
        result = compiled(given, y)
      })
      expect([round, result]).toEqual([round, expected])
      expect(given.data).toHaveLength(0)
      if (target === 'webassembly' || _ !== 'of a product') expect(buffers).toEqual([concrete(result).data.buffer])
    }
  })

  test('a state goes from call to call in the same memory', () => {
    const step = jit(
      ({ x, h }: { readonly x: Value; readonly h: Value }, g: Value) => ({
        x: sub(x, matmul(h, g)),
        h: add(h, mul(0.1, matmul(reshape(g, [40, 1]), reshape(g, [1, 40])))),
      }),
      { target, donate: [0] },
    )
    const plain = jit((s: { readonly x: Value; readonly h: Value }, g: Value) => step(s, g), { target })
    let [a, b] = [
      { x: filled([40]) as Value, h: filled([40, 40], 2) as Value },
      { x: filled([40]) as Value, h: filled([40, 40], 2) as Value },
    ]
    for (let k = 0; k < 4; k++) {
      a = step(a, filled([40], k))
      b = plain(b, filled([40], k))
      expect(a).toEqual(b)
    }
  })

  test.each<readonly [string, (x: Value) => Value, readonly number[]]>([
    ['as it is', (x) => x, [4]],
    ['in another shape', (x) => reshape(x, [2, 2]), [2, 2]],
  ])('what is handed on is not written over: %s', (_, view, shape) => {
    const f = jit((x: Value) => [view(x), add(x, 1)] as const, { target, donate: [0] })
    const [same, more] = f(tensor([1, 2, 3, 4])).map(concrete)
    expect(same).toEqual(reshape(tensor([1, 2, 3, 4]), shape))
    expect(more).toEqual(tensor([2, 3, 4, 5]))
  })

  test('an operation that returns its argument keeps it', () => {
    const same = primitive<undefined>({
      name: 'same',
      typeOf: ([x]) => ({ dtype: (x as Tensor).dtype, shape: (x as Tensor).shape }),
      impl: ([x]) => x as Tensor,
      partials: [],
      batch: ([a]) => a as Value,
    })
    const f = jit((x: Value) => [bind(same, [x], undefined)[0] as Value, mul(x, 2)], { target, donate: [0] })
    const results = f(tensor([1, 2, 3])).map((x) => Array.from(concrete(x).data))
    expect(results).toEqual([
      [1, 2, 3],
      [2, 4, 6],
    ])
  })

  test('a constant that was a result is not given away with it', () => {
    const constant = tensor([1, 2, 3])
    const f = jit((x: Value) => [constant, add(x, 1)] as const, { target, donate: [0] })
    const [first] = f(tensor([0, 0, 0]))
    const [again, next] = f(first)
    expect([again, next].map((x) => Array.from(concrete(x).data))).toEqual([
      [1, 2, 3],
      [2, 3, 4],
    ])
    expect(constant.data).toHaveLength(3)
  })
})

describe('what cannot be given', () => {
  const f = jit((x: Value, y: Value) => add(mul(x, 2), y), { donate: [0] })
  const y = tensor([1, 1])

  test('a part of larger memory, shared memory, and what is used elsewhere are refused, and kept', () => {
    const part = fromData(new Float64Array(4).subarray(0, 2))
    expect(() => f(part, y)).toThrow(/^jit: got float64 \[2\] to donate, which is part of larger or shared memory/)
    expect(() => f(fromData(new Float64Array(new SharedArrayBuffer(16))), y)).toThrow(/shared memory/)
    expect(() => f(y, y)).toThrow(/which is also another argument/)
    const held = tensor([3, 4])
    expect(() => jit((x: Value) => mul(x, held), { donate: [0] })(held)).toThrow(/which the function closes over/)
    expect([part, y, held].map(({ data }) => data.length)).toEqual([2, 2, 2])
  })

  test('what was given is not taken again', () => {
    const x = tensor([1, 2])
    f(x, y)
    expect(() => f(x, y)).toThrow('jit: got float64 [2] whose numbers were given away')
    expect(() => jit((a: Value) => mul(a, 2))(x)).toThrow('jit: got float64 [2] whose numbers were given away')
    expect(() => mul(x, 2)).toThrow('mul: got float64 [2] whose numbers were given away; needs a tensor that has them')
    expect(() => grad((a: Value) => sum(a))(x)).toThrow('sum: got float64 [2] whose numbers were given away')
  })

  test('the same tensor twice is given once', () => {
    const both = jit((a: Value, b: Value) => [add(a, b), mul(a, b)], { donate: [0, 1] })
    const x = tensor([2, 3])
    expect(both(x, x).map((r) => Array.from(concrete(r).data))).toEqual([
      [4, 6],
      [4, 9],
    ])
    expect(x.data).toHaveLength(0)
  })

  test('arguments are named by their positions', () => {
    expect(() => jit((x: Value) => x, { donate: [-1] })).toThrow(
      'jit: got [-1] to donate; needs positions of arguments',
    )
  })

  test('under a transformation nothing is', () => {
    const x = tensor([1, 2])
    const outer = jit((a: Value) => f(a, y))
    expect(Array.from(concrete(outer(x)).data)).toEqual([3, 5])
    expect(x.data).toHaveLength(2)
  })
})
