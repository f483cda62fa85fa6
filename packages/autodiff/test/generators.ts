import { fromData, type Shape, sizeOf, type Tensor } from '@secant/linalg'
import fc from 'fast-check'
import type { Value } from '../src/index.ts'

/** An operation and inputs at which it is smooth. */
export interface Case {
  readonly name: string
  readonly f: (...xs: readonly Value[]) => Value
  readonly inputs: fc.Arbitrary<readonly Tensor[]>
}

/** Shapes of rank 0 to 3 with short axes, empty ones among them. */
export const shapes: fc.Arbitrary<Shape> = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 })

/** Between two numbers: evenly spread, or crowded at the special values near zero as `fc.double` has them. */
const entry = (min: number, max: number): fc.Arbitrary<number> =>
  fc.oneof(
    { arbitrary: fc.integer({ min: 0, max: 2 ** 30 }).map((k) => min + (k / 2 ** 30) * (max - min)), weight: 3 },
    { arbitrary: fc.double({ min, max, noNaN: true }), weight: 1 },
  )

/** A tensor with entries between two numbers. */
export const tensorOf = (shape: Shape, min = -2, max = 2): fc.Arbitrary<Tensor> => {
  const size = sizeOf(shape)
  return fc
    .array(entry(min, max), { minLength: size, maxLength: size })
    .map((entries) => fromData(Float64Array.from(entries), shape))
}

/** Tensors of the given shapes. */
export const ofShape = (...list: readonly Shape[]): fc.Arbitrary<readonly Tensor[]> =>
  fc.tuple(...list.map((shape) => tensorOf(shape)))

/** One tensor with entries so far apart that a small step changes neither their order nor which is largest. */
export const spacedOf = (shape: Shape): fc.Arbitrary<readonly Tensor[]> => {
  const size = sizeOf(shape)
  const numbers = Array.from({ length: size }, (_, i) => i - Math.floor(size / 2))
  return fc
    .shuffledSubarray(numbers, { minLength: size })
    .map((entries) => [fromData(Float64Array.from(entries), shape)])
}

/** Two shapes that stretch to a common one: axes dropped at the left or set to 1. */
export const broadcastable: fc.Arbitrary<readonly [Shape, Shape]> = fc
  .tuple(shapes, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), fc.nat(3), fc.nat(3), fc.boolean())
  .map(([shape, stretched, dropA, dropB, swap]) => {
    const narrow = shape.map((length, axis) => (stretched[axis] ? 1 : length)).slice(dropA)
    const other = shape.map((length, axis) => (stretched[axis + 3] && !stretched[axis] ? 1 : length)).slice(0)
    const pair = [narrow, dropB === 3 ? [] : other] as const
    return swap ? [pair[1], pair[0]] : pair
  })
