// Contenders take turns on one workload, so that a change of the machine's speed meets all alike; what they computed is
// compared before anything is timed.
import { isTensor } from '@secant/linalg'
import { reference, slopeAt } from './contenders/secant.mjs'

const roundoff = { float64: 2 ** -53, float32: 2 ** -24 }

const widened = (value) =>
  isTensor(value) ? { ...value, dtype: 'float64', data: Float64Array.from(value.data) } : value

/** Inputs moved at random by at most `h` of each entry. */
const moved = (inputs, h) => {
  const change = (value) =>
    isTensor(value) ? { ...value, data: value.data.map((entry, i) => entry * (1 + h * Math.sin(7.77 * i + 1))) } : value
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, change(value)]))
}

const largest = (array) => array.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0)
const distance = (a, b) => a.reduce((most, entry, i) => Math.max(most, Math.abs(entry - b[i])), 0)

/**
 * What is right, and how far off a contender may be, in units of its roundoff: as far as the result moves when inputs move
 * by as many roundoffs as the longest sum has terms, which is what a backward stable computation promises. The change is
 * measured at 10⁻⁷.
 */
const expected = async (workload) => {
  const inputs = Object.fromEntries(Object.entries(workload.inputs).map(([name, value]) => [name, widened(value)]))
  const at = async (given) =>
    (await (await reference.prepare({ ...workload, inputs: given })).outputs()).map((array) => Float64Array.from(array))
  const [right, beside] = [await at(inputs), await at(moved(inputs, 1e-7))]
  const bounds = right.map((array, i) => 4 * workload.terms * (largest(array) + distance(array, beside[i]) / 1e-7))
  return { right, bounds }
}

const disagreement = ({ right, bounds }, outputs, u) => {
  if (outputs.length !== right.length) return `got ${outputs.length} results; needs ${right.length}`
  for (const [i, array] of right.entries()) {
    const off = outputs[i]?.length === array.length ? distance(array, outputs[i]) : Number.NaN
    if (!(off <= u * bounds[i]))
      return `result ${i} is off by ${off.toExponential(1)}; needs ${(u * bounds[i]).toExponential(1)}`
  }
  return undefined
}

/** Why a contender does not take part, or nothing. */
const judge = async (workload) => {
  if (workload.endsAtMinimum) {
    const { bound } = workload.inputs
    return ([x]) => {
      const slope = slopeAt(workload.inputs, x)
      return slope <= bound ? undefined : `ends at ‖g‖∞ = ${slope.toExponential(1)}; needs ${bound}`
    }
  }
  const right = await expected(workload)
  return (outputs, precision = workload.dtype) => disagreement(right, outputs, roundoff[precision])
}

const summary = (times) => {
  const sorted = times.toSorted((a, b) => a - b)
  return { median: sorted[Math.floor(sorted.length / 2)], best: sorted[0], rounds: sorted.length }
}

/** Milliseconds of a block of repeats: short, so that other programs seldom come in between. */
const block = 2

/** Milliseconds a call from which on one call, after that for the comparison, has to do. */
const slow = 500

/** Calls for about so many milliseconds, in blocks that double; milliseconds a call in the last block. */
export const calledFor = async (milliseconds, prepared, once) => {
  let [settled, repeats] = [once, 1]
  for (let spent = once; spent < milliseconds; spent += repeats * settled) {
    repeats *= 2
    settled = await prepared.time(repeats)
  }
  return settled
}

/**
 * Median and best milliseconds a call of each contender that knows the workload, and bytes that a call of ours allocates.
 * Each gets the same share of the budget in milliseconds, after calls that do not count (a tenth of the budget, between 50
 * and 200 ms), and at least three turns (one where a call is slow). Fails (throws) where one of ours is wrong; others that
 * are wrong are left out and named.
 */
export const measure = async (workload, contenders, budget, ours = ['Secant']) => {
  const isOurs = (name) => ours.some((own) => name.startsWith(own))
  const wrong = await judge(workload)
  const racing = []
  const warmUp = Math.max(50, Math.min(200, budget / 10))
  const left = []
  for (const { name, prepare, precision } of contenders)
    try {
      const prepared = await prepare(workload)
      if (prepared === undefined) continue
      const reason = wrong(await prepared.outputs(), precision)
      if (reason === undefined) racing.push({ name, prepared, times: [] })
      else if (isOurs(name)) throw new Error(`bench: ${workload.name} by ${name}: ${reason}`)
      else left.push({ name, reason })
    } catch (failure) {
      if (isOurs(name)) throw failure
      left.push({ name, reason: `${failure.message ?? failure}`.slice(0, 120) })
    }
  for (const racer of racing) {
    // What contenders computed for the comparison was their first call.
    const once = await racer.prepared.time(1)
    racer.rounds = 0
    if (once > slow) {
      racer.times.push(once)
      continue
    }
    // Engines compile what has run for a while.
    const settled = await calledFor(warmUp, racer.prepared, once)
    racer.repeats = Math.max(1, Math.round(block / Math.max(settled, 1e-5)))
    racer.rounds = Math.max(3, Math.min(100, Math.floor(budget / racing.length / (racer.repeats * settled))))
  }
  const most = Math.max(0, ...racing.map(({ rounds }) => rounds))
  for (let round = 0; round < most; round++)
    // Slow ones have fewer turns, spread over all of them.
    for (const racer of racing)
      if (Math.floor(((round + 1) * racer.rounds) / most) > Math.floor((round * racer.rounds) / most))
        racer.times.push(await racer.prepared.time(racer.repeats))
  const { name, family, kind, n, dtype, flops } = workload
  return {
    workload: { name, family, kind, n, dtype, flops },
    rows: racing.map(({ name: by, times, prepared }) => ({
      by,
      ...summary(times),
      ...(isOurs(by) && !(times[0] > slow) ? { bytes: prepared.allocated?.() } : {}),
    })),
    left,
  }
}
