import { cpu, type Device, gpu } from '@secant/linalg/gpu'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { edgeCases, edgesKept, parity, rightOf } from './devices/parity.ts'
import { isTelling, programsFor, programsOn, summary } from './devices/programs.ts'
import { solverChecks } from './devices/solvers.ts'

const devices = [
  { name: 'cpu', precision: 'float64', open: async () => cpu() },
  ...(['float32', 'double-single'] as const).map((precision) => ({
    name: `webasm, ${precision}`,
    precision,
    open: async () => rightOf(await gpu({ mode: 'webasm', precision })()),
  })),
] as const

describe.each(devices)('$name', ({ open, precision }) => {
  let device: Device
  beforeAll(async () => {
    device = await open()
  })
  afterAll(async () => {
    expect(device.live()).toBe(0)
    await device.close()
  })

  test('every operation is within its bound', async () => {
    const broken = (await parity(device)).filter(({ worst }) => !(worst <= 1))
    expect(broken).toEqual([])
  })

  test('random programs, fused, are within bounds that are computed along with them', async () => {
    const report = await programsOn(device, programsFor(precision))
    console.log(`${device.name}: ${summary(report)}`)
    expect(report.broken).toEqual([])
    expect(report.left).toBe(0)
    expect(isTelling(report), summary(report)).toBe(true)
  }, 600_000)

  test('numbers on the edge', async () => {
    const edges = await edgeCases(device)
    expect(edgesKept(edges), JSON.stringify(edges)).toBe(true)
  })

  test('solvers', async () => {
    const checks = await solverChecks(device)
    expect(checks.filter(({ measured, bound }) => !(measured <= bound))).toEqual([])
  })
})
