import type { Tensor } from '@secant/linalg'
import { isTensor } from '@secant/linalg'
import { type Iterate, iterates, type Method, type Objective, type RunOptions } from '@secant/optim'
import type { Trace, TraceHeader, TraceIterate } from './trace.ts'

/** The step that led to a state; methods that are no descents do not tell. */
export type LastStep = {
  readonly direction: Tensor
  readonly alpha: number
  readonly steps?: Tensor
} | null

export const lastStep = (state: unknown): LastStep => {
  if (typeof state !== 'object' || state === null || !('last' in state)) return null
  const { last } = state
  if (typeof last !== 'object' || last === null || !('direction' in last) || !('alpha' in last)) return null
  const { direction, alpha } = last
  return isTensor(direction) && typeof alpha === 'number' ? { direction, alpha } : null
}

/** An iterate as a trace tells it; `step` is the one that starts there. */
export const traceIterate = ({ counts, point }: Iterate<unknown>, step: LastStep, seconds = 0): TraceIterate => ({
  k: counts.iterations,
  x: Array.from(point.x.data),
  f: point.value,
  g: Array.from(point.grad.data),
  evaluations: counts.evaluations,
  seconds,
  ...(step === null ? {} : { d: Array.from(step.direction.data), alpha: step.alpha }),
})

/**
 * Runs a method and keeps its trace. Seconds are 0: nothing here looks at a clock.
 *
 * @example
 * const bowl = { value: (x: Tensor) => dot(x, x) / 2, point: (x: Tensor) => ({ x, value: dot(x, x) / 2, grad: x }) }
 * traceOf(bowl, descend(steepest(), fixed(1)), tensor([3, 4])).iterates.map(({ f }) => f) // => [12.5, 0]
 */
export const traceOf = <S>(
  objective: Objective,
  method: Method<S>,
  start: Tensor,
  options: RunOptions = {},
  header: Partial<TraceHeader> = {},
): Trace => {
  const lines: TraceIterate[] = []
  let waiting: Iterate<S> | undefined
  for (const iterate of iterates(objective, method, start, options)) {
    if (waiting !== undefined) lines.push(traceIterate(waiting, lastStep(iterate.state)))
    waiting = iterate
  }
  if (waiting !== undefined) lines.push(traceIterate(waiting, null))
  return { header: { method: method.name, n: start.data.length, options: {}, ...header }, iterates: lines }
}
