import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  add,
  axpy,
  bernoulli,
  broadcast,
  broadcastShapes,
  cast,
  categorical,
  concatenate,
  div,
  dot,
  eye,
  fromData,
  full,
  key,
  map,
  max,
  maxAbs,
  min,
  mul,
  neg,
  norm,
  normal,
  normalizeAxes,
  pad,
  randint,
  reshape,
  type Shape,
  scalar,
  sizeOf,
  slice,
  sub,
  sum,
  type Tensor,
  tensor,
  toNested,
  transpose,
  where,
  zeros,
  zip,
} from '../src/index.ts'
import { at, indicesOf } from './entries.ts'

const shapes: fc.Arbitrary<Shape> = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })

const numbered = (shape: Shape, scale = 1): Tensor =>
  fromData(
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => scale * (i + 1)),
    shape,
  )

const product = (a: Tensor, b: Tensor): number => dot(reshape(a, [a.data.length]), reshape(b, [b.data.length]))

const subsetOf = (shape: Shape): fc.Arbitrary<readonly number[]> => fc.subarray(shape.map((_, axis) => axis))

describe('structure, entry by entry', () => {
  test('transpose', () => {
    fc.assert(
      fc.property(
        shapes.chain((shape) =>
          fc.tuple(
            fc.constant(shape),
            fc.shuffledSubarray(
              shape.map((_, i) => i),
              { minLength: shape.length },
            ),
          ),
        ),
        ([shape, permutation]) => {
          const x = numbered(shape)
          const y = transpose(x, permutation)
          for (const index of indicesOf(y.shape)) {
            const source = shape.map((_, axis) => index[permutation.indexOf(axis)] as number)
            expect(at(y, index)).toBe(at(x, source))
          }
        },
      ),
    )
  })

  test('sum and broadcast, which are adjoint to each other', () => {
    fc.assert(
      fc.property(
        shapes.chain((shape) => fc.tuple(fc.constant(shape), subsetOf(shape))),
        ([shape, axes]) => {
          const x = numbered(shape)
          const reduced = sum(x, axes)
          const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
          expect(reduced.shape).toEqual(kept.map((axis) => shape[axis]))
          const totals = new Float64Array(reduced.data.length)
          for (const index of indicesOf(shape)) {
            const place = kept.reduce((offset, axis) => offset * (shape[axis] as number) + (index[axis] as number), 0)
            totals[place] = (totals[place] as number) + at(x, index)
          }
          expect(reduced.data).toEqual(totals)
          const y = numbered(reduced.shape, 0.5)
          expect(product(reduced, y)).toBe(product(x, broadcast(y, shape, axes)))
        },
      ),
    )
  })

  test('slice and pad, which are adjoint to each other', () => {
    const boxes = shapes.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        ...([...shape].map((length) =>
          fc
            .tuple(
              fc.integer({ min: 0, max: length }),
              fc.integer({ min: 0, max: length }),
              fc.integer({ min: 1, max: 3 }),
            )
            .map(([a, b, step]) => [Math.min(a, b), Math.max(a, b), step] as const),
        ) as fc.Arbitrary<readonly [number, number, number]>[]),
      ),
    )
    fc.assert(
      fc.property(boxes, ([shape, ...ranges]) => {
        const [starts, stops, steps] = [0, 1, 2].map((i) => ranges.map((range) => range[i] as number)) as [
          number[],
          number[],
          number[],
        ]
        const x = numbered(shape)
        const y = slice(x, starts, stops, steps)
        for (const index of indicesOf(y.shape))
          expect(at(y, index)).toBe(
            at(
              x,
              index.map((i, axis) => (starts[axis] as number) + i * (steps[axis] as number)),
            ),
          )
        const after = shape.map((length, axis) => {
          const count = y.shape[axis] as number
          return length - (starts[axis] as number) - (count === 0 ? 0 : (count - 1) * (steps[axis] as number) + 1)
        })
        const w = numbered(y.shape, 0.5)
        const back = pad(
          w,
          starts,
          after,
          steps.map((step) => step - 1),
        )
        expect(back.shape).toEqual(shape)
        expect(product(y, w)).toBe(product(x, back))
      }),
    )
  })

  test('slices of a concatenation are its parts', () => {
    const [a, b] = [numbered([2, 3]), numbered([2, 1], 10)]
    const whole = concatenate([a, zeros([2, 0]), b], 1)
    expect(toNested(whole)).toEqual([
      [1, 2, 3, 10],
      [4, 5, 6, 20],
    ])
    expect(slice(whole, [0, 0], [2, 3])).toEqual(a)
    expect(slice(whole, [0, 3], [2, 4])).toEqual(b)
  })
})

describe('entries', () => {
  test('arithmetic of equal shapes and beside a scalar', () => {
    const [x, y, s] = [tensor([6, 8]), tensor([2, 4]), scalar(2)]
    const table = [add, sub, mul, div].map((f) => [f(x, y), f(x, s), f(s, x)].map(toNested))
    expect(table).toEqual([
      [
        [8, 12],
        [8, 10],
        [8, 10],
      ],
      [
        [4, 4],
        [4, 6],
        [-4, -6],
      ],
      [
        [12, 32],
        [12, 16],
        [12, 16],
      ],
      [
        [3, 2],
        [3, 4],
        [1 / 3, 0.25],
      ],
    ])
    expect(add(tensor([1]), scalar(2)).shape).toEqual([1])
    expect(add(scalar(2), zeros([0])).shape).toEqual([0])
    expect(() => add(x, tensor([1, 2, 3]))).toThrow('add: got float64 [2] and float64 [3]')
    expect(() => add(x, tensor([1, 2], 'float32'))).toThrow('needs one dtype')
  })

  test('signed zeros, infinities and NaN pass through', () => {
    expect(toNested(neg(tensor([0, -0, Infinity])))).toEqual([-0, 0, -Infinity])
    expect(toNested(div(tensor([1, -1, 0]), scalar(0)))).toEqual([Infinity, -Infinity, Number.NaN])
    expect(toNested(max(tensor([1, Number.NaN, 3]), [0]))).toBeNaN()
    expect(
      toNested(
        min(
          tensor([
            [4, 2],
            [1, 3],
          ]),
          [1],
        ),
      ),
    ).toEqual([2, 1])
    expect(() => max(zeros([0, 2]), [0])).toThrow('needs at least one entry')
  })

  test('where and zip repeat scalars', () => {
    expect(toNested(where(tensor([true, false], 'bool'), scalar(1), tensor([5, 6])))).toEqual([1, 6])
    expect(toNested(where(scalar(1, 'bool'), tensor([5, 6]), scalar(0)))).toEqual([5, 6])
    expect(toNested(zip(scalar(2), tensor([1, 3]), (a, b) => (a < b ? 1 : 0), 'bool'))).toEqual([0, 1])
    expect(zip(scalar(2), tensor([1, 3]), Math.max, 'float64').data).toEqual(Float64Array.of(2, 3))
  })

  test('kinds of numbers', () => {
    expect(cast(tensor([1.7, -1.7]), 'int32').data).toEqual(Int32Array.of(1, -1))
    expect(cast(tensor([0, 0.5, 2]), 'bool').data).toEqual(Uint8Array.of(0, 1, 1))
    expect(tensor([true, 2, 0] as const, 'bool').data).toEqual(Uint8Array.of(1, 1, 0))
    expect(map(tensor([1, 2], 'float32'), (a) => a / 3).data).toEqual(Float32Array.of(1 / 3, 2 / 3))
    expect(full([2], -0).data).toEqual(Float64Array.of(-0, -0))
    expect(toNested(eye(2))).toEqual([
      [1, 0],
      [0, 1],
    ])
  })

  test('mistakes in shapes are told', () => {
    expect(() => fromData(new Float64Array(3), [2, 2])).toThrow('tensor: got 3 numbers for shape [2, 2]; needs 4')
    expect(() => tensor([[1], [1, 2]])).toThrow('rows of different lengths')
    expect(() => broadcastShapes([2], [3])).toThrow('broadcast: got [2] and [3]')
    expect(() => normalizeAxes('sum', [0, -2], 2)).toThrow('sum: got axes [0, -2]')
    expect(() => reshape(zeros([4]), [3])).toThrow('reshape: got [4] for [3]')
  })
})

describe('vectors', () => {
  test('the length of a vector, where squares overflow or vanish', () => {
    for (const scale of [1e-320, 1e-300, 1e-160, 1, 1e160, 1e300]) {
      const length = norm(fromData(Float64Array.of(3 * scale, 4 * scale)))
      expect(Math.abs(length - 5 * scale)).toBeLessThanOrEqual(4 * Number.EPSILON * 5 * scale + Number.MIN_VALUE)
    }
    expect(norm(zeros([3]))).toBe(0)
    expect(norm(tensor([Infinity, 1]))).toBe(Infinity)
    expect(norm(tensor([Number.NaN, 1]))).toBeNaN()
    expect(maxAbs(tensor([1, Number.NaN, 2]))).toBeNaN()
  })

  test('dot and axpy against plain loops', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 20 }), (entries) => {
        const x = tensor(entries.length > 0 ? entries : [])
        expect(dot(x, x)).toBe(entries.reduce((total, a) => total + a * a, 0))
        expect(Array.from(axpy(3, x, x).data)).toEqual(entries.map((a) => 4 * a))
      }),
    )
  })
})

test('lengths that are none are refused, whoever makes the tensor', () => {
  const draws = {
    tensor: (shape: readonly number[]) => zeros(shape),
    'random numbers': (shape: readonly number[]) => normal(key(0), shape),
    randint: (shape: readonly number[]) => randint(key(0), shape, 0, 2),
    bernoulli: (shape: readonly number[]) => bernoulli(key(0), 0.5, shape),
    categorical: (shape: readonly number[]) => categorical(key(0), zeros([2]), shape),
  }
  for (const [name, make] of Object.entries(draws))
    for (const shape of [[2.5], [2, -1], [0.5, 2], [Number.NaN]])
      expect(() => make(shape)).toThrow(`${name}: got shape [${shape.join(', ')}]; needs whole numbers ≥ 0`)
  expect(() => fromData(new Float64Array(5), [2.5, 2])).toThrow('tensor: got shape [2.5, 2]')
})
