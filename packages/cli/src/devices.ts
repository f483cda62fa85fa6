import {
  bfgsWork,
  type Calibration,
  calibrate,
  cpu,
  crossover,
  type Device,
  decodeCalibrations,
  explainDeviceError,
  type GpuMode,
  type gpu,
  type KernelPrecision,
  lbfgsWork,
  measuredOn,
  productWork,
} from '@secant/linalg/gpu'
import Table from 'cli-table3'
import * as E from 'fp-ts/lib/Either.js'
import { misunderstood } from './failure.ts'

/** What `secant devices` needs of the world. */
export interface DeviceWorld {
  readonly clock: () => number
  readonly open: typeof gpu
  /** Makes WebGPU known to Node; the answer is why it cannot. */
  readonly openWebGpu: () => Promise<string | undefined>
}

/** One back end in one precision: there and tested, or why not. */
interface Found {
  readonly name: string
  readonly renderer: string
  readonly selfTest: string
  readonly calibration: Calibration | undefined
}

const modes: readonly GpuMode[] = ['webgpu', 'webgl2', 'webgl', 'headlessgl', 'webasm']
const precisions: readonly KernelPrecision[] = ['float32', 'double-single']

const what = ({ backEnd, renderer, software }: Device): string => {
  if (backEnd === 'cpu') return renderer
  if (backEnd === 'webasm') return `${renderer} (for tests; not a GPU)`
  return software ? `${renderer} (software; not a GPU)` : renderer
}

const passed = ({ selfTest }: Device): string =>
  selfTest.length === 0 ? '–' : `passed ${selfTest.length} of ${selfTest.length}`

const show = (seconds: number): string => seconds.toExponential(1)

const calibrationTable = (calibrations: readonly Calibration[]): string => {
  const table = new Table({
    head: ['seconds for', 'a launch', 'a read', 'a number sent', 'a number back', 'a flop'],
    style: { head: [], border: [], compact: true },
  })
  for (const { backEnd, precision, costs } of calibrations)
    table.push([
      `${backEnd}, ${precision}`,
      ...[costs.launch, costs.read, costs.uploaded, costs.readBack, costs.flop].map(show),
    ])
  return table.toString()
}

const works = [
  ['a product of n × n matrices', (n: number) => productWork(n, n, n)],
  ['a step of BFGS in n parameters, its matrix resident', bfgsWork],
  ['a step of L-BFGS(10) in n parameters, its pairs resident', (n: number) => lbfgsWork(n, 10)],
] as const

const crossovers = (device: Calibration, processor: Calibration): readonly string[] =>
  works.map(([name, workOf]) => {
    const n = crossover(device.costs, processor.costs, workOf)
    return `  ${name}: ${n === undefined ? 'at no n up to 4096' : `from n = ${n}`}`
  })

/** Reads calibrations that were kept. Fails (throws) on a file that holds something else. */
const decoded = (text: string): readonly Calibration[] => {
  const found = decodeCalibrations(text)
  if (E.isLeft(found))
    throw misunderstood(`the calibration file cannot be used: ${found.left}; needs one that this command wrote`)
  return found.right
}

/**
 * Tells, line by line, what devices there are and whether they compute rightly; the answer is what was measured, to be
 * kept. `kept` is the text of what was measured before.
 */
export const listDevices = async (
  say: (line: string) => void,
  { clock, open, openWebGpu }: DeviceWorld,
  kept?: string,
): Promise<readonly Calibration[]> => {
  const known = kept === undefined ? [] : decoded(kept)
  const processor = cpu()
  const calibrationOf = async (device: Device): Promise<Calibration | undefined> => {
    const before = known.find(measuredOn(device))
    if (before !== undefined) return before
    const measured = await calibrate(device, clock)()
    return E.isRight(measured) ? measured.right : undefined
  }
  const list: Found[] = [
    {
      name: processor.name,
      renderer: what(processor),
      selfTest: passed(processor),
      calibration: await calibrationOf(processor),
    },
  ]
  const noWebGpu = await openWebGpu()
  let hardware = 0
  for (const mode of modes)
    for (const precision of precisions) {
      const opened = await open({ mode, precision })()
      if (E.isLeft(opened)) {
        const { left } = opened
        const why = mode === 'webgpu' && noWebGpu !== undefined ? noWebGpu : explainDeviceError(left)
        const there = left.kind === 'self-test failed'
        list.push({
          name: `${mode}, ${precision}`,
          renderer: there ? '' : why,
          selfTest: there ? why : '–',
          calibration: undefined,
        })
        // What is not there is not there in another precision either.
        if (left.kind === 'unavailable') break
        continue
      }
      const device = opened.right
      if (!device.software) hardware++
      // Software is never chosen, so that nobody needs to know how slow it is.
      const calibration = device.software ? undefined : await calibrationOf(device)
      list.push({ name: device.name, renderer: what(device), selfTest: passed(device), calibration })
      await device.close()
    }
  const table = new Table({
    head: ['device', 'renderer', 'self-test'],
    style: { head: [], border: [], compact: true },
    wordWrap: true,
  })
  for (const { name, renderer, selfTest } of list) table.push([name, renderer, selfTest])
  say(table.toString())
  const measured = list.flatMap(({ calibration }) => calibration ?? [])
  say(`\n${calibrationTable(measured)}`)
  const [first, ...others] = measured
  if (first !== undefined)
    for (const device of others) {
      say(
        `\n${device.renderer} (${device.backEnd}, ${device.precision}) is predicted to be faster than the processor for`,
      )
      for (const line of crossovers(device, first)) say(line)
    }
  say(
    hardware > 0
      ? '\nThese are predictions from the costs above; nobody has compared whole runs on this machine yet.'
      : '\nNo hardware GPU was found: everything will run on the processor.',
  )
  return [...measured, ...known.filter((old) => !measured.some(measuredOn(old)))]
}
