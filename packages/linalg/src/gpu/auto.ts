import * as E from 'fp-ts/lib/Either.js'
import type { Task } from 'fp-ts/lib/Task.js'
import { type Calibration, calibrate, secondsFor, type Work } from './cost.ts'
import { type Device, explainDeviceError, type GpuMode, type Identity } from './device.ts'
import { gpu } from './gpu.ts'
import { cpu } from './host.ts'
import type { KernelPrecision } from './kernels/arithmetic.ts'

export interface AutoOptions {
  /** What is going to be done. */
  readonly work: Work
  readonly clock: () => number
  readonly precision?: KernelPrecision
  readonly modes?: readonly GpuMode[]
  /** What was measured before; what is missing is measured now. */
  readonly calibrations?: readonly Calibration[]
  /** How a back end is opened, and the processor. */
  readonly open?: typeof gpu
  readonly processor?: () => Device
}

/** Why a back end was or was not taken. */
export interface Considered {
  readonly backEnd: Device['backEnd']
  /** Predicted for the work; undefined where it was ruled out before. */
  readonly seconds: number | undefined
  readonly why: string
}

export interface Automatic {
  readonly device: Device
  readonly considered: readonly Considered[]
  /** Those given and those measured now, to be kept. */
  readonly calibrations: readonly Calibration[]
}

export const measuredOn =
  ({ backEnd, renderer, precision }: Pick<Identity, 'backEnd' | 'renderer' | 'precision'>) =>
  (calibration: Calibration): boolean =>
    calibration.backEnd === backEnd && calibration.renderer === renderer && calibration.precision === precision

/**
 * The device that is predicted to do some work soonest, by costs measured where it runs. A renderer that is software
 * is never taken, and it is said of each back end why it was or was not.
 */
export const auto =
  ({
    work,
    clock,
    precision = 'float32',
    modes = ['webgpu', 'webgl2'],
    calibrations = [],
    open = gpu,
    processor = cpu,
  }: AutoOptions): Task<Automatic> =>
  async () => {
    const known = [...calibrations]
    const considered: Considered[] = []
    const predict = async (device: Device): Promise<number | undefined> => {
      const kept = known.find(measuredOn(device))
      const found = kept === undefined ? await calibrate(device, clock)() : E.right(kept)
      if (E.isLeft(found)) {
        considered.push({ backEnd: device.backEnd, seconds: undefined, why: explainDeviceError(found.left) })
        return undefined
      }
      if (kept === undefined) known.push(found.right)
      const seconds = secondsFor(found.right.costs, work)
      considered.push({ backEnd: device.backEnd, seconds, why: 'predicted from its calibration' })
      return seconds
    }
    let device = processor()
    let best = (await predict(device)) ?? Number.POSITIVE_INFINITY
    for (const mode of modes) {
      const opened = await open({ mode, precision })()
      if (E.isLeft(opened)) {
        considered.push({ backEnd: mode, seconds: undefined, why: explainDeviceError(opened.left) })
        continue
      }
      const candidate = opened.right
      if (candidate.software)
        considered.push({ backEnd: mode, seconds: undefined, why: `${candidate.renderer} is software` })
      const seconds = candidate.software ? undefined : await predict(candidate)
      const loser = seconds !== undefined && seconds < best ? device : candidate
      if (seconds !== undefined && loser === device) [device, best] = [candidate, seconds]
      await loser.close()
    }
    return { device, considered, calibrations: known }
  }
