/** The only file that knows gpu.js, which is imported when a GPU is asked for and not before. */

import type { Tensor } from '../tensor.ts'
import type { BackEnd, Buffer, DeviceError, Engine, GpuMode, Identity } from './device.ts'
import { arithmeticOf, type KernelPrecision } from './kernels/arithmetic.ts'
import { type Launch, scalarsOf, sourceOf } from './kernels/kernel.ts'
import { launchOf } from './kernels/operations.ts'
import type { Operation } from './operation.ts'

// What is used of gpu.js, in our own words: its declarations need the types of a browser.

/** Rows as gpu.js hands them out. */
type Rows = readonly Float32Array[]

/** A result that stays on the device. */
interface Handle {
  readonly toArray: () => Rows | Promise<Rows>
  readonly delete: () => void
  readonly context: GlContext | GpuContext
}

interface GlContext {
  readonly canvas?: { readonly addEventListener?: (type: string, listener: () => void) => void }
  readonly getParameter: (name: number) => unknown
  readonly getExtension: (name: string) => unknown
  readonly isContextLost: () => boolean
  readonly getError: () => number
}

interface GpuContext {
  readonly adapter: { readonly info?: Readonly<Record<string, unknown>>; readonly isFallbackAdapter?: boolean }
  readonly device: {
    readonly lost: Promise<{ readonly message?: string }>
    readonly addEventListener?: (type: string, listener: (event: { readonly error?: Error }) => void) => void
  }
}

interface CompiledKernel {
  (...args: readonly unknown[]): Handle | Rows | Promise<Handle | Rows>
  readonly setOutput: (size: readonly [columns: number, rows: number]) => unknown
  readonly kernel: { readonly constructor: { readonly mode?: string }; readonly fallbackReason?: string | null }
}

interface Library {
  readonly GPU: new (settings: {
    readonly mode: string
  }) => {
    readonly createKernel: (source: string, settings: object) => CompiledKernel
    readonly destroy: () => Promise<void>
  }
  readonly input: (entries: Float32Array, size: readonly [columns: number, rows: number]) => unknown
}

/** The form in which kernels were right on every back end and shape that was tried. */
const form = {
  precision: 'single',
  tactic: 'precision',
  pipeline: true,
  immutable: true,
  dynamicOutput: true,
  dynamicArguments: true,
  loopMaxIterations: 1 << 20,
} as const

/** A barrier that no compiler sees through; see arithmetic.ts. */
const least = -3e38

/** Indices are floats in kernels: exact below this. */
const mostIndexed = 2 ** 24

const softwareNames = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|microsoft basic/i

/** For `throw`, which takes anything: what is thrown on purpose is of this type. */
const errorOf = (error: DeviceError): DeviceError => error

const load = async (backEnd: BackEnd): Promise<Library> => {
  try {
    const loaded: unknown = await import('gpu.js')
    return ((loaded as { readonly default?: unknown }).default ?? loaded) as Library
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown)
    throw errorOf({ kind: 'unavailable', backEnd, why: `gpu.js, an optional package, cannot be loaded: ${why}` })
  }
}

const isHandle = (result: Handle | Rows): result is Handle => 'toArray' in result

const joined = (rows: Rows, columns: number): Float32Array => {
  const entries = new Float32Array(rows.length * columns)
  rows.forEach((row, i) => {
    entries.set(row, i * columns)
  })
  return entries
}

/** What carried out a call: gpu.js says `gpu` for everything that speaks GL, which a context tells apart. */
const ranOn = (said: string, result: Handle | Rows): string => {
  if (said !== 'gpu' || !isHandle(result) || 'adapter' in result.context) return said
  const version = String(result.context.getParameter(0x1f02))
  if (version.includes('stack-gl')) return 'headlessgl'
  return version.startsWith('WebGL 2') ? 'webgl2' : 'webgl'
}

/** Watches over a context: gpu.js notices only some of what may happen to it. */
interface Context {
  readonly renderer: string
  readonly software: boolean
  readonly largestSide: number
  readonly lost: () => string | undefined
  /** Asks the driver for errors, of which gpu.js tells none. After one nothing is trusted: it counts as a loss. */
  readonly check: () => void
}

const withoutContext: Context = {
  renderer: 'gpu.js in WebAssembly',
  software: true,
  largestSide: 2 ** 20,
  lost: () => undefined,
  check: () => undefined,
}

const contextOf = (mode: GpuMode, handle: Handle | undefined): Context => {
  if (handle === undefined) return withoutContext
  const { context } = handle
  let lost: string | undefined
  if ('adapter' in context) {
    const info = context.adapter.info ?? {}
    const said = ['vendor', 'architecture', 'device', 'description'].map((key) => info[key]).filter(Boolean)
    const renderer = said.join(' ') || 'unknown adapter'
    void context.device.lost.then(({ message }) => {
      lost = message || 'the device was destroyed'
    })
    context.device.addEventListener?.('uncapturederror', ({ error }) => {
      lost ??= error?.message ?? 'an error without a message'
    })
    const fallback = info['isFallbackAdapter'] ?? context.adapter.isFallbackAdapter
    const software = fallback === true || softwareNames.test(renderer)
    return { renderer, software, largestSide: 2 ** 20, lost: () => lost, check: () => undefined }
  }
  const [unmaskedRenderer, maxTextureSize] = [0x9246, 0x0d33]
  const named =
    context.getExtension('WEBGL_debug_renderer_info') === null ? undefined : context.getParameter(unmaskedRenderer)
  const renderer = typeof named === 'string' ? named : 'renderer not named'
  context.getError() // What was wrong before is not ours.
  context.canvas?.addEventListener?.('webglcontextlost', () => {
    lost = 'its context was lost'
  })
  return {
    renderer,
    software: mode === 'headlessgl' || softwareNames.test(renderer),
    largestSide: Number(context.getParameter(maxTextureSize)),
    lost: () => lost ?? (context.isContextLost() ? 'its context was lost' : undefined),
    check: () => {
      const code = context.getError()
      if (code !== 0) lost ??= `GL error 0x${code.toString(16)}`
    },
  }
}

/** Rounding of a sum or product of two numbers. Shading languages leave open which way they round. */
const roundoffs: Readonly<Record<KernelPrecision, number>> = { float32: 2 ** -23, 'double-single': 2 ** -44 }

/**
 * An engine that runs on a back end of gpu.js. Rejects with a `DeviceError` where the back end is not there, or where
 * another one ran than was asked for.
 */
export const gpuEngine = async (mode: GpuMode, precision: KernelPrecision): Promise<Engine> => {
  const { GPU, input } = await load(mode)
  const arithmetic = arithmeticOf(precision)
  const { width } = arithmetic
  const gpu = await attempt(() => new GPU({ mode }), mode)
  const compiled = new Map<string, CompiledKernel>()
  const copy = gpu.createKernel('function (a) { return a[this.thread.y][this.thread.x]; }', form)

  let saidBefore: string | undefined

  /** What a kernel is called with: a handle, or where results are plain numbers, those. */
  const argumentOf = (content: Handle | Float32Array, rows: number, columns: number): unknown =>
    content instanceof Float32Array ? input(content, [columns, rows]) : content

  const call = async (
    kernel: CompiledKernel,
    args: readonly unknown[],
    rows: number,
    columns: number,
  ): Promise<Handle | Float32Array> => {
    kernel.setOutput([columns, rows])
    const result = await kernel(...args)
    const said = kernel.kernel.constructor.mode ?? 'unknown'
    const ran = said === saidBefore ? mode : ranOn(said, result)
    if (ran === mode) saidBefore = said
    else throw errorOf({ kind: 'fell back', asked: mode, ran, why: kernel.kernel.fallbackReason ?? 'no reason given' })
    return isHandle(result) ? result : joined(result, columns)
  }

  const contentOf = (buffer: Buffer): Handle | Float32Array => buffer.content as Handle | Float32Array

  /** Numbers as floats; in double-single each row is followed by what rounding took from it. */
  const packed = (entries: Tensor['data'], rows: number, columns: number): Float32Array => {
    const floats = new Float32Array(rows * columns * width)
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++) {
        const value = entries[y * columns + x] as number
        floats[y * columns * width + x] = value
        const left = width === 1 ? 0 : value - Math.fround(value)
        if (width === 2) floats[(2 * y + 1) * columns + x] = Number.isFinite(left) ? left : 0
      }
    return floats
  }

  const upload: Engine['upload'] = async (entries, rows, columns) => {
    refuseLarge(rows, columns * width, limit())
    const content = await call(
      copy,
      [input(packed(entries, rows, columns), [columns * width, rows])],
      rows,
      columns * width,
    )
    return { rows, columns, content }
  }

  const download: Engine['download'] = async (buffer) => {
    const { rows, columns } = buffer
    const content = contentOf(buffer)
    const floats = content instanceof Float32Array ? content : joined(await content.toArray(), columns * width)
    context?.check()
    if (width === 1) return Float64Array.from(floats)
    const entries = new Float64Array(rows * columns)
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++) {
        const high = floats[2 * y * columns + x] as number
        entries[y * columns + x] = Number.isFinite(high) ? high + (floats[(2 * y + 1) * columns + x] as number) : high
      }
    return entries
  }

  const run: Engine['run'] = async (operation, args) => {
    const launch = launchOf(operation, args[0] as Buffer)
    refuseLarge(launch.rows, launch.columns * width, limit())
    refuseFarIndices(operation, launch, args)
    const known = compiled.get(launch.kernel.name)
    const kernel = known ?? gpu.createKernel(sourceOf(launch.kernel, arithmetic), form)
    if (known === undefined) compiled.set(launch.kernel.name, kernel)
    const scalars = [...launch.scalars, ...args.map(({ columns }) => columns), launch.columns, least]
    if (scalars.length !== scalarsOf(launch.kernel).length)
      throw new Error(`${launch.kernel.name}: got ${scalars.length} scalars; needs ${scalarsOf(launch.kernel).length}`)
    const matrices = args.map((arg) => argumentOf(contentOf(arg), arg.rows, arg.columns * width))
    const content = await call(kernel, [...matrices, ...scalars], launch.rows, launch.columns * width)
    return { rows: launch.rows, columns: launch.columns, content }
  }

  const free: Engine['free'] = (buffer) => {
    const content = contentOf(buffer)
    if (!(content instanceof Float32Array)) content.delete()
  }

  let context: Context | undefined
  const limit = (): number => context?.largestSide ?? 8192
  try {
    const probe = await upload(Float64Array.of(1), 1, 1)
    const content = contentOf(probe)
    context = contextOf(mode, content instanceof Float32Array ? undefined : content)
    free(probe)
  } catch (thrown) {
    await gpu.destroy()
    throw typeof thrown === 'object' && thrown !== null && 'kind' in thrown ? thrown : unavailable(mode, thrown)
  }
  const { renderer, software, lost } = context
  const identity: Identity = { backEnd: mode, renderer, software, precision, unitRoundoff: roundoffs[precision] }
  return { identity, upload, download, run, free, lost, close: () => gpu.destroy() }
}

const unavailable = (backEnd: BackEnd, thrown: unknown): DeviceError => ({
  kind: 'unavailable',
  backEnd,
  why: thrown instanceof Error ? (thrown.message.split('\n')[0] as string) : String(thrown),
})

const attempt = async <A>(make: () => A, backEnd: BackEnd): Promise<A> => {
  try {
    return make()
  } catch (thrown) {
    throw unavailable(backEnd, thrown)
  }
}

const refuseLarge = (rows: number, columns: number, side: number): void => {
  // A single row is folded into a square by gpu.js.
  const fits = rows === 1 ? columns <= side * side : Math.max(rows, columns) <= side
  if (!fits) throw errorOf({ kind: 'too large', rows, columns, limit: `sides up to ${side} floats` })
}

const refuseFarIndices = ({ kind }: Operation, launch: Launch, args: readonly Buffer[]): void => {
  if (kind !== 'gather' && kind !== 'reduce' && kind !== 'fused') return
  for (const { rows, columns } of [launch, ...args])
    if (rows * columns > mostIndexed)
      throw errorOf({
        kind: 'too large',
        rows,
        columns,
        limit: `${mostIndexed} entries where they are counted through`,
      })
}
