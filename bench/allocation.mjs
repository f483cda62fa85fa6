// How much a call allocates: what the JavaScript heap and array buffers have grown by when it returns.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

/** Empties the young generation, so that the call does not have to; the second turn waits for what the first set free. */
const settle = () => {
  collect({ type: 'minor' })
  collect({ type: 'minor' })
}

const used = () => {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Where the engine collects during the call after all, this is less than was allocated. */
const growth = (run) => {
  settle()
  const before = used()
  const result = run()
  return { bytes: used() - before, result }
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

/** Bytes that a call allocates beyond its result, whose bytes `sizeOf` tells; to be asked after calls that warm it up. */
export const allocatedBy = (run, sizeOf) => {
  const turns = [1, 2, 3, 4, 5]
  // Looking allocates as well.
  const looking = median(turns.map(() => growth(() => undefined).bytes))
  const all = turns.map(() => {
    const { bytes, result } = growth(run)
    return bytes - looking - sizeOf(result)
  })
  return Math.max(0, median(all))
}
