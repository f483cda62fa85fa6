// Where the time of a contender goes: functions by the time spent in themselves, as V8's sampling profiler sees it.
import { Session } from 'node:inspector/promises'
import { basename } from 'node:path'
import { timed } from './contenders/local.mjs'
import { calledFor } from './driver.mjs'

/** Milliseconds of calls before. */
const warmUp = 300

/** How many functions are told of. */
const most = 10

const placeOf = ({ url, scriptId, lineNumber }) =>
  scriptId === '0' ? 'engine' : url === '' ? 'generated code' : `${basename(url)}:${lineNumber + 1}`

/** The nodes that are below calls of the contender, and collections of garbage; the profiler's own work is not. */
const counted = (nodes) => {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const found = new Map()
  const enter = ({ id, callFrame, children = [] }, isInside) => {
    if (isInside || callFrame.functionName === '(garbage collector)') found.set(id, callFrame)
    for (const child of children) enter(byId.get(child), isInside || callFrame.functionName === timed.name)
  }
  enter(nodes[0], false)
  return found
}

/** Shares of the samples by function, largest first. */
const selfTimes = ({ nodes, samples, timeDeltas }) => {
  const frames = counted(nodes)
  const spent = new Map()
  samples.forEach((id, i) => {
    const frame = frames.get(id)
    if (frame === undefined) return
    const key = `${frame.functionName || '(anonymous)'} | ${placeOf(frame)}`
    spent.set(key, (spent.get(key) ?? 0) + timeDeltas[i])
  })
  const total = [...spent.values()].reduce((sum, time) => sum + time, 0)
  return [...spent].map(([key, time]) => [key, time / total]).toSorted(([, a], [, b]) => b - a)
}

/** The table for one workload, after calls that let the engine compile. */
export const profiled = async (workload, contender, milliseconds) => {
  const prepared = await contender.prepare(workload)
  if (prepared === undefined) return ''
  const settled = await calledFor(warmUp, prepared, await prepared.time(1))
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 200 })
  await session.post('Profiler.start')
  const time = await calledFor(milliseconds, prepared, settled)
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  const rows = selfTimes(profile).slice(0, most)
  return [
    `${workload.name}, ${workload.dtype}, by ${contender.name}: ${Number(time.toPrecision(3))} ms a call while profiled`,
    '',
    '| self | function | where |',
    '|---|---|---|',
    ...rows.map(([key, share]) => `| ${(100 * share).toFixed(1)} % | ${key} |`),
    '',
  ].join('\n')
}
