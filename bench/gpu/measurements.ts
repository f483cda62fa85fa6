/** What `npm run bench:gpu` measures: the same work on the processor and on a device, and whether the results agree. */
import {
  add,
  dot,
  exp,
  matmul,
  mean,
  mul,
  neg,
  square,
  sub,
  sum,
  tanh,
  type Value,
  valueAndGrad,
} from '@secant/autodiff'
import { onDevice as stepByStep } from '@secant/autodiff/device'
import { onDevice } from '@secant/compile/device'
import { fromData, maxAbs, sub as minus, matmul as multiply, scalar, type Tensor } from '@secant/linalg'
import * as on from '@secant/linalg/gpu'
import { type Device, type DeviceError, read, upload, withScope } from '@secant/linalg/gpu'
import { bfgs, descend, descendByProducts, lbfgs, minimize, minimizeAsync, strongWolfe } from '@secant/optim'
import { logisticRegression, mlp } from '@secant/problems'
import * as E from 'fp-ts/lib/Either.js'

/** One piece of work: seconds on the processor with what came out, and the same on a device. */
export interface Task {
  readonly name: string
  readonly size: number
  readonly processor: () => Tensor
  readonly device: (device: Device) => Promise<E.Either<DeviceError, Tensor>>
}

export interface Sizes {
  readonly products: readonly number[]
  readonly chains: readonly number[]
  readonly gradients: readonly number[]
  readonly bfgs: readonly number[]
  readonly lbfgs: readonly number[]
  readonly networks: readonly number[]
}

export const defaultSizes: Sizes = {
  products: [128, 256, 512, 1024, 2048],
  chains: [128, 256, 512, 1024],
  gradients: [128, 256, 512, 1024],
  bfgs: [128, 512, 1024, 2048],
  lbfgs: [1000, 4000],
  networks: [64, 256],
}

const entries = (shape: readonly number[], seed: number): Tensor => {
  const data = new Float64Array(shape.reduce((a, b) => a * b, 1))
  let state = seed >>> 0
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    data[i] = Math.fround(state / 2 ** 31 - 1)
  }
  return fromData(data, shape)
}

const productOf = (n: number): Task => {
  const [a, b] = [entries([n, n], 1), entries([n, n], 2)]
  return {
    name: 'product, sent and brought back',
    size: n,
    processor: () => multiply(a, b),
    device: (device) => withScope(device, (scope) => read(on.matmul(scope, upload(scope, a), upload(scope, b))))(),
  }
}

const links = 8

const chainOf = (n: number): Task => {
  const scaled = (t: Tensor): Tensor => ({
    ...t,
    data: Float64Array.from(t.data, (x) => Math.fround(x / Math.sqrt(n))),
  })
  const [a, b] = [scaled(entries([n, n], 1)), scaled(entries([n, n], 2))]
  return {
    name: `${links} products in a chain, resident`,
    size: n,
    processor: () => {
      let c = a
      for (let i = 0; i < links; i++) c = multiply(c, b)
      return c
    },
    device: (device) =>
      withScope(device, (scope) => {
        const factor = upload(scope, b)
        let c = upload(scope, a)
        for (let i = 0; i < links; i++) {
          const next = on.matmul(scope, c, factor)
          on.release(scope, c)
          c = next
        }
        return read(c)
      })(),
  }
}

/** Functions of entries, one after another, and their gradient: what fusing is for. */
const entrywise = (x: Value): Value => {
  let y = x
  for (let i = 0; i < links; i++) y = tanh(add(mul(y, exp(neg(square(y)))), mul(0.1, x)))
  return mean(square(y))
}

const calls = 10

const gradientOf =
  (name: string, twin: typeof onDevice) =>
  (n: number): Task => {
    const x = entries([n, n], 9)
    const both = valueAndGrad(entrywise)
    const slopeOf = ([, slope]: readonly [Value, Value]): Tensor => slope as Tensor
    return {
      name: `${calls} gradients of a chain of functions of entries, ${name}`,
      size: n,
      processor: () => Array.from({ length: calls }, () => slopeOf(both(x))).at(-1) as Tensor,
      device: (device) =>
        withScope(device, (scope) => async () => {
          const there = twin(scope, both)
          for (let i = 1; i < calls; i++) await there(x)()
          return E.map(slopeOf)(await there(x)())
        })(),
    }
  }

const iterations = 15
const limits = { maxIterations: iterations, until: [] }

/** A convex quadratic of n parameters whose gradient is one product with a vector on each side. */
const quadratic = (n: number): ((x: Value) => Value) => {
  const a = entries([Math.ceil(n / 4), n], 3)
  const target = entries([Math.ceil(n / 4)], 4)
  return (x) => add(mul(0.5, sum(square(sub(matmul(a, x), target)))), mul(0.5, dot(x, x)))
}

const bfgsOf = (n: number): Task => {
  const f = quadratic(n)
  const start = fromData(new Float64Array(n))
  return {
    name: `${iterations} steps of BFGS, all resident`,
    size: n,
    processor: () => minimize(f, start as Value, { ...limits, method: descend(bfgs(), strongWolfe()) }).best.x,
    device: (device) =>
      withScope(device, (scope) => async () => {
        const method = descendByProducts(strongWolfe())
        const product = on.residentInverse(scope)
        const found = await minimizeAsync(onDevice(scope, valueAndGrad(f)), start as Value, {
          ...limits,
          method,
          product,
        })()
        return E.bimap(
          ({ error }: { readonly error: DeviceError }) => error,
          ({ best }: { readonly best: { readonly x: Tensor } }) => best.x,
        )(found)
      })(),
  }
}

const runOf = <X>(name: string, size: number, f: (x: X) => Value, start: X): Task => {
  const method = descend(lbfgs(), strongWolfe())
  return {
    name,
    size,
    processor: () => minimize(f, start, { ...limits, method }).best.x,
    device: (device) =>
      withScope(device, (scope) => async () => {
        const found = await minimizeAsync(onDevice(scope, valueAndGrad(f)), start, { ...limits, method })()
        return E.bimap(
          ({ error }: { readonly error: DeviceError }) => error,
          ({ best }: { readonly best: { readonly x: Tensor } }) => best.x,
        )(found)
      })(),
  }
}

const logisticOf = (rows: number): Task => {
  const features = entries([rows, 200], 5)
  const labels = fromData(Float64Array.from(entries([rows], 6).data, (x) => (x > 0 ? 1 : -1)))
  const { objective, start } = logisticRegression({ features, labels, lambda: 0.01 })
  const f = (w: Value): Value => add(objective(w), scalar(0))
  return runOf(`${iterations} steps of L-BFGS, logistic regression of 200 features`, rows, f, start as Value)
}

const networkOf = (width: number): Task => {
  const rows = 1000
  const labels = fromData(Float64Array.from(entries([rows], 7).data, (x) => (x > 0 ? 1 : 0)))
  const { objective, start } = mlp({ features: entries([rows, 100], 8), labels, sizes: [100, width, 2] })
  const f = (w: readonly Value[]): Value => add(objective(w), scalar(0))
  return runOf(`${iterations} steps of L-BFGS, MLP on 1000 rows`, width, f, start as readonly Value[])
}

export const tasksOf = (sizes: Sizes): readonly (() => Task)[] => [
  ...sizes.products.map((n) => () => productOf(n)),
  ...sizes.chains.map((n) => () => chainOf(n)),
  ...sizes.gradients.map((n) => () => gradientOf('step by step', stepByStep)(n)),
  ...sizes.gradients.map((n) => () => gradientOf('fused', onDevice)(n)),
  ...sizes.bfgs.map((n) => () => bfgsOf(n)),
  ...sizes.lbfgs.map((n) => () => logisticOf(n)),
  ...sizes.networks.map((n) => () => networkOf(n)),
]

export interface Measurement {
  readonly task: string
  readonly size: number
  readonly device: string
  readonly renderer: string
  /** The least of the repeats; undefined where it failed or was left out. */
  readonly seconds?: number
  /** Largest difference from the processor's result, relative to its largest entry. */
  readonly difference?: number
  readonly why?: string
}

/**
 * Seconds of the fastest of three repeats after one that compiles, and what came out. Browsers round their clock: what
 * is short is timed many times over.
 */
const timed = async <A>(work: () => A | Promise<A>): Promise<readonly [number, A]> => {
  const once = performance.now()
  let result = await work()
  let [least, spent, count] = [Number.POSITIVE_INFINITY, performance.now() - once, 1]
  for (let i = 0; i < 3 && spent < 3000; i++) {
    const start = performance.now()
    for (let k = 0; k < count; k++) result = await work()
    const took = performance.now() - start
    spent += took
    if (took < 5 && count < 4096) {
      count *= 4
      i--
    } else least = Math.min(least, took / count)
  }
  return [Math.min(least, spent) / 1000, result]
}

/** Longer than this, and larger sizes of the same work are left out. */
const patience = 4

/** Everything on the processor and on every back end that opens; `tell` hears of each measurement as it is made. */
export const measureAll = async (
  sizes: Sizes,
  asked: readonly on.GpuOptions[],
  tell: (measurement: Measurement) => void | Promise<void>,
): Promise<readonly Measurement[]> => {
  const measurements: Measurement[] = []
  const note = async (measurement: Measurement): Promise<void> => {
    measurements.push(measurement)
    await tell(measurement)
  }
  const tasks = tasksOf(sizes)
  const results = new Map<number, Tensor>()
  const tired = new Set<string>()
  for (const [i, make] of tasks.entries()) {
    const { name, size, processor } = make()
    const about = { task: name, size, device: 'processor, float64', renderer: 'JavaScript, one thread' }
    if (tired.has(name)) {
      await note({ ...about, why: 'left out: smaller sizes took long enough' })
      continue
    }
    const [seconds, result] = await timed(processor)
    if (seconds > patience) tired.add(name)
    results.set(i, result)
    await note({ ...about, seconds })
  }
  for (const options of asked) {
    const opened = await on.gpu(options)()
    const device = `${options.mode}, ${options.precision ?? 'float32'}`
    if (E.isLeft(opened)) {
      await note({ task: 'open', size: 0, device, renderer: '–', why: on.explainDeviceError(opened.left) })
      continue
    }
    const tired = new Set<string>()
    const { renderer } = opened.right
    for (const [i, make] of tasks.entries()) {
      const { name, size, device: work } = make()
      const about = { task: name, size, device, renderer }
      if (tired.has(name)) {
        await note({ ...about, why: 'left out: smaller sizes took long enough' })
        continue
      }
      const [seconds, found] = await timed(() => work(opened.right))
      if (seconds > patience) tired.add(name)
      if (E.isLeft(found)) {
        tired.add(name)
        await note({ ...about, why: on.explainDeviceError(found.left) })
        continue
      }
      const wanted = results.get(i)
      const difference = wanted && maxAbs(minus(found.right, wanted)) / (maxAbs(wanted) || 1)
      await note({ ...about, seconds, ...(difference === undefined ? {} : { difference }) })
    }
    await opened.right.close()
  }
  return measurements
}
