import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../tensor.ts'
import type { Precision } from './kernels/arithmetic.ts'
import type { Operation } from './operation.ts'

/** What carries out operations. `webasm` is gpu.js without a driver: a double for tests, not a GPU. */
export type BackEnd = 'cpu' | 'wasm' | GpuMode
export type GpuMode = 'webgpu' | 'webgl2' | 'webgl' | 'headlessgl' | 'webasm'

/** What a device is: stated by what really ran, not by what was asked for. */
export interface Identity {
  readonly backEnd: BackEnd
  /** What the driver calls itself. */
  readonly renderer: string
  /** Whether the work is done by the processor after all. */
  readonly software: boolean
  readonly precision: Precision
  /** A sum or product of two numbers is off by at most this, relatively; tolerances follow from it. */
  readonly unitRoundoff: number
}

/** Why a device did not answer. */
export type DeviceError =
  | { readonly kind: 'unavailable'; readonly backEnd: BackEnd; readonly why: string }
  | { readonly kind: 'fell back'; readonly asked: BackEnd; readonly ran: string; readonly why: string }
  | { readonly kind: 'self-test failed'; readonly backEnd: BackEnd; readonly checks: readonly Check[] }
  | { readonly kind: 'lost'; readonly backEnd: BackEnd; readonly why: string }
  | { readonly kind: 'too large'; readonly rows: number; readonly columns: number; readonly limit: string }
  | { readonly kind: 'wrong product'; readonly row: number; readonly measured: number; readonly bound: number }
  | { readonly kind: 'failed'; readonly operation: string; readonly why: string }

/** A number that was measured, and the bound that it has to keep. */
export interface Check {
  readonly name: string
  readonly measured: number
  readonly bound: number
}

/** A matrix where the device keeps it. */
export interface Buffer {
  readonly rows: number
  readonly columns: number
  /** The engine's own. */
  readonly content: unknown
}

/**
 * The seam that a back end fills: it keeps matrices and carries out operations on them. Calls come one at a time. It
 * rejects with a `DeviceError` or with whatever its library throws.
 */
export interface Engine {
  readonly identity: Identity
  readonly upload: (entries: Tensor['data'], rows: number, columns: number) => Promise<Buffer>
  readonly download: (buffer: Buffer) => Promise<Float64Array>
  readonly run: (operation: Operation, args: readonly Buffer[]) => Promise<Buffer>
  readonly free: (buffer: Buffer) => void
  /** Why it no longer works, if so. */
  readonly lost: () => string | undefined
  readonly close: () => Promise<void>
}

/**
 * A place for dense linear algebra: plain JavaScript, WebAssembly, or a GPU. What is done on it is asynchronous;
 * values on it live in a scope (`withScope`).
 */
export interface Device extends Identity {
  readonly name: string
  /** What was measured when it was opened. */
  readonly selfTest: readonly Check[]
  /** Number of matrices that it keeps at the moment. */
  readonly live: () => number
  /** Number of operations that it was asked for so far; one that is sent, brought back or copied there is none. */
  readonly launches: () => number
  /** Carries out engine work after all that was asked before. */
  readonly perform: <A>(operation: string, work: (engine: Engine) => Promise<A>) => TaskEither<DeviceError, A>
  /** Frees a buffer after all that was asked before; also where the device is lost, which keeps its count right. */
  readonly free: (buffer: TaskEither<DeviceError, Buffer>) => void
  readonly close: () => Promise<void>
}

/** An error in one short phrase. */
export const explainDeviceError = (error: DeviceError): string => {
  switch (error.kind) {
    case 'unavailable':
      return `${error.backEnd} is not available: ${error.why}`
    case 'fell back':
      return `asked for ${error.asked}, ${error.ran} ran: ${error.why}`
    case 'self-test failed':
      return `${error.backEnd} failed ${error.checks.map(({ name, measured, bound }) => `${name} (${measured}, bound ${bound})`).join(', ')}`
    case 'lost':
      return `${error.backEnd} was lost: ${error.why}`
    case 'too large':
      return `${error.rows} × ${error.columns} does not fit: ${error.limit}`
    case 'wrong product':
      return `row ${error.row} of a product is off by ${error.measured}, bound ${error.bound}`
    case 'failed':
      return `${error.operation}: ${error.why}`
  }
}
