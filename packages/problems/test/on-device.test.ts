import { add, mul, square, sum, type Value, valueAndGrad } from '@secant/autodiff'
import { onDevice as stepByStep } from '@secant/autodiff/device'
import { onDevice as fused } from '@secant/compile/device'
import { fromData, maxAbs, sub, type Tensor } from '@secant/linalg'
import { cpu, type Device, gpu, residentInverse, withScope } from '@secant/linalg/gpu'
import {
  descend,
  descendByProducts,
  gradientNorm,
  hagerZhang,
  lbfgs,
  minimize,
  minimizeAsync,
  objectiveOf,
  type Run,
} from '@secant/optim'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logisticRegression, mlp } from '../src/index.ts'
import { readTable } from '../src/node/index.ts'

const rows = 40
const features = fromData(
  Float64Array.from({ length: rows * 3 }, (_, i) => Math.sin(12.9898 * (i + 1) ** 1.5)),
  [rows, 3],
)
const side = (i: number): boolean => Math.cos(3 * (features.data[3 * i] as number) + i) > 0
const signs = fromData(Float64Array.from({ length: rows }, (_, i) => (side(i) ? 1 : -1)))
const labels = fromData(Float64Array.from({ length: rows }, (_, i) => (side(i) ? 1 : 0)))

const logistic = logisticRegression({ features, labels: signs, lambda: 0.1 })
const network = mlp({ features, labels, sizes: [3, 4, 2], seed: 1 })

/** With weight decay, without which the weights of separable data grow for ever. */
const decayed = (weights: readonly Value[]): Value =>
  weights.reduce<Value>((total, w) => add(total, mul(0.01, sum(square(w)))), add(0, network.objective(weights)))

const rightOf = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`got ${JSON.stringify(either.left)}; needs a value`)
  return either.right
}

/** Slopes tell points apart where values no longer do, to which the roundoff of a device comes early. */
const method = descend(lbfgs(), hagerZhang())

const byProducts = (memory: number | undefined) =>
  descendByProducts(hagerZhang(), memory === undefined ? {} : { memory })

/** Runs of one problem; `there` is on a device. */
interface Runs {
  readonly name: string
  readonly here: (bound: number) => Run<unknown>
  readonly there: (device: Device, bound: number) => Promise<Run<unknown>>
  /** The same with the inverse Hessian on the device. */
  readonly resident: {
    readonly here: (bound: number, memory: number | undefined) => Run<unknown>
    readonly there: (device: Device, bound: number, memory: number | undefined) => Promise<Run<unknown>>
  }
  /** The largest gradient entry in float64. */
  readonly gradientAt: (x: Tensor) => number
}

const twins = { 'step by step': stepByStep, fused } as const

const runsOf = <X>(twin: keyof typeof twins, problem: string, f: (x: X) => Value, start: X): Runs => ({
  name: `${problem}, ${twin}`,
  here: (bound) => minimize(f, start, { method, until: [gradientNorm(bound)] }),
  there: async (device, bound) =>
    rightOf(
      await withScope(device, (scope) =>
        minimizeAsync(twins[twin](scope, valueAndGrad(f)), start, { method, until: [gradientNorm(bound)] }),
      )(),
    ),
  resident: {
    here: (bound, memory) => minimize(f, start, { method: byProducts(memory), until: [gradientNorm(bound)] }),
    there: async (device, bound, memory) =>
      rightOf(
        await withScope(device, (scope) =>
          minimizeAsync(twins[twin](scope, valueAndGrad(f)), start, {
            method: byProducts(memory),
            product: residentInverse(scope),
            until: [gradientNorm(bound)],
          }),
        )(),
      ),
  },
  gradientAt: (x) => maxAbs(objectiveOf(f, start).objective.point(x).grad),
})

const problems = (['step by step', 'fused'] as const).flatMap((twin) => [
  runsOf(twin, 'logistic regression', (w: Value) => add(0, logistic.objective(w)), logistic.start as Value),
  runsOf(twin, 'MLP with weight decay', decayed, network.start as readonly Value[]),
])

describe.each(problems)('$name', ({ here, there, resident, gradientAt }) => {
  test('a run on the processor as a device is the run without one', async () => {
    const [now, later] = [here(1e-9), await there(cpu(), 1e-9)]
    expect(later.counts).toEqual(now.counts)
    expect(maxAbs(sub(now.best.x, later.best.x))).toBeLessThan(1e-12)
  })

  describe('in double-single', () => {
    let device: Device
    beforeAll(async () => {
      device = rightOf(await gpu({ mode: 'webasm', precision: 'double-single' })())
    })
    afterAll(async () => {
      expect(device.live()).toBe(0)
      await device.close()
    })

    test('with the inverse Hessian resident it is so too, and the run takes the same steps', async () => {
      for (const memory of [undefined, 5]) {
        const [now, later] = [resident.here(1e-10, memory), await resident.there(device, 1e-10, memory)]
        expect(later.outcome).toMatchObject({ _tag: 'Right' })
        expect(later.counts.iterations).toBe(now.counts.iterations)
        expect(maxAbs(sub(now.best.x, later.best.x))).toBeLessThan(1e-9)
      }
    })

    test('the optimum is that of the processor within 1e-10', async () => {
      const [now, later] = [here(1e-12), await there(device, 1e-12)]
      expect(later.outcome).toMatchObject({ _tag: 'Right' })
      expect(Math.abs(now.best.value - later.best.value)).toBeLessThan(1e-10)
      expect(maxAbs(sub(now.best.x, later.best.x))).toBeLessThan(1e-10)
    })
  })

  describe('in float32', () => {
    let device: Device
    beforeAll(async () => {
      device = rightOf(await gpu({ mode: 'webasm' })())
    })
    afterAll(async () => {
      expect(device.live()).toBe(0)
      await device.close()
    })

    test('the end is as stationary in float64 as it was measured on the device, but for its roundoff', async () => {
      const bound = 1e-4
      const later = await there(device, bound)
      expect(later.outcome).toMatchObject({ _tag: 'Right' })
      // A gradient entry is a mean over the rows of products of numbers below 10, through a dozen operations.
      const roundoff = (rows + 12) * device.unitRoundoff * 10
      expect(gradientAt(later.best.x)).toBeLessThanOrEqual(bound + roundoff)
    })
  })
})

describe('digits, fused', () => {
  const digits = rightOf(readTable('digits8x8'))
  const count = 60
  const few = fromData(
    Float64Array.from(digits.features.data.slice(0, 64 * count), (pixel) => pixel / 16),
    [count, 64],
  )
  const { objective, start } = mlp({
    features: few,
    labels: fromData(Float64Array.from(digits.target.data.slice(0, count))),
    sizes: [64, 6, 10],
    seed: 2,
  })
  const f = (w: readonly Value[]): Value =>
    w.reduce<Value>((total, each) => add(total, mul(0.1, sum(square(each)))), add(0, objective(w)))
  const ended = async (device: Device, bound: number) =>
    rightOf(
      await withScope(device, (scope) =>
        minimizeAsync(fused(scope, valueAndGrad(f)), start as readonly Value[], {
          method,
          until: [gradientNorm(bound)],
        }),
      )(),
    )

  test('an MLP ends at the optimum of the processor, within 1e-10 in double-single', async () => {
    const now = minimize(f, start as readonly Value[], { method, until: [gradientNorm(1e-12)] })
    const device = rightOf(await gpu({ mode: 'webasm', precision: 'double-single' })())
    const later = await ended(device, 1e-12)
    expect(later.outcome).toMatchObject({ _tag: 'Right' })
    expect(Math.abs(now.best.value - later.best.value)).toBeLessThan(1e-10)
    expect(maxAbs(sub(now.best.x, later.best.x))).toBeLessThan(1e-10)
    expect(device.live()).toBe(0)
    await device.close()
  })

  test('and where slopes vanish but for the roundoff of float32', async () => {
    const device = rightOf(await gpu({ mode: 'webasm' })())
    const later = await ended(device, 1e-4)
    const { grad } = objectiveOf(f, start as readonly Value[]).objective.point(later.best.x)
    expect(maxAbs(grad)).toBeLessThanOrEqual(1e-4 + (count + 12) * device.unitRoundoff * 10)
    expect(device.live()).toBe(0)
    await device.close()
  })
})
