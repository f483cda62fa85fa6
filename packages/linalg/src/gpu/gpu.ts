import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Device, DeviceError, GpuMode } from './device.ts'
import { verifying } from './freivalds.ts'
import { gpuEngine } from './gpujs.ts'
import type { KernelPrecision } from './kernels/arithmetic.ts'
import { deviceOf, errorOf } from './open.ts'
import { keeps, selfTest } from './self-test.ts'

export interface GpuOptions {
  readonly mode: GpuMode
  /** float32, or double-single, which keeps about 44 bits and costs three to ten times as much. */
  readonly precision?: KernelPrecision
  /** Whether every product is checked as it is made, at the cost of reading it back. */
  readonly verify?: boolean
}

/**
 * A back end of gpu.js as a device. It is opened, told apart from what gpu.js would fall back to, and tested; fails
 * (Left) where it is not there, where another one ran, and where it computes wrongly.
 */
export const gpu =
  ({ mode, precision = 'float32', verify = false }: GpuOptions): TaskEither<DeviceError, Device> =>
  async () => {
    let engine: Awaited<ReturnType<typeof gpuEngine>>
    try {
      engine = await gpuEngine(mode, precision)
    } catch (thrown) {
      return E.left(thrown as DeviceError)
    }
    try {
      const checks = await selfTest(engine)
      const broken = checks.filter((check) => !keeps(check))
      if (broken.length === 0) return E.right(deviceOf(verify ? verifying(engine) : engine, checks))
      await engine.close()
      return E.left({ kind: 'self-test failed', backEnd: mode, checks: broken })
    } catch (thrown) {
      await engine.close()
      return E.left(errorOf(engine, 'self-test', thrown))
    }
  }
