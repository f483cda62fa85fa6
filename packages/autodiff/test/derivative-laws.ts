import { sizeOf, type Tensor } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { add, checkDerivative, concrete, grad, item, jvp, linearize, mul, sum, type Value } from '../src/index.ts'
import type { Case } from './generators.ts'

const inner = (a: readonly Value[], b: readonly Value[]): number =>
  a.reduce((total, v, leaf) => {
    const [p, q] = [concrete(v).data, concrete(b[leaf] as Value).data]
    return total + Array.from(p).reduce((part, entry, i) => part + entry * (q[i] as number), 0)
  }, 0)

const absolute = (v: Value): Tensor => {
  const { shape, data } = concrete(v)
  return { dtype: 'float64', shape, data: Float64Array.from(data, Math.abs) }
}

/** Entries between −1 and 1 that differ from call to call of one run, from a seed. */
const scattered = (like: readonly Value[], seed: number): readonly Tensor[] =>
  like.map(({ shape }, leaf) => ({
    dtype: 'float64',
    shape,
    data: Float64Array.from({ length: sizeOf(shape) }, (_, i) =>
      Math.sin(12.9898 * (i + 1) ** 2 + 78.233 * (leaf + 1) + seed),
    ),
  }))

/**
 * ⟨J v, w⟩ = ⟨v, Jᵀ w⟩, to rounding relative to the sizes of the two sums. A composition may cancel on the way (x − x
 * has J = 0 in one mode and rounding in the other): there `cancelled` is the size of what may have gone.
 */
export const expectAdjoint = (
  f: (xs: readonly Value[]) => Value,
  xs: readonly Tensor[],
  seed: number,
  cancelled = 1e-290,
): void => {
  const [y, derivative] = linearize(f)(xs as readonly Value[])
  const v = scattered(xs, seed)
  const [w] = scattered([y], seed + 1) as [Tensor]
  const image = derivative.apply(v)
  const pulled = derivative.adjoint(w)
  const size = inner([absolute(image)], [absolute(w)]) + inner(v.map(absolute), pulled.map(absolute))
  expect(Math.abs(inner([image], [w]) - inner(v, pulled))).toBeLessThanOrEqual(1e-12 * (size + cancelled))
}

/** The function along a line, weighted to one number: t ↦ ⟨f(x + t v), w⟩. */
const along = ({ f }: Case, xs: readonly Tensor[], seed: number): ((t: Value) => Value) => {
  const v = scattered(xs, seed)
  return (t) => {
    const y = f(...xs.map((x, i) => add(x, mul(t, v[i] as Tensor))))
    return sum(mul(y, scattered([y], seed + 1)[0] as Tensor))
  }
}

const one: Tensor = { dtype: 'float64', shape: [], data: Float64Array.of(1) }
const zero: Tensor = { dtype: 'float64', shape: [], data: Float64Array.of(0) }

const forward =
  (g: (t: Value) => Value) =>
  (t: Value): Value =>
    jvp(g)(t, one)[1]

/** The laws of derivatives, for each operation of a table. */
export const derivativeLaws = (cases: readonly Case[]): void =>
  describe.each(cases)('$name', (operation) => {
    test('apply and adjoint belong together', () => {
      fc.assert(
        fc.property(operation.inputs, fc.nat(1000), (xs, seed) =>
          expectAdjoint((list) => operation.f(...list), xs, seed),
        ),
        { numRuns: 200 },
      )
    })

    test.each([1, 2, 3])('forward = reverse = differences, order %i', (order) => {
      fc.assert(
        fc.property(operation.inputs, fc.nat(1000), (xs, seed) => {
          let lower = along(operation, xs, seed)
          // The derivatives below the last are taken by turns in either mode, so that the modes meet.
          for (let k = 1; k < order; k++) lower = k % 2 === 1 ? grad(lower) : forward(lower)
          const [byForward, byReverse] = [item(forward(lower)(zero)), item(grad(lower)(zero))]
          const check = checkDerivative(lower, zero as Value, { step: 0.1 })
          expect(Math.abs(byForward - byReverse)).toBeLessThanOrEqual(1e-10 * (1 + Math.abs(byForward)))
          expect(check).toMatchObject({ agrees: true })
        }),
        { numRuns: 200 },
      )
    })
  })
