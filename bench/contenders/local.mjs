// Contenders in this process. Each is a table from kinds of workloads to functions of inputs that make `[run, read]`: one
// call of the work, and how to read what it returned as arrays of numbers.

import { allocatedBy } from '../allocation.mjs'

/** Milliseconds a call. */
export const timed = async (run, repeats) => {
  const start = performance.now()
  for (let r = 0; r < repeats; r++) run()
  return (performance.now() - start) / repeats
}

const bytesOf = (arrays) => arrays.reduce((sum, { byteLength = 8 }) => sum + byteLength, 0)

/** `knows` says by dtype and size what a contender does; `enter` is awaited before its turn. */
export const local = ({ name, note = '', table, knows = () => true, enter = async () => {} }) => ({
  name,
  note,
  prepare: async (workload) => {
    const make = table[workload.kind]
    if (make === undefined || !knows(workload)) return undefined
    await enter()
    const [run, read = (result) => result] = make(workload.inputs, workload)
    return {
      outputs: async () => read(run()),
      time: async (repeats) => {
        await enter()
        return timed(run, repeats)
      },
      allocated: () => allocatedBy(run, (result) => bytesOf(read(result))),
    }
  },
  stop: () => {},
})
