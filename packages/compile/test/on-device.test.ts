import * as ops from '@secant/autodiff'
import {
  concrete,
  flatten,
  grad,
  type Operand,
  primitive,
  type Value,
  type Values,
  valueAndGrad,
} from '@secant/autodiff'
import { onDevice as stepByStep } from '@secant/autodiff/device'
import { fromData, isTensor, maxAbs, sub as minus, ones, type Tensor, tensor, toNested } from '@secant/linalg'
import { cpu, type Device, deviceOf, hostEngine, type Identity, type Scope, withScope } from '@secant/linalg/gpu'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { onDevice } from '../src/device/index.ts'

const rightOf = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`got ${JSON.stringify(either.left)}; needs a value`)
  return either.right
}

const entries = (shape: readonly number[], seed: number): Tensor =>
  fromData(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
      Math.sin(12.9898 * (i + 1) ** 1.5 + seed),
    ),
    shape,
  )

const [a, b, x] = [entries([4, 3], 1), entries([3, 4], 2), entries([6], 3)]

type Twin = typeof onDevice

const identity: Identity = {
  backEnd: 'cpu',
  renderer: 'a test',
  software: true,
  precision: 'float64',
  unitRoundoff: 2 ** -53,
}

/** A call on a device of its own, and how many launches it took. */
const called = async <A, B>(f: (x: A) => B, at: A, twin: Twin = onDevice, device: Device = cpu()) => {
  const result = await withScope(device, (scope) => twin(scope, f)(at))()
  expect(device.live()).toBe(0)
  return { result, launches: device.launches() }
}

const off = (found: unknown, wanted: unknown): number => {
  const [p, q] = [flatten(found)[0], flatten(wanted)[0]]
  expect(p.map(({ shape, dtype }) => [shape, dtype])).toEqual(q.map(({ shape, dtype }) => [shape, dtype]))
  return Math.max(0, ...p.map((value, i) => maxAbs(minus(concrete(value), concrete(q[i] as Value)))))
}

const parts = Array.from({ length: 10 }, (_, i) => entries([2, 3], i))

/** What the lower layer has no rule for, and what is hard to lay out. */
const functions: Readonly<Record<string, (x: Value) => unknown>> = {
  'margins, steps, turns': (t) => ops.slice(ops.flip(ops.pad(t, [1, 2], [0, 1], [1, 0]), [0]), [0, 0], [7, 6], [2, 3]),
  'ten values side by side': (t) => ops.concatenate([...parts, ops.transpose(ops.slice(t, [0, 0], [3, 2]))]),
  'ten values added at once': (t) =>
    parts.reduce<Value>((sum, part) => ops.add(ops.sin(ops.mul(sum, part)), part), ops.sum(t)),
  'functions without rules': (t) => [
    ops.sin(t),
    ops.log1p(ops.abs(t)),
    ops.expm1(t),
    ops.floor(ops.mul(3, t)),
    ops.atan2(t, 2),
    ops.pow(t, 3),
    ops.pow(ops.abs(t), 0.3),
  ],
  'stacks of products with columns': (t) =>
    ops.matmul(ops.broadcastTo(t, [2, 4, 3]), ops.reshape(ops.mul(x, ops.sum(t)), [2, 3, 1])),
  'sums over axes apart': (t) => ops.sum(ops.mul(ops.broadcastTo(t, [2, 4, 3]), 2), { axes: [0, 2] }),
  'shares in an extreme': (t) => grad((s: Value) => ops.sum(ops.square(ops.max(s, { axes: [1] }))))(t),
  'lengths and running sums': (t) => [
    ops.norm(t, { axes: [1] }),
    ops.cumulativeSum(t, 0, { reverse: true }),
    ops.hypot(t, 1),
  ],
  'an argument, a constant, and one thing twice': (t) => [t, ones([2]), ops.neg(t), ops.neg(t)],
  'nothing but numbers that are known': () => tensor([1, 2]),
  'masks and whole numbers': (t) => [ops.greater(t, 0), ops.sum(ops.greater(t, 0))],
  'a scan with rows and results': (t) =>
    ops.scan((c: Value, row: Value) => [ops.tanh(ops.add(c, row)), [ops.mul(c, row), ops.sum(c)] as const], {
      reverse: true,
    })(ops.slice(t, [0, 0], [1, 3]).shape.length === 2 ? ops.reshape(ops.slice(t, [0, 0], [1, 3]), [3]) : t, t),
  'twenty rows of a scan': (t) => ops.scan((c: Value) => [ops.mul(0.9, c), c], { length: 20 })(t, null),
  'a scan that hands on': (t) =>
    ops.scan((c: readonly [Value, Value]) => [[c[1], c[0]] as const, c[0]], { length: 3 })([t, ops.neg(t)], null),
  'the derivative of a scan': (t) =>
    grad((s: Value) => ops.sum(ops.scan((c: Value) => [ops.sin(c), ops.sum(c)], { length: 5 })(s, null)[1] as Value))(
      t,
    ),
  'a loop until': (t) =>
    ops.whileLoop(
      (c: Value) => ops.greater(ops.sum(ops.square(c)), 1e-3),
      (c) => ops.mul(0.5, c),
    )(t),
  'a loop that does not begin': (t) =>
    ops.whileLoop(
      (c: Value) => ops.less(ops.sum(ops.square(c)), 0),
      (c) => ops.mul(0.5, c),
    )(t),
  branches: (t) =>
    ops.cond(
      ops.greater(ops.sum(t), 100),
      (s: Value) => s,
      (s: Value) => ops.exp(s),
    )(t),
  checkpoints: (t) => ops.checkpoint((s: Value) => ops.mul(ops.tanh(s), ops.sum(s)))(t),
  'long sums': (t) => ops.mean(ops.square(ops.add(ops.broadcastTo(ops.sum(t), [40, 50]), entries([40, 50], 7)))),
}

describe('a twin is what it is of', () => {
  test.each(Object.entries(functions))('%s', async (_, f) => {
    const { result } = await called(f, a)
    expect(off(rightOf(result), f(a))).toBeLessThan(1e-13)
  })
})

test('float32 comes back as float32', async () => {
  const single = ops.cast(tensor([1, 2]), 'float32')
  expect(concrete(rightOf((await called((s: Value) => ops.mul(0.5, s), single)).result))).toEqual(
    concrete(ops.mul(0.5, single)),
  )
})

test('a call is recorded once, and constants are sent once', async () => {
  const device = cpu()
  let recordings = 0
  await withScope(device, (scope) => async () => {
    const twin = onDevice(scope, (t: Value) => {
      recordings++
      return ops.matmul(t, b)
    })
    for (const k of [1, 2, 3]) {
      expect(off(rightOf(await twin(concrete(ops.mul(k, a)))()), ops.matmul(ops.mul(k, a), b))).toBeLessThan(1e-13)
      await device.perform('what was asked before', async () => undefined)()
      expect(device.live()).toBe(1)
    }
    return E.right(undefined)
  })()
  expect(recordings).toBe(1)
})

test('what a loop does not need any more is freed on the way', async () => {
  let most = 0
  const engine = hostEngine(identity)
  const device: Device = deviceOf({
    ...engine,
    run: (operation, args) => {
      most = Math.max(most, device.live())
      return engine.run(operation, args)
    },
  })
  const f = (t: Value): Value => ops.scan((c: Value) => [ops.sin(ops.mul(1.5, c)), null], { length: 60 })(t, null)[0]
  await called(f, a, onDevice, device)
  expect(most).toBeLessThan(6)
})

const rows = entries([30, 4], 5)
const labels = fromData(Float64Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? 1 : -1)))
const logistic = (w: Value): Value =>
  ops.add(ops.mean(ops.softplus(ops.neg(ops.mul(labels, ops.matmul(rows, w))))), ops.mul(0.05, ops.dot(w, w)))
const weights = entries([4], 6)

test('fusing takes fewer launches', async () => {
  const [fused, steps] = [
    await called(valueAndGrad(logistic), weights),
    await called(valueAndGrad(logistic), weights, stepByStep),
  ]
  expect([steps.launches, fused.launches]).toEqual([23, 9])
  expect(off(rightOf(fused.result), rightOf(steps.result))).toBeLessThan(1e-14)
})

test('what no device has is named, all of it, also inside of loops', async () => {
  const cube = primitive<undefined>({
    name: 'cube',
    typeOf: ([t]) => t as Tensor,
    impl: ([t]) => concrete(ops.mul(t as Tensor, ops.square(t as Tensor))),
    partials: [undefined],
    batch: ([t]) => t as Value,
  })
  const f = (t: Value): Value => {
    const [sorted] = ops.bind(cube, [ops.sort(t)], undefined) as readonly [Value]
    return ops.scan((c: Value) => [ops.lgamma(c), null], { length: 2 })(sorted, null)[0]
  }
  const refused = withScope(cpu(), (scope) => onDevice(scope, f)(x))()
  await expect(refused).rejects.toThrow(/^onDevice: got argsort, take, cube, lgamma; needs operations/)
})

test('a loop whose results are empty is named, as empty tensors are', async () => {
  const none = (t: Value): unknown => ops.scan((c: Value) => [c, c], { length: 0 })(t, null)
  const refused = withScope(cpu(), (scope) => onDevice(scope, none)(x))()
  await expect(refused).rejects.toThrow(/^onDevice: got scan; needs operations/)
})

test('under a transformation it does not run', async () => {
  const device = cpu()
  const wrong = withScope(device, (scope: Scope) => async () => {
    let inner: Promise<unknown> = Promise.resolve()
    grad((t: Value) => {
      inner = onDevice(scope, (s: Value) => s)(t)()
      return ops.sum(t)
    })(x)
    await inner
    return E.right(undefined)
  })()
  await expect(wrong).rejects.toThrow('outside of transformations')
})

/** A host device that is lost at a launch. */
const mortal = (launches: number): Device => {
  const engine = hostEngine(identity)
  let left = launches
  return deviceOf({
    ...engine,
    run: (operation, args) => {
      left--
      return engine.run(operation, args)
    },
    lost: () => (left < 0 ? 'unplugged' : undefined),
  })
}

describe('a device that is lost in the middle of a call', () => {
  const several: Readonly<Record<string, (t: Value) => Values>> = {
    'a gradient': (w) => valueAndGrad(logistic)(w),
    'a loop on the host': (w) => {
      const [last, all] = ops.scan((c: Value) => [ops.sin(c), ops.cos(c)], { length: 4 })(w, null)
      const [small] = [
        ops.whileLoop(
          (c: Value) => ops.greater(ops.sum(ops.square(c)), 0.01),
          (c) => ops.mul(0.5, c),
        )(last),
      ]
      return [small, all as Value]
    },
  }
  test.each(Object.entries(several))('%s: says so, keeps nothing, and can be called again elsewhere', async (_, f) => {
    const before = Array.from(weights.data)
    const whole = await called(f, weights)
    for (let launches = 0; launches < whole.launches; launches++) {
      const { result } = await called(f, weights, onDevice, mortal(launches))
      expect(result).toEqual(E.left({ kind: 'lost', backEnd: 'cpu', why: 'unplugged' }))
    }
    expect(Array.from(weights.data)).toEqual(before)
    expect((await called(f, weights)).result).toEqual(whole.result)
  })
})

test('functions are of trees', async () => {
  const f = ({ p, q }: { readonly p: Value; readonly q: readonly Value[] }) => ({
    sum: ops.add(p, q[0] as Operand),
    all: q,
  })
  const found = rightOf((await called(f, { p: tensor([1, 2]), q: [tensor([3, 4])] })).result)
  expect(isTensor(found.sum) && toNested(found.sum)).toEqual([4, 6])
})
