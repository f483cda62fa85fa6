import {
  type Calibration,
  cpu,
  type Device,
  deviceOf,
  type GpuOptions,
  hostEngine,
  type Identity,
} from '@secant/linalg/gpu'
import * as E from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import { type DeviceWorld, listDevices } from '../src/devices.ts'

const identityOf = ({ mode, precision = 'float32' }: GpuOptions, software: boolean): Identity => ({
  backEnd: mode,
  renderer: software ? 'SwiftShader' : 'A fast card',
  software,
  precision,
  unitRoundoff: 2 ** -23,
})

const slow = { launch: 1e-6, read: 1e-6, uploaded: 0, readBack: 0, flop: 1e-9 }
const fast = { launch: 1e-4, read: 1e-3, uploaded: 1e-8, readBack: 1e-8, flop: 1e-12 }
const keptOf = ({ backEnd, renderer, precision, software }: Identity, costs: Calibration['costs']): Calibration => ({
  version: 1,
  backEnd,
  renderer,
  precision,
  software,
  costs,
})

/** A world in which webgpu is there. */
const worldWith = (software: boolean): DeviceWorld => ({
  clock: () => performance.now() / 1000,
  openWebGpu: async () => 'no driver',
  open: (options) => async () => {
    const { mode } = options
    if (mode === 'webgpu') return E.right<never, Device>(deviceOf(hostEngine(identityOf(options, software))))
    if (mode === 'webgl2')
      return E.left({ kind: 'self-test failed', backEnd: mode, checks: [{ name: 'add', measured: 3, bound: 1 }] })
    return E.left({ kind: 'unavailable', backEnd: mode, why: 'not here' })
  },
})

const linesOf = async (world: DeviceWorld, kept?: readonly Calibration[]) => {
  const lines: string[] = []
  const measured = await listDevices((line) => lines.push(line), world, kept && JSON.stringify(kept))
  return { text: lines.join('\n'), measured }
}

test('a machine without a GPU is told so, and software is named as such', async () => {
  const { text, measured } = await linesOf(worldWith(true))
  expect(text).toContain('No hardware GPU was found')
  expect(text).toContain('SwiftShader (software; not a GPU)')
  expect(text).toContain('webgl is not available: not here')
  expect(text).toContain('failed add')
  expect(measured.map(({ backEnd }) => backEnd)).toEqual(['cpu'])
})

test('hardware is calibrated, and the sizes are told from which on it pays', async () => {
  const identities = (['float32', 'double-single'] as const).map((precision) =>
    identityOf({ mode: 'webgpu', precision }, false),
  )
  const kept = [keptOf(cpu(), slow), ...identities.map((identity) => keptOf(identity, fast))]
  const { text, measured } = await linesOf(worldWith(false), kept)
  expect(text).not.toContain('No hardware GPU was found')
  expect(text).toContain('A fast card (webgpu, float32) is predicted to be faster than the processor for')
  expect(text).toMatch(/a product of n × n matrices: from n = \d+/)
  expect(text).toMatch(/L-BFGS\(10\) in n parameters, its pairs resident: at no n up to 4096/)
  expect(measured).toEqual(kept)
})

test('a file that holds something else is refused', async () => {
  const refused = listDevices(() => undefined, worldWith(true), '{"a": 1}')
  await expect(refused).rejects.toThrow('the calibration file cannot be used: it is not a list')
})
