/** Runs in a browser: what devices must get right, on every back end there, and what happens when they are lost. */
import { add, dot, type Value, valueAndGrad } from '@secant/autodiff'
import { onDevice } from '@secant/compile/device'
import { fromData, maxAbs, sub } from '@secant/linalg'
import { type Check, cpu, type Device, type DeviceError, type GpuMode, gpu, withScope } from '@secant/linalg/gpu'
import { gradientNorm, minimizeAsync } from '@secant/optim'
import { logisticRegression } from '@secant/problems'
import * as E from 'fp-ts/lib/Either.js'
import { type Measurement, measureAll } from '../../bench/gpu/measurements.ts'
import { edgeCases, edgesKept, type ParityResult, parity, rightOf } from '../devices/parity.ts'
import { type ProgramsReport, programsOn } from '../devices/programs.ts'
import { solverChecks } from '../devices/solvers.ts'

export interface DeviceReport {
  readonly asked: string
  readonly ran: string
  readonly renderer: string
  readonly software: boolean
  readonly cases: number
  readonly broken: readonly (ParityResult | Check)[]
  readonly edges: string
  readonly edgesKept: boolean
  readonly live: number
  readonly milliseconds: number
  readonly programs: ProgramsReport
}

export interface LossReport {
  readonly mode: GpuMode
  readonly error: unknown
  readonly iterationsBefore: number
  readonly live: number
  /** How far the optimum of the run that went on elsewhere is from that of one that was never interrupted. */
  readonly distance: number
}

export interface BrowserReport {
  readonly devices: readonly DeviceReport[]
  readonly missing: readonly DeviceError[]
  readonly losses: readonly LossReport[]
  /** The benchmark's page at sizes that take no time. */
  readonly bench: readonly Measurement[]
  /** Whether two devices of one back end can be used at the same time. */
  readonly together: boolean
}

const reportOn = async (device: Device, asked: string, solvers: boolean, count: number): Promise<DeviceReport> => {
  const start = performance.now()
  const results = await parity(device)
  const checks = solvers ? await solverChecks(device, 70) : []
  const edges = await edgeCases(device)
  const programs = await programsOn(device, count)
  return {
    asked,
    ran: device.name,
    renderer: device.renderer,
    software: device.software,
    cases: results.length + checks.length,
    broken: [
      ...results.filter(({ worst }) => !(worst <= 1)),
      ...checks.filter(({ measured, bound }) => !(measured <= bound)),
    ],
    edges: Object.entries(edges)
      .map(([name, values]) => `${name}: ${values.join(' ')}`)
      .join('; '),
    edgesKept: edgesKept(edges),
    live: device.live(),
    milliseconds: Math.round(performance.now() - start),
    programs,
  }
}

// gpu.js keeps its contexts to itself; here they are caught as they are made, to be lost on purpose.

type Lose = () => void
let loseContext: Lose = () => undefined

interface Losable {
  readonly getExtension?: (name: string) => { readonly loseContext: Lose } | null
}

const catchContexts = (): void => {
  for (const name of ['HTMLCanvasElement', 'OffscreenCanvas']) {
    const prototype = (
      globalThis as unknown as Record<string, { prototype: { getContext: (...args: unknown[]) => unknown } }>
    )[name]?.prototype
    if (prototype === undefined) continue
    const { getContext } = prototype
    prototype.getContext = function (...args) {
      const context = getContext.apply(this, args) as Losable | null
      const extension = context?.getExtension?.('WEBGL_lose_context')
      if (extension) loseContext = () => extension.loseContext()
      return context
    }
  }
  interface Adapter {
    requestDevice: (...args: unknown[]) => Promise<{ destroy: Lose }>
  }
  const web = (globalThis as unknown as { navigator: { gpu?: { requestAdapter: () => Promise<Adapter | null> } } })
    .navigator.gpu
  if (web === undefined) return
  const requestAdapter = web.requestAdapter.bind(web)
  web.requestAdapter = async () => {
    const adapter = await requestAdapter()
    const requestDevice = adapter?.requestDevice.bind(adapter)
    if (adapter && requestDevice)
      adapter.requestDevice = async (...args) => {
        const device = await requestDevice(...args)
        loseContext = () => device.destroy()
        return device
      }
    return adapter
  }
}

const rows = 30
const features = fromData(
  Float64Array.from({ length: 3 * rows }, (_, i) => Math.sin(12.9898 * (i + 1) ** 1.5)),
  [rows, 3],
)
const labels = fromData(Float64Array.from({ length: rows }, (_, i) => (Math.cos(7 * i) > 0 ? 1 : -1)))
const problem = logisticRegression({ features, labels, lambda: 0.1 })
const objective = (w: Value): Value => add(problem.objective(w), dot(w, fromData(new Float64Array(3))))
const options = { until: [gradientNorm(1e-9)] }

/** A run whose device is lost at its fifth measurement, and the rest of it on the processor. */
const lossOn = async (device: Device, mode: GpuMode): Promise<LossReport> => {
  let measurements = 0
  const broken = rightOf(
    await withScope(device, (scope) => async () => {
      const twin = onDevice(scope, valueAndGrad(objective))
      const losing = (w: Value) => {
        if (++measurements === 5) loseContext()
        return twin(w)
      }
      return E.right(await minimizeAsync(losing, problem.start as Value, options)())
    })(),
  )
  if (E.isRight(broken)) throw new Error(`${mode}: the run went on without its device`)
  const { error, last } = broken.left
  const onProcessor = (from: typeof last) =>
    withScope(cpu(), (scope) =>
      minimizeAsync(onDevice(scope, valueAndGrad(objective)), problem.start as Value, { ...options, from }),
    )()
  const [resumed, whole] = [rightOf(await onProcessor(last)), rightOf(await onProcessor(undefined))]
  return {
    mode,
    error,
    iterationsBefore: last?.counts.iterations ?? -1,
    live: device.live(),
    distance: maxAbs(sub(resumed.best.x, whole.best.x)),
  }
}

/** How many random programs run in either precision. */
export interface BrowserCounts {
  readonly float32: number
  readonly 'double-single': number
}

export default async (counts: BrowserCounts): Promise<BrowserReport> => {
  catchContexts()
  const devices: DeviceReport[] = []
  const missing: DeviceError[] = []
  const losses: LossReport[] = []
  const open = async (
    mode: GpuMode,
    precision: 'float32' | 'double-single',
    use: (device: Device) => Promise<void>,
  ) => {
    const opened = await gpu({ mode, precision })()
    if (E.isLeft(opened)) {
      missing.push(opened.left)
      return
    }
    await use(opened.right)
    await opened.right.close()
  }
  for (const [mode, precision] of [
    ['webgl2', 'float32'],
    ['webgl2', 'double-single'],
    ['webgpu', 'float32'],
    ['webgpu', 'double-single'],
  ] as const)
    await open(mode, precision, async (device) => {
      const solvers = mode === 'webgpu' && precision === 'double-single'
      devices.push(await reportOn(device, `${mode}, ${precision}`, solvers, counts[precision]))
    })
  for (const mode of ['webgpu', 'webgl2'] as const)
    await open(mode, 'double-single', async (device) => {
      losses.push(await lossOn(device, mode))
    })
  // Both precisions at once, as a comparison of them would have it.
  const both = await Promise.all(
    (['float32', 'double-single'] as const).map(async (precision) =>
      rightOf(await gpu({ mode: 'webgl2', precision })()),
    ),
  )
  const together = await Promise.all(both.map((device) => edgeCases(device)))
  for (const device of both) await device.close()
  const few = { products: [9], chains: [9], gradients: [9], bfgs: [12], lbfgs: [20], networks: [3] }
  const bench = await measureAll(few, [{ mode: 'webgl2' }, { mode: 'headlessgl' }], () => undefined)
  return { devices, missing, losses, bench, together: together.every(edgesKept) }
}
