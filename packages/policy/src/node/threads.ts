import { Worker } from 'node:worker_threads'
import type { Executor } from '../training/executor.ts'

/** Worker threads that wait for orders, until they are closed. */
export interface Threads<A, B> {
  readonly run: Executor<A, B>
  readonly close: () => Promise<void>
}

/** What a module that serves as a worker exports as its default: work, made from the data that the threads began with. */
export type Workshop<A, B> = (data: unknown) => (order: A) => B

// Runs in the thread: it imports the module it is told, and answers orders one after another.
const program = `
const { parentPort, workerData } = require('node:worker_threads')
const ready = import(workerData.module).then(({ default: workshop }) => workshop(workerData.data))
parentPort.on('message', async ({ id, order }) => {
  try {
    parentPort.postMessage({ id, result: (await ready)(order) })
  } catch (error) {
    parentPort.postMessage({ id, error: error instanceof Error ? error.message : String(error) })
  }
})
`

type Answer<B> = { readonly id: number; readonly result: B } | { readonly id: number; readonly error: string }

/**
 * An executor over worker threads, for orders and results that are plain data. Orders go to the threads by turns; a mistake
 * in one, or a thread that dies, fails (rejects) the whole call. Close it when done: threads keep a process alive.
 */
export const threads = <A, B>({
  module,
  data,
  count,
}: {
  /** URL of a JavaScript module that exports a `Workshop` as its default. */
  readonly module: string
  readonly data?: unknown
  readonly count: number
}): Threads<A, B> => {
  if (!(Number.isInteger(count) && count > 0))
    throw new Error(`threads: got ${count} threads; needs a whole number ≥ 1`)
  const waiting = new Map<number, { readonly resolve: (result: B) => void; readonly reject: (error: Error) => void }>()
  const failAll = (error: Error): void => {
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  const workers = Array.from({ length: count }, () => {
    const worker = new Worker(program, { eval: true, workerData: { module, data } })
    worker.on('message', (answer: Answer<B>) => {
      const order = waiting.get(answer.id)
      waiting.delete(answer.id)
      if ('error' in answer) order?.reject(new Error(answer.error))
      else order?.resolve(answer.result)
    })
    worker.on('error', failAll)
    worker.on('exit', () => failAll(new Error('threads: a thread ended before its work was done')))
    return worker
  })
  let next = 0
  return {
    run: (orders) =>
      Promise.all(
        orders.map(
          (order, place) =>
            new Promise<B>((resolve, reject) => {
              const id = next++
              waiting.set(id, { resolve, reject })
              workers[place % count]?.postMessage({ id, order })
            }),
        ),
      ),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}
