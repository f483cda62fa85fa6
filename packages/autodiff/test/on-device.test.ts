import { fromData, maxAbs, sub as minus, type Tensor, tensor } from '@secant/linalg'
import { cpu, type Device, gpu, withScope } from '@secant/linalg/gpu'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deviceRules, onDevice } from '../src/device/index.ts'
import * as ops from '../src/index.ts'
import { concrete, flatten, type Operand, recordValues, sum, type Value, valueAndGrad, vmap } from '../src/index.ts'

const rightOf = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`got ${JSON.stringify(either.left)}; needs a value`)
  return either.right
}

const entries = (shape: readonly number[], seed: number): Tensor =>
  fromData(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
      Math.fround(0.2 + Math.abs(Math.sin(12.9898 * (i + 1) ** 1.5 + seed))),
    ),
    shape,
  )

const a = entries([4, 3], 1)
const b = entries([3, 4], 2)

type Function = (x: Value) => Value

/** Functions that between them, with their gradients, meet every rule. */
const functions: Readonly<Record<string, Function>> = {
  'a layer': (x) => sum(ops.sigmoid(ops.matmul(x, b))),
  'other layers': (x) => sum(ops.mul(ops.softplus(x), ops.tanh(ops.exp(ops.neg(x))))),
  logarithms: (x) => ops.logSumExp(ops.log(ops.sqrt(x)), { axes: [1] }),
  quotients: (x) => ops.sub(ops.div(x, ops.add(1, ops.square(x))), ops.reciprocal(x)),
  choices: (x) => ops.where(ops.greater(x, 0.5), ops.maximum(x, 0.7), ops.minimum(x, ops.abs(ops.sub(x, 1)))),
  comparisons: (x) =>
    ['greaterEqual', 'less', 'lessEqual', 'equal', 'notEqual'].reduce<Value>(
      (total, name) =>
        ops.add(
          total,
          ops.where(
            (ops as unknown as Record<string, (p: Operand, q: Operand) => Value>)[name]?.(x, 0.6) as Value,
            x,
            0,
          ),
        ),
      x,
    ),
  extremes: (x) => ops.add(ops.max(x, { axes: [0] }), ops.min(x, { axes: [0] })),
  moves: (x) =>
    ops.dot(
      ops.reshape(ops.transpose(x), [12]),
      ops.reshape(ops.slice(ops.stopGradient(ops.mul(x, x)), [0, 0], [4, 3]), [12]),
    ),
  columns: (x) => ops.sub(x, ops.mean(x, { axes: [0], keep: true })),
  batches: (x) => vmap((row: Value) => ops.dot(row, ops.stopGradient(ops.square(row))))(x),
  casts: (x) => ops.cast(ops.cast(x, 'float32'), 'float64'),
  'a quotient that may be 0 / 0': (x) => ops.safeDiv(x, ops.sub(x, x), ops.greater(ops.sub(x, x), 0)),
}

/** The function and its gradient, both as one list. */
const withGradient =
  (f: Function) =>
  (x: Value): readonly Value[] => {
    const [, gradient] = valueAndGrad((y: Value) => sum(f(y)))(x)
    return [f(x), gradient]
  }

const off = (found: readonly Value[], wanted: readonly Value[]): number =>
  Math.max(...found.map((value, i) => maxAbs(minus(concrete(value), concrete(wanted[i] as Value)))))

test('every rule is met by one of the functions below', () => {
  const met = new Set(
    Object.values(functions).flatMap((f) =>
      recordValues((xs) => flatten(withGradient(f)(xs[0] as Value))[0], [a]).program.steps.map(
        ({ primitive }) => primitive.name,
      ),
    ),
  )
  expect([...deviceRules.keys()].filter((name) => !met.has(name))).toEqual([])
})

const devices = [
  { name: 'cpu', bound: 1e-12, open: async () => cpu() },
  {
    name: 'double-single',
    bound: 1e-11,
    open: async () => rightOf(await gpu({ mode: 'webasm', precision: 'double-single' })()),
  },
]

describe.each(devices)('on $name', ({ bound, open }) => {
  let device: Device
  beforeAll(async () => {
    device = await open()
  })
  afterAll(async () => {
    expect(device.live()).toBe(0)
    await device.close()
  })

  test.each(Object.entries(functions))('%s', async (_, f) => {
    const both = withGradient(f)
    const found = rightOf(await withScope(device, (scope) => onDevice(scope, both)(a))())
    expect(off(found, both(a))).toBeLessThan(bound)
  })
})

/** A random expression of a matrix, built from operations of equal shapes. */
const expression: fc.Arbitrary<Function> = fc.letrec<{ readonly f: Function }>((tie) => ({
  f: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'expression' },
    fc.constant((x: Value) => x),
    fc.double({ min: -2, max: 2, noNaN: true }).map((c) => (x: Value) => ops.add(x, c)),
    fc.tuple(fc.constantFrom(ops.add, ops.sub, ops.mul, ops.maximum, ops.minimum), tie('f'), tie('f')).map(
      ([op, f, g]) =>
        (x: Value) =>
          op(f(x), g(x)),
    ),
    fc.tuple(fc.constantFrom(ops.tanh, ops.sigmoid, ops.softplus, ops.neg, ops.abs), tie('f')).map(
      ([op, f]) =>
        (x: Value) =>
          op(f(x)),
    ),
    tie('f').map((f) => (x: Value) => ops.matmul(ops.matmul(f(x), b), a)),
    tie('f').map((f) => (x: Value) => ops.mul(f(x), ops.mean(f(x), { axes: [1], keep: true }))),
    tie('f').map((f) => (x: Value) => ops.where(ops.greater(x, 0.6), f(x), x)),
  ),
})).f

test('random programs and their gradients are what they are without a device', async () => {
  const device = cpu()
  await fc.assert(
    fc.asyncProperty(expression, async (f) => {
      const both = withGradient(f)
      const wanted = both(a)
      const size = Math.max(1, ...wanted.map((value) => maxAbs(concrete(value))))
      const found = rightOf(await withScope(device, (scope) => onDevice(scope, both)(a))())
      if (Number.isFinite(size)) expect(off(found, wanted) / size).toBeLessThan(1e-11)
      expect(device.live()).toBe(0)
    }),
    { numRuns: 200 },
  )
})

test('what a device does not know is named', async () => {
  const device = cpu()
  const refused = withScope(device, (scope) => onDevice(scope, (x: Value) => ops.floor(x))(tensor([2, 1])))()
  await expect(refused).rejects.toThrow('onDevice: got floor; needs operations among')
})
