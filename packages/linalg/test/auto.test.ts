import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  auto,
  type Calibration,
  type Costs,
  calibrate,
  cpu,
  crossover,
  type Device,
  decodeCalibrations,
  deviceOf,
  type GpuMode,
  hostEngine,
  productWork,
  secondsFor,
} from '../src/gpu/index.ts'
import { right } from './matrices.ts'

const processorCosts: Costs = { launch: 1e-6, read: 1e-6, uploaded: 1e-9, readBack: 1e-9, flop: 1e-9 }
const hardwareCosts: Costs = { launch: 1e-4, read: 1e-3, uploaded: 1e-8, readBack: 1e-8, flop: 1e-11 }

const pretended = (backEnd: GpuMode, software: boolean): Device =>
  deviceOf(hostEngine({ backEnd, renderer: `a ${backEnd}`, software, precision: 'float32', unitRoundoff: 2 ** -23 }))

const calibrationOf = ({ backEnd, renderer, precision, software }: Device, costs: Costs): Calibration => ({
  version: 1,
  backEnd,
  renderer,
  precision,
  software,
  costs,
})

const clock = (): number => performance.now() / 1000

describe('the cost model', () => {
  test('adds up', () => {
    expect(secondsFor({ launch: 1, read: 10, uploaded: 100, readBack: 1000, flop: 10000 }, productWork(1, 2, 3))).toBe(
      1 + 10 + 100 * 8 + 1000 * 3 + 10000 * 12,
    )
  })

  test('the crossover is where one becomes the faster one', () => {
    const n = crossover(hardwareCosts, processorCosts, (n) => productWork(n, n, n))
    expect(n).toBeGreaterThan(16)
    const at = (costs: Costs, size: number): number => secondsFor(costs, productWork(size, size, size))
    expect(at(hardwareCosts, n as number)).toBeLessThan(at(processorCosts, n as number))
    expect(at(hardwareCosts, (n as number) / 1.3)).toBeGreaterThan(at(processorCosts, (n as number) / 1.3))
    expect(crossover(processorCosts, processorCosts, (n) => productWork(n, n, n))).toBe(undefined)
  })

  test('a device is measured, and leaves nothing behind', async () => {
    const device = cpu()
    const calibration = right(await calibrate(device, clock)())
    expect(calibration).toMatchObject({ version: 1, backEnd: 'cpu', software: true })
    for (const seconds of Object.values(calibration.costs)) expect(seconds).toBeGreaterThanOrEqual(0)
    expect(calibration.costs.flop).toBeGreaterThan(0)
    expect(device.live()).toBe(0)
  })

  test('what was kept is read back, and what is not it is refused', () => {
    const kept = [calibrationOf(cpu(), processorCosts)]
    expect(decodeCalibrations(JSON.stringify(kept))).toEqual(E.right(kept))
    for (const [text, why] of [
      ['{', 'it is not JSON'],
      ['{}', 'it is not a list'],
      [JSON.stringify([{ ...kept[0], version: 2 }]), 'entry 0 is no calibration of version 1'],
      [
        JSON.stringify([kept[0], { ...kept[0], costs: { ...processorCosts, flop: -1 } }]),
        'entry 1 is no calibration of version 1',
      ],
      ['[{"version":1,"costs":{"launch":null}}]', 'entry 0 is no calibration of version 1'],
    ] as const)
      expect(decodeCalibrations(text)).toEqual(E.left(why))
  })
})

describe('auto', () => {
  const choose = (n: number, devices: readonly Device[], calibrations: readonly Calibration[]) =>
    auto({
      work: productWork(n, n, n),
      clock,
      modes: ['webgpu', 'webgl2'],
      calibrations,
      open:
        ({ mode }) =>
        async () => {
          const found = devices.find(({ backEnd }) => backEnd === mode)
          return found === undefined
            ? E.left({ kind: 'unavailable', backEnd: mode, why: 'no adapter' })
            : E.right(found)
        },
    })()

  const hardware = pretended('webgpu', false)
  const kept = [calibrationOf(cpu(), processorCosts), calibrationOf(hardware, hardwareCosts)]

  test('takes hardware for large work and the processor for small', async () => {
    expect((await choose(2048, [pretended('webgpu', false)], kept)).device.backEnd).toBe('webgpu')
    expect((await choose(8, [pretended('webgpu', false)], kept)).device.backEnd).toBe('cpu')
  })

  test('never takes a renderer that is software, however fast it says it is', async () => {
    const slow = calibrationOf(pretended('webgl2', true), { launch: 0, read: 0, uploaded: 0, readBack: 0, flop: 0 })
    const { device, considered } = await choose(4096, [pretended('webgl2', true)], [...kept, slow])
    expect(device.backEnd).toBe('cpu')
    expect(considered).toMatchObject([
      { backEnd: 'cpu' },
      { backEnd: 'webgpu', seconds: undefined, why: 'webgpu is not available: no adapter' },
      { backEnd: 'webgl2', seconds: undefined, why: 'a webgl2 is software' },
    ])
  })

  test('measures what was not measured before, and hands it out', async () => {
    const { calibrations } = await choose(64, [pretended('webgpu', false)], [])
    expect(calibrations.map(({ backEnd }) => backEnd)).toEqual(['cpu', 'webgpu'])
  })

  test('without a GPU the processor is what is left', async () => {
    const { device, considered } = await auto({ work: productWork(9, 9, 9), clock })()
    expect(device.backEnd).toBe('cpu')
    expect(considered.map(({ backEnd }) => backEnd)).toEqual(['cpu', 'webgpu', 'webgl2'])
    expect(considered.slice(1).every(({ seconds }) => seconds === undefined)).toBe(true)
  })
})
