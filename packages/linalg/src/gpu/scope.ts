import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { type Shape, showShape, sizeOf } from '../shape.ts'
import { fromData, type Tensor } from '../tensor.ts'
import type { Buffer, Device, DeviceError, Engine } from './device.ts'

/**
 * Where values on a device live. Operations on them are asked for and come back at once; they are carried out in that
 * order, and what fails is told by `read`. Everything made in a scope is freed when it ends.
 */
export interface Scope {
  readonly device: Device
  /** Values in it that are not freed yet. */
  readonly values: Set<DeviceTensor>
}

/** A tensor on a device. */
export interface DeviceTensor {
  readonly shape: Shape
  readonly device: Device
  /** Settles when the device has it, or has failed to make it. */
  readonly buffer: Promise<E.Either<DeviceError, Buffer>>
  /** Where it stands in memory: its rows below each other, a vector as one row. */
  readonly rows: number
  readonly columns: number
  /** Whether its scope has ended, or it was released. */
  readonly life: { ended: boolean }
}

/** Rows and columns that a shape is kept as. */
export const layoutOf = (shape: Shape): { readonly rows: number; readonly columns: number } => ({
  rows: sizeOf(shape.slice(0, -1)),
  columns: shape.at(-1) ?? 1,
})

/** Enters what `work` makes of the buffers of `args` as a new value. The first failure among them is its failure. */
export const enqueue = (
  scope: Scope,
  operation: string,
  args: readonly DeviceTensor[],
  shape: Shape,
  work: (engine: Engine, buffers: readonly Buffer[]) => Promise<Buffer>,
): DeviceTensor => {
  const { device } = scope
  if (sizeOf(shape) === 0) throw new Error(`${operation}: got shape ${showShape(shape)}; needs at least one entry`)
  for (const arg of args) {
    if (arg.device !== device) throw new Error(`${operation}: got values of different devices; needs one`)
    if (arg.life.ended) throw new Error(`${operation}: got a value whose scope has ended; needs one that is kept`)
  }
  const made = device.perform(operation, async (engine) => {
    const buffers: Buffer[] = []
    for (const arg of args) {
      const found = await arg.buffer
      if (E.isLeft(found)) throw found.left
      buffers.push(found.right)
    }
    return work(engine, buffers)
  })()
  const value: DeviceTensor = { shape, device, buffer: made, ...layoutOf(shape), life: { ended: false } }
  scope.values.add(value)
  return value
}

/** Frees values before their scope ends, after all that was asked of them. */
export const release = (scope: Scope, ...values: readonly DeviceTensor[]): void => {
  for (const value of values) {
    if (!scope.values.delete(value)) continue
    value.life.ended = true
    scope.device.free(() => value.buffer)
  }
}

/** A copy on the device. */
export const upload = (scope: Scope, x: Tensor): DeviceTensor => {
  const { rows, columns } = layoutOf(x.shape)
  return enqueue(scope, 'upload', [], x.shape, (engine) => engine.upload(x.data, rows, columns))
}

/** A copy on the host, in float64. */
export const read = (x: DeviceTensor): TaskEither<DeviceError, Tensor> => {
  if (x.life.ended) throw new Error('read: got a value whose scope has ended; needs one that is kept')
  return x.device.perform('read', async (engine) => {
    const found = await x.buffer
    if (E.isLeft(found)) throw found.left
    return fromData(await engine.download(found.right), x.shape)
  })
}

/** A value that the host computes from others, in float64. */
export const throughHost = (
  scope: Scope,
  operation: string,
  args: readonly DeviceTensor[],
  shape: Shape,
  compute: (...args: readonly Tensor[]) => Tensor,
): DeviceTensor =>
  enqueue(scope, operation, args, shape, async (engine, buffers) => {
    const tensors: Tensor[] = []
    for (const [i, buffer] of buffers.entries())
      tensors.push(fromData(await engine.download(buffer), (args[i] as DeviceTensor).shape))
    const { rows, columns } = layoutOf(shape)
    return engine.upload(compute(...tensors).data, rows, columns)
  })

type Kept = DeviceTensor | readonly DeviceTensor[]

/** Runs `body` in a scope of its own and keeps only what it returns. */
export const within = <const K extends Kept>(scope: Scope, body: (inner: Scope) => K): K => {
  const inner: Scope = { device: scope.device, values: new Set() }
  try {
    const kept = body(inner)
    for (const value of Array.isArray(kept) ? (kept as readonly DeviceTensor[]) : [kept as DeviceTensor])
      if (inner.values.delete(value)) scope.values.add(value)
    return kept
  } finally {
    release(inner, ...inner.values)
  }
}

/**
 * Runs `body` with a scope on a device and frees whatever it left there.
 *
 * @example
 * const updated = withScope(cpu(), (scope) => {
 *   const x = upload(scope, tensor([1, 2]))
 *   return read(rankOne(scope, upload(scope, eye(2)), 3, x, x))
 * })
 * await updated() // => { _tag: 'Right', right: tensor([[4, 6], [6, 13]]) }
 */
export const withScope =
  <E1, A>(device: Device, body: (scope: Scope) => TaskEither<E1, A>): TaskEither<E1 | DeviceError, A> =>
  async () => {
    const scope: Scope = { device, values: new Set() }
    try {
      return await body(scope)()
    } finally {
      release(scope, ...scope.values)
      await device.perform('end of scope', async () => undefined)()
    }
  }
