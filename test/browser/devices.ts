/** Runs in a browser: the parity suite on every back end there. */
import { type Device, type GpuMode, gpu } from '@secant/linalg/gpu'
import * as E from 'fp-ts/lib/Either.js'
import { type ParityResult, parity } from '../../packages/linalg/test/device-parity.ts'

export interface DeviceReport {
  readonly asked: string
  readonly ran: Pick<Device, 'backEnd' | 'renderer' | 'precision' | 'software'> | string
  readonly cases: number
  readonly broken: readonly ParityResult[]
  readonly live: number
  readonly milliseconds: number
}

export default async (): Promise<readonly DeviceReport[]> => {
  const reports: DeviceReport[] = []
  for (const mode of ['webgl2', 'webgl', 'webgpu'] satisfies readonly GpuMode[])
    for (const precision of ['float32', 'double-single'] as const) {
      const start = performance.now()
      const opened = await gpu({ mode, precision })()
      const asked = `${mode}, ${precision}`
      if (E.isLeft(opened)) {
        reports.push({ asked, ran: JSON.stringify(opened.left), cases: 0, broken: [], live: 0, milliseconds: 0 })
        continue
      }
      const device = opened.right
      const results = await parity(device)
      const { backEnd, renderer, software } = device
      reports.push({
        asked,
        ran: { backEnd, renderer, software, precision: device.precision },
        cases: results.length,
        broken: results.filter(({ worst }) => !(worst <= 1)),
        live: device.live(),
        milliseconds: performance.now() - start,
      })
      await device.close()
    }
  return reports
}
