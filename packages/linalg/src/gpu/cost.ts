import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Shape } from '../shape.ts'
import { full } from '../tensor.ts'
import type { BackEnd, Device, DeviceError } from './device.ts'
import { neg } from './elementwise.ts'
import { map } from './entrywise.ts'
import type { Precision } from './kernels/arithmetic.ts'
import { matmul } from './products.ts'
import { type DeviceTensor, read, release, type Scope, upload, withScope } from './scope.ts'
import { slice } from './structure.ts'

/** What a piece of work asks of a device. */
export interface Work {
  readonly launches: number
  /** How often the host waits for a result. */
  readonly reads: number
  /** Numbers that go to the device, and that come back. */
  readonly uploaded: number
  readonly readBack: number
  readonly flops: number
}

/** Seconds for each unit of work. */
export interface Costs {
  readonly launch: number
  readonly read: number
  readonly uploaded: number
  readonly readBack: number
  readonly flop: number
}

/** What was measured of a device where it runs: plain data, for whoever called to keep. */
export interface Calibration {
  readonly version: 1
  readonly backEnd: BackEnd
  readonly renderer: string
  readonly precision: Precision
  readonly software: boolean
  readonly costs: Costs
}

/** Predicted seconds. */
export const secondsFor = (costs: Costs, work: Work): number =>
  costs.launch * work.launches +
  costs.read * work.reads +
  costs.uploaded * work.uploaded +
  costs.readBack * work.readBack +
  costs.flop * work.flops

/** One product `[m, k] · [k, n]` of matrices of the host, brought back. */
export const productWork = (m: number, k: number, n: number): Work => ({
  launches: 1,
  reads: 1,
  uploaded: m * k + k * n,
  readBack: m * n,
  flops: 2 * m * k * n,
})

/** A step of BFGS with the matrix resident: two products with it and one update; vectors cross. */
export const bfgsWork = (n: number): Work => ({
  launches: 3,
  reads: 2,
  uploaded: 4 * n,
  readBack: 2 * n,
  flops: 8 * n * n,
})

/** A step of L-BFGS with m resident pairs. */
export const lbfgsWork = (n: number, m: number): Work => ({
  launches: 6,
  reads: 3,
  uploaded: 4 * n,
  readBack: n,
  flops: 16 * m * n,
})

/** The least size among those given at which `device` is predicted to be faster than `processor`, if there is one. */
export const crossover = (
  device: Costs,
  processor: Costs,
  workOf: (n: number) => Work,
  sizes: readonly number[] = Array.from({ length: 25 }, (_, i) => Math.round(16 * 2 ** (i / 3))),
): number | undefined => sizes.find((n) => secondsFor(device, workOf(n)) < secondsFor(processor, workOf(n)))

const least = (list: readonly number[]): number => list.reduce((a, b) => Math.min(a, b))

/** Waits until all that was asked for is done, by reading one number of a result. */
const waitFor = async (scope: Scope, x: DeviceTensor): Promise<E.Either<DeviceError, undefined>> => {
  const corner = slice(
    scope,
    x,
    x.shape.map(() => 0),
    x.shape.map(() => 1),
  )
  const found = await read(corner)()
  release(scope, corner)
  return E.map(() => undefined)(found)
}

/** Where a product takes long enough to be timed, and no longer. */
const enough = 0.02
const [numbers, launches, repeats] = [2 ** 16, 16, 3] as const

/**
 * Times a device: launches, reads, transfers and a product that takes some hundredths of a second. `clock` tells
 * seconds. It takes a second or so.
 */
export const calibrate = (device: Device, clock: () => number): TaskEither<DeviceError, Calibration> =>
  withScope(device, (scope) => async () => {
    const time = async (
      shapes: readonly Shape[],
      run: (...args: readonly DeviceTensor[]) => readonly DeviceTensor[],
    ) => {
      const args = shapes.map((shape) => upload(scope, full(shape, 1)))
      const seconds: number[] = []
      // The first run compiles.
      for (let i = 0; i <= repeats; i++) {
        const start = clock()
        const results = run(...args)
        const done = await waitFor(scope, results.at(-1) as DeviceTensor)
        if (E.isLeft(done)) return done
        if (i > 0) seconds.push(clock() - start)
        release(scope, ...results.filter((result) => !args.includes(result)))
      }
      release(scope, ...args)
      return E.right(least(seconds))
    }
    const chain = (count: number) => (x?: DeviceTensor) => {
      const results = [x as DeviceTensor]
      for (let i = 0; i < count; i++) results.push(map(scope, neg, results.at(-1) as DeviceTensor))
      return results
    }
    const one = await time([[1, 1]], chain(0))
    if (E.isLeft(one)) return one
    const many = await time([[1, 1]], chain(launches))
    if (E.isLeft(many)) return many
    const sent = await time([], () => [upload(scope, full([1, numbers], 1))])
    if (E.isLeft(sent)) return sent
    const returned: number[] = []
    const x = upload(scope, full([1, numbers], 1))
    for (let i = 0; i <= repeats; i++) {
      const start = clock()
      const found = await read(x)()
      if (E.isLeft(found)) return found
      returned.push(clock() - start)
    }
    release(scope, x)
    let [n, product] = [128, 0]
    for (; n <= 2048; n *= 2) {
      const took = await time(
        [
          [n, n],
          [n, n],
        ],
        (a, b) => [matmul(scope, a as DeviceTensor, b as DeviceTensor)],
      )
      if (E.isLeft(took)) return took
      product = took.right - one.right
      if (product > enough) break
    }
    const per = (seconds: number, count: number): number => Math.max(0, seconds) / count
    const { backEnd, renderer, precision, software } = device
    const costs: Costs = {
      launch: per(many.right - one.right, launches),
      read: one.right,
      uploaded: per(sent.right - one.right, numbers),
      readBack: per(least(returned) - one.right, numbers),
      flop: per(product, 2 * Math.min(n, 2048) ** 3),
    }
    return E.right({ version: 1, backEnd, renderer, precision, software, costs })
  })

const costNames = ['launch', 'read', 'uploaded', 'readBack', 'flop'] as const

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)

const isCalibration = (x: unknown): x is Calibration => {
  if (!isRecord(x) || x['version'] !== 1 || !isRecord(x['costs'])) return false
  const { costs } = x
  const named = ['backEnd', 'renderer', 'precision'].every((key) => typeof x[key] === 'string')
  return (
    named &&
    typeof x['software'] === 'boolean' &&
    costNames.every((key) => Number.isFinite(costs[key]) && Number(costs[key]) >= 0)
  )
}

/** Calibrations that were kept, from JSON. Fails (Left) with what is wrong. */
export const decodeCalibrations = (text: string): E.Either<string, readonly Calibration[]> => {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return E.left('it is not JSON')
  }
  if (!Array.isArray(data)) return E.left('it is not a list')
  const wrong = data.findIndex((item) => !isCalibration(item))
  return wrong < 0 ? E.right(data as readonly Calibration[]) : E.left(`entry ${wrong} is no calibration of version 1`)
}
