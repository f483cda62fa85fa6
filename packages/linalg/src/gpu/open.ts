import * as E from 'fp-ts/lib/Either.js'
import type { Buffer, Check, Device, DeviceError, Engine } from './device.ts'

const kinds: readonly DeviceError['kind'][] = [
  'unavailable',
  'fell back',
  'self-test failed',
  'lost',
  'too large',
  'wrong product',
  'failed',
]

const isDeviceError = (thrown: unknown): thrown is DeviceError =>
  typeof thrown === 'object' && thrown !== null && kinds.includes((thrown as DeviceError).kind)

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

/** What an engine threw, as an error; whatever a lost device throws, it is that it was lost. */
export const errorOf = (engine: Engine, operation: string, thrown: unknown): DeviceError => {
  const why = engine.lost()
  if (why !== undefined) return { kind: 'lost', backEnd: engine.identity.backEnd, why }
  return isDeviceError(thrown) ? thrown : { kind: 'failed', operation, why: messageOf(thrown) }
}

/** An engine that counts the buffers that it keeps, and the operations that it was asked for. */
const counted = (engine: Engine): readonly [Engine, Pick<Device, 'live' | 'launches'>] => {
  const kept = new Set<Buffer>()
  let launches = 0
  const keep = (buffer: Buffer): Buffer => {
    const why = engine.lost()
    if (why !== undefined) throw new Error(why)
    kept.add(buffer)
    return buffer
  }
  const counting: Engine = {
    ...engine,
    upload: async (...args) => keep(await engine.upload(...args)),
    run: async (...args) => {
      launches++
      return keep(await engine.run(...args))
    },
    free: (buffer) => {
      if (!kept.delete(buffer)) return
      try {
        engine.free(buffer)
      } catch {
        // A lost device has nothing left to free.
      }
    },
  }
  return [counting, { live: () => kept.size, launches: () => launches }]
}

/** A device around an engine: one thing after the other, failures as values, buffers counted. */
export const deviceOf = (bare: Engine, selfTest: readonly Check[] = []): Device => {
  const [engine, counts] = counted(bare)
  const { identity } = engine
  let last: Promise<unknown> = Promise.resolve()
  let closed = false
  const loss = (): E.Either<DeviceError, never> | undefined => {
    const why = closed ? 'it was closed' : engine.lost()
    return why === undefined ? undefined : E.left({ kind: 'lost', backEnd: identity.backEnd, why })
  }
  return {
    ...identity,
    name: [identity.backEnd, identity.precision].join(', '),
    selfTest,
    ...counts,
    perform: (operation, work) => () => {
      const turn = last.then(async () => {
        const before = loss()
        if (before !== undefined) return before
        try {
          const result = await work(engine)
          // What a context that was lost meanwhile hands out are zeros.
          return loss() ?? E.right(result)
        } catch (thrown) {
          return E.left(errorOf(engine, operation, thrown))
        }
      })
      last = turn
      return turn
    },
    free: (buffer) => {
      last = last.then(async () => {
        const found = await buffer()
        if (E.isRight(found)) engine.free(found.right)
      })
    },
    close: async () => {
      await last
      closed = true
      await engine.close()
    },
  }
}
