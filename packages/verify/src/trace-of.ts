import { isTensor, map, mul, type Tensor } from '@secant/linalg'
import { type Iterate, iterates, type Method, type Objective, type RunOptions } from '@secant/optim'
import type { Trace, TraceHeader, TraceIterate } from './trace.ts'

/** The step that led to a state: a direction and its size, and the sizes for each coordinate where there are such. */
export type LastStep = { readonly direction: Tensor; readonly alpha: number; readonly p?: Tensor } | null

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const isSame = (a: Tensor, b: Tensor): boolean => a.data.every((value, i) => value === b.data[i])

/** Step sizes and direction of a policy's last proposal, if that is where the step went. */
const scaledStep = (memory: unknown, taken: Tensor, alpha: number): LastStep => {
  if (!isFields(memory)) return null
  const { steps, along } = memory
  if (!isTensor(steps) || !isTensor(along)) return null
  return isSame(mul(steps, along), taken) ? { direction: along, alpha, p: map(steps, (size) => alpha * size) } : null
}

/**
 * The step that led to a state of a method, as far as the state tells: `last` of a descent; where its memory holds a
 * diagonal (`Diagonal` of `@secant/policy`) the direction that it scales, and the step sizes.
 */
export const lastStep = (state: unknown): LastStep => {
  if (!isFields(state) || !isFields(state['last'])) return null
  const { direction, alpha } = state['last']
  if (!isTensor(direction) || typeof alpha !== 'number') return null
  const memory = state['memory']
  const proposed = isFields(memory) && isFields(memory['after']) ? memory['after'] : memory
  return scaledStep(proposed, direction, alpha) ?? { direction, alpha }
}

const numbers = (x: Tensor): readonly number[] => Array.from(x.data)

const stepFields = (step: LastStep): Partial<TraceIterate> => {
  if (step === null) return {}
  const d = numbers(step.direction)
  return step.p === undefined ? { d, alpha: step.alpha } : { d, p: numbers(step.p) }
}

/** An iterate as a trace tells it; `step` is the one that starts there. */
export const traceIterate = ({ counts, point }: Iterate<unknown>, step: LastStep, seconds = 0): TraceIterate => ({
  k: counts.iterations,
  x: numbers(point.x),
  f: point.value,
  g: numbers(point.grad),
  evaluations: counts.evaluations,
  seconds,
  ...stepFields(step),
})

/**
 * Runs a method and keeps its trace. Seconds are 0: nothing here looks at a clock.
 *
 * @example
 * const { objective, start } = objectiveOf((x: Value) => mul(0.5, dot(x, x)), tensor([3, 4]))
 * traceOf(objective, descend(steepest(), fixed(1)), start).iterates.map(({ f }) => f) // => [12.5, 0]
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
