import { type Device, gpu } from '@secant/linalg/gpu'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDawn } from './devices/dawn.ts'
import { edgeCases, edgesKept, parity, rightOf } from './devices/parity.ts'
import { isTelling, programsFor, programsOn, summary } from './devices/programs.ts'
import { solverChecks } from './devices/solvers.ts'

const missing = await openDawn()
// What was not tested is said where somebody reads it: in the name of a test.
if (missing !== undefined) test(`WebGPU in Node: left out, ${missing}`, () => undefined)
else
  describe.each(['float32', 'double-single'] as const)('WebGPU in Node, %s', (precision) => {
    let device: Device
    beforeAll(async () => {
      device = rightOf(await gpu({ mode: 'webgpu', precision })())
    })
    afterAll(async () => {
      expect(device.live()).toBe(0)
      await device.close()
    })

    test('is what ran', () => {
      expect(device).toMatchObject({ backEnd: 'webgpu', precision })
    })

    test('every operation is within its bound', async () => {
      const broken = (await parity(device)).filter(({ worst }) => !(worst <= 1))
      expect(broken).toEqual([])
    })

    test('random programs, fused, are within bounds that are computed along with them', async () => {
      const report = await programsOn(device, programsFor(precision, 25))
      console.log(`${device.name}: ${summary(report)}`)
      expect(report.broken).toEqual([])
      expect(report.left).toBe(0)
      expect(isTelling(report), summary(report)).toBe(true)
    }, 600_000)

    test('numbers on the edge', async () => {
      const edges = await edgeCases(device)
      expect(edgesKept(edges), JSON.stringify(edges)).toBe(true)
    })

    // Solvers are made of these operations; once is enough where compiling takes seconds.
    if (precision === 'double-single')
      test('solvers', async () => {
        expect((await solverChecks(device, 70)).filter(({ measured, bound }) => !(measured <= bound))).toEqual([])
      })
  })
